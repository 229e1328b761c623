"""Intervals against SciPy and slow references, and how often they are wrong."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from simulated import (
    PICTURES,
    claimed_of,
    collapsing,
    every_point_by_itself,
    failing_at_the_top,
    half_failing_at_the_top,
    half_failing_at_two_rates,
    heavy_tailed,
    shared_by_seed,
    steady,
)

from sweep.analysis import curves
from sweep.analysis.intervals import (
    differences,
    estimate,
    holm,
    seed_means,
    standard_error,
)


def test_interval_of_a_mean_is_students():
    values = np.random.default_rng(0).normal(0.9, 0.02, (3, 5))
    found = estimate(seed_means(values))
    low, high = stats.t.interval(0.95, 4, loc=values.mean(axis=1), scale=stats.sem(values, axis=1))
    assert found.value == pytest.approx(values.mean(axis=1))
    assert found.low == pytest.approx(low)
    assert found.high == pytest.approx(high)


@pytest.mark.parametrize("seeds", [3, 5, 10])
def test_jackknife_of_a_measure_that_is_no_mean(seeds):
    accuracy = np.random.default_rng(seeds).random((4, seeds))
    worst = [accuracy.mean(axis=1).min()]
    for left_out in range(seeds):
        worst.append(np.delete(accuracy, left_out, axis=1).mean(axis=1).min())
    spread = np.array(worst[1:]) - np.mean(worst[1:])
    expected = np.sqrt((seeds - 1) / seeds * np.sum(spread**2))
    found = standard_error(curves.worst_case(seed_means(accuracy)))
    assert found == pytest.approx(expected)


def test_interval_ends_where_the_measure_does():
    found = estimate(seed_means(np.array([0.9, 0.99, 1.0])), lowest=0, highest=1)
    assert found.high == 1
    assert 0 < found.low < found.value


@pytest.mark.parametrize("seeds", [0, 1, 2])
def test_no_intervals_with_too_few_seeds(seeds):
    replicates = seed_means(np.random.default_rng(1).random((3, seeds)))
    found, apart = estimate(replicates), differences(replicates)
    assert np.isnan([found.low, found.high]).all()
    assert np.isnan([apart.low, apart.high, apart.p_value]).all()
    assert not apart.claimed.any()
    assert np.isnan(found.value).all() == (seeds == 0)


def test_p_value_of_one_pair_is_the_paired_t_tests():
    values = np.random.default_rng(2).normal(0.9, 0.02, (2, 6))
    test = stats.ttest_rel(values[0], values[1])
    apart = differences(seed_means(values))
    interval = test.confidence_interval(0.95)
    assert apart.p_value == pytest.approx([test.pvalue])
    assert (apart.low[0], apart.high[0]) == pytest.approx((interval.low, interval.high))


def test_holm_by_hand():
    adjusted, levels = holm(np.array([0.04, 0.01, 0.02]), 0.05)
    assert adjusted == pytest.approx([0.04, 0.03, 0.04])
    assert levels == pytest.approx([0.05, 0.05 / 3, 0.025])
    adjusted, levels = holm(np.array([0.04, 0.01, 0.03]), 0.05)
    assert adjusted == pytest.approx([0.06, 0.03, 0.06])
    assert levels == pytest.approx([0.025, 0.05 / 3, 0.025])


@given(arrays(np.float64, (2, 6), elements=st.floats(0, 1)))
def test_holm_is_the_step_down_procedure(p_values):
    adjusted, _ = holm(p_values, 0.05)
    for row, found in zip(p_values, adjusted, strict=True):
        rejected = set()
        for rank, at in enumerate(sorted(range(6), key=lambda at: row[at])):
            if (6 - rank) * row[at] >= 0.05:
                break
            rejected.add(at)
        assert {at for at in range(6) if found[at] < 0.05} == rejected


@given(arrays(np.float64, (4, 5), elements=st.floats(0, 1, width=16)))
def test_intervals_exclude_zero_exactly_where_holm_rejects(values):
    apart = differences(seed_means(values))
    clear = np.abs(apart.p_value - 0.05) > 1e-6
    assert (apart.claimed == (apart.p_value < 0.05))[clear].all()


def test_difference_can_be_asked_either_way_round():
    apart = differences(seed_means(np.array([[0.9, 0.91, 0.92], [0.5, 0.52, 0.51]])))
    value, low, high, claimed = apart.of(1, 0)
    assert apart.of(0, 1) == (-value, -high, -low, claimed)
    assert value == pytest.approx(-0.4)
    assert claimed


def test_seeds_that_agree_exactly():
    values = np.array([[0.9] * 3, [0.9] * 3, [0.898] * 3, [0.5] * 3])
    certain = differences(seed_means(values))
    assert certain.p_value[0] == 1
    assert not certain.claimed[0]
    pictures = differences(seed_means(values), least_error=1 / (PICTURES * np.sqrt(6 * 3)))
    claimed = dict(zip(pictures.pairs, pictures.claimed.tolist(), strict=True))
    assert not claimed[0, 2], "one picture in all three seeds is a coincidence"
    assert claimed[0, 3]


def test_what_was_not_measured_is_not_claimed():
    values = np.array([[1.0, 1.1, 1.2], [5.0, 5.1, 5.3], [np.nan] * 3])
    apart = differences(seed_means(values))
    claimed = dict(zip(apart.pairs, apart.claimed.tolist(), strict=True))
    assert claimed == {(0, 1): True, (0, 2): False, (1, 2): False}


@pytest.mark.parametrize("seeds", [3, 5, 10])
@pytest.mark.parametrize(
    "scatter",
    [
        steady,
        shared_by_seed,
        collapsing,
        heavy_tailed,
        failing_at_the_top,
        half_failing_at_the_top,
        half_failing_at_two_rates,
    ],
)
def test_identical_optimizers_are_rarely_declared_different(scatter, seeds):
    rng = np.random.default_rng([seeds, 11])
    claimed = claimed_of(scatter(rng, (4000, 3, 7, seeds)))
    assert claimed.any(axis=1).mean() <= 0.08


@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("scatter", [steady, failing_at_the_top, half_failing_at_the_top])
def test_identical_optimizers_that_follow_no_axis_are_rarely_declared_different(scatter, seeds):
    """One training an optimizer and seed, the same at every point."""
    rng = np.random.default_rng([seeds, 13])
    once = scatter(rng, (4000, 3, 7, seeds))[:, :, -1:]
    everywhere = np.broadcast_to(once, (4000, 3, 7, seeds))
    claimed = claimed_of(everywhere, np.zeros((3, 7), dtype=int))
    assert claimed.any(axis=1).mean() <= 0.08


@pytest.mark.parametrize(("seeds", "found"), [(3, False), (4, True), (5, True)])
def test_failing_always_or_never_is_told_apart_with_enough_seeds(seeds, found):
    """At the highest rate alone, of two optimizers; three seeds agree by chance too often."""
    accuracy = steady(np.random.default_rng(14), (200, 2, 7, seeds))
    accuracy[:, 0, -1] = 0.5
    assert (claimed_of(accuracy).mean() > 0.9) == found


def test_agreement_by_hand():
    accuracy = np.array([[0.9, 0.9, 0.5], [0.9, 0.9, 0.9], [0.9, 0.5, 0.7]])
    failed = np.zeros((3, 3, 3), bool)
    failed[0, 2], failed[2, 1], failed[2, 2, 0] = True, True, True
    weights = np.array([0.25, 0.5, 0.25])
    error = curves.agreement_error(accuracy, failed, weights, every_point_by_itself(3, 3))
    share = np.sqrt(2 * 4 / (3 * 25))
    # Opposite at the last value (weight 1/4), at the middle one (1/2); in part is not opposite.
    assert error == pytest.approx([share * 0.4 / 4, share * 0.4 / 2, share * 0.4 / 2])


def test_agreement_of_one_training_at_all_points_is_one_chance():
    accuracy = np.array([[0.5, 0.5], [0.9, 0.8]])
    failed = np.zeros((2, 2, 3), bool)
    failed[0] = True
    training = np.array([[0, 0], [0, 1]])
    error = curves.agreement_error(accuracy, failed, np.array([0.5, 0.5]), training)
    added = np.array([0.2, 0.15])
    assert error == pytest.approx(np.sqrt(4 / (3 * 25) * (np.sum(added) ** 2 + np.sum(added**2))))


@pytest.mark.parametrize("scatter", [steady, collapsing, heavy_tailed])
def test_five_points_are_mostly_found_with_five_seeds(scatter):
    accuracy = scatter(np.random.default_rng(12), (2000, 3, 7, 5))
    accuracy[:, 0] -= 0.05
    claimed = claimed_of(accuracy)
    pairs = list(itertools.combinations(range(3), 2))
    found = claimed[:, [at for at, pair in enumerate(pairs) if 0 in pair]]
    assert found.mean() > 0.6
