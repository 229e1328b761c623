"""Trials by column are the records that they were made of."""

import math

import numpy as np
from made_results import made_results, made_study

from sweep.results.records import EpochRecord, Outcome, TrialRecord
from sweep.results.trials import TRIALS_AT_ONCE, Courses, Trials
from sweep.study.axis import Point

POINT = Point.of({"learning_rate": 0.1})


def test_records_come_back_as_they_were():
    records = tuple(made_results(made_study(seeds=2), failed=(1,), running=(2,)).trials)
    trials = Trials.of(records)
    assert repr(trials) == repr(records)
    assert len(trials) == len(records)
    assert repr(trials[-1]) == repr(records[-1])
    assert repr(trials[3:9:2]) == repr(records[3:9:2])
    assert Trials.of(trials) is trials
    failed = [trial for trial in records if trial.outcome is Outcome.FAILED]
    assert repr(trials.ended_as(Outcome.FAILED)) == repr(tuple(failed))


def test_trials_of_one_training_share_its_epochs():
    epochs = tuple(EpochRecord(n, 0.5, 0.6, 0.7, 0.8, 0.1) for n in range(2))
    of_one = Courses.of([epochs])
    shared = Courses(of_one.values_XF, of_one.first_K.repeat(2), of_one.end_K.repeat(2))
    assert shared[0] == shared[1] == epochs
    trial_X, values_XF = shared.laid()
    assert trial_X.tolist() == [0, 0, 1, 1]
    assert values_XF[:, 0].tolist() == [0, 1, 0, 1]


def test_one_after_another_they_are_as_each_by_itself():
    epochs = [EpochRecord(n, 0.5, 0.6, math.nan, n / 7, math.inf) for n in range(4)]
    courses = Courses.of([tuple(epochs[: k % 4]) for k in range(2 * TRIALS_AT_ONCE + 3)])
    some = courses.taken(np.arange(len(courses.first_K))[::-3])
    for each in (courses, some):
        assert repr([*each]) == repr([each[k] for k in range(len(each.first_K))])
    records = made_results(made_study(seeds=2), failed=(1,), running=(2,)).trials
    trials = Trials.of(records)
    assert repr([*trials]) == repr([trials[k] for k in range(len(trials))])


def test_last_and_best_leave_out_what_is_unknown():
    def course(*accuracies: float) -> tuple[EpochRecord, ...]:
        return tuple(EpochRecord(n, 0.5, 0.6, 0.7, it, 0.1) for n, it in enumerate(accuracies))

    courses = Courses.of(
        [course(0.5, math.inf, 0.8), (), course(math.nan), course(0.4, 0.6, math.nan)]
    )
    assert courses.best("valid_accuracy", is_most=True) == [math.inf, None, None, 0.6]
    assert courses.best("valid_accuracy", is_most=False) == [0.5, None, None, 0.4]
    assert courses.last("epoch") == [2, None, 0, 2]


def test_no_trials_at_all():
    trials = Trials.of(())
    assert [*trials] == []
    assert trials.courses.last("epoch") == trials.courses.best("epoch", is_most=True) == []
    one = Trials.of([TrialRecord(0, "adam", POINT, 0, "a", None, None, None)])
    assert one[0].epochs == ()
