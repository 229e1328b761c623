"""Tables of another Optuna, or of another program, in the store: upgraded, or told, once.

``optuna_2_10.sql`` is a database that Optuna 2.10.1 made: ``mine``, of 5 trials with a parameter
of every old kind, and ``two``, of 2 trials with 2 values each.
"""

import logging
import re
import shlex
import sqlite3
from contextlib import closing
from html import unescape
from pathlib import Path

import optuna
import pytest
from server.serving import ask, serve
from store.making import make_study, run_all
from strangers import as_stranger
from typer.testing import CliRunner

from sweep.cli.app import app
from sweep.errors import OptunaTablesError
from sweep.store import open_store

SCRIPT = Path(__file__).with_name("optuna_2_10.sql")
NAMES = "CREATE TABLE studies (id INTEGER, title TEXT); CREATE TABLE trials (id INTEGER)"


def make(folder: Path, *scripts: str) -> str:
    """The URL of a database that these scripts make."""
    with closing(sqlite3.connect(folder / "sweep.db")) as connection:
        for script in scripts:
            connection.executescript(script)
    return f"sqlite:///{folder}/sweep.db"


def optuna_rows(path: Path) -> list[str]:
    """All that is not ours."""
    with closing(sqlite3.connect(path)) as connection:
        return [line for line in connection.iterdump() if "sweep" not in line]


def mirrored(url: str) -> dict[str, list]:
    storage = optuna.storages.RDBStorage(url)
    found = {
        study.study_name: [trial.params for trial in storage.get_all_trials(study._study_id)]
        for study in storage.get_all_studies()
    }
    storage.remove_session()
    storage.engine.dispose()
    return found


def test_a_run_upgrades_tables_of_an_old_optuna(tmp_path: Path, caplog) -> None:
    caplog.set_level(logging.WARNING, "sweep")
    url = make(tmp_path, SCRIPT.read_text())
    before = optuna_rows(tmp_path / "sweep.db")
    with open_store(url, create=True) as store:
        assert store.check()[0].found == (
            "there are tables of Optuna 2.10.1 (version v2.6.0.a), which Optuna does not read"
        )
        run_all(store, make_study())
        run_all(store, make_study(name="second", seeds=3))
        assert store.check() == ()
    (said,) = [record.getMessage() for record in caplog.records]
    assert f"{url} has tables of Optuna 2.10.1 (version v2.6.0.a), which are upgraded now" in said
    copy = tmp_path / "sweep.db.backup-1"
    assert said.endswith(f"as it was it is kept in {copy}")
    assert optuna_rows(copy) == before
    studies = mirrored(url)
    assert {name: len(trials) for name, trials in studies.items()} == {
        "mine": 5,
        "two": 2,
        "small": 8,
        "second": 12,
    }
    assert studies["mine"][0].keys() == {"lr", "u", "c", "n"}


BROKEN = {
    "newer": (
        "UPDATE alembic_version SET version_num = 'v9.0.0.a'",
        "tables of Optuna 2.10.1 (version v9.0.0.a)",
    ),
    "half": ("DROP TABLE trial_values; CREATE TABLE trial_values (x)", "tables of Optuna 2.10.1"),
    "nonsense": ("UPDATE trial_params SET distribution_json = 'x'", "tables of Optuna 2.10.1"),
}


@pytest.mark.parametrize(("change", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_what_cannot_be_upgraded_stays_as_it_is(
    tmp_path: Path, caplog, change: str, words: str
) -> None:
    caplog.set_level(logging.WARNING, "sweep")
    url = make(tmp_path, SCRIPT.read_text(), change)
    before = optuna_rows(tmp_path / "sweep.db")
    with open_store(url, create=True) as store:
        run_all(store, make_study())
        store.publish("small", "A note", {})
        assert [summary.completed for summary in store.studies()] == [8]
        assert store.mirror_id("small") is None
        store.forget("small")
        run_all(store, make_study())
    told = {record.getMessage() for record in caplog.records}
    assert len(told) == 1
    assert words in told.pop()
    assert optuna_rows(tmp_path / "sweep.db") == before


OTHERS = {
    "tables": (NAMES, "tables of another program under the names of Optuna's"),
    "version": (
        "CREATE TABLE alembic_version (version_num TEXT); "
        "INSERT INTO alembic_version VALUES ('1a2b3c')",
        "tables of another program under the names of Optuna's (version 1a2b3c)",
    ),
    "version_info": ("CREATE TABLE version_info (version TEXT)", "tables of another program"),
}


@pytest.mark.parametrize(("script", "words"), OTHERS.values(), ids=OTHERS.keys())
def test_another_programs_tables_are_left_alone(
    tmp_path: Path, caplog, script: str, words: str
) -> None:
    url = make(tmp_path, script)
    before = optuna_rows(tmp_path / "sweep.db")
    with open_store(url, create=True) as store:
        run_all(store, make_study())
        assert len(store.results("small").trials) == 8
        assert words in store.check()[0].found
        with pytest.raises(OptunaTablesError, match="cannot read the tables of"):
            store.optuna_storage()
    assert len(caplog.records) == 1
    assert words in caplog.text
    assert optuna_rows(tmp_path / "sweep.db") == before


def typed(page: str) -> list[list[str]]:
    """The commands that a page tells to type."""
    found = re.findall(r"`sweep (store [^`]*)`", unescape(page))
    return [shlex.split(command) for command in found]


def do(command: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output


def test_pages_say_what_to_type_and_it_helps(tmp_path: Path, monkeypatch) -> None:
    folder = tmp_path / "my store"
    folder.mkdir()
    url = make(folder, SCRIPT.read_text())
    open_store(url, create=True).close()
    before = optuna_rows(folder / "sweep.db")
    with serve(url) as address:
        assert ask(address, "/").status == 200
        for path in ("/dashboard", "/dashboard/studies/1", "/api/studies", "/static/x.js"):
            page = ask(address, path)
            assert page.status == 503
            assert "Optuna 5" in page.text
            assert "tables of Optuna 2.10.1 (version v2.6.0.a)" in page.text
            assert "<script" not in page.text
        assert optuna_rows(folder / "sweep.db") == before
        repair, *_ = typed(page.text)
        assert repair == ["store", "repair", "--store", url]
        do(repair, tmp_path, monkeypatch)
        assert ask(address, "/dashboard").status == 200
        studies = ask(address, "/api/studies").text
        assert all(f'"{name}"' in studies for name in ("mine", "two"))
    assert (folder / "sweep.db.backup-1").exists()


def test_results_are_taken_to_a_store_of_their_own(tmp_path: Path, monkeypatch) -> None:
    url = make(tmp_path, NAMES)
    with open_store(url, create=True) as store:
        run_all(store, make_study())
    with serve(url) as address:
        page = ask(address, "/dashboard")
    assert page.status == 503
    export, bring = typed(page.text)
    for command in (export, bring):
        do(command, tmp_path, monkeypatch)
    with serve(bring[-1], folder=tmp_path) as address:
        assert '"small"' in ask(address, "/api/studies").text


def test_old_tables_in_a_store_that_cannot_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    url = make(folder, SCRIPT.read_text())
    open_store(url, create=True).close()
    (folder / "sweep.db").chmod(0o444)
    folder.chmod(0o555)
    program = """
import sys
from sweep.errors import SweepError
from sweep.store import open_store
with open_store(sys.argv[1]) as store:
    print(len(store.studies()), *(violation.invariant for violation in store.check()))
    try:
        store.optuna_storage()
    except SweepError as error:
        print(type(error).__name__)
"""
    assert as_stranger(program, url) == "0 mirror\nOptunaTablesError\n"
    folder.chmod(0o755)
