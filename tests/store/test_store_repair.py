"""What is not whole is found, and mended: the store ends as an undisturbed one."""

import sqlite3
from pathlib import Path

import pytest
from made_plans import cohorts_of, trials_of
from store.making import (
    KEY,
    made_failure,
    made_training,
    make_provenance,
    make_study,
    run_all,
    write_all,
)

from sweep.errors import StoreBusyError, StoreError
from sweep.planning.events import CohortStarted
from sweep.store import Store, open_store

STUDIES = (make_study(), make_study(name="extended", seeds=3))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with all there is: finished, diverged, failed and copied trials."""
    path = tmp_path / "sweep.db"
    with open_store(f"sqlite:///{path}", create=True) as store:
        fill(store)
    return path


def fill(store: Store) -> None:
    small, extended = STUDIES
    first, second, *_ = cohorts_of(small, KEY)
    with store.run(small, make_provenance(), trials_of(small, KEY)) as writer:
        write_all(writer, made_training(first, 3, diverging={1: 2}))
        write_all(writer, made_failure(second))
    run_all(store, small)
    assert run_all(store, extended) == 4


def execute(path: Path, *statements: str) -> None:
    """What another program does, which by default keeps no foreign keys."""
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def content(store: Store) -> list[tuple]:
    """All that is stored of every study's trials, whatever their numbers."""
    return [
        (study.name, trial.fingerprint, trial.outcome, repr(trial.epochs))
        for study in STUDIES
        for trial in sorted(
            store.results(study.name).trials, key=lambda t: (t.fingerprint, t.number)
        )
    ]


OF_FIRST = "(SELECT trial_id FROM sweep_trials WHERE study_id = 1 AND number = 0)"
OF_DIVERGED = "(SELECT trial_id FROM sweep_trials WHERE diverged_at_epoch = 2 AND study_id = 1)"
OF_COPY = "(SELECT max(trial_id) FROM sweep_trials WHERE copied_from = 'small')"

DAMAGES = {
    "a missing epoch": (
        [f"DELETE FROM sweep_epochs WHERE epoch = 1 AND trial_id = {OF_FIRST}"],
        "trials: small: trial 0 completed at epoch 3, but has 3 of the 4 epochs from 0",
    ),
    "a missing last epoch": (
        [f"DELETE FROM sweep_epochs WHERE epoch = 3 AND trial_id = {OF_FIRST}"],
        "trials: small: trial 0 completed at epoch 3, but has 3 of the 4 epochs from 0",
    ),
    "an epoch too many": (
        [f"INSERT INTO sweep_epochs (trial_id, epoch) SELECT {OF_DIVERGED}, 3"],
        "trials: small: trial 1 diverged at epoch 2, but has 4 of the 3 epochs from 0",
    ),
    "an epoch of another number": (
        [f"UPDATE sweep_epochs SET epoch = -1 WHERE epoch = 1 AND trial_id = {OF_FIRST}"],
        "trials: small: trial 0 completed at epoch 3, but has 4 of the 4 epochs from 0",
    ),
    "no logits": (
        [f"DELETE FROM sweep_logits WHERE trial_id = {OF_FIRST}"],
        "trials: small: trial 0 completed at epoch 3, but has 4 of the 4 epochs from 0, "
        "no validation logits",
    ),
    "a divergence without its epoch": (
        [f"UPDATE sweep_trials SET diverged_at_epoch = NULL WHERE trial_id = {OF_DIVERGED}"],
        "trials: small: trial 1 diverged at no epoch, but has 3 of the 1 epochs from 0",
    ),
    "a figure that is none": (
        [
            f"UPDATE sweep_epochs SET train_loss = NULL WHERE epoch = 2 AND trial_id = {OF_FIRST}",
            f"UPDATE sweep_epochs SET not_finite = '{{' WHERE epoch = 2"
            f" AND trial_id = {OF_DIVERGED}",
            "UPDATE sweep_epochs SET valid_loss = 'x' WHERE epoch = 1 AND trial_id = 5",
        ],
        "trials: small: trial 0 completed at epoch 3, but has 4 of the 4 epochs from 0, "
        "1 epochs without a figure",
    ),
    "a copy without an epoch": (
        [f"DELETE FROM sweep_epochs WHERE epoch = 2 AND trial_id = {OF_COPY}"],
        "trials: extended: trial 7 completed at epoch 3, but has 3 of the 4 epochs from 0",
    ),
    "a missing trial": (
        [
            f"DELETE FROM sweep_logits WHERE trial_id = {OF_FIRST}",
            f"DELETE FROM sweep_epochs WHERE trial_id = {OF_FIRST}",
            f"DELETE FROM sweep_trials WHERE trial_id = {OF_FIRST}",
        ],
        "cohorts: small: cohort adam, seed 0 (row 1) ended with 1 of its 2 trials, "
        "which are diverged",
    ),
    "orphans": (
        [f"DELETE FROM sweep_trials WHERE trial_id = {OF_FIRST}"],
        "references: 4 rows of sweep_epochs have no row in sweep_trials",
    ),
    "a missing cohort": (
        ["DELETE FROM sweep_cohorts WHERE cohort_id = 3"],
        "references: 4 rows of sweep_trials have no row in sweep_cohorts",
    ),
    "half a cohort": (
        [f"UPDATE sweep_trials SET outcome = NULL WHERE trial_id = {OF_FIRST}"],
        "cohorts: small: cohort adam, seed 0 (row 1) ended with 2 of its 2 trials, "
        "which are diverged, running",
    ),
    "a cohort that never ended": (
        ["UPDATE sweep_cohorts SET ended_at = NULL WHERE cohort_id = 1"],
        "cohorts: small: cohort adam, seed 0 (row 1) was under way with 2 trials when its run died",
    ),
    "a trial twice": (
        [
            "DROP INDEX sweep_trials_finished_once",
            "INSERT INTO sweep_trials SELECT 900 + trial_id, study_id, cohort_id, 900 + number,"
            " fingerprint, optimizer, learning_rate, seed, outcome, diverged_at_epoch, seconds,"
            f" copied_from FROM sweep_trials WHERE trial_id = {OF_FIRST}",
        ],
        "fingerprints: small: trial 900 was finished before",
    ),
    "an edited mirror": (
        ["UPDATE trial_values SET value = 0.99 WHERE trial_id IN (1, 2)"],
        "mirror: small: Optuna shows 2 trials otherwise",
    ),
    "a mirror with other trials": (
        [
            "UPDATE trials SET state = 'FAIL' WHERE number = 0 AND study_id = 1",
            "INSERT INTO trials (number, study_id, state) VALUES (99, 1, 'RUNNING')",
            "DELETE FROM trials WHERE number = 3 AND study_id = 1",
            "DELETE FROM trial_intermediate_values WHERE step = 2 AND trial_id = 6",
        ],
        "mirror: small: Optuna shows 4 trials otherwise",
    ),
    "a mirror edited into nonsense": (
        [
            "UPDATE trials SET state = 'NONSENSE' WHERE number = 0 AND study_id = 1",
            "UPDATE trials SET datetime_start = 'x' WHERE number = 3 AND study_id = 1",
            "UPDATE trial_intermediate_values SET intermediate_value_type = 'X'"
            " WHERE step = 2 AND trial_id = 2",
            "UPDATE trial_values SET value = 'x' WHERE trial_id = 5",
        ],
        "mirror: small: Optuna shows 4 trials otherwise",
    ),
    "a deleted mirror": (
        ["DELETE FROM studies WHERE study_name = 'small'"],
        "mirror: small: Optuna has no study of that name",
    ),
}


@pytest.mark.parametrize(("damages", "found"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damage_is_found_and_mended(path: Path, damages: list[str], found: str) -> None:
    with open_store(f"sqlite:///{path}") as store:
        assert store.check() == ()
        undisturbed = content(store)
    execute(path, *damages)
    with open_store(f"sqlite:///{path}") as store:
        said = [
            f"{v.invariant}: {v.study + ': ' if v.study else ''}{v.found}" for v in store.check()
        ]
        assert any(line.startswith(found) for line in said), said
        done = store.repair()
        assert done.left == ()
        assert store.check() == ()
        for study in STUDIES:
            run_all(store, study)
        assert store.check() == ()
        finished = [row for row in content(store) if row[2] != "failed"]
        assert finished == [row for row in undisturbed if row[2] != "failed"]
    assert done.backup is not None
    with sqlite3.connect(done.backup) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    copy.close()


def test_a_store_that_is_whole_is_not_touched(path: Path) -> None:
    before = path.read_bytes()
    with open_store(f"sqlite:///{path}") as store:
        done = store.repair()
    assert (done.found, done.backup, done.reset) == ((), None, {})
    assert path.read_bytes() == before
    assert list(path.parent.glob("*.backup*")) == []


def test_what_a_run_writes_now_is_as_it_should_be(path: Path) -> None:
    study = make_study(name="other", seeds=(7,))
    first, second = cohorts_of(study, KEY)
    with (
        open_store(f"sqlite:///{path}") as store,
        store.run(study, make_provenance(), trials_of(study, KEY)) as writer,
    ):
        write_all(writer, made_training(first, 3))
        writer.write(CohortStarted(second))
        assert store.check() == ()
        with pytest.raises(StoreBusyError, match="run of 'other'"):
            store.repair()
        execute(path, f"DELETE FROM sweep_epochs WHERE epoch = 1 AND trial_id = {OF_FIRST}")
        assert {violation.study for violation in store.check()} == {"small"}
    assert list(path.parent.glob("*.backup*")) == []


def test_a_mirror_that_sweep_did_not_make_is_told_and_left(path: Path) -> None:
    execute(path, "UPDATE study_user_attributes SET value_json = '1' WHERE key = 'made_by'")
    with open_store(f"sqlite:///{path}") as store:
        assert {violation.invariant for violation in store.check()} == {"mirror"}
        done = store.repair()
        assert done.left == done.found
        assert "did not make" in done.left[0].found


def test_a_damaged_file_is_found_and_not_made_worse(path: Path) -> None:
    content = bytearray(path.read_bytes())
    with sqlite3.connect(path) as connection:
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_sweep_trials_fingerprint'"
        ).fetchone()
    connection.close()
    page = 4096 * (root - 1)
    content[page + 3 : page + 5] = b"\0\0"  # the index says that it is empty
    path.write_bytes(content)
    with open_store(f"sqlite:///{path}") as store:
        assert {violation.invariant for violation in store.check()} == {"file"}
        with pytest.raises(StoreError, match="damaged"):
            store.repair()
    assert path.read_bytes() == content
