"""Every optimizer of a study goes through the same tests (see ``table.py``)."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from optimizers.table import (
    ELEMENT_WISE,
    ENTRIES,
    SHAPES,
    Cohort,
    P,
    alone,
    label,
    ten_steps,
    values_of,
)

from sweep.optimizers.build import build
from sweep.optimizers.schedules import CohortLearningRates


def quadratic(weights):
    return ops.sum((weights - 3.0) ** 2 * ops.convert_to_tensor([[1.0, 4.0]]))


def rosenbrock(weights):
    x, y = weights[:, 0], weights[:, 1]
    return ops.sum((1 - x) ** 2 + 100 * (y - x**2) ** 2)


def minimize(entry, loss, learning_rate, steps):
    """The loss before and after, in one compiled loop, at a vector of one learning rate."""
    weights = keras.Variable([[0.0, 0.0]])
    rates = keras.Variable([[learning_rate]], trainable=False)
    optimizer = build(entry.optimizer, CohortLearningRates(rates))
    optimizer.build([weights])

    def step(number):
        with tf.GradientTape() as tape:
            value = loss(weights)
        optimizer.apply(tape.gradient(value, [weights.value]), [weights])
        return (number + 1,)

    @tf.function(jit_compile=True, autograph=False)
    def train():
        tf.while_loop(lambda number: number < steps, step, (tf.constant(0),))

    before = float(loss(weights))
    train()
    return before, float(loss(weights))


@pytest.mark.parametrize("entry", ENTRIES, ids=label)
def test_solves_a_quadratic(entry):
    before, after = minimize(entry, quadratic, entry.quadratic, 3000)
    assert before == 45.0
    assert after < 0.01


@pytest.mark.parametrize("entry", ENTRIES, ids=label)
def test_goes_down_the_valley_of_rosenbrock(entry):
    before, after = minimize(entry, rosenbrock, entry.rosenbrock, 6000)
    assert before == 1.0
    assert after < 0.05


@pytest.mark.parametrize("entry", ELEMENT_WISE, ids=label)
def test_trials_together_equal_each_alone(entry):
    """Within 2e-6 over ten steps, the cohort compiled by XLA, the single trials not at all."""
    ends = np.cumsum([np.prod(shape) for shape in SHAPES])
    together = np.split(ten_steps(label(entry)), ends[:-1], axis=1)
    for trial in range(P):
        alone = Cohort(entry.optimizer, trial).train_eagerly()
        for shape, all_trials, one in zip(SHAPES, together, alone, strict=True):
            mine = all_trials.reshape(-1, *shape)[..., trial, :].reshape(one.shape)
            np.testing.assert_allclose(mine, one, rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("entry", ELEMENT_WISE, ids=label)
def test_other_learning_rates_need_no_new_compilation(entry):
    cohort = Cohort(entry.optimizer)
    optimizer, variables = cohort.keras_optimizer, cohort.variables
    gradients = [tf.ones(variable.shape) for variable in variables]
    step = tf.function(lambda: optimizer.apply(gradients, variables), jit_compile=True)
    for _ in range(7):
        step()
    cohort.rates_P1.assign([[0.0], [0.1], [0.2]])
    before = cohort.weights()
    step()
    moved = [np.abs(new - old) for new, old in zip(cohort.weights(), before, strict=True)]
    assert step.experimental_get_tracing_count() == 1
    for difference in moved:
        assert np.all(difference[..., 1, :] > 0)
        # Those of the others are functions of their state, or go back to slow weights.
        is_stateful = entry.optimizer.algorithm in ("ftrl", "schedule-free-adamw")
        if not is_stateful and entry.optimizer.lookahead is None:
            assert np.all(difference[..., 0, :] == 0)


@pytest.mark.parametrize("entry", ENTRIES, ids=label)
def test_serialized_and_back_it_takes_the_same_steps(entry):
    optimizer = build(entry.optimizer, alone(entry.optimizer, 0.01, 10))
    copy = type(optimizer).from_config(optimizer.get_config())
    assert copy.get_config() == optimizer.get_config()
    weights = [keras.Variable([0.5, -2.0]), keras.Variable([0.5, -2.0])]
    for gradient in ([0.1, -3.0], [2.0, 1.0], *[[0.5, 0.5]] * 6):
        for each, variable in zip((optimizer, copy), weights, strict=True):
            each.apply([ops.convert_to_tensor(gradient)], [variable])
    values, copied = (values_of(variable) for variable in weights)
    np.testing.assert_array_equal(values, copied)
    assert np.all(values != [0.5, -2.0])


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
def test_jax_takes_the_same_steps_as_tensorflow(tmp_path):
    """Ten steps at three learning rates, weights to 1e-5 of their size."""
    subprocess.run(
        [sys.executable, Path(__file__).with_name("table.py"), tmp_path / "jax.npz"],
        env=os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        check=True,
        timeout=300,
    )
    with np.load(tmp_path / "jax.npz") as by_jax:
        for name in map(label, ELEMENT_WISE):
            by_tensorflow = ten_steps(name)
            np.testing.assert_allclose(by_jax[name], by_tensorflow, 1e-5, 1e-5, err_msg=name)
