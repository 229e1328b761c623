"""Keras as training needs it, whatever its user has set for other programs."""

import json
import os
import subprocess
import sys

import pytest
from processes import python_path

from sweep.errors import UsageError
from sweep.training import keras_runtime
from sweep.training.keras_runtime import FUSED_UPDATES, load_keras

LOADED = """
import sys
from sweep.training.keras_runtime import load_keras
load_keras("tensorflow")
import keras
from sweep.study.tasks import Model
from sweep.tasks.backbones import build_backbone
import numpy as np
backbone = build_backbone(Model(image_size=32, weights="random", precision="float32"), None)
features = backbone(np.ones((2, 32, 32, 3), "uint8"))
config = keras.config
print(keras.Variable(0.5).dtype, keras.layers.Dense(1).dtype, config.epsilon(), features.shape)
"""


def loaded(code=LOADED, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "KERAS_BACKEND": "tensorflow"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_keras_json_says_does_not_count(tmp_path):
    said = {
        "floatx": "float16",
        "epsilon": 0.001,
        "backend": "torch",
        "image_data_format": "channels_first",
    }
    (tmp_path / "keras.json").write_text(json.dumps(said))
    done = loaded(KERAS_HOME=str(tmp_path))
    assert done.stdout == "float32 float32 1e-07 (2, 512)\n", done.stderr


def test_keras_json_that_keras_refuses_is_told(tmp_path):
    (tmp_path / "keras.json").write_text('{"floatx": "int8"}')
    done = loaded(KERAS_HOME=str(tmp_path))
    assert "MissingError: Keras cannot be loaded: " in done.stderr
    assert "remedy: Mend or remove keras.json" in done.stderr


def test_a_backend_that_is_not_installed_is_told(tmp_path):
    (tmp_path / "jax.py").write_text("raise ImportError('no jax')")
    code = "from sweep.training.keras_runtime import load_keras; load_keras('jax')"
    done = loaded(code, PYTHONPATH=os.pathsep.join([str(tmp_path), *sys.path]))
    assert "Keras cannot train on jax: ImportError: no jax" in done.stderr
    assert "pip install 'hyperparameter-robustness[jax]'" in done.stderr


def test_keras_on_another_backend_is_told(monkeypatch):
    """Its trials would be told to be of the backend that was asked for."""
    import keras

    monkeypatch.setenv("KERAS_BACKEND", keras.backend.backend())
    with pytest.raises(UsageError, match="Keras is loaded on tensorflow already, to train on jax"):
        load_keras("jax")


def test_what_is_not_finite_is_no_error_of_jax():
    pytest.importorskip("jax", reason="the JAX backend needs jax")
    code = (
        "from sweep.training.keras_runtime import load_keras; load_keras('jax')\n"
        "import keras; print(float(keras.ops.log(keras.ops.zeros(()) - 1)))"
    )
    done = loaded(code, JAX_DEBUG_NANS="1", JAX_PLATFORMS="cpu")
    assert done.stdout == "nan\n", done.stderr


def test_a_platform_that_is_not_here_is_told():
    pytest.importorskip("jax", reason="the JAX backend needs jax")
    code = "from sweep.training.keras_runtime import load_keras; load_keras('jax')"
    done = loaded(code, JAX_PLATFORMS="abacus")
    assert "MissingError: JAX finds no device to train on, with JAX_PLATFORMS" in done.stderr
    assert "abacus" in done.stderr
    assert "remedy: Set JAX_PLATFORMS=cpu, or unset it." in done.stderr


FUSED = """
from sweep.training.keras_runtime import load_keras
load_keras("tensorflow")
import hashlib, os
import tensorflow as tf
from training.made_cohorts import cohort_of
from sweep.study.optimizer import Optimizer
from sweep.training.cohort_optimizer import CohortOptimizer
from sweep.training.stacked_heads import Heads
heads = Heads(3, 512, 16)
heads.reset(0)
optimizer = CohortOptimizer(cohort_of(Optimizer(label="a", algorithm="adam")).config, [], heads)
gradients = [tf.random.stateless_normal(each.shape, seed=(1, 2)) for each in heads.variables]
apply = tf.function(optimizer.apply, jit_compile=True, autograph=False)
for _ in range(3):
    apply(gradients)
program = apply.experimental_get_compiler_ir(gradients)(stage="optimized_hlo")
entry = program[program.index("ENTRY"):].splitlines()
large = [line for line in entry if " fusion(" in line and "[512,3,16]" in line]
variables = [each.numpy().tobytes() for each in (*heads.variables, *optimizer.variables)]
print(len(large), hashlib.sha256(b"".join(variables)).hexdigest(), os.environ.get("XLA_FLAGS"))
"""
NOT_FUSED = "--xla_backend_extra_options=xla_cpu_optimize_for_size=false"


def test_both_moments_are_updated_in_one_pass_to_the_same_bits():
    """Of Adam's three passes over the largest array two are left; a user's own flags stay."""
    path = python_path()
    fused, own = loaded(FUSED, PYTHONPATH=path), loaded(FUSED, PYTHONPATH=path, XLA_FLAGS=NOT_FUSED)
    passes, bits, _ = fused.stdout.split()
    assert passes == "2", fused.stderr
    assert own.stdout.split() == ["3", bits, NOT_FUSED]


def test_other_flags_of_the_user_stay(monkeypatch):
    for said, expected in [
        ("--xla_dump_to=/tmp/x", f"--xla_dump_to=/tmp/x {FUSED_UPDATES}"),
        ("flags.txt", "flags.txt"),
        ("", FUSED_UPDATES),
    ]:
        monkeypatch.setenv("XLA_FLAGS", said)
        keras_runtime._fuse_updates()
        assert os.environ["XLA_FLAGS"] == expected
