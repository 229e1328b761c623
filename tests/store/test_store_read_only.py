"""A store that cannot be written is read as it is, wherever it lies, and nothing is left there."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from made_plans import cohorts_of, trials_of
from processes import python_path
from store import old_store
from store.making import KEY, made_training, make_provenance, make_study, write_all
from strangers import USER, as_stranger

from sweep.errors import StoreError
from sweep.store import Store, open_store
from sweep.store.backends.sqlite_reading import unwritable, way_to_read

READ = """
import logging, sys
from pathlib import Path
from sweep.errors import StoreError
from sweep.store import open_store
logging.basicConfig(level=logging.WARNING, format="WARNING: %(message)s", stream=sys.stdout)
url, folder, *with_optuna = sys.argv[1:]
with open_store(url) as store:
    for study in store.studies():
        results = store.results(study.name)
        print(study.name, study.completed, study.running, len(results.trials))
        store.version(study.name)
        store.finished(study.name)
        store.content(study.name)
    print("exported", sum(store.export(Path(folder), "csv").values()) > 0)
    try:
        if with_optuna:  # which takes a second to be loaded
            print("whole", len(store.check()))
            storage = store.optuna_storage()
            print("mirrored", *(study.study_name for study in storage.get_all_studies()))
            storage.remove_session()
            storage.engine.dispose()
    except StoreError as error:
        print("no mirror:", error.wrong)
    for write in (store.repair, lambda: store.forget("small")):
        try:
            write()
        except StoreError as error:
            print("refused:", error.wrong)
try:
    open_store(url, create=True)
except StoreError as error:
    print("refused:", error.wrong)
"""


@pytest.fixture
def folder(finished_file: Path, tmp_path: Path) -> Path:
    """With a whole store of one study."""
    return Path(shutil.copytree(finished_file.parent, tmp_path / "theirs #1 50%"))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder of the reader's own."""
    place = tmp_path / "own"
    place.mkdir()
    place.chmod(0o777)
    return place


def url_of(folder: Path) -> str:
    return f"sqlite:///{str(folder / 'sweep.db').replace('%', '%25')}"


def execute(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "sweep.db", isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement).fetchall()


def whole(_: Path) -> None:
    """Nothing beside it but lock files."""


def rollback(folder: Path) -> None:
    """Not in WAL mode, as a copy that another program has made."""
    execute(folder, "PRAGMA journal_mode=DELETE")


def empty_log(folder: Path) -> None:
    (folder / "sweep.db-wal").touch()


def killed(folder: Path) -> None:
    """A writer was killed: the last commits are in ``-wal`` alone."""
    _interrupt(folder, "-wal", "-shm")
    assert way_to_read(folder / "sweep.db") == "mode=ro&readonly_shm=1"


def killed_and_copied(folder: Path) -> None:
    """Likewise, and without ``-shm``, as backup programs copy it."""
    _interrupt(folder, "-wal")
    assert way_to_read(folder / "sweep.db") is None


def hot(folder: Path) -> None:
    """A writer was killed in a transaction, which must be rolled back."""
    rollback(folder)
    _interrupt(folder, "-journal")


def _interrupt(folder: Path, *endings: str) -> None:
    """Leave what there is in the middle of a transaction, after one that was committed."""
    place = folder.with_name("interrupted")
    place.mkdir()
    with closing(sqlite3.connect(folder / "sweep.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("UPDATE sweep_studies SET features_key = 'committed'")
        connection.execute("PRAGMA cache_size=1")
        connection.execute("BEGIN")
        connection.execute("DELETE FROM sweep_epochs")
        connection.execute("CREATE TABLE large AS SELECT randomblob(200000) AS x")
        connection.execute("DELETE FROM sweep_trials")
        for ending in ("", *endings):
            shutil.copy(folder / f"sweep.db{ending}", place)
        connection.execute("ROLLBACK")
    for path in folder.glob("sweep.db*"):
        path.unlink()
    for path in place.iterdir():
        shutil.move(path, folder)


def closed(folder: Path) -> None:
    """Neither the folder nor its files can be written."""
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)


def open_folder(folder: Path) -> None:
    """Files can be made beside the store, which can not be written itself."""
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o777)


def open_file(folder: Path) -> None:
    """The store itself could be written, but nothing can be made beside it."""
    for path in folder.iterdir():
        path.chmod(0o666)
    folder.chmod(0o555)


CASES = (
    *((leave, closed) for leave in (whole, rollback, empty_log, killed, killed_and_copied, hot)),
    *((leave, open_folder) for leave in (whole, killed, hot)),
    (whole, open_file),
)


def state_of(folder: Path) -> list[tuple]:
    """Every file's name, mode, time and content."""
    return [
        (path.name, stat.filemode(path.stat().st_mode), path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.iterdir())
    ]


@pytest.fixture(autouse=True)
def opened_again(tmp_path: Path) -> Iterator[None]:
    """Folders can be removed after the test."""
    yield
    for path in tmp_path.iterdir():
        path.chmod(0o755)


def read(folder: Path, own: Path, *more: str) -> list[str]:
    """What somebody else reads there."""
    export = str(own / "export")
    return as_stranger(READ, url_of(folder), export, *more, TMPDIR=str(own)).splitlines()


@pytest.mark.parametrize(("leave", "close"), CASES)
def test_it_is_read_in_every_state(
    folder: Path, own: Path, leave: Callable[[Path], None], close: Callable[[Path], None]
) -> None:
    leave(folder)
    close(folder)
    before = state_of(folder)
    with_optuna = ["with Optuna"] if close is closed and leave in (whole, hot) else []
    lines = read(folder, own, *with_optuna)
    assert state_of(folder) == before
    assert lines[:2] == ["small 8 0 8", "exported True"]
    assert lines[2:-3] == (["whole 0", "mirrored small"] if with_optuna else [])
    for line in lines[-3:]:
        assert line.startswith("refused: 'sqlite:///")
        assert "/sweep.db' cannot be written: " in line
        assert "theirs #1 50%" in line
        assert line.endswith(f"of user {os.getuid()}; this is user {USER}") or os.getuid() != 0
    assert [path.name for path in own.iterdir()] == ["export"]
    with open_store(url_of(folder)) as store:
        assert len(store.results("small").trials) == 8


@pytest.mark.parametrize("close", [closed, open_folder])
def test_an_old_store_is_read_as_if_it_were_upgraded(
    tmp_path: Path, own: Path, close: Callable[[Path], None]
) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    old_store.make_sqlite(folder / "sweep.db")
    close(folder)
    before = state_of(folder)
    lines = read(folder, own, "with Optuna")
    assert state_of(folder) == before
    said = "is of schema 2 and cannot be written"
    assert lines[0].startswith("WARNING: ")
    assert said in lines[0]
    assert lines[0].endswith("it is read from a copy of schema 5")
    assert lines[1].split()[0] == "small"
    assert "exported True" in lines
    (mirror,) = [line for line in lines if line.startswith("no mirror: no tables of Optuna in ")]
    assert "and none can be made: " in mirror
    assert [path.name for path in own.iterdir()] == ["export"]


LOOK = """
import sys
from sweep.store import open_store
with open_store(sys.argv[1]) as store:
    for _ in sys.stdin:
        (study,) = store.studies()
        print(study.completed, study.running, len(store.results("small").trials), flush=True)
"""


@pytest.mark.parametrize("close", [closed, open_folder])
def test_a_run_of_somebody_else_is_followed(tmp_path: Path, close: Callable[[Path], None]) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    study = make_study()
    first, second, *_ = cohorts_of(study, KEY)
    once = LOOK.replace("for _ in sys.stdin", "for _ in range(1)")
    with open_store(url_of(folder), create=True) as store:
        with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
            write_all(writer, made_training(first, 3))
            close(folder)
            assert as_stranger(once, url_of(folder)) == "2 0 2\n"
            second_events = iter(made_training(second, 3))
            writer.write(next(second_events))
            before = {path.name for path in folder.iterdir()}
            assert as_stranger(once, url_of(folder)) == "2 2 4\n"
            assert {path.name for path in folder.iterdir()} == before
            write_all(writer, second_events)
        assert as_stranger(once, url_of(folder)) == "4 0 4\n"
    assert as_stranger(once, url_of(folder)) == "4 0 4\n"


def test_what_is_written_meanwhile_is_not_mixed(folder: Path) -> None:
    """Without locks nothing keeps writers out, so it is told."""
    plain = folder.rename(folder.with_name("plain"))
    url = f"sqlite:///file:{plain}/sweep.db?immutable=1&uri=true"
    with open_store(url) as store, pytest.raises(StoreError, match="has just written to"):
        _read_while(store, lambda: execute(plain, "PRAGMA user_version=7"))


def _read_while(store: Store, write: Callable[[], None]) -> None:
    with store._database.reading():
        write()


def test_what_cannot_be_written_is_named(folder: Path) -> None:
    program = """
import sys
from pathlib import Path
from sweep.store.backends.sqlite_reading import unwritable
print(unwritable(Path(sys.argv[1])))
"""
    file = folder / "sweep.db"
    closed(folder)
    named = as_stranger(program, str(file))
    assert named.startswith(f"'{folder}' is dr-xr-xr-x, of user ")
    folder.chmod(0o777)
    assert as_stranger(program, str(file)).startswith(f"'{file}' is -r--r--r--, of user ")
    file.chmod(0o666)
    (folder / "sweep.db-wal").touch(0o444)
    assert as_stranger(program, str(file)).startswith(f"'{file}-wal' is -r--r--r--")
    (folder / "sweep.db-wal").chmod(0o666)
    assert as_stranger(program, str(file)) == "None\n"
    assert unwritable(folder / "new.db") is None


def test_a_link_leads_to_the_store(folder: Path, own: Path) -> None:
    closed(folder)
    (own / "sweep.db").symlink_to(folder / "sweep.db")
    assert read(own, own)[:2] == ["small 8 0 8", "exported True"]
    assert sorted(path.name for path in own.iterdir()) == ["export", "sweep.db"]


def test_a_copy_that_finds_no_space(folder: Path, tmp_path: Path) -> None:
    killed_and_copied(folder)
    closed(folder)
    program = """
import sys, tempfile
from sweep.errors import StoreError
from sweep.store import open_store
tempfile.tempdir = sys.argv[2]
try:
    open_store(sys.argv[1])
except StoreError as error:
    print(error)
"""
    said = as_stranger(program, url_of(folder), str(tmp_path / "nowhere"))
    assert said.startswith("no copy of the store could be made: ")
    assert "A store that cannot be written, and is not in order, is read from a copy." in said
    assert "No such file" in said
    assert "TMPDIR" in said


def test_a_drive_without_space(folder: Path, own: Path) -> None:
    """A real one, in memory, which is seen by this test's program alone."""
    full = own / "full"
    full.mkdir()
    script = f"""
        mount -t tmpfs -o size=1m tmpfs '{full}' && cp '{folder}/sweep.db' '{full}' || exit 99
        head -c 2m /dev/zero 2>/dev/null >'{full}/fill'
        '{sys.executable}' -c "$PROGRAM" 'sqlite:///{full}/sweep.db' '{own}/export' && ls '{full}'
    """
    unshare = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    done = subprocess.run(
        [*unshare, "sh", "-c", script],
        env=os.environ
        | {"PROGRAM": READ.partition("try:\n    open_store")[0], "PYTHONPATH": python_path()},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 99 or "unshare" in done.stderr:
        pytest.skip("needs the right to mount a drive for itself")
    lines = done.stdout.splitlines()
    assert lines[:2] == ["small 8 0 8", "exported True"], done.stderr
    refused = [line for line in lines if line.startswith("refused:")]
    assert all("sweep.db lies on a drive that is full" in line for line in refused)
    assert lines[-2:] == ["fill", "sweep.db"]
