"""The report at the end of a run: drawn again exactly where the answer has changed."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from report.publishing import show
from server.serving import fill, small_study

from sweep.report.writing import file_name, write_report
from sweep.store import Store, open_store

NAME = "answered"
LAST = "Last of 2 runs"


@pytest.fixture
def database(tmp_path) -> Path:
    return tmp_path / "sweep.db"


@pytest.fixture
def artifacts(tmp_path) -> Path:
    return tmp_path / "reports" / "artifacts"


@pytest.fixture(scope="module")
def run_once(tmp_path_factory) -> Path:
    """A folder with the store of a study that was run; it is only copied."""
    folder = tmp_path_factory.mktemp("once")
    run_again(folder / "sweep.db")
    return folder


@pytest.fixture(scope="module")
def run_twice(run_once, tmp_path_factory) -> Path:
    """The same, its answer shown and then run again; it is only copied."""
    folder = tmp_path_factory.mktemp("twice")
    shutil.copytree(run_once, folder, dirs_exist_ok=True)
    with open_store(f"sqlite:///{folder}/sweep.db") as store:
        shown(store, folder / "reports" / "artifacts")
    run_again(folder / "sweep.db")
    return folder


@pytest.fixture
def store(run_once, tmp_path):
    yield from opened_copy(run_once, tmp_path)


@pytest.fixture
def shown_store(run_twice, tmp_path):
    yield from opened_copy(run_twice, tmp_path)


def opened_copy(folder: Path, place: Path) -> Iterator[Store]:
    shutil.copytree(folder, place, dirs_exist_ok=True)
    with open_store(f"sqlite:///{place}/sweep.db") as opened:
        yield opened


def run_again(database: Path, seeds: int = 3) -> None:
    fill(f"sqlite:///{database}", small_study(name=NAME, seeds=seeds))


def shown(store: Store, artifacts: Path) -> str:
    return show(store, store.results(NAME), artifacts)


def test_a_run_that_trains_nothing_leaves_the_report_as_it_was(store, database, artifacts):
    first = shown(store, artifacts)
    run_again(database)
    assert LAST not in first
    assert shown(store, artifacts) == first


def test_more_seeds_are_another_report(store, database, artifacts):
    first = shown(store, artifacts)
    run_again(database, seeds=4)
    second = shown(store, artifacts)
    assert LAST in second
    assert second != first


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sweep_epochs SET valid_accuracy = 0.125 WHERE training_id = 1",
        "UPDATE study_system_attributes SET value_json = '\"x\"' WHERE key LIKE '%note_s%'",
        "DELETE FROM study_system_attributes WHERE key LIKE 'dashboard:plot%'",
        "DELETE FROM study_system_attributes WHERE key LIKE 'artifacts:%'",
        "ALTER TABLE study_system_attributes RENAME COLUMN key TO name",
    ],
)
def test_what_somebody_has_changed_is_drawn_again(shown_store, database, artifacts, statement):
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement)
    assert LAST in shown(shown_store, artifacts)


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text("x"), None])
def test_a_lost_or_stale_page_is_drawn_again(shown_store, artifacts, spoil):
    (attached,) = artifacts.iterdir()
    if spoil:
        spoil(attached)
    page = shown(shown_store, artifacts)
    assert (LAST in page) == bool(spoil)
    assert attached.read_text(encoding="utf-8") == page


def test_a_report_is_written_where_it_is_missing_or_another(store, artifacts, tmp_path):
    results = store.results(NAME)
    page, path = shown(store, artifacts), tmp_path / "reports" / file_name(results)
    write_report(page, path)
    made = path.stat()
    write_report(page, path)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (made.st_ino, made.st_mtime_ns)
    path.write_text("an earlier report")
    write_report(page, path)
    assert path.read_text(encoding="utf-8") == page
    path.unlink()
    write_report(page, path)
    assert path.read_text(encoding="utf-8") == page
