"""What every database must do: records go in, the same records come out."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_plans import cohorts_of, trials_of
from store.making import (
    KEY,
    final_accuracy,
    made_end,
    made_epochs,
    made_failure,
    made_training,
    make_provenance,
    make_study,
    run_all,
    write_all,
)

from sweep.errors import StoreBusyError, StoreError, UsageError
from sweep.planning.cohorts import Cohort
from sweep.planning.events import CohortStarted, EpochResult
from sweep.results.records import Outcome
from sweep.store import Store, open_store
from sweep.study.optimizer import Optimizer
from sweep.study.schedules import Warmup
from sweep.study.study import Study
from sweep.study.tasks import Model, Pictures


def test_a_new_study_that_an_error_ends_before_its_first_trial_is_not_stored(store: Store) -> None:
    study = make_study()
    for error in (UsageError("no such cluster"), KeyboardInterrupt()):
        with (
            pytest.raises(type(error)),
            store.run(study, make_provenance(), trials_of(study, KEY)),
        ):
            raise error
        assert store.names() == (() if isinstance(error, UsageError) else ("small",))
    assert run_all(store, study) == 8
    with pytest.raises(UsageError), store.run(study, make_provenance(), trials_of(study, KEY)):
        raise UsageError("no such cluster")
    assert len(store.results("small").trials) == 8


def test_a_run_comes_back_as_it_was_written(store: Store) -> None:
    study = make_study()
    before = datetime.now(UTC)
    assert run_all(store, study) == 8

    results = store.results("small")
    assert results.study == study
    assert [trial.number for trial in results.trials] == list(range(8))
    assert [(t.optimizer, t.point, t.seed, t.fingerprint) for t in results.trials] == [
        (t.optimizer, t.point, t.seed, t.fingerprint) for t in trials_of(study, KEY)
    ]
    assert {trial.outcome for trial in results.trials} == {Outcome.COMPLETED}
    assert {trial.seconds for trial in results.trials} == {1.5}
    cohorts = cohorts_of(study, KEY)
    expected = [x for cohort in cohorts for x in final_accuracy(cohort, study.epochs)]
    assert [trial.epochs[-1].valid_accuracy for trial in results.trials] == expected
    assert [epoch.epoch for epoch in results.trials[3].epochs] == [0, 1, 2, 3]
    assert math.isnan(results.trials[3].epochs[0].effective_learning_rate)
    assert results.trials[3].epochs[1].effective_learning_rate == 0.1

    (run,) = results.runs
    assert run.provenance == make_provenance()
    assert run.finished_at is not None
    assert before <= run.started_at <= run.finished_at <= before + timedelta(minutes=5)
    assert [(c.optimizer, c.seed, c.points) for c in results.cohorts] == [
        (c.optimizer, c.seed, c.points) for c in cohorts
    ]
    first = results.cohorts[0]
    assert first.memory_bytes == 10**10
    assert first.provenance == {"keras": "3.15.0"}
    assert first.multiplier_PK is not None
    np.testing.assert_array_equal(first.multiplier_PK, np.linspace(0, 1, 5, dtype=np.float32)[None])


def test_rows_are_the_same_without_what_no_row_shows(store: Store) -> None:
    run_all(store, make_study())
    every, rows = store.results("small"), store.results("small", rows_only=True)
    assert rows.to_json() == every.to_json()
    assert rows.to_csv(epochs=True) == every.to_csv(epochs=True)
    assert (rows.study, rows.runs) == (every.study, every.runs)
    assert every.cohorts
    assert not rows.cohorts


def test_every_part_of_a_study_comes_back(store: Store) -> None:
    study = make_study(
        question="Größer als 0,5 %?",
        optimizers=[
            "adam-warmup",
            Optimizer(label="mine", algorithm="my.module:Mine", settings={"a": None, "b": "x"}),
            Optimizer(label="nadam", algorithm="nadam", warmup=Warmup(steps=7)),
            Optimizer(label="sgd", algorithm="sgd", settings={"momentum": 0.9, "nesterov": True}),
        ],
        learning_rates=(1e-7, 0.1 + 0.2),
        seeds=(3, 2**31 - 1),
        pictures=Pictures(dataset="mine", limit=None, validation_share=0.3),
        model=Model(backbone="small", weights="random", image_size=48),
    )
    run_all(store, study)
    assert store.results("small").study == study
    assert run_all(store, study) == 0


def test_summaries(store: Store) -> None:
    study = make_study(seeds=4)
    cohorts = cohorts_of(study, KEY)
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        write_all(writer, made_training(cohorts[0], 3))
        write_all(writer, made_training(cohorts[1], 3, diverging={1: 2}))
        write_all(writer, made_failure(cohorts[2]))
        write_all(writer, made_failure(cohorts[2]))
        write_all(writer, made_failure(cohorts[3]))
        write_all(writer, made_training(cohorts[3], 3))
        writer.write(CohortStarted(cohorts[4]))
        (summary,) = store.studies()
        assert (summary.planned, summary.completed, summary.diverged) == (16, 5, 1)
        assert (summary.failed, summary.running) == (2, 2)
        assert summary.started_at is not None
        assert summary.finished_at is None
    run_all(store, make_study(name="other", epochs=1))
    first, second = store.studies()
    assert (first.name, first.question, second.name) == ("small", "Which one?", "other")
    assert first.running == 0
    assert first.finished_at is not None


def test_an_unknown_study_is_named_with_what_is_there(store: Store) -> None:
    with pytest.raises(StoreError, match="no study yet"):
        store.results("big")
    assert store.study("big") is None
    run_all(store, make_study())
    assert store.study("small") == make_study()
    with pytest.raises(StoreError, match=r"'big'.* has small"):
        store.results("big")
    assert store.finished("big") == frozenset()


def test_a_second_run_trains_nothing(store: Store) -> None:
    assert run_all(store, make_study()) == 8
    assert run_all(store, make_study()) == 0
    assert len(store.results("small").runs) == 2
    assert store.finished("small") == {t.fingerprint for t in trials_of(make_study(), KEY)}


def test_a_diverged_trial_ends_where_it_diverged(store: Store) -> None:
    study = make_study()
    cohort = cohorts_of(study, KEY)[0]
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        writer.write(CohortStarted(cohort))
        write_all(writer, made_epochs(cohort, range(4), diverging={1: 2}))
        good, running = store.results("small").trials
        assert running.outcome is None
        assert [epoch.epoch for epoch in running.epochs] == [0, 1, 2]
        writer.write(made_end(cohort, diverging={1: 2}))
    good, diverged = store.results("small").trials
    assert (good.outcome, good.diverged_at_epoch, len(good.epochs)) == ("completed", None, 4)
    assert (diverged.outcome, diverged.diverged_at_epoch) == ("diverged", 2)
    assert [epoch.epoch for epoch in diverged.epochs] == [0, 1, 2]
    assert diverged.epochs[-1].train_loss == math.inf
    assert diverged.fingerprint in store.finished("small")


def test_what_the_trainer_calls_diverged_earlier_is_cut_there(store: Store) -> None:
    study = make_study()
    cohort = cohorts_of(study, KEY)[0]
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        writer.write(CohortStarted(cohort))
        write_all(writer, made_epochs(cohort, range(4)))
        writer.write(made_end(cohort, diverging={0: 1}))
    assert [epoch.epoch for epoch in store.results("small").trials[0].epochs] == [0, 1]


def test_a_failed_cohort_stays_on_record_and_can_be_trained_again(store: Store) -> None:
    study = make_study()
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        first, *others = cohorts_of(study, KEY)
        write_all(writer, made_failure(first))
        for cohort in others:
            write_all(writer, made_training(cohort, 3))
    failed = store.results("small").trials[:2]
    assert [trial.outcome for trial in failed] == ["failed", "failed"]
    assert failed[0].error == "Traceback …\nValueError: no such thing"
    assert failed[0].seconds == 0.75
    assert [epoch.epoch for epoch in failed[0].epochs] == [0, 1]

    assert run_all(store, study) == 2
    trials = store.results("small").trials
    assert [trial.number for trial in trials] == list(range(10))
    assert [trial.fingerprint for trial in trials[8:]] == [t.fingerprint for t in failed]
    assert [trial.outcome for trial in trials[8:]] == ["completed", "completed"]
    assert trials[8].error is None
    assert len(store.results("small").cohorts) == 4
    (summary,) = store.studies()
    assert (summary.completed, summary.failed) == (8, 0)


def run_and_stop(store: Store, study: Study, cohorts: int, stop: type[BaseException]) -> None:
    """Train so many cohorts, and stop in the middle of the next."""
    planned = cohorts_of(study, KEY)
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        for cohort in planned[:cohorts]:
            write_all(writer, made_training(cohort, study.epochs))
        writer.write(CohortStarted(planned[cohorts]))
        write_all(writer, made_epochs(planned[cohorts], range(2)))
        raise stop


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ZeroDivisionError])
def test_an_interrupted_cohort_is_untrained_again(store: Store, stop: type[BaseException]) -> None:
    with pytest.raises(stop):
        run_and_stop(store, make_study(), 1, stop)
    results = store.results("small")
    assert [trial.outcome for trial in results.trials] == ["completed"] * 2
    assert results.runs[0].finished_at is None
    assert run_all(store, make_study()) == 6
    assert [trial.number for trial in store.results("small").trials] == list(range(8))


def test_an_interrupted_study_ends_like_an_undisturbed_one(store: Store, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_and_stop(store, make_study(), 2, KeyboardInterrupt)
    run_all(store, make_study())
    with open_store(f"sqlite:///{tmp_path}/undisturbed.db", create=True) as undisturbed:
        run_all(undisturbed, make_study())
        expected = undisturbed.results("small")
    assert store.results("small").to_csv() == expected.to_csv()
    assert store.results("small").to_csv(epochs=True) == expected.to_csv(epochs=True)


def test_a_cohort_started_again_begins_anew(store: Store) -> None:
    study = make_study()
    first, second, *_ = cohorts_of(study, KEY)
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        writer.write(CohortStarted(first))
        write_all(writer, made_epochs(first, range(2)))
        writer.write(CohortStarted(second))
        write_all(writer, made_training(first, 3))
        write_all(writer, made_epochs(second, range(4)))
        writer.write(made_end(second))
    trials = store.results("small").trials
    assert [trial.number for trial in trials] == [0, 1, 2, 3]
    assert [len(trial.epochs) for trial in trials] == [4, 4, 4, 4]
    assert len(store.results("small").cohorts) == 2


def test_a_cohort_is_split_while_it_trains(store: Store) -> None:
    study = make_study()
    whole = cohorts_of(study, KEY)[0]
    halves = [Cohort((trial,)) for trial in whole.trials]
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        writer.write(CohortStarted(whole))
        write_all(writer, made_epochs(whole, range(2)))
        for half in halves:
            write_all(writer, made_training(half, 3))
    results = store.results("small")
    assert [trial.point["learning_rate"] for trial in results.trials] == [0.01, 0.1]
    assert [[*map(str, cohort.points)] for cohort in results.cohorts] == [
        ["learning rate 0.01"],
        ["learning rate 0.1"],
    ]


def test_two_runs_of_one_study(store: Store, url: str) -> None:
    study = make_study()
    trials = trials_of(study, KEY)
    with (
        open_store(url) as other_store,
        store.run(study, make_provenance(), trials),
    ):
        with (
            pytest.raises(StoreBusyError, match="process 4321 on this-host, since 2"),
            other_store.run(study, make_provenance(), trials),
        ):
            pass
        run_all(other_store, make_study(name="other"))
    assert run_all(store, study) == 0


def test_a_reader_sees_whole_cohorts_while_a_run_writes(store: Store, url: str) -> None:
    study = make_study()
    cohort = cohorts_of(study, KEY)[0]
    with (
        open_store(url) as reader,
        store.run(study, make_provenance(), trials_of(study, KEY)) as writer,
    ):
        writer.write(CohortStarted(cohort))
        for epoch in made_epochs(cohort, range(4)):
            writer.write(epoch)
            trials = reader.results("small").trials
            assert [trial.epochs[-1].epoch for trial in trials] == [epoch.epoch] * 2
            assert [trial.outcome for trial in trials] == [None, None]
        writer.write(made_end(cohort))
        assert [trial.outcome for trial in reader.results("small").trials] == ["completed"] * 2


def test_every_number_comes_back_exactly(store: Store) -> None:
    study = make_study(optimizers=["adam"], seeds=1)
    cohort = cohorts_of(study, KEY)[0]
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:

        @given(figures=st.lists(st.floats(width=64), min_size=10, max_size=10))
        @settings(max_examples=100, deadline=None)
        def check(figures: list[float]) -> None:
            columns = np.array(figures).reshape(5, 2)
            writer.write(CohortStarted(cohort))
            writer.write(EpochResult(cohort, 1, *columns, seconds=1.0))
            for trial, column in zip(store.results("small").trials, columns.T, strict=True):
                ((_, *stored),) = trial.epochs
                np.testing.assert_array_equal(stored, column)

        check()
