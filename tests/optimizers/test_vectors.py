"""Settings that differ from trial to trial: every entry of ``TOGETHER`` against single trials.

Nine steps of variables shaped as a cohort's, the gradients fixed beforehand, so that a difference
in one step cannot grow through the next gradient. As a script with ``KERAS_BACKEND=jax`` it trains
the same there.

P trials.
"""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from optimizers.table import values_of
from processes import python_path

from sweep.study.hyperparameters import TOGETHER
from sweep.study.optimizer import (
    ALGORITHMS,
    COMMON_SETTINGS,
    WHOLE_VARIABLE_ALGORITHMS,
    Optimizer,
)
from sweep.study.training_config import TrainingConfig
from sweep.training import backend
from sweep.training.cohort_optimizer import CohortOptimizer

VALUES = {
    "beta": (0.1, 0.5, 1.0),
    "beta_1": (0.3, 0.5, 0.9),
    "beta_2": (0.9, 0.99, 0.9999),
    "clipvalue": (0.01, 0.1, 1.0),
    "epsilon": (1e-8, 1e-4, 0.1),
    "initial_accumulator_value": (0.01, 0.1, 1.0),
    "l2": (0.0, 0.01, 0.5),
    "l1_regularization_strength": (0.01, 0.1, 1.0),
    "l2_regularization_strength": (0.01, 0.1, 1.0),
    "l2_shrinkage_regularization_strength": (0.01, 0.1, 1.0),
    "learning_rate_power": (-0.3, -0.5, -0.7),
    "momentum": (0.3, 0.5, 0.9),
    "rho": (0.5, 0.9, 0.9999),
    "threshold": (4.0, 5.0, 6.0),
    "variance_steps": (0, 2, 5),
    "weight_decay": (0.0, 0.01, 0.5),
}
"""Three values of every setting that is a number."""

P, STEPS = 3, 9
SHAPES = ((5, P, 4), (P, 4), (P, 1))
TOGETHER_PAIRS = [
    (algorithm, name) for algorithm in TOGETHER for name in sorted(TOGETHER[algorithm])
]
APART_PAIRS = [
    (algorithm, name)
    for algorithm, settings in ALGORITHMS.items()
    if algorithm not in WHOLE_VARIABLE_ALGORITHMS
    for name in sorted({**COMMON_SETTINGS, **settings}.keys() & VALUES.keys())
    if (algorithm, name) not in TOGETHER_PAIRS
]


class SomeMembers:
    """Variables of some of the trials, and nothing that computes with them."""

    def __init__(self, trials):
        random = np.random.default_rng(0)
        start = [random.normal(0, 1, shape)[..., trials, :] for shape in SHAPES]
        self.variables = [keras.Variable(values.astype("float32")) for values in start]
        self.trial_count = self.variables[-1].shape[0]


def nine_steps(algorithm, settings, vectors, trials, *, is_compiled):
    """The weights of some trials after nine steps at one learning rate."""
    config = TrainingConfig(
        Optimizer(label="o", algorithm=algorithm, settings=settings), 0.05, 1, 1, 1
    )
    members = SomeMembers(trials)
    optimizer = CohortOptimizer(config, sorted(vectors), members)
    step = optimizer.apply
    if is_compiled:
        step = backend.compiled(step, [*members.variables, *optimizer.variables])
    optimizer.reset({name: np.array(values) for name, values in vectors.items()})
    optimizer.take_learning_rates(np.full(members.trial_count, 0.05, np.float32))
    random = np.random.default_rng(1)
    for _ in range(STEPS):
        gradients = [random.normal(0.3, 1, shape)[..., trials, :] for shape in SHAPES]
        step([keras.ops.convert_to_tensor(each.astype("float32")) for each in gradients])
    return [values_of(variable) for variable in members.variables]


def together(algorithm, *names, is_compiled=True):
    first = {name: VALUES[name][0] for name in names}
    vectors = {name: VALUES[name] for name in names}
    return nine_steps(algorithm, first, vectors, slice(0, P), is_compiled=is_compiled)


def alone(algorithm, trial, *names):
    mine = {name: VALUES[name][trial] for name in names}
    return nine_steps(algorithm, mine, {}, slice(trial, trial + 1), is_compiled=False)


def assert_together_is_alone(algorithm, *names, is_compiled=True):
    cohort = together(algorithm, *names, is_compiled=is_compiled)
    for trial in range(P):
        for weights, mine in zip(cohort, alone(algorithm, trial, *names), strict=True):
            np.testing.assert_allclose(weights[..., trial : trial + 1, :], mine, 2e-6, 2e-6)


@pytest.mark.parametrize(("algorithm", "name"), TOGETHER_PAIRS)
def test_trials_that_differ_in_a_setting_equal_each_alone(algorithm, name):
    """One setting after another tells which is wrong; all together, below, are compiled."""
    assert_together_is_alone(algorithm, name, is_compiled=False)


@pytest.mark.parametrize("algorithm", TOGETHER)
def test_trials_that_differ_in_all_settings_equal_each_alone(algorithm):
    assert_together_is_alone(algorithm, *sorted(TOGETHER[algorithm]))


@pytest.mark.parametrize(("algorithm", "name"), APART_PAIRS)
def test_what_is_not_in_the_table_cannot_be_a_vector(algorithm, name):
    """It is refused by Keras, on one of the backends, or has no effect."""
    try:
        assert_together_is_alone(algorithm, name)
    except (AssertionError, TypeError, ValueError):
        return
    assert name in ONLY_ON_TENSORFLOW


ONLY_ON_TENSORFLOW = {"l1_regularization_strength"}


def test_every_setting_with_values_is_one_of_an_algorithm():
    known = set(COMMON_SETTINGS).union(*ALGORITHMS.values())
    assert set(VALUES) <= known


def test_other_values_need_no_new_compilation():
    members = SomeMembers(slice(0, P))
    config = TrainingConfig(Optimizer(label="r", algorithm="radam"), 0.1, 1, 1, 1)
    optimizer = CohortOptimizer(config, ["beta_1", "beta_2"], members)
    step = backend.compiled(optimizer.apply, [*members.variables, *optimizer.variables])
    gradients = [keras.ops.ones(shape) for shape in SHAPES]
    for betas_2 in ((0.5, 0.9, 0.99), (0.999, 0.3, 0.9)):
        optimizer.reset({"beta_1": np.array((0.1, 0.5, 0.9)), "beta_2": np.array(betas_2)})
        step(gradients)
    assert step.experimental_get_tracing_count() == 1


def test_state_is_fresh_after_a_reset():
    for algorithm in ("nadam", "radam", "ftrl"):
        first, again = together(algorithm, "weight_decay"), together(algorithm, "weight_decay")
        for mine, other in zip(first, again, strict=True):
            np.testing.assert_array_equal(mine, other)


ON_JAX = """
import keras
from optimizers import test_vectors as t
assert keras.backend.backend() == "jax"
for algorithm in t.TOGETHER:
    t.assert_together_is_alone(algorithm, *t.TOGETHER[algorithm])
try:
    t.assert_together_is_alone("ftrl", "l1_regularization_strength")
except ValueError:
    pass
else:
    raise AssertionError("it can be in the table now")
"""


def test_the_same_on_jax(tmp_path):
    pytest.importorskip("jax", reason="the JAX backend needs jax")
    done = subprocess.run(
        [sys.executable, "-c", ON_JAX],
        env=os.environ
        | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "PYTHONPATH": python_path()},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
