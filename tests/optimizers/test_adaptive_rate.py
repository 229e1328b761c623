"""The adaptive rate is what a step really multiplies the learning rate and m̂ with.

The reference is the step that a Keras optimizer takes, in float64: divided by learning rate and m̂
it must be the rate, but for rounding.
"""

import keras
import numpy as np
import pytest

from sweep.optimizers.adaptive_rate import adaptive_rate, second_moments_of
from sweep.optimizers.build import build
from sweep.optimizers.radam import RAdam
from sweep.optimizers.rectification import rectification
from sweep.study.optimizer import ALGORITHMS, BUILT_IN_OPTIMIZERS, Optimizer

GRADIENTS_KN = np.outer([1, 0.3, 2, 0.01, 1, 0.5, 3, 0.1], [1e-7, -3e-5, 1e-3, 1.0])
"""Of sizes around ε = 1e-7 and its root 3e-4, and ever larger and smaller, as AMSGrad sees them."""
LEARNING_RATE = 1e-3


class Renamed(keras.optimizers.Adam):
    """An optimizer of the user's own that inherits its step."""


class Halved(keras.optimizers.Adam):
    """One that has a step of its own."""

    def update_step(self, gradient, variable, learning_rate):
        super().update_step(gradient, variable, learning_rate / 2)


def _of(label, algorithm, **settings):
    return Optimizer(label=label, algorithm=algorithm, settings=settings)


CASES = [
    _of("adam", "adam"),
    _of("adam-large-epsilon", "adam", epsilon=1e-3, beta_2=0.9),
    _of("amsgrad", "adam", amsgrad=True, beta_2=0.5),
    _of("adamw", "adamw", weight_decay=0.0),
    _of("adam-2k", "adam-2k", variance_steps=2),
    _of("nadam", "nadam"),
    _of("lamb", "lamb"),
    _of("radam", "radam", epsilon=1e-3),
    _of("radam-keras-2019", "radam", epsilon_inside=True),
    _of("schedule-free", "schedule-free-adamw", beta_1=0.9, epsilon=1e-3),
    _of("by-path", "keras.optimizers:Adam", amsgrad=True, beta_2=0.5),
    _of("by-path-schedule-free", "keras.optimizers:ScheduleFreeAdamW", beta_1=0.9),
    _of("own", "optimizers.test_adaptive_rate:Renamed"),
]
"""β₁ is 0 unless a case says otherwise, so that m̂ is the gradient."""


@pytest.mark.parametrize("case", CASES, ids=lambda it: it.label)
def test_the_rate_is_that_of_the_step_taken(case):
    optimizer = build(with_beta_1(case), LEARNING_RATE)
    weights = keras.Variable(np.ones(GRADIENTS_KN.shape[1]), dtype="float64")
    optimizer.build([weights])
    moved = optimizer._momentums[0] if "schedule-free" in case.label else weights
    compared = 0
    for step, gradient_N in enumerate(GRADIENTS_KN, start=1):
        before_N = np.array(moved.value)
        optimizer.apply([keras.ops.convert_to_tensor(gradient_N)], [weights])
        taken_N = (before_N - np.array(moved.value)) / (LEARNING_RATE * gradient_N)
        if isinstance(optimizer, RAdam):
            taken_N = taken_N / rectification(0.999, step)
        rate_N = rate_of(optimizer, step)
        if case.algorithm == "lamb":  # which scales the steps of a variable by a common factor
            taken_N = taken_N * (rate_N[-1] / taken_N[-1])
        if not (np.isfinite(taken_N).all() and taken_N.all()):
            continue  # momentum alone, or a step of Adam-2k that moves nothing
        compared += 1
        # A weight of 1 has 16 digits, and the shortest step of 1e-3 × 1e-7 ends at its 10th.
        np.testing.assert_allclose(taken_N, rate_N, rtol=2e-5)
    assert compared >= 3


def with_beta_1(case):
    return case.model_copy(update={"settings": {"beta_1": 0.0} | case.settings})


def rate_of(optimizer, step):
    moments = second_moments_of(optimizer)
    return adaptive_rate(
        np.array(moments.variables[0].value)[:, None],
        step,
        beta_2_P=np.array([moments.beta_2]),
        epsilon_P=np.array([moments.epsilon]),
        epsilon_place=moments.epsilon_place,
    )[:, 0]


def test_epsilon_in_the_root_bounds_the_rate():
    """At a gradient of 1e-7 it is 1 / √1e-7, a thousandth of what it is with ε outside."""
    v_NP, at = np.array([[1e-14 * 1e-3]]), {"beta_2_P": np.array([0.999]), "step": 1}
    at["epsilon_P"] = np.array([1e-7])
    inside, outside = (
        float(adaptive_rate(v_NP, **at, epsilon_place=place)[0, 0])
        for place in ("inside root", "after correction")
    )
    assert inside == pytest.approx(3162.3, rel=1e-4)
    assert outside == pytest.approx(5e6, rel=1e-4)


def test_where_v_is_0_the_rate_is_unknown():
    for place in ("after correction", "before correction", "inside root"):
        rate_NP = adaptive_rate(
            np.zeros((1, 1), np.float32),
            3,
            beta_2_P=np.array([0.9]),
            epsilon_P=np.array([0.0]),
            epsilon_place=place,
        )
        assert np.isnan(rate_NP).all()


def test_of_every_known_algorithm_with_such_moments_there_is_one():
    with_moments = {
        name
        for name in ALGORITHMS
        if second_moments_of(_built(BUILT_IN_OPTIMIZERS[name])) is not None
    }
    assert with_moments == {
        *("adam", "adam-2k", "adamw", "lamb", "nadam", "radam", "schedule-free-adamw")
    }


def test_of_a_step_of_the_users_own_none_is_told():
    own = _of("own", "optimizers.test_adaptive_rate:Halved")
    assert second_moments_of(_built(own)) is None


def _built(optimizer):
    built = build(optimizer, LEARNING_RATE)
    built.build([keras.Variable(np.ones((2, 2), np.float32))])
    return built
