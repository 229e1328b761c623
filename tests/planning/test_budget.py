"""The time of a run, and which cohorts it still holds."""

import math

import numpy as np
import pytest
from made_plans import made_cohort
from made_results import made_results, made_study

from sweep.planning.budget import Budget, Pace
from sweep.planning.events import CohortFailed, CohortResult, CohortStarted
from sweep.study.optimizer import Optimizer

ADAM, SGD = (Optimizer(label=label, algorithm=label) for label in ("adam", "sgd"))


class Clock:
    """Seconds that grow when they are told to."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


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
    assert Pace(budget).may_begin(made_cohort(ADAM, [0.1]))


def end_of(cohort):
    return CohortResult(cohort, (None,) * len(cohort.trials), None, 1.0, None, {})


def train(pace, clock, cohort, seconds, end=end_of):
    pace.note(CohortStarted(cohort))
    clock.now += seconds
    pace.note(end(cohort))


def test_a_cohort_that_would_not_fit_is_not_begun_nor_any_after_it():
    clock = Clock()
    pace = Pace(Budget(100.0, clock))
    assert pace.may_begin(made_cohort(ADAM, [0.1], epochs=99)), "nothing is known yet"
    train(pace, clock, made_cohort(ADAM, [0.1, 0.2], epochs=5), 40.0)  # 4 seconds an epoch
    fits, is_too_long = made_cohort(ADAM, [0.1], epochs=15), made_cohort(ADAM, [0.1], epochs=16)
    assert pace.expected_seconds([fits, is_too_long]) == pytest.approx(124)
    assert pace.holds([fits])
    assert not pace.holds([fits, fits])
    assert pace.may_begin(fits)
    assert not pace.may_begin(is_too_long)
    assert pace.is_closed
    assert not pace.may_begin(fits)


def test_each_optimizer_has_its_own_pace_and_others_that_of_all():
    clock = Clock()
    pace = Pace(Budget(clock=clock))
    train(pace, clock, made_cohort(ADAM, [0.1]), 4.0)
    assert pace.expected_seconds([made_cohort(SGD, [0.1, 0.2])]) == pytest.approx(8)
    train(pace, clock, made_cohort(SGD, [0.1]), 1.0)
    assert pace.expected_seconds([made_cohort(SGD, [0.1, 0.2])]) == pytest.approx(2)
    assert pace.expected_seconds([made_cohort(ADAM, [0.1])]) == pytest.approx(4)


def test_what_trains_at_once_is_left_for_a_shorter_time():
    clock = Clock()
    pace = Pace(Budget(clock=clock))
    first, second = made_cohort(ADAM, [0.1]), made_cohort(ADAM, [0.2])
    pace.note(CohortStarted(first))
    pace.note(CohortStarted(second))
    clock.now = 10.0
    pace.note(end_of(first))
    pace.note(end_of(second))
    assert pace.expected_seconds([first, second]) == pytest.approx(10)
    assert pace.may_begin(first)


def test_a_cohort_that_fails_at_once_says_nothing_of_how_long_others_take():
    clock = Clock()
    pace = Pace(Budget(10.0, clock))
    train(pace, clock, made_cohort(ADAM, [0.1]), 1e-3, lambda it: CohortFailed(it, "error", 1e-3))
    assert pace.expected_seconds([made_cohort(ADAM, [0.1])]) is None


def test_before_the_first_cohort_stored_trials_tell():
    study = made_study(optimizers=1, rates=2, seeds=4, epochs=10)
    results = made_results(study, failed=(0,), running=(3,), diverge_share=0.0)
    seconds = [trial.seconds for trial in results.trials if trial.epochs and trial.seconds]
    assert len(seconds) == 4
    cohort = made_cohort(study.optimizers[0], [0.1, 0.2], epochs=20)
    pace = Pace(Budget(), results)
    assert pace.expected_seconds([cohort]) == pytest.approx(40 * np.mean(seconds) / 10)
    nothing = Pace(Budget(), made_results(study, failed=(0, 1, 2, 3)))
    assert nothing.expected_seconds([cohort]) is None
    assert nothing.holds([cohort])
    assert Pace(Budget(1e-9), results).expected_seconds([]) == 0
