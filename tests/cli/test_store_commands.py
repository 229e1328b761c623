"""``sweep store``: what it prints, where, with which exit status."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from store.making import make_study, run_all
from typer.testing import CliRunner

from sweep.cli.app import app
from sweep.store import open_store


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """A folder with the store of a study that was run; it is only copied."""
    folder = tmp_path_factory.mktemp("whole")
    with open_store(f"sqlite:///{folder}/sweep.db", create=True) as store:
        run_all(store, make_study())
    return folder


@pytest.fixture
def folder(whole, tmp_path, monkeypatch) -> Path:
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SWEEP_STORE", raising=False)
    return tmp_path


def invoke(*arguments):
    return CliRunner().invoke(app, ["store", *arguments])


def damage(folder):
    connection = sqlite3.connect(folder / "sweep.db")
    connection.execute("DELETE FROM sweep_epochs WHERE training_id = 3 AND epoch = 2")
    connection.commit()
    connection.close()


@pytest.mark.usefixtures("folder")
def test_a_whole_store():
    checked = invoke("check")
    assert (checked.exit_code, checked.stdout) == (0, "")
    assert "whole" in checked.stderr
    assert invoke("check", "--json").stdout == "[]\n"
    repaired = invoke("repair")
    assert repaired.exit_code == 0
    assert "nothing was changed" in repaired.stderr


def test_check_and_repair(folder):
    damage(folder)
    checked = invoke("check")
    assert checked.exit_code == 1
    assert checked.stdout.splitlines() == [
        "trials: small: trial 2 completed at epoch 3, but has 3 of the 4 epochs from 0",
        "mirror: small: Optuna shows 1 trials otherwise",
    ]
    assert "sweep store repair" in checked.stderr
    as_json = invoke("check", "--json")
    assert as_json.exit_code == 1
    assert [found["invariant"] for found in json.loads(as_json.stdout)] == ["trials", "mirror"]
    repaired = invoke("repair")
    assert repaired.exit_code == 0
    assert "sweep.db.backup-1" in repaired.stderr
    assert "small: 2 trials are reset" in repaired.stderr
    assert invoke("check").exit_code == 0


def test_repair_as_json(folder):
    damage(folder)
    done = json.loads(invoke("repair", "--json").stdout)
    assert done["reset"] == {"small": 2}
    assert done["left"] == []
    assert Path(done["backup"]).name == "sweep.db.backup-1"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_export_and_import(format):
    exported = invoke("export", "kept", "--format", format)
    assert exported.exit_code == 0
    assert "8 trainings, 32 epochs, 0 gradients, 8 trials" in exported.stderr
    imported = invoke("import", "kept", "--store", "sqlite:///copy.db")
    assert imported.exit_code == 0, imported.stderr
    results = [
        CliRunner().invoke(app, ["results", "small", "-f", "csv", "--store", url]).stdout
        for url in ("sqlite:///sweep.db", "sqlite:///copy.db")
    ]
    assert results[0] == results[1] != ""
    assert invoke("check", "--store", "sqlite:///copy.db").exit_code == 0


def test_forget_asks_and_says_the_way_back(folder):
    refused = invoke("forget", "small")
    assert refused.exit_code == 2
    assert "no terminal" in refused.stderr
    assert "sweep store forget small --yes" in refused.stderr
    done = invoke("forget", "small", "--yes")
    assert done.exit_code == 0, done.stderr
    assert "small has 8 trials, of which 8 finished and 0 failed, from 1 run." in done.stderr
    assert "With it go 8 trainings that no other study has." in done.stderr
    copy = folder / "sweep.db.backup-1"
    assert f"kept in {copy}. " in done.stderr
    shown = CliRunner().invoke(app, ["results", "small", "--store", f"sqlite:///{copy}"])
    assert shown.exit_code == 0
    assert invoke("forget", "small", "--yes").exit_code == 3


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("answer", "status", "left"), [("n", 1, 1), ("", 1, 1), ("y", 0, 0)])
def test_forget_on_a_terminal(answer, status, left):
    """A real one, of the operating system."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    done = subprocess.run(
        [sys.executable, "-m", "sweep.cli", "store", "forget", "small"],
        stdin=theirs,
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(ours)
    os.close(theirs)
    assert done.returncode == status, done.stderr
    assert "Remove small, after a backup copy? [y/N]" in done.stderr
    assert done.stdout.strip() == ""
    with open_store("sqlite:///sweep.db") as store:
        assert len(store.studies()) == left


@pytest.mark.usefixtures("folder")
def test_forget_as_json():
    done = invoke("forget", "small", "--yes", "--json")
    said = json.loads(done.stdout)
    assert (said["study"], said["trials"], said["trainings"]) == ("small", 8, 8)
    assert Path(said["backup"]).name == "sweep.db.backup-1"
    assert "--store" in said["way_back"]


@pytest.mark.usefixtures("folder")
def test_errors_are_one_message():
    for arguments, status in (
        (["check", "--store", "sqlite:///none.db"], 3),
        (["export", "kept", "--format", "xml"], 2),
        (["import", "none", "--store", "sqlite:///copy.db"], 3),
        (["forget", "smal", "--yes"], 3),
    ):
        done = invoke(*arguments)
        assert done.exit_code == status, done.output
        assert "error:" in done.stderr
        assert "Traceback" not in done.output
