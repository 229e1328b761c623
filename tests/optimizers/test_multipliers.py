"""What a study's optimizers multiply their learning rates by."""

import subprocess
import sys

import numpy as np
import pytest

from sweep.optimizers.multipliers import multipliers, ramps
from sweep.optimizers.rectification import rectification
from sweep.study.optimizer import Optimizer
from sweep.study.schedules import StepDecay, Warmup


def radam(**settings) -> Optimizer:
    return Optimizer(label="r", algorithm="radam", settings=settings)


def warm(steps: int, algorithm: str = "adam") -> Optimizer:
    return Optimizer(label="w", algorithm=algorithm, warmup=Warmup(steps=steps))


def multiplier(optimizer: Optimizer, total_steps: int) -> np.ndarray:
    """(K,) of one trial."""
    (multiplier_K,) = multipliers([optimizer], total_steps)
    return multiplier_K


def test_radams_multipliers():
    momentum = multiplier(radam(), 8)
    skip = multiplier(radam(below_threshold="skip"), 8)
    paper = multiplier(radam(threshold=4.0), 8)
    assert momentum.dtype == np.float32
    np.testing.assert_array_equal(momentum[:5], 1)
    np.testing.assert_array_equal(skip[:5], 0)
    np.testing.assert_allclose(momentum[5:], rectification(0.999, [6, 7, 8]), rtol=1e-6)
    np.testing.assert_array_equal(momentum[5:], skip[5:])
    np.testing.assert_array_equal(paper[5:], skip[5:])
    assert 0 < paper[4] < paper[5]
    np.testing.assert_array_equal(multiplier(radam(beta_2=0.5), 8), 1)


def test_warmup_multiplies():
    both = Optimizer(label="w", algorithm="radam", warmup=Warmup(share=0.5))
    ramp = np.minimum(1, np.arange(1, 21) / 10)
    np.testing.assert_allclose(multiplier(both, 20), ramp * multiplier(radam(), 20), rtol=1e-6)


def test_other_algorithms_have_the_whole_rate():
    np.testing.assert_array_equal(multiplier(Optimizer(label="a", algorithm="adam"), 3), 1)
    np.testing.assert_array_equal(multiplier(Optimizer(label="a", algorithm="own:Mine"), 3), 1)


@pytest.mark.parametrize(
    "optimizers",
    [
        [warm(1), warm(4), warm(9)],
        [radam(beta_2=0.9), radam(), radam(beta_2=0.5)],
        [warm(4, "radam"), warm(9, "radam")],
    ],
)
def test_where_trials_differ_each_has_its_row(optimizers):
    multiplier_PK = multipliers(optimizers, 12)
    rows = [multiplier(optimizer, 12) for optimizer in optimizers]
    np.testing.assert_array_equal(multiplier_PK, rows)


@pytest.mark.parametrize("optimizer", [warm(4), radam(), Optimizer(label="a", algorithm="adam")])
def test_where_they_do_not_there_is_one_row(optimizer):
    assert multipliers([optimizer] * 3, 12).shape == (1, 12)
    assert ramps([optimizer] * 3, 12).shape == (1, 12)


def test_a_warmup_that_starts_from_a_learning_rate():
    """As RAdam's authors have it: 1e-6 + t (η − 1e-6) / warmup, then η."""
    rates, t_K = [0.1, 0.003], np.arange(1, 21)
    optimizer = Optimizer(label="w", algorithm="adam", warmup=Warmup(steps=10, start=1e-3))
    expected_PK = [np.where(t_K < 10, 1e-3 + t_K * (rate - 1e-3) / 10, rate) for rate in rates]
    found_PK = multipliers([optimizer] * 2, 20, learning_rates=rates)
    np.testing.assert_allclose(found_PK * np.array(rates)[:, None], expected_PK, rtol=1e-6)
    ramp_PK = ramps([optimizer] * 2, 20, learning_rates=rates)
    np.testing.assert_allclose(ramp_PK, found_PK, rtol=1e-6)
    assert multipliers([optimizer] * 2, 20, learning_rates=[0.1] * 2).shape == (1, 20)


def test_a_start_beside_a_schedule():
    """Of the rate that the warm-up reaches, the schedule cuts a part."""
    optimizer = Optimizer(
        label="w",
        algorithm="adam",
        warmup=Warmup(steps=4, start=0.01),
        schedule=StepDecay(factor=0.1, epochs=(2, 3)),
    )
    (found_K,) = multipliers([optimizer], 12, 3, learning_rates=[0.1])
    warm_K = [0.01 + 0.09 * t / 4 for t in (1, 2, 3)]
    expected_K = [*warm_K, *[0.1] * 3, *[0.01] * 3, *[0.001] * 3]
    np.testing.assert_allclose(0.1 * found_K, expected_K, rtol=1e-6)


def test_without_a_start_rates_change_nothing():
    optimizers = [warm(4), warm(9), radam()]
    np.testing.assert_array_equal(
        ramps(optimizers, 12, learning_rates=[0.1, 0.2, 0.3]), ramps(optimizers, 12)
    )


def test_multipliers_are_quotients_to_the_last_bit():
    """As stores of version 0.1 have them."""
    for steps in range(1, 400):
        expected_K = np.minimum(1, np.arange(1, 801) / steps).astype(np.float32)
        np.testing.assert_array_equal(multiplier(warm(steps), 800), expected_K)


def test_the_trained_ramp_is_the_compiled_one_to_the_last_bit():
    """Version 0.1 had the ramp in the step that XLA compiled: min((iterations + 1) / steps, 1)."""
    import tensorflow as tf

    iterations = tf.range(800)
    for steps in (1, 2, 3, 7, 10, 16, 31, 49, 78, 97, 155, 313, 500, 777):

        @tf.function(jit_compile=True)
        def compiled(iterations, steps=steps):
            return tf.minimum(tf.cast(iterations + 1, tf.float32) / steps, 1)

        (ramp_K,) = ramps([warm(steps)], 800)
        assert ramp_K.dtype == np.float32
        np.testing.assert_array_equal(ramp_K, compiled(iterations))


def test_loads_no_keras():
    code = "import sys, sweep.optimizers.multipliers; sys.exit('keras' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
