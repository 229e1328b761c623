"""Each measure against cases by hand, closed forms and slow, straightforward references."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from sweep.analysis import curves

WEIGHTS = np.array([0.25, 0.5, 0.25])
"""Of three learning rates, a decade apart."""


THOUSANDTHS = st.integers(0, 1000).map(lambda number: number / 1000)


def curves_of(count: int):
    return arrays(np.float64, count, elements=THOUSANDTHS)


def test_worst_case_and_spread():
    accuracy = np.array([[0.9, 0.7, 0.8], [0.6, 0.6, 0.6]])
    assert curves.worst_case(accuracy).tolist() == [0.7, 0.6]
    assert curves.spread(accuracy) == pytest.approx([0.2, 0.0])


def test_sensitivity_by_hand():
    loss = np.array([[0.1, 0.1, 0.5], [0.3, 0.3, 0.3]])
    assert curves.sensitivity(loss, WEIGHTS) == pytest.approx([0.1, 0.0])


def test_failure_to_learn():
    accuracy = np.array([0.5, 0.52, 0.53, 0.9])
    diverged = np.array([False, False, False, True])
    assert curves.failed_to_learn(accuracy, diverged, 0.5).tolist() == [True, True, False, True]


@given(curves_of(5))
def test_expected_best_is_the_mean_over_all_choices(accuracy):
    expected = [
        np.mean([max(chosen) for chosen in itertools.combinations(accuracy, k)])
        for k in range(1, 6)
    ]
    assert curves.expected_best(accuracy) == pytest.approx(expected, abs=1e-12)


def test_expected_best_of_many_values_in_closed_form():
    """Of k out of 1 … N the largest is k (N + 1) / (k + 1) on average; C(1500, k) overflows."""
    count = 1500
    tried = np.arange(1, count + 1)
    best = curves.expected_best(np.arange(1.0, count + 1))
    assert best == pytest.approx(tried * (count + 1) / (tried + 1), rel=1e-9)


def test_probability_of_improvement_is_mann_whitneys_of_pairs():
    rng = np.random.default_rng(3)
    accuracy = np.round(rng.random((3, 4, 5)), 1)
    probability = curves.improvement(accuracy).mean(axis=-1)
    for a, b in itertools.product(range(3), repeat=2):
        better = [
            1.0 if x > y else 0.5 if x == y else 0.0
            for x, y in zip(accuracy[a].ravel(), accuracy[b].ravel(), strict=True)
        ]
        assert probability[a, b] == pytest.approx(np.mean(better))
    assert probability + probability.T == pytest.approx(np.ones((3, 3)))


def test_probability_of_improvement_of_one_value_and_seed_each_is_paired():
    a, b = np.array([0.1, 0.5, 0.9]), np.array([0.2, 0.6, 0.8])
    paired = curves.improvement(np.stack([a, b])[:, :, None])[0, 1, 0]
    unpaired = stats.mannwhitneyu(a, b).statistic / 9
    assert paired == pytest.approx(1 / 3)
    assert paired != pytest.approx(unpaired)


def test_epochs_to_reach():
    accuracy = np.array([[0.5, 0.7, 0.9], [0.5, 0.9, 0.6], [0.5, 0.6, 0.7], [0.8, 0.5, 0.9]])
    epochs = curves.epochs_to_reach(accuracy, np.full(4, 0.8))
    assert epochs.tolist() == pytest.approx([1.5, 0.75, math.inf, 0.0])


def test_target_missed_by_a_rounding_error_is_reached():
    assert curves.epochs_to_reach(np.array([0.8, 0.9]), np.array(0.8 + 5e-10)) == 0
    assert curves.epochs_to_reach(np.array([0.5, 0.8]), np.array(0.8 + 5e-10)) == 1


def test_rounding_error_of_one_training_at_all_points_does_not_average_out():
    training = np.array([[0, 1, 2], [0, 1, 2], [0, 0, 0]])
    found = curves.rounding_error(WEIGHTS, training, seeds=4, examples=100)
    independent = (0.25**2 + 0.5**2 + 0.25**2) / 12
    once = 1 / 12
    expected = [2 * independent, independent + once, independent + once]
    assert found == pytest.approx(np.sqrt(np.array(expected) / 4) / 100)


def test_convergence_target_and_sampling_error():
    assert curves.convergence_target(np.array(0.9), 0.5) == pytest.approx(0.86)
    assert curves.sampling_error(np.array([0.5, 0.9]), 100) == pytest.approx([0.05, 0.03])
