"""Processes of another user, who may read everything and write nothing of ours."""

import os
import subprocess
import sys
from functools import cache

import pytest
from processes import python_path

USER = 10001


def as_stranger(program: str, *arguments: str, **environment: str) -> str:
    """What a Python program prints that somebody else runs; its error is ours.

    Where the tests' user is no root, he runs it himself: permissions hold for him too.
    """
    done = subprocess.run(
        [*_another(), sys.executable, "-W", "error", "-c", program, *arguments],
        env=os.environ | {"PYTHONPATH": python_path()} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@cache
def _another() -> list[str]:
    if not hasattr(os, "geteuid"):
        pytest.skip("permissions are not those of this system")
    if os.geteuid() != 0:
        return []
    # The tests' folders, and the interpreter perhaps, are closed to others.
    reads = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
    command = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *reads]
    try:
        subprocess.run([*command, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs the right to be another user")
    return command
