"""How often decisions are wrong, by simulation; ``benchmarks/calibration.py`` has the full tables.

At most 6 % of studies may call identical optimizers different. A simulated share of 6 % in X
studies has the standard error √(0.06 · 0.94 / X); two of them are allowed for.
"""

import numpy as np
import pytest
from simulated import (
    DIFFERENT,
    EQUIVALENT,
    as_measured,
    claimed_of,
    collapsing,
    ever_claimed,
    failing_at_the_top,
    half_failing_at_two_rates,
    looked_at,
    steady,
    stopped,
)

STAGES = (5, 8, 12, 18, 27, 40, 60, 80, 100)
BY_HAND = (3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 25, 30, 35, 40)
MARGIN = 0.01
SCATTERS = (steady, as_measured, collapsing, failing_at_the_top, half_failing_at_two_rates)


def allowed(studies):
    return 0.06 + 2 * np.sqrt(0.06 * 0.94 / studies)


@pytest.mark.parametrize(("seeds", "studies"), [(3, 2000), (10, 1000), (40, 400)])
@pytest.mark.parametrize("optimizers", [2, 3, 6])
@pytest.mark.parametrize("scatter", SCATTERS)
def test_identical_at_one_look(scatter, optimizers, seeds, studies):
    rng = np.random.default_rng([seeds, optimizers, 31])
    claimed = claimed_of(scatter(rng, (studies, optimizers, 7, seeds)))
    assert claimed.any(axis=1).mean() <= allowed(studies)


def test_few_seeds_of_many_optimizers_that_agree_by_coincidence():
    for optimizers, seeds in ((4, 3), (10, 3), (10, 4), (10, 5)):
        rng = np.random.default_rng([seeds, optimizers, 37])
        claimed = claimed_of(half_failing_at_two_rates(rng, (1000, optimizers, 7, seeds)))
        assert claimed.any(axis=1).mean() <= allowed(1000)


@pytest.mark.parametrize("optimizers", [2, 6])
@pytest.mark.parametrize("scatter", SCATTERS)
def test_identical_at_any_look_of_a_design(scatter, optimizers):
    """Claimed at any look, also at those that a study would not have come to."""
    studies = 2400 // optimizers
    rng = np.random.default_rng([optimizers, 32])
    found = looked_at(scatter(rng, (studies, optimizers, 7, 100)), STAGES, 100)
    assert ever_claimed(found) <= allowed(studies)


@pytest.mark.parametrize("optimizers", [2, 6])
@pytest.mark.parametrize("scatter", SCATTERS)
def test_identical_at_any_look_by_hand(scatter, optimizers):
    """Whoever adds a seed or a few, and looks each time, with no design."""
    studies = 2400 // optimizers
    rng = np.random.default_rng([optimizers, 33])
    found = looked_at(scatter(rng, (studies, optimizers, 7, BY_HAND[-1])), BY_HAND, BY_HAND[0])
    assert ever_claimed(found) <= allowed(studies)


def test_three_points_are_found_and_not_called_equivalent():
    accuracy = as_measured(np.random.default_rng(34), (500, 2, 7, 100))
    accuracy[:, 0] -= 0.03
    outcome, seeds = stopped(looked_at(accuracy, STAGES, 100), STAGES, MARGIN)
    assert (outcome == EQUIVALENT).mean() <= 0.06
    assert (outcome == DIFFERENT).mean() > 0.95
    assert np.median(seeds) <= 18


def test_equal_within_a_third_of_a_point_are_mostly_called_equivalent_before_100_seeds():
    accuracy = as_measured(np.random.default_rng(35), (500, 2, 7, 100))
    accuracy[:, 0] -= 0.003
    outcome, seeds = stopped(looked_at(accuracy, STAGES, 100), STAGES, MARGIN)
    assert ((outcome[:, 0] == EQUIVALENT) & (seeds < 100)).mean() > 0.5


def test_what_differs_by_the_margin_is_rarely_called_equivalent():
    """By two one-sided tests; the looks of a design share one half of 5 %."""
    accuracy = as_measured(np.random.default_rng(36), (1000, 2, 7, 100))
    accuracy[:, 0] -= MARGIN
    outcome, _ = stopped(looked_at(accuracy, STAGES, 100), STAGES, MARGIN)
    assert (outcome == EQUIVALENT).mean() <= 0.025 + 2 * np.sqrt(0.025 * 0.975 / 1000)
