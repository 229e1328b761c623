"""RAdam against other implementations (see ``golden/make_golden.py``), and as a Keras citizen."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from optimizers.table import values_of

from sweep.optimizers import LinearWarmup, RAdam
from sweep.optimizers.vectors import SettingVectors

GOLDEN = np.load(Path(__file__).with_name("golden") / "radam.npz")
CASES = [json.loads(str(case)) for case in GOLDEN["cases"]]
START, GRADIENTS, WEIGHTS = GOLDEN["start"], GOLDEN["gradients"], GOLDEN["weights"]


@pytest.fixture
def float64():
    keras.config.set_floatx("float64")
    yield
    keras.config.set_floatx("float32")


def steps_of(case: dict, dtype: str) -> np.ndarray:
    """(K, N): the weights after every golden gradient, by sweep's RAdam."""
    settings = {name: value for name, value in case.items() if name != "by"}
    return trace_of(RAdam(**settings), keras.Variable(START, dtype=dtype), GRADIENTS)


def trace_of(optimizer: RAdam, weights: keras.Variable, gradients: np.ndarray) -> np.ndarray:
    """(K, …): the weights after every gradient; as a graph, which is faster than one by one."""
    optimizer.build([weights])
    step = tf.function(lambda gradient: optimizer.apply([gradient], [weights]), autograph=False)
    trace = []
    for gradient in gradients:
        step(tf.constant(gradient, weights.dtype))
        trace.append(values_of(weights))
    return np.array(trace)


def path_lengths(trace: np.ndarray) -> np.ndarray:
    """(K, N): how far each weight has gone by each step."""
    return np.cumsum(np.abs(np.diff(trace, axis=0, prepend=START[None])), axis=0)


def name_of(index: int) -> str:
    return " ".join(
        f"{value:g}" if value != str(value) else value for value in CASES[index].values()
    )


def test_the_golden_file_holds_what_it_should():
    for maker in ("torch", "optax", "numpy"):
        mine = [case for case in CASES if case["by"] == maker]
        assert {case["learning_rate"] for case in mine} >= {0.003, 0.03, 0.1}
        assert {case["beta_2"] for case in mine} >= {0.9, 0.99, 0.999, 0.9999}
    assert WEIGHTS.shape == (len(CASES), 60, 5)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("index", range(len(CASES)), ids=name_of)
def test_float64_equals_the_golden_steps(index):
    """Up to what the golden side itself loses in 1 − β₂ᵗ and ρ_t: some ε_64 / (1 − β₂)² of r_t."""
    golden, mine = WEIGHTS[index], steps_of(CASES[index], "float64")
    lost = 1e-12 + 2 * np.finfo(float).eps / (1 - CASES[index]["beta_2"]) ** 2
    assert np.all(np.abs(mine - golden) <= lost * path_lengths(golden) + 1e-14 * np.abs(golden))


@pytest.mark.parametrize("index", range(len(CASES)), ids=name_of)
def test_float32_equals_the_golden_steps(index):
    """Each step to 2e-6 of its size, plus the rounding of the weight itself, half a unit a step."""
    golden, mine = WEIGHTS[index], steps_of(CASES[index], "float32")
    rounding = np.arange(1, len(golden) + 1)[:, None] * 6e-8 * (np.abs(golden) + np.abs(START))
    assert np.all(np.abs(mine - golden) <= 2e-6 * path_lengths(golden) + rounding)


def vector_cases() -> list[list[int]]:
    """Cases that differ in β₂ alone, together."""
    groups: dict[str, list[int]] = {}
    for index, case in enumerate(CASES):
        others = {name: value for name, value in case.items() if name not in ("beta_2", "by")}
        groups.setdefault(f"{case['by']} {others}", []).append(index)
    return [group for group in groups.values() if len(group) > 1]


@pytest.mark.parametrize("group", vector_cases(), ids=lambda group: name_of(group[0]))
def test_a_vector_of_betas_2_takes_the_golden_steps(group):
    """As closely as each β₂ as a plain number; of them 0.5 never rectifies."""
    settings = {name: value for name, value in CASES[group[0]].items() if name != "by"}
    optimizer = RAdam(**settings)
    weights = keras.Variable(np.tile(START, (len(group), 1)), dtype="float32")
    optimizer.build([weights])
    betas_2 = np.array([CASES[index]["beta_2"] for index in group])
    SettingVectors(optimizer, ["beta_2"], len(group)).give({"beta_2": betas_2})
    trace = trace_of(optimizer, weights, np.tile(GRADIENTS[:, None], (1, len(group), 1)))
    for row, index in enumerate(group):
        golden, mine = WEIGHTS[index], trace[:, row]
        rounding = np.arange(1, len(golden) + 1)[:, None] * 6e-8 * (np.abs(golden) + np.abs(START))
        assert np.all(np.abs(mine - golden) <= 2e-6 * path_lengths(golden) + rounding)


def small_model() -> keras.Model:
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((4,), dtype="int32"), keras.layers.Embedding(9, 3), keras.layers.Flatten()]
    )
    model.add(keras.layers.Dense(1))
    optimizer = RAdam(LinearWarmup(0.05, steps=3), beta_2=0.9, weight_decay=0.01, clipnorm=1.0)
    model.compile(optimizer=optimizer, loss="mse")
    return model


X = np.random.default_rng(0).integers(0, 9, (32, 4))
Y = X.sum(axis=1, keepdims=True) / 10


def test_compiled_into_a_model_it_learns():
    losses = small_model().fit(X, Y, epochs=30, batch_size=8, verbose=0, shuffle=False)
    assert losses.history["loss"][-1] < 0.1 * losses.history["loss"][0]


def test_a_saved_model_continues_as_if_never_saved(tmp_path):
    model = small_model()
    model.fit(X, Y, epochs=3, batch_size=8, verbose=0, shuffle=False)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert isinstance(loaded.optimizer, RAdam)
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    for each in (model, loaded):
        each.fit(X, Y, epochs=2, batch_size=8, verbose=0, shuffle=False)
    for mine, other in zip(model.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(values_of(mine), values_of(other))


def test_a_saved_model_is_loaded_by_a_program_that_imports_sweep(tmp_path):
    small_model().save(tmp_path / "model.keras")
    code = (
        "import sys, keras; from sweep.optimizers import RAdam;"
        "model = keras.saving.load_model(sys.argv[1]);"
        "assert type(model.optimizer) is RAdam and model.optimizer.beta_2 == 0.9"
    )
    subprocess.run(
        [sys.executable, "-c", code, tmp_path / "model.keras"], env=os.environ, check=True
    )


def test_half_precision_weights_survive_step_100_000():
    """Which is infinite in float16: what depends on the step alone is computed in float32."""
    optimizer, weight = RAdam(0.01, beta_2=0.9999), keras.Variable([0.0], dtype="float16")
    optimizer.build([weight])
    optimizer.iterations.assign(99_999)
    optimizer.apply([tf.ones(1, "float16")], [weight])
    assert float(weight[0]) == pytest.approx(-0.01 * 0.1 / 0.01, rel=0.01)


def test_never_rectified_it_is_sgd_with_corrected_momentum():
    optimizer, weight = RAdam(0.1, beta_1=0.5, beta_2=0.5), keras.Variable(0.0)
    trace = []
    for gradient in (1.0, 3.0):
        optimizer.apply([tf.constant(gradient)], [weight])
        trace.append(float(weight))
    np.testing.assert_allclose(trace, [-0.1, -0.1 - 0.1 * (0.25 + 1.5) / 0.75], rtol=1e-6)


def test_a_nan_in_one_weight_leaves_the_others():
    optimizer, weights = RAdam(0.1), keras.Variable([1.0, 1.0])
    alone, weight = RAdam(0.1), keras.Variable([1.0])
    for step in range(9):
        optimizer.apply([tf.constant([np.nan if step == 2 else 1.0, 0.5])], [weights])
        alone.apply([tf.constant([0.5])], [weight])
    assert np.isnan(values_of(weights)[0])
    assert values_of(weights)[1] == values_of(weight)[0]


@pytest.mark.parametrize(
    ("settings", "got"),
    [
        ({"beta_1": 1.0}, "beta_1=1.0"),
        ({"beta_2": 0.0}, "beta_2=0.0"),
        ({"beta_2": 1.0}, "beta_2=1.0"),
        ({"epsilon": -1e-7}, "epsilon=-1e-07"),
        ({"threshold": 3.9}, "threshold=3.9"),
        ({"below_threshold": "sgd"}, "below_threshold='sgd'"),
        ({"below_threshold": "skip", "beta_2": 0.5}, "beta_2=0.5, threshold=5.0"),
        ({"no_such": 1}, "no_such"),
    ],
)
def test_settings_out_of_range_are_refused(settings, got):
    with pytest.raises(ValueError, match=got):
        RAdam(**settings)
