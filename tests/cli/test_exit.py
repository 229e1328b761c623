"""How commands end whose output cannot be written, is not read, or cannot take all letters."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer

from sweep.cli import exit as ending

STUDY = """
from sweep import Study

study = Study(name="own", question="Größer – ≥ 1 ×?", optimizers=["adam"], learning_rates=[1],
              seeds=1)
"""


@pytest.fixture
def shell(tmp_path):
    """The program, in a folder with a study of the user's, as a shell calls it."""
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies" / "own.py").write_text(STUDY, encoding="utf-8")

    def call(line, **environment):
        return subprocess.run(
            [
                "bash",
                "-o",
                "pipefail",
                "-c",
                line.replace("sweep", f"{sys.executable} -m sweep.cli"),
            ],
            cwd=tmp_path,
            env=os.environ | environment,
            capture_output=True,
            check=False,
        )

    return call


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("command", ["list", "list --json", "--help"])
def test_full_disk_behind_the_output(command, shell):
    done = shell(f"sweep {command} >/dev/full")
    assert done.returncode == 3, done.stderr
    assert b"output cannot be written" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("sweep list >&-", 0),
        ("sweep list 2>&-", 0),
        ("sweep new thing >&- 2>&- <&-", 0),
        ("sweep list | head -n 0", ending.NO_READER),
        ("sweep list --json | head -n 0", ending.NO_READER),
        ("sweep new a! 2>/dev/full", 2),
    ],
)
def test_closed_and_unread_output(line, status, shell):
    done = shell(line)
    assert (done.returncode, done.stderr) == (status, b"")


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
def test_letters_that_the_screen_does_not_have(environment, shell):
    done = shell("sweep list", **environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b">= 1" in done.stdout


def test_what_is_left_at_the_end_is_not_searched_for_cycles():
    script = (
        "import gc\nfrom sweep.cli.exit import whole_process\n"
        "with whole_process(): assert not gc.get_freeze_count()\n"
        "assert gc.get_freeze_count()\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def interrupted():
    with ending.told():
        raise KeyboardInterrupt


def test_interrupted_while_libraries_are_imported(monkeypatch, capsys):
    """NumPy cannot be imported again in the process in which its import was cut off."""
    monkeypatch.setitem(sys.modules, "sweep.cli.app.console", None)
    with pytest.raises(typer.Exit) as ended:
        interrupted()
    assert ended.value.exit_code == ending.INTERRUPTED
    assert "the same command continues" in capsys.readouterr().err


def kill_and_wait(sent):
    os.kill(os.getpid(), sent)
    time.sleep(5)


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_outside_of_all_commands(sent, status, monkeypatch):
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    try:
        with pytest.raises(SystemExit) as ended, ending.whole_process():
            kill_and_wait(sent)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert ended.value.code == status
