"""What is not whole is found, and mended: the store ends as an undisturbed one."""

import re
import shutil
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
from sweep.study.study import Study

STUDIES = (make_study(), make_study(name="extended", seeds=3))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of all there is: finished, diverged, failed and copied trials."""
    folder = tmp_path_factory.mktemp("filled")
    with open_store(f"sqlite:///{folder}/sweep.db", create=True) as store:
        fill(store)
    return folder


@pytest.fixture
def path(filled: Path, tmp_path: Path) -> Path:
    """A copy of that store."""
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    return tmp_path / "sweep.db"


def fill(store: Store) -> None:
    small, extended = STUDIES
    first, second, *_ = cohorts_of(small, KEY)
    with store.run(small, make_provenance(), trials_of(small, KEY)) as writer:
        write_all(writer, made_training(first, 3, diverging={1: 2}))
        write_all(writer, made_failure(second))
    run_all(store, small)
    assert run_all(store, extended) == 4


def train_again(store: Store, study: Study) -> None:
    """Run what is missing; what diverged at first does so again."""
    trials = trials_of(study, KEY)
    with store.run(study, make_provenance(), trials) as writer:
        for cohort in cohorts_of(study, KEY, writer.finished):
            is_first = cohort.trials[0].fingerprint == trials[0].fingerprint
            diverging = {1: 2} if is_first else None
            write_all(writer, made_training(cohort, study.epochs, diverging))


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


OF_FIRST = "(SELECT training_id FROM sweep_trials WHERE study_id = 1 AND number = 0)"
OF_DIVERGED = "(SELECT training_id FROM sweep_trainings WHERE diverged_at_epoch = 2)"
OF_COPY = (
    "(SELECT max(training_id) FROM sweep_trainings JOIN sweep_cohorts USING (cohort_id)"
    " WHERE run_id = 2)"
)

DAMAGES = {
    "a missing epoch": (
        [f"DELETE FROM sweep_epochs WHERE epoch = 1 AND training_id = {OF_FIRST}"],
        "trials: small: trial 0 completed at epoch 3, but has 3 of the 4 epochs from 0",
    ),
    "a missing last epoch": (
        [f"DELETE FROM sweep_epochs WHERE epoch = 3 AND training_id = {OF_FIRST}"],
        "trials: small: trial 0 completed at epoch 3, but has 3 of the 4 epochs from 0",
    ),
    "an epoch too many": (
        [
            "INSERT INTO sweep_epochs SELECT training_id, 3, 1, 1, 1, 1, 1, NULL"
            f" FROM sweep_trainings WHERE training_id = {OF_DIVERGED}"
        ],
        "trials: small: trial 1 diverged at epoch 2, but has 4 of the 3 epochs from 0",
    ),
    "an epoch of another number": (
        [f"UPDATE sweep_epochs SET epoch = 9 WHERE epoch = 1 AND training_id = {OF_FIRST}"],
        "trials: small: trial 0 completed at epoch 3, but has 4 of the 4 epochs from 0",
    ),
    "a divergence after the last epoch": (
        [f"UPDATE sweep_trainings SET diverged_at_epoch = 7 WHERE training_id = {OF_DIVERGED}"],
        "trials: small: trial 1 diverged at epoch 7, but has 3 of the 8 epochs from 0",
    ),
    "a training of two studies without an epoch": (
        [f"DELETE FROM sweep_epochs WHERE epoch = 2 AND training_id = {OF_COPY}"],
        "trials: small: trial 9 completed at epoch 3, but has 3 of the 4 epochs from 0",
    ),
    "a training without a trial": (
        [
            f"DELETE FROM sweep_epochs WHERE epoch = 2 AND training_id = {OF_FIRST}",
            "DELETE FROM sweep_trials WHERE training_id = 1",
        ],
        "trials: small: training (row 1) completed at epoch 3, but has 3 of the 4 epochs from 0",
    ),
    "a missing training": (
        [
            f"DELETE FROM sweep_epochs WHERE training_id = {OF_FIRST}",
            f"DELETE FROM sweep_trainings WHERE training_id = {OF_FIRST}",
        ],
        "cohorts: small: cohort adam, seed 0 (row 1) ended with 1 of its 2 trials, "
        "which are diverged",
    ),
    "orphans": (
        [f"DELETE FROM sweep_trainings WHERE training_id = {OF_FIRST}"],
        "references: 4 rows of sweep_epochs have no row in sweep_trainings",
    ),
    "a missing cohort": (
        ["DELETE FROM sweep_cohorts WHERE cohort_id = 3"],
        "references: 2 rows of sweep_trainings have no row in sweep_cohorts",
    ),
    "half a cohort": (
        [f"UPDATE sweep_trainings SET outcome = NULL WHERE training_id = {OF_FIRST}"],
        "cohorts: small: cohort adam, seed 0 (row 1) ended with 2 of its 2 trials, "
        "which are diverged, running",
    ),
    "a cohort that never ended": (
        ["UPDATE sweep_cohorts SET ended_at = NULL WHERE cohort_id = 1"],
        "cohorts: small: cohort adam, seed 0 (row 1) was under way with 2 trials when its run died",
    ),
    "a training twice": (
        [
            "DROP INDEX sweep_trainings_finished_once",
            "INSERT INTO sweep_cohorts SELECT 900 + cohort_id, run_id, 900 + number, optimizer,"
            " seed, points, started_at, ended_at, seconds, memory_bytes, multipliers,"
            " multiplier_rows, provenance, error FROM sweep_cohorts WHERE cohort_id = 1",
            "INSERT INTO sweep_trainings SELECT 900 + training_id, 901, fingerprint, outcome,"
            " diverged_at_epoch, seconds FROM sweep_trainings WHERE cohort_id = 1",
        ],
        "fingerprints: small: training (row 901) was finished before",
    ),
    "a trial twice": (
        [
            "INSERT INTO sweep_trials SELECT 900 + trial_id, study_id, 900 + number, 2, optimizer,"
            " point, seed FROM sweep_trials WHERE trial_id = 1",
        ],
        "fingerprints: small: trial 900 was finished before",
    ),
    "a trial of what another study has not finished": (
        [
            "INSERT INTO sweep_trials SELECT 900, 2, 900, training_id, 'adam', point, 77"
            " FROM sweep_trials JOIN sweep_trainings USING (training_id)"
            " WHERE outcome = 'failed' LIMIT 1",
        ],
        "references: extended: trial 900 refers to what another study has not finished",
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
            train_again(store, study)
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
        execute(path, f"DELETE FROM sweep_epochs WHERE epoch = 1 AND training_id = {OF_FIRST}")
        assert {violation.study for violation in store.check()} == {"small", "extended"}
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
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_sweep_trials_training_id'"
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


def test_trials_that_were_wrongly_trained_together_are_reset(path):
    """As version 0.1 did with optimizers of Keras that look at whole variables."""
    told = r"trained 2 trials together, which must train one by one: it takes means over"
    execute(
        path,
        """UPDATE sweep_studies SET definition =
        replace(definition, '"algorithm": "adam"', '"algorithm": "keras.optimizers:Adafactor"')""",
    )
    with open_store(f"sqlite:///{path}") as store:
        found = store.check()
        assert len(found) == 3  # the cohorts of both studies' runs
        assert all(re.search(told, violation.found) for violation in found)
        store.repair()
        assert not store.check()
        for study in STUDIES:
            assert {trial.optimizer for trial in store.results(study.name).trials} == {"radam"}
