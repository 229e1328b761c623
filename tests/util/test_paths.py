"""Where relative paths begin."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sweep.errors import MissingError
from sweep.util.paths import check_current_folder


@pytest.mark.parametrize("command", ["list", "status", "doctor", "run lr-robustness"])
def test_a_current_folder_that_was_deleted_is_told(command, tmp_path):
    done = subprocess.run(
        f"mkdir gone && cd gone && rmdir ../gone && {sys.executable} -m sweep.cli {command}",
        shell=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("error: the current folder is gone (No such file")


def test_a_current_folder_that_is_there_is_taken(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_current_folder()
    tmp_path.rmdir()
    with pytest.raises(MissingError, match="No such file"):
        check_current_folder()
    monkeypatch.chdir(Path(__file__).parent)
