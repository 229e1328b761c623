"""Stores of older versions: upgraded whole, after a copy, or left as they were."""

import json
import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_plans import trials_of
from store import old_store
from store.making import KEY, make_study, run_all

from sweep.errors import StoreBusyError, StoreError
from sweep.store import Store, open_store
from sweep.store.backends.file_lock import writer_lock
from sweep.study.optimizer import Optimizer
from sweep.study.study import Study

PEAK = 123_456_789_012


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A store of schema 2."""
    path = tmp_path / "sweep.db"
    old_store.make_sqlite(path)
    return path


@pytest.fixture
def oldest(old: Path) -> Path:
    """A store of schema 1: the memory is the process's peak."""
    execute(
        old,
        "ALTER TABLE sweep_cohorts RENAME COLUMN memory_bytes TO peak_memory_bytes",
        f"UPDATE sweep_cohorts SET peak_memory_bytes = {PEAK}",
        "UPDATE sweep_schema SET version = 1, sweep_version = '0.0.9'",
    )
    return old


@pytest.fixture
def upgraded(url: str, tmp_path: Path) -> Iterator[Store]:
    """The same in every database, opened by this version."""
    if url.startswith("sqlite"):
        old_store.make_sqlite(tmp_path / "sweep.db")
    else:
        old_store.make_postgresql(url)
    with open_store(url) as store:
        yield store


def execute(path: Path, *statements: str) -> list[tuple]:
    connection = sqlite3.connect(path)
    rows = [connection.execute(statement).fetchall() for statement in statements]
    connection.commit()
    connection.close()
    return rows[-1]


def tables(path: Path) -> list[tuple]:
    return execute(path, "SELECT name, sql FROM sqlite_master WHERE name LIKE 'sweep%' ORDER BY 1")


def backups(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*.backup*"))


def dump(path: Path) -> Iterator[str]:
    connection = sqlite3.connect(path)
    yield from connection.iterdump()
    connection.close()


def small(name: str, optimizers: list, seeds: int | tuple[int, ...] = 1) -> Study:
    return make_study(name=name, optimizers=optimizers, seeds=seeds, epochs=2)


def test_every_number_is_as_it_was_shown(upgraded: Store) -> None:
    for name, (trials, epochs) in old_store.shown().items():
        results = upgraded.results(name)
        assert [
            (
                *(t.number, t.optimizer, t.point["learning_rate"], t.seed, t.outcome),
                *(t.diverged_at_epoch, t.seconds, t.error),
            )
            for t in results.trials
        ] == trials
        found = [(t.number, *epoch) for t in results.trials for epoch in t.epochs]
        assert [*map(repr, found)] == [repr(in_words(row)) for row in epochs]
    assert {violation.invariant for violation in upgraded.check()} == {"mirror"}


def in_words(row: tuple) -> tuple:
    """An epoch's row with what is not finite in its place."""
    *values, not_finite = row
    said = iter(json.loads(not_finite or "{}").values())
    return tuple(float(next(said)) if x is None else x for x in values)


def test_copies_and_cohorts_come_along(upgraded: Store) -> None:
    results = upgraded.results("copy")
    assert [trial.copied_from for trial in results.trials] == ["small", "small", None, None]
    cohorts = results.cohorts
    assert [(cohort.optimizer, cohort.seed) for cohort in cohorts] == [("radam", 0), ("radam", 1)]
    for cohort in cohorts:
        assert [point["learning_rate"] for point in cohort.points] == [0.01, 0.1]
        assert cohort.multiplier_PK is not None
        assert cohort.multiplier_PK.shape == (1, 5)
        assert (cohort.seconds, cohort.memory_bytes) == (3.0, 10**10)


def test_what_was_trained_is_not_trained_again(upgraded: Store) -> None:
    assert run_all(upgraded, small("small", ["adam", "radam"])) == 0
    assert run_all(upgraded, small("copy", ["radam"], seeds=2)) == 0
    for name in ("one", "two"):
        assert run_all(upgraded, small(name, ["adam"], seeds=(7,))) == 0
    assert run_all(upgraded, small("small", ["adam"], seeds=2)) == 2
    assert {v.study for v in upgraded.check()} == {"alone"}
    for name, (trials, _) in old_store.shown().items():
        assert len(upgraded.results(name).trials) == len(trials) + (2 if name == "small" else 0)


def test_a_default_that_was_written_out_is_reused(upgraded: Store) -> None:
    plain = small("new", [Optimizer(label="other", algorithm="sgd")])
    assert run_all(upgraded, plain) == 0
    assert {trial.copied_from for trial in upgraded.results("new").trials} == {"alone"}
    assert run_all(upgraded, small("alone", [Optimizer(label="mine", algorithm="sgd")])) == 0


def test_what_comes_to_the_same_is_one_training_where_it_has_the_same_numbers(old: Path) -> None:
    with open_store(f"sqlite:///{old}") as store:
        finished = store.finished("small")
        assert finished >= {trial.fingerprint for trial in trials_of(small("x", ["adam"]), KEY)}
    pairs = "FROM sweep_trials t JOIN sweep_trainings USING (training_id) WHERE study_id = 1"
    shared = f"SELECT training_id, group_concat(optimizer) {pairs} GROUP BY 1 HAVING count(*) > 1"
    assert [row[1] for row in execute(old, shared)] == ["adam,plain"]
    # At the other learning rate adam diverged, and plain did not.
    mine = f"SELECT fingerprint {pairs} AND optimizer = 'plain' ORDER BY number"
    (_, (fingerprint,)) = execute(old, mine)
    was = execute(old.with_name("sweep.db.backup-1"), "SELECT fingerprint FROM sweep_trials")
    assert fingerprint.partition("~")[0] in [row[0] for row in was]
    assert "~" in fingerprint
    # Of its cohort one point is left.
    left = "SELECT points FROM sweep_cohorts WHERE optimizer = 'plain'"
    assert execute(old, left) == [('[{"learning_rate": 0.1}]',)]


def test_two_trainings_of_the_same_keep_their_numbers(upgraded: Store) -> None:
    losses = {
        name: [trial.epochs[-1].train_loss for trial in upgraded.results(name).trials]
        for name in ("one", "two")
    }
    assert math.isfinite(losses["one"][0])
    assert math.isinf(losses["two"][0])
    assert losses["one"][1] == losses["two"][1]
    assert run_all(upgraded, small("three", ["adam"], seeds=(7,))) == 0
    assert [
        (trial.epochs[-1].train_loss, trial.copied_from)
        for trial in upgraded.results("three").trials
    ] == [(loss, "one") for loss in losses["one"]]


def test_an_old_store_is_upgraded_after_a_copy(
    old: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    execute(
        old,
        "CREATE TABLE alembic_version (version_num)",
        "INSERT INTO alembic_version SELECT 'v3.2.0.a'",
    )
    before = list(dump(old))
    open_store(f"sqlite:///{old}").close()
    (copy,) = backups(old)
    assert copy.name == "sweep.db.backup-1"
    assert list(dump(copy)) == before
    (record,) = caplog.records
    assert "from schema 2 to 5" in record.getMessage()
    assert str(copy) in record.getMessage()
    assert execute(old, "SELECT version FROM sweep_schema") == [(5,)]
    assert execute(old, "SELECT version_num FROM sweep_alembic_version") == [("0005",)]
    assert execute(old, "SELECT version_num FROM alembic_version") == [("v3.2.0.a",)]
    with open_store(f"sqlite:///{tmp_path}/new.db", create=True):
        assert tables(old) == tables(tmp_path / "new.db")
    stamped = "SELECT version_num FROM sweep_alembic_version"
    assert execute(tmp_path / "new.db", stamped) == [("0005",)]
    with open_store(f"sqlite:///{old}"):
        assert backups(old) == [copy]


def test_a_store_of_schema_1(oldest: Path) -> None:
    with open_store(f"sqlite:///{oldest}") as store:
        results = store.results("copy")
    assert [cohort.memory_bytes for cohort in results.cohorts] == [None] * 2
    assert [cohort.provenance for cohort in results.cohorts] == [
        {"keras": "3.15.0", "process_peak_memory_bytes": PEAK}
    ] * 2


def test_a_store_of_schema_1_that_had_the_column_already(oldest: Path) -> None:
    execute(oldest, "ALTER TABLE sweep_cohorts RENAME COLUMN peak_memory_bytes TO memory_bytes")
    with open_store(f"sqlite:///{oldest}") as store:
        assert {cohort.memory_bytes for cohort in store.results("copy").cohorts} == {PEAK}
    assert execute(oldest, "SELECT version FROM sweep_schema") == [(5,)]


def test_an_upgrade_that_fails_leaves_all_as_it_was(oldest: Path) -> None:
    execute(oldest, "ALTER TABLE sweep_cohorts ADD COLUMN memory_bytes")
    before = list(dump(oldest))
    with pytest.raises(StoreError, match="duplicate column"):
        open_store(f"sqlite:///{oldest}")
    assert list(dump(oldest)) == before
    execute(oldest, "ALTER TABLE sweep_cohorts DROP COLUMN memory_bytes")
    open_store(f"sqlite:///{oldest}").close()
    assert list(dump(backups(oldest)[0])) == before
    assert len(backups(oldest)) == 2


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE sweep_epochs SET train_loss = 'x' WHERE trial_id = 1",
        "UPDATE sweep_trials SET optimizer = 'x' WHERE trial_id = 1",
        "UPDATE sweep_studies SET definition = '{' WHERE study_id = 1",
        "DELETE FROM sweep_cohorts WHERE cohort_id = 1",
    ],
)
def test_a_damaged_store_is_to_be_mended_first(old: Path, damage: str) -> None:
    execute(old, damage)
    before = list(dump(old))
    with pytest.raises(StoreError, match="cannot be upgraded") as told:
        open_store(f"sqlite:///{old}")
    assert "sweep store repair" in str(told.value.remedy)
    assert list(dump(old)) == before


def test_no_upgrade_while_a_run_writes(old: Path) -> None:
    with (
        writer_lock(old, "small"),
        pytest.raises(StoreBusyError, match="runs of small"),
    ):
        open_store(f"sqlite:///{old}")
    assert backups(old) == []
    open_store(f"sqlite:///{old}").close()
    assert len(backups(old)) == 1


def test_a_copy_that_a_killed_process_has_left_in_pieces(old: Path) -> None:
    (old.parent / "sweep.db.backup-1.partial").write_bytes(b"SQLite form")
    (old.parent / "sweep.db.backup-1.partial-journal").write_bytes(b"of that")
    before = list(dump(old))
    open_store(f"sqlite:///{old}").close()
    assert [path.name for path in backups(old)] == ["sweep.db.backup-1"]
    assert list(dump(backups(old)[0])) == before


def test_a_copy_that_cannot_be_written(old: Path) -> None:
    (old.parent / "sweep.db.backup-1.partial").mkdir()
    with pytest.raises(StoreError, match=r"backup copy of .* cannot be written"):
        open_store(f"sqlite:///{old}")
    assert execute(old, "SELECT version FROM sweep_schema") == [(2,)]
    assert not (old.parent / "sweep.db.backup-1").exists()


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM sweep_schema",
        "INSERT INTO sweep_schema SELECT * FROM sweep_schema",
        "UPDATE sweep_schema SET version = 'x'",
        "UPDATE sweep_schema SET version = 0",
    ],
)
def test_a_store_without_a_version(old: Path, damage: str) -> None:
    execute(old, damage)
    with pytest.raises(StoreError, match="damaged"):
        open_store(f"sqlite:///{old}")
