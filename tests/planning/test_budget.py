"""The time of a run, and how long what is missing would take."""

import math

import pytest
from made_results import made_results, made_study

from sweep.planning.budget import Budget, expected_seconds


def test_a_budget_is_used_up_by_the_clock():
    times = iter([100.0, 130.0, 130.0, 161.0, 161.0])
    budget = Budget(60.0, clock=lambda: next(times))
    assert budget.used_seconds == 30
    assert budget.left_seconds == 30
    assert budget.left_seconds == 0
    assert budget.is_over


def test_without_a_limit_it_never_ends():
    budget = Budget()
    assert budget.left_seconds == math.inf
    assert not budget.is_over


def test_time_is_reckoned_from_finished_trials():
    study = made_study(optimizers=1, rates=2, seeds=4)
    results = made_results(study, failed=(0,), running=(3,))
    finished = [trial.seconds for trial in results.trials if trial.epochs and trial.seconds]
    assert len(finished) == 4
    expected = 10 * sum(finished) / 4
    assert expected_seconds(results, 10) == pytest.approx(expected)
    assert expected_seconds(results, 10, at_once=2.0) == pytest.approx(expected / 2)
    assert expected_seconds(results, 10, at_once=0.5) == pytest.approx(expected)
    assert expected_seconds(None, 10) is None
    assert expected_seconds(made_results(study, failed=(0, 1, 2, 3)), 10) is None
