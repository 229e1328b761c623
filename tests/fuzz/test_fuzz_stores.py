"""Stores and exports, broken in their bytes or in their meaning.

No command ends with a traceback or without end; what ``store check`` calls whole can be read and
shown, and what is shown is what is stored; what is continued or mended is whole afterwards.
"""

import gc
import itertools
import logging
import shutil
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from fuzz.cases import Case, run_cases, told_clearly
from fuzz.damage import damaged
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
from typer.testing import CliRunner

from sweep.analysis.evidence import gather
from sweep.analysis.tables import measures_rows
from sweep.cli.app import app
from sweep.errors import SweepError
from sweep.report.page import render
from sweep.report.writing import write_report
from sweep.store import Store, open_store

# Optuna leaves its connection to the garbage collector where a broken store stops it.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

STUDY = make_study(seeds=3, epochs=2)
COPY = make_study(name="copy", seeds=4, epochs=2)
REPORTS_ONE_IN = 10
"""A report takes a second or two, so not every whole store gets one."""
FIGURES = ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy")
COMMANDS = (
    ("list",),
    ("status",),
    ("status", "small", "--json"),
    ("results", "small"),
    ("results", "small", "--epochs", "--format", "csv"),
    ("results", "copy", "--json"),
    ("results", "small", "--robustness"),
    ("results", "copy", "--robustness", "--json"),
    ("store", "check"),
    ("store", "check", "--json"),
    ("store", "export", "exported"),
    ("store", "export", "exported", "--format", "parquet"),
)
VALUES = (
    *(None, -1, 0, 1, 2, 3, 7, 2**31, 2**62, -(2**63), 0.5, -1.5, 1e308, float("inf")),
    *(
        "",
        "abc",
        "1",
        "0.01",
        "completed",
        "diverged",
        "failed",
        "running",
        "small",
        "copy",
        "adam",
    ),
    *("nan", "null", "{}", "[]", "[1]", '"x"', "true", "{", '{"a": NaN}', "[" * 20_000, "\0", "é"),
    *('["a"]', '[{"learning_rate": 0.01}]', '{"learning_rate": 0.1}', '{"learning_rate": "x"}'),
    *("[0.01]", '{"train_loss": "inf"}', '{"train_loss": 3}', "x" * 10_000),
    *(
        "2026-01-01 00:00:00.000000",
        "2026-13-41 25:00:00",
        "0000-00-00",
        b"",
        b"\xff\xfe",
        b"\0" * 7,
    ),
    *(b"\0" * 8, b"{}", 1_700_000_000),
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of finished, diverged, failed and copied trials, and its exports."""
    folder = tmp_path_factory.mktemp("whole")
    with open_store(url(folder), create=True) as store:
        first, second, *_ = cohorts_of(STUDY, KEY)
        with store.run(STUDY, make_provenance(), trials_of(STUDY, KEY)) as writer:
            write_all(writer, made_training(first, STUDY.epochs, diverging={1: 2}))
            write_all(writer, made_failure(second))
        run_all(store, STUDY)
        run_all(store, COPY)
        assert store.check() == ()
        for format in ("csv", "parquet"):
            store.export(folder / format, format)
    with closing(sqlite3.connect(folder / "sweep.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'sweep.db'}"


def commands_end_well(folder: Path, rng: Random) -> None:
    """A few of the commands on the store, each with a result or a clear error."""
    for command in rng.sample(COMMANDS, 4):
        arguments = [part if part != "exported" else str(folder / "exported") for part in command]
        ended = CliRunner().invoke(app, [*arguments, "--store", url(folder)])
        if ended.exception is not None and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        assert ended.exit_code in (0, 1, 2, 3), command
        if ended.exit_code > 1:
            assert "remedy: " in ended.stderr, (command, ended.stderr)
        shutil.rmtree(folder / "exported", ignore_errors=True)


def what_is_whole_is_shown(store: Store, folder: Path, *, report: bool) -> bool:
    """Whether the store is whole; if so, all of it can be shown, as it is stored."""
    if store.check():
        return False
    for summary in store.studies():
        results = store.results(summary.name)
        shown = [tuple(row.values())[0:1] + figures_of(row) for row in results.epoch_rows()]
        assert shown == stored_figures(folder, summary.name)
        assert len(results.rows()) >= summary.completed + summary.diverged
        results.to_json()
        results.to_csv(epochs=True)
        evidence = gather(results)
        measures_rows(evidence.measures)
        if report:
            write_report(render(evidence, results), folder / "report.html")
    return True


def figures_of(row) -> tuple[str, ...]:
    return (str(row["epoch"]), *(repr(row[figure]) for figure in FIGURES))


def stored_figures(folder: Path, name: str) -> list[tuple]:
    """What SQLite alone says of every epoch, NaN and infinities in words."""
    figures = ", ".join(
        f"coalesce(e.{figure}, json_extract(e.not_finite, '$.{figure}'))" for figure in FIGURES
    )
    with closing(sqlite3.connect(folder / "sweep.db")) as connection:
        rows = connection.execute(
            f"SELECT t.number, e.epoch, {figures} FROM sweep_studies s JOIN sweep_trials t"
            " USING (study_id) JOIN sweep_trainings g USING (training_id)"
            " JOIN sweep_epochs e USING (training_id) WHERE s.name = ?"
            " AND g.outcome IS NOT NULL ORDER BY t.number, e.epoch",
            (name,),
        ).fetchall()
    return [(row[0], str(row[1]), *(repr(float(figure)) for figure in row[2:])) for row in rows]


def continued(store: Store) -> None:
    """What is missing is trained, and then nothing planned is missing."""
    for study in (STUDY, COPY):
        run_all(store, study)
        planned = {trial.fingerprint for trial in trials_of(study, KEY)}
        assert planned <= store.finished(study.name)


def check_a_store(rng: Random, folder: Path) -> None:
    """All that can be done with a store that may be broken."""
    report = rng.randrange(REPORTS_ONE_IN) == 0
    commands_end_well(folder, rng)
    with told_clearly(), open_store(url(folder)) as store:
        with told_clearly():
            what_is_whole_is_shown(store, folder, report=report)
        for step in rng.choice((("run", "repair"), ("repair", "run"), ("repair",))):
            with told_clearly():
                if step == "run":
                    continued(store)
                elif not store.repair().left:
                    assert what_is_whole_is_shown(store, folder, report=False)


def broken_in_bytes(whole: Path) -> Case:
    def a_store_broken_in_bytes(rng: Random, folder: Path) -> None:
        content = (whole / "sweep.db").read_bytes()
        path = folder / "sweep.db"
        path.write_bytes(damaged(content, rng))
        if rng.random() < 0.1:
            path.with_name("sweep.db-wal").write_bytes(damaged(content, rng))
        check_a_store(rng, folder)

    return a_store_broken_in_bytes


def broken_in_meaning(whole: Path) -> Case:
    def a_store_broken_in_meaning(rng: Random, folder: Path) -> None:
        path = folder / "sweep.db"
        shutil.copyfile(whole / "sweep.db", path)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for _ in range(rng.choice((1, 1, 1, 2, 4))):
                break_meaning(connection, rng)
        check_a_store(rng, folder)

    return a_store_broken_in_meaning


def break_meaning(connection: sqlite3.Connection, rng: Random) -> None:
    """One statement that SQLite takes, and that nobody should have given."""
    tables = [
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    ]
    ours = [name for name in tables if name.startswith("sweep_")]
    table = rng.choice(ours if ours and rng.random() < 0.9 else tables)
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    rows = [row for (row,) in connection.execute(f"SELECT rowid FROM {table} ORDER BY rowid")]
    column, row = rng.choice(columns), rng.choice(rows or [0])
    value, where = rng.choice(VALUES), rng.choice((f"WHERE rowid = {row}",) * 4 + ("",))
    others = ", ".join(name for name in columns if name != column)
    statements = {
        f"UPDATE {table} SET {column} = ? {where}": 12,
        f"UPDATE {table} SET {column} = (SELECT {column} FROM {table} ORDER BY 1 DESC) {where}": 2,
        f"DELETE FROM {table} {where}": 3,
        f"INSERT INTO {table} ({others}, {column}) SELECT {others}, ? FROM {table} {where}": 3,
        f"ALTER TABLE {table} DROP COLUMN {column}": 0.3,
        f"ALTER TABLE {table} RENAME COLUMN {column} TO other": 0.2,
        f"DROP TABLE {table}": 0.3,
        "DROP INDEX sweep_trainings_finished_once": 0.3,
    }
    statement = rng.choices(list(statements), list(statements.values()))[0]
    try:
        connection.execute(statement, (value,) * statement.count("?"))
    except (sqlite3.IntegrityError, sqlite3.OperationalError):
        break_meaning(connection, rng)  # not even SQLite takes this one


def broken_exports(whole: Path) -> Case:
    def a_broken_export(rng: Random, folder: Path) -> None:
        """Imported as it was, or as another whole store, or not at all."""
        format = rng.choice(("csv", "parquet"))
        export = folder / "export"
        shutil.copytree(whole / format, export)
        for path in rng.sample(sorted(export.iterdir()), rng.choice((1, 1, 2))):
            break_file(path, rng)
        with open_store(url(folder), create=True) as store:
            try:
                store.import_from(export)
            except SweepError:
                assert store.studies() == ()
                assert run_all(store, STUDY) > 0
                raise
            with told_clearly():
                what_is_whole_is_shown(store, folder, report=False)

    return a_broken_export


def break_file(path: Path, rng: Random) -> None:
    way = rng.random()
    if way < 0.6:
        path.write_bytes(damaged(path.read_bytes(), rng))
    elif way < 0.7:
        path.unlink()
        if rng.random() < 0.5:
            path.mkdir()
    elif path.suffix == ".parquet":
        others = sorted(set(path.parent.glob("*.parquet")) - {path})
        shutil.copyfile(rng.choice(others), path)
    else:
        break_text(path, rng)


def break_text(path: Path, rng: Random) -> None:
    """A line or a cell of a CSV file or of the manifest is another one."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    at = rng.randrange(len(lines))
    cells = lines[at].split(",")
    cells[rng.randrange(len(cells))] = str(rng.choice(VALUES))
    lines[at : at + 1] = rng.choice(([], [lines[at]] * 2, [",".join(cells)], ['"'], ["\0\r"]))
    path.write_text("".join(lines), encoding="utf-8")


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """No other test meets what Optuna leaves open where it fails to begin."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What the mirror tells of broken tables is no matter here."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(before)
    caplog.clear()


def test_stores_broken_in_bytes(cases, tmp_path, whole):
    run_cases(cases, broken_in_bytes(whole), tmp_path)


def test_stores_broken_in_meaning(cases, tmp_path, whole):
    run_cases(cases, broken_in_meaning(whole), tmp_path)


def test_exports(cases, tmp_path, whole):
    run_cases(cases, broken_exports(whole), tmp_path)


def test_a_whole_store_is_shown(tmp_path, whole):
    """The judge is right: it finds nothing wrong with what is whole, and finds what is not."""
    shutil.copyfile(whole / "sweep.db", tmp_path / "sweep.db")
    with open_store(url(tmp_path)) as store:
        assert what_is_whole_is_shown(store, tmp_path, report=True)
    shown = list(itertools.islice(stored_figures(tmp_path, "small"), 2))
    assert [row[:2] for row in shown] == [(0, "0"), (0, "1")]
