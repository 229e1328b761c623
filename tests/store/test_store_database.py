"""What can be wrong with a database, and what is said then."""

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from made_plans import trials_of
from processes import python_path
from sqlalchemy import URL
from store.making import KEY, make_provenance, make_study, run_all

from sweep.errors import StoreError
from sweep.store import open_store


def test_a_missing_store_is_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store at") as caught:
        open_store(f"sqlite:///{tmp_path}/sweep.db")
    assert caught.value.exit_status == 3
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_our_tables(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE things (x)").connection.close()
    url = f"sqlite:///{tmp_path}/other.db"
    with pytest.raises(StoreError, match="there is no store at"):
        open_store(url)
    with open_store(url, create=True) as store:
        assert store.studies() == ()


@pytest.mark.parametrize("create", [False, True])
def test_a_file_that_is_not_a_database(tmp_path: Path, create: bool) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("Dear diary, " * 100)
    with pytest.raises(StoreError, match="is no SQLite database"):
        open_store(f"sqlite:///{file}", create=create)
    assert file.read_text() == "Dear diary, " * 100


def test_a_folder_is_not_a_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path}", create=True)


@pytest.mark.parametrize("create", [False, True])
def test_a_newer_schema_is_refused(tmp_path: Path, create: bool) -> None:
    url = f"sqlite:///{tmp_path}/sweep.db"
    open_store(url, create=True).close()
    with sqlite3.connect(tmp_path / "sweep.db") as connection:
        connection.execute("UPDATE sweep_schema SET version = 99, sweep_version = '7.1'")
    connection.close()
    with pytest.raises(StoreError, match=r"schema 99, made by sweep 7\.1"):
        open_store(url, create=create)


def test_a_damaged_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/sweep.db"
    with open_store(url, create=True) as store:
        run_all(store, make_study())
    content = bytearray((tmp_path / "sweep.db").read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    (tmp_path / "sweep.db").write_bytes(content)
    with pytest.raises(StoreError, match="damaged"), open_store(url) as store:
        store.results("small")


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no folder .*nowhere for"):
        open_store(f"sqlite:///{tmp_path}/nowhere/sweep.db", create=True)


def test_a_read_only_database_is_read_but_not_written(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/sweep.db", create=True) as store:
        run_all(store, make_study())
    url = f"sqlite:///file:{tmp_path}/sweep.db?mode=ro&uri=true"
    study = make_study(seeds=3)
    with open_store(url) as store:
        assert len(store.results("small").trials) == 8
        with (
            pytest.raises(StoreError, match="cannot be written"),
            store.run(study, make_provenance(), trials_of(study, KEY)),
        ):
            pass


def test_a_disk_without_space(tmp_path: Path) -> None:
    """A limit on the file's size stands for the full disk: no mount, no rights needed."""
    url = f"sqlite:///{tmp_path}/sweep.db"
    program = f"""
import resource
from store.making import make_study, run_all
from sweep.store import open_store
with open_store({url!r}, create=True) as store:
    run_all(store, make_study())
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
    run_all(store, make_study(seeds=60))
"""
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": python_path()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "sweep.errors.StoreError: the disk that holds sqlite:///" in ended.stderr
    with open_store(url) as store:
        trials = store.results("small").trials
        assert {trial.outcome for trial in trials} <= {"completed", None}
        assert len(trials) >= 8
        run_all(store, make_study(seeds=60))
        assert store.studies()[0].completed == 240


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("sweep.db", "is no database URL"),
        ("nosuch://host/db", "is no database of a known kind"),
        ("mysql://me:secret@host/db?password=secret", "is no database of a known kind"),
        ("sqlite://", "is a database in memory, not in a file"),
        ("sqlite:///:memory:", "is a database in memory, not in a file"),
        ("sqlite:///file:x?mode=memory&uri=true", "is a database in memory, not in a file"),
        ("me:secret@nonsense", "is no database URL"),
    ],
)
def test_a_url_that_is_no_store(url: str, rule: str) -> None:
    with pytest.raises(StoreError, match=rule) as caught:
        open_store(url, create=True)
    assert "secret" not in str(caught.value)
    assert "sqlite:///sweep.db" in str(caught.value)


def test_a_path_with_unusual_letters(tmp_path: Path) -> None:
    folder = tmp_path / "ein Größen{test} %20 & mehr"
    folder.mkdir()
    url = URL.create("sqlite", database=f"{folder}/sweep.db").render_as_string()
    with open_store(url, create=True) as store:
        run_all(store, make_study(name="Größe 100% {x}"))
        assert store.studies()[0].completed == 8
    assert (folder / "sweep.db").exists()


def test_reading_loads_no_optuna(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/sweep.db"
    with open_store(url, create=True) as store:
        run_all(store, make_study())
    program = f"""
import sys
from sweep.store import open_store
with open_store({url!r}) as store:
    assert len(store.results("small").trials) == 8
assert not {{"optuna", "tensorflow", "keras", "plotly"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_run_waits_for_another_program_that_writes(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/sweep.db", create=True) as store:
        other = sqlite3.connect(
            tmp_path / "sweep.db", isolation_level=None, check_same_thread=False
        )
        other.execute("BEGIN IMMEDIATE")
        other.execute("CREATE TABLE things (x)")
        end = threading.Timer(0.5, other.commit)
        end.start()
        assert run_all(store, make_study()) == 8
        end.join()
        other.close()


def test_many_processes_make_the_store_at_once(tmp_path: Path) -> None:
    program = f"""
from store.making import make_study, run_all
from sweep.store import open_store
import sys
with open_store("sqlite:///{tmp_path}/sweep.db", create=True) as store:
    run_all(store, make_study(name=sys.argv[1]))
"""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, f"study {index}"],
            env={"PYTHONPATH": python_path()},
            stderr=subprocess.PIPE,
            text=True,
        )
        for index in range(4)
    ]
    assert [process.communicate()[1] for process in processes] == [""] * 4
    with open_store(f"sqlite:///{tmp_path}/sweep.db") as store:
        assert [study.completed for study in store.studies()] == [8] * 4
