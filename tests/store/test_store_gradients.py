"""Recorded gradients: stored with the end of their cohort, and found again wherever it is."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_gradients import STEPS, made_gradients
from made_plans import cohorts_of, trials_of
from store.making import KEY, made_end, made_epochs, make_provenance, make_study, write_all

from sweep.planning.events import CohortStarted
from sweep.results.gradients import GradientRecord
from sweep.store import Store, open_store

STUDY = make_study(gradients=True)


def run_with_gradients(store: Store, study=STUDY, diverging=None) -> None:
    """Run what is missing; the p-th trials diverge where that is said."""
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        for cohort in cohorts_of(study, KEY, writer.finished):
            end = made_end(cohort, diverging)
            recorded = made_gradients(len(cohort.trials), has_rates=cohort.optimizer != "adam")
            write_all(writer, [CohortStarted(cohort)])
            write_all(writer, made_epochs(cohort, range(study.epochs + 1), diverging))
            write_all(writer, [replace(end, gradients=recorded)])


def by_fingerprint(store: Store, name: str = "small") -> dict[str, GradientRecord]:
    return {record.fingerprint: record for record in store.results(name).gradients}


def test_what_was_recorded_is_read(store: Store) -> None:
    run_with_gradients(store)
    results, found = store.results("small"), by_fingerprint(store)
    assert set(found) == {trial.fingerprint for trial in results.trials}
    assert len(found) == 8
    for trial in results.trials:
        p = [*STUDY.axes[0].values].index(trial.point["learning_rate"])
        expected, record = made_gradients(2), found[trial.fingerprint]
        assert record.steps == STEPS
        # Shares are kept in float16, with 11 binary digits.
        shares = [step.share_PB[p] for step in expected]
        np.testing.assert_allclose(record.share_RB, shares, rtol=6e-4, atol=1e-7)
        means = [step.rate_mean_P[p] for step in expected]
        is_known = trial.optimizer != "adam"
        np.testing.assert_allclose(record.rate_mean_R, means if is_known else np.nan, rtol=1e-6)
        np.testing.assert_allclose(record.zero_R, 0.1, rtol=1e-6)


def test_of_a_diverged_trial_they_end_with_it(store: Store) -> None:
    run_with_gradients(store, diverging={1: 1})
    steps = {record.steps for record in by_fingerprint(store).values()}
    assert steps == {STEPS, (1, 5, 10)}


def test_a_study_that_refers_to_trainings_has_theirs(store: Store) -> None:
    run_with_gradients(store)
    other = STUDY.replace(name="other", gradients=False)
    with store.run(other, make_provenance(), trials_of(other, KEY)) as writer:
        assert writer.copied == 8
    assert by_fingerprint(store, "other").keys() == by_fingerprint(store).keys()
    store.forget("small")
    assert len(by_fingerprint(store, "other")) == 8
    store.forget("other")
    assert store.check() == ()


def test_a_stored_study_may_gain_them(store: Store) -> None:
    run_with_gradients(store, STUDY.replace(gradients=False, seeds=1))
    run_with_gradients(store)
    assert store.results("small").study.gradients


def test_a_failed_or_unfinished_cohort_has_none(store: Store) -> None:
    (cohort, *_) = cohorts_of(STUDY, KEY)
    with store.run(STUDY, make_provenance(), trials_of(STUDY, KEY)) as writer:
        write_all(writer, [CohortStarted(cohort)])
        write_all(writer, made_epochs(cohort, range(2)))
    assert store.results("small").gradients == ()


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_they_come_back_from_an_export(store: Store, tmp_path: Path, format: str) -> None:
    run_with_gradients(store)
    rows = store.export(tmp_path / "export", format)
    assert rows["sweep_gradients"] == 8
    with open_store(f"sqlite:///{tmp_path / 'imported.db'}", create=True) as imported:
        imported.import_from(tmp_path / "export")
        for fingerprint, record in by_fingerprint(imported).items():
            np.testing.assert_array_equal(
                record.share_RB, by_fingerprint(store)[fingerprint].share_RB
            )


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE sweep_gradients SET shares = x'0000' WHERE training_id = 1",
        "UPDATE sweep_gradients SET steps = '[5, 1]' WHERE training_id = 1",
    ],
)
def test_what_cannot_be_read_is_told_and_removed_alone(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "sweep.db"
    with open_store(f"sqlite:///{path}", create=True) as store:
        run_with_gradients(store)
    connection = sqlite3.connect(path)
    connection.execute(damage)
    connection.commit()
    connection.close()
    with open_store(f"sqlite:///{path}") as store:
        (found,) = store.check()
        assert found.found.startswith("the gradients of trial 0 cannot be read: ")
        repair = store.repair()
        assert repair.reset == {}
        assert repair.left == ()
        assert len(store.results("small").trials) == 8
        assert len(by_fingerprint(store)) == 7


def test_a_store_from_before_them_is_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "sweep.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(Path(__file__).with_name("schema_3.sql").read_text())
    connection.close()
    with open_store(f"sqlite:///{path}") as store:
        assert store.results("small").gradients == ()
        run_with_gradients(store, store.results("small").study.replace(gradients=True))
        assert store.check() == ()
