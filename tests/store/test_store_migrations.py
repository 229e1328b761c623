"""Stores of older versions: upgraded whole, after a copy, or left as they were."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from store.making import make_study, run_all

from sweep.errors import StoreBusyError, StoreError
from sweep.store import open_store
from sweep.store.backends.file_lock import writer_lock

PEAK = 123_456_789_012


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A store of schema 1, as sweep made it at first: the memory is the process's peak."""
    path = tmp_path / "sweep.db"
    with open_store(f"sqlite:///{path}", create=True) as store:
        run_all(store, make_study())
    execute(
        path,
        "ALTER TABLE sweep_cohorts RENAME COLUMN memory_bytes TO peak_memory_bytes",
        f"UPDATE sweep_cohorts SET peak_memory_bytes = {PEAK}",
        "UPDATE sweep_schema SET version = 1, sweep_version = '0.0.9'",
    )
    return path


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


def test_an_old_store_is_upgraded_after_a_copy(
    old: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = list(dump(old))
    with open_store(f"sqlite:///{old}") as store:
        results = store.results("small")
        assert {trial.outcome for trial in results.trials} == {"completed"}
        assert [cohort.memory_bytes for cohort in results.cohorts] == [None] * 4
        assert [cohort.provenance for cohort in results.cohorts] == [
            {"keras": "3.15.0", "process_peak_memory_bytes": PEAK}
        ] * 4
        assert store.check() == ()
        assert run_all(store, make_study(seeds=3)) == 4

    (copy,) = backups(old)
    assert copy.name == "sweep.db.backup-1"
    assert list(dump(copy)) == before
    (record,) = caplog.records
    assert "from schema 1 to 2" in record.getMessage()
    assert str(copy) in record.getMessage()

    with open_store(f"sqlite:///{tmp_path}/new.db", create=True):
        assert normal(tables(old)) == normal(tables(tmp_path / "new.db"))
    with open_store(f"sqlite:///{old}"):
        assert backups(old) == [copy]


def dump(path: Path) -> Iterator[str]:
    connection = sqlite3.connect(path)
    yield from connection.iterdump()
    connection.close()


def normal(rows: list[tuple]) -> list[tuple]:
    """SQLite quotes the name of a renamed column."""
    return [(name, sql and sql.replace('"', "")) for name, sql in rows]


def test_a_store_of_schema_1_that_had_the_column_already(old: Path) -> None:
    execute(old, "ALTER TABLE sweep_cohorts RENAME COLUMN peak_memory_bytes TO memory_bytes")
    with open_store(f"sqlite:///{old}") as store:
        assert {cohort.memory_bytes for cohort in store.results("small").cohorts} == {PEAK}
    assert execute(old, "SELECT version FROM sweep_schema") == [(2,)]


def test_an_upgrade_that_fails_leaves_all_as_it_was(old: Path) -> None:
    execute(old, "ALTER TABLE sweep_cohorts ADD COLUMN memory_bytes")
    before = list(dump(old))
    with pytest.raises(StoreError, match="duplicate column"):
        open_store(f"sqlite:///{old}")
    assert list(dump(old)) == before
    execute(old, "ALTER TABLE sweep_cohorts DROP COLUMN memory_bytes")
    with open_store(f"sqlite:///{old}") as store:
        assert store.check() == ()
    assert list(dump(backups(old)[0])) == before
    assert len(backups(old)) == 2


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
    with pytest.raises(StoreError, match="folder must exist"):
        open_store(f"sqlite:///{old}")
    assert execute(old, "SELECT version FROM sweep_schema") == [(1,)]
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
