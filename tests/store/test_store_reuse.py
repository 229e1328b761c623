"""One training, and all trials that come to it: of one study, of several, of two at a time."""

import json
from typing import TypeVar

import numpy as np
import pytest
from made_plans import cohorts_of, trials_of
from store.making import (
    KEY,
    made_end,
    made_epochs,
    made_failure,
    made_training,
    make_provenance,
    make_study,
    run_all,
    write_all,
)

from sweep.analysis.evidence import gather
from sweep.errors import StoreError
from sweep.planning.events import CohortStarted
from sweep.results.results import Results
from sweep.store import Store
from sweep.store.database import Database
from sweep.study.axis import Axis, Point
from sweep.study.optimizer import Optimizer
from sweep.study.study import Study

FIXED = Optimizer(label="fixed", algorithm="sgd", fixed=("batch_size",))


def two_axes(**changes) -> Study:
    """Batch size × β₂: adam at each point, and sgd, which is the same at every batch size."""
    parts = {
        "name": "axes",
        "question": "Which one?",
        "optimizers": ["adam", FIXED],
        "axes": [Axis(name="batch_size", values=(16, 32))],
        "base": {"learning_rate": 0.01},
        "seeds": 1,
        "epochs": 3,
    }
    return Study(**(parts | changes))


def figures(results: Results) -> list[tuple]:
    return [
        (t.optimizer, t.point, t.seed, t.outcome, t.fingerprint, repr(t.epochs))
        for t in results.trials
    ]


def test_trials_of_one_study_that_come_to_the_same_are_trained_once(store: Store) -> None:
    study = two_axes()
    assert [len(cohort.trials) for cohort in cohorts_of(study, KEY)] == [1, 1, 1]
    assert run_all(store, study) == 3
    results = store.results("axes")
    assert sorted((t.optimizer, *t.point.items()) for t in results.trials) == [
        ("adam", ("batch_size", 16)),
        ("adam", ("batch_size", 32)),
        ("fixed", ("batch_size", 16)),
        ("fixed", ("batch_size", 32)),
    ]
    first, second = (trial for trial in results.trials if trial.optimizer == "fixed")
    # By their texts: the rate of epoch 0 is NaN, which equals no other NaN.
    assert first.fingerprint == second.fingerprint
    assert repr(first.epochs) == repr(second.epochs)
    assert first.copied_from is None
    (summary,) = store.studies()
    assert (summary.planned, summary.completed) == (4, 4)
    assert store.check() == ()
    assert run_all(store, study) == 0
    # A further batch size needs no training of what is the same at each.
    assert run_all(store, two_axes(axes=[Axis(name="batch_size", values=(16, 32, 64))])) == 1
    assert len(store.results("axes").trials) == 6


def test_they_run_and_fail_together(store: Store) -> None:
    study = two_axes(optimizers=[FIXED])
    (cohort,) = cohorts_of(study, KEY)
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        writer.write(CohortStarted(cohort))
        write_all(writer, made_epochs(cohort, range(2)))
        running = store.results("axes").trials
        assert [(trial.outcome, len(trial.epochs)) for trial in running] == [(None, 2)] * 2
        assert store.studies()[0].running == 2
        write_all(writer, made_failure(cohort))
        assert [trial.outcome for trial in store.results("axes").trials] == ["failed"] * 2
        assert store.studies()[0].failed == 2
        write_all(writer, made_training(cohort, 3))
    results = store.results("axes")
    assert [trial.outcome for trial in results.trials] == [*["failed"] * 2, *["completed"] * 2]
    assert [trial.number for trial in results.trials] == [0, 1, 2, 3]
    assert store.studies()[0].failed == 0
    assert store.check() == ()


def test_a_trial_that_two_axes_reach_is_one_training(store: Store) -> None:
    rates = make_study(name="rates", optimizers=["adam"], learning_rates=(0.01, 0.1), seeds=1)
    sizes = two_axes(optimizers=["adam"], axes=[Axis(name="batch_size", values=(16, 64))])
    assert run_all(store, rates) == 2
    assert run_all(store, sizes) == 1
    results = store.results("axes")
    copied = [t for t in results.trials if t.copied_from == "rates"]
    assert [trial.point for trial in copied] == [Point.of({"batch_size": 64})]
    # What the cohort of the other study, on another axis, says of its trainings is known here too.
    evidence = gather(results)
    assert np.isfinite(evidence.grid.memory_bytes_ONS).all()
    assert [rows is None for rows in evidence.multipliers_O] == [False]


def test_points_come_back_with_their_kinds_of_numbers(store: Store) -> None:
    axes = [
        Axis(name="batch_size", values=(16, 32)),
        Axis(name="optimizer.beta_2", values=(0.9, 0.999)),
    ]
    study = two_axes(optimizers=["adam"], axes=axes)
    run_all(store, study)
    trials = store.results("axes").trials
    assert {trial.point for trial in trials} == set(study.points(study.optimizers[0]))
    assert {type(trial.point["batch_size"]) for trial in trials} == {int}
    cohorts = store.results("axes").cohorts
    assert [len(cohort.points) for cohort in cohorts] == [2, 2]
    # The axes' order is no matter: these are the trials that are there.
    assert run_all(store, study.replace(axes=axes[::-1])) == 0
    assert len(store.results("axes").trials) == 4


def test_two_studies_that_finish_the_same_at_the_same_time(store: Store) -> None:
    first, second = make_study(seeds=1), make_study(name="second", seeds=1, optimizers=["adam"])
    cohort, other = cohorts_of(first, KEY)
    with (
        store.run(first, make_provenance(), trials_of(first, KEY)) as one,
        store.run(second, make_provenance(), trials_of(second, KEY)) as two,
    ):
        for writer in (one, two):
            writer.write(CohortStarted(cohort))
        write_all(one, made_epochs(cohort, range(4)))
        write_all(two, made_epochs(cohort, range(4), diverging={0: 2}))
        one.write(made_end(cohort))
        two.write(made_end(cohort, diverging={0: 2}))
        write_all(one, made_training(other, 3))
    taken, trained = store.results("second"), store.results("small")
    assert figures(taken) == figures(trained)[:2]
    assert {trial.copied_from for trial in taken.trials} == {"small"}
    assert len(taken.cohorts) == 1
    assert store.check() == ()
    assert run_all(store, second) == 0


def test_of_a_cohort_the_rest_is_its_own(store: Store) -> None:
    """Another study's run has finished some of its trainings meanwhile."""
    first = make_study(seeds=1, optimizers=["adam"], learning_rates=(0.01, 0.1))
    second = make_study(
        name="second", seeds=1, optimizers=["adam"], learning_rates=(0.003, 0.01, 0.1, 1)
    )
    (whole,) = cohorts_of(second, KEY)
    with store.run(second, make_provenance(), trials_of(second, KEY)) as writer:
        writer.write(CohortStarted(whole))
        write_all(writer, made_epochs(whole, range(4)))
        assert run_all(store, first) == 2
        writer.write(made_end(whole))
    results = store.results("second")
    assert [(t.number, t.copied_from) for t in results.trials] == [
        *((0, None), (1, "small"), (2, "small"), (3, None))
    ]
    own = next(cohort for cohort in results.cohorts if len(cohort.points) == 2 and cohort.seed == 0)
    assert [len(cohort.points) for cohort in results.cohorts] == [2, 2]
    assert own.multiplier_PK is not None
    assert store.check() == ()
    assert run_all(store, second) == 0


Written = TypeVar("Written")


def test_every_write_can_be_done_twice(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is where the connection is lost at a commit that went through all the same."""
    study = make_study()
    first, second, third, *others = cohorts_of(study, KEY)
    once = Database.write

    def twice(self: Database, work, **patience):
        once(self, work, **patience)
        return once(self, work, **patience)

    monkeypatch.setattr(Database, "write", twice)
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        write_all(writer, made_training(first, 3, diverging={1: 2}))
        write_all(writer, made_failure(second))
        writer.write(CohortStarted(third))
        write_all(writer, made_training(third, 3))
        for cohort in others:
            write_all(writer, made_training(cohort, 3))
    assert run_all(store, study) == 2
    assert store.check() == ()
    results = store.results("small")
    assert [trial.number for trial in results.trials] == list(range(10))
    assert len(results.runs) == 2
    assert run_all(store, make_study(name="copy")) == 0
    copied = store.results("copy").trials
    assert len(copied) == 8
    assert [trial.outcome for trial in copied].count("diverged") == 1


def test_copies_are_counted(finished: Store) -> None:
    study = make_study(name="second", seeds=3)
    with finished.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        assert writer.copied == 8
        assert len(writer.finished) == 8
    with finished.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        assert writer.copied == 0
        assert len(writer.finished) == 8


def test_more_trials_are_planned_while_a_run_goes_on(finished: Store) -> None:
    study = make_study(name="second", seeds=2)
    trials = trials_of(study, KEY)
    with finished.run(study, make_provenance(), trials[:2]) as writer:
        assert (writer.copied, len(writer.finished)) == (2, 2)
        writer.plan(trials[2:])
        assert (writer.copied, len(writer.finished)) == (8, 8)
    assert len(finished.results("second").trials) == 8
    assert finished.check() == ()


def test_a_value_that_no_table_takes_is_told(store: Store) -> None:
    study = make_study(seeds=1, optimizers=["adam"])
    (cohort,) = cohorts_of(study, KEY)

    def fail() -> None:
        with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
            writer.write(CohortStarted(cohort))
            write_all(writer, made_epochs(cohort, range(4)))
            writer.write(made_end(cohort, diverging={0: 0}))

    with pytest.raises(StoreError):
        fail()
    assert json.loads(store.results("small").to_json()) == []
