"""Places and times that programs stumble over: names, locales, clocks, and caches that vanish."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from faults.harness import HANG_SECONDS, RUN, Ended, Sandbox, assert_same, trained
from store.making import make_study, run_all

from sweep.errors import StoreError
from sweep.store import open_store

ODD = "caf\udce9 é #1 100%41 what? {a} 'q' \"r\" & $HOME"


def test_odd_folder_without_utf8_while_the_clock_runs_backwards(undisturbed, library, tmp_path):
    """Letters of Latin-1, signs that mean something in URLs, 200 letters, a link; all in ASCII.

    Each look at the clock shows a minute less than the one before.
    """
    clock = {"clock": "60"} if library else {}
    folder = tmp_path / ("long" * 50) / ODD
    try:
        folder.mkdir(parents=True)
    except OSError:
        pytest.skip("needs a file system that takes any name")
    link = tmp_path / "link"
    link.symlink_to(folder, target_is_directory=True)
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LANG": "de_DE"}
    Sandbox(folder)
    sandbox = Sandbox(
        link, library, environment=ascii_only | {"SWEEP_CACHE": os.fspath(folder / "cache")}
    )
    done = sandbox.command(*RUN, **clock)
    assert done.status == 0, done.stderr
    for arguments in (("status",), ("store", "check"), ("data", "where")):
        said = sandbox.command(*arguments, **clock)
        assert (said.status, "Traceback" in said.stderr) == (0, False), said
    assert_same(sandbox, undisturbed.sandbox)


def test_cache_that_vanishes_in_the_middle(sandbox, undisturbed):
    """While features are computed it is missed; while a cohort trains nobody needs it."""
    ended = without_cache_after("features: 0 ", sandbox)
    assert ended.status in (3, 0), ended.stderr  # 0 where the last feature was quicker
    assert ended.status == 0 or "the folder or its disk has failed or gone away" in ended.message
    ended = without_cache_after("training: 0 " if ended.status else "features: 0 ", sandbox)
    assert ended.status == 0, ended.stderr
    assert trained(sandbox.database) == trained(undisturbed.sandbox.database)


def without_cache_after(line, sandbox) -> Ended:
    with sandbox.start(*RUN) as process:
        told = []
        while not told or (told[-1] and line not in told[-1]):
            told.append(process.stderr.readline())
        shutil.rmtree(sandbox.folder / "cache", ignore_errors=True)
        stdout, stderr = process.communicate(timeout=HANG_SECONDS)
    assert "Traceback" not in stderr
    return Ended(process.returncode, stdout, "".join(told) + stderr)


@pytest.mark.parametrize("url", ["sqlite:///\udcff.db", "sqlite:///a?b.db", "sqlite:///a?b=c"])
def test_store_url_that_would_name_another_file_is_refused(url, sandbox):
    done = sandbox.command("run", "study.py", "--store", url)
    assert done.status == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert "URL" in done.message
    assert [
        path for path in sandbox.folder.iterdir() if ".db" in path.name or path.name == "a"
    ] == []


def test_paths_in_options_of_odd_names(sandbox, tmp_path):
    """What is read and written at a path that the user names."""
    odd = Path(ODD.replace("?", ""))
    try:
        (tmp_path / odd).mkdir()
    except OSError:
        pytest.skip("needs a file system that takes any name")
    written = sandbox.command("new", "thing")
    assert written.status == 0
    shutil.move(tmp_path / "studies" / "thing.py", tmp_path / odd / "thing.py")
    plan = sandbox.command("plan", os.fspath(odd / "thing.py"), "--data", "rendered-pets", "--json")
    assert plan.status == 0, plan.stderr
    for data in (os.fspath(odd), os.fspath(odd / "none")):
        refused = sandbox.command("run", os.fspath(odd / "thing.py"), "--data", data)
        assert refused.status == 3, refused.stderr
        assert "Traceback" not in refused.stderr


def test_store_that_another_program_keeps_locked(tmp_path, monkeypatch):
    """Readers see it all the same; a run waits, and then says so."""
    monkeypatch.setattr("sweep.store.backends.sqlite.BUSY_SECONDS", 0.1)
    url = f"sqlite:///{tmp_path / 'sweep.db'}"
    study = make_study()
    with open_store(url, create=True) as store:
        run_all(store, study)
        with closing(sqlite3.connect(tmp_path / "sweep.db", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            assert len(store.results(study.name).trials) == 8
            with pytest.raises(StoreError, match="locked for"):
                run_all(store, make_study(seeds=3))
        assert store.check() == ()
        assert run_all(store, make_study(seeds=3)) == 4
