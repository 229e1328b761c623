"""Python processes of tests."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def python_path(*folders: Path) -> str:
    """PYTHONPATH with ``tests`` and ``folders`` before what is on it already."""
    known = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    return os.pathsep.join(map(str, (*folders, Path(__file__).parent, *known)))


_SELDOM = "import gc; gc.set_threshold(100_000, 20, 100)"
"""Much of such a script's time would be searches for reference cycles, the last at its exit."""


def printed_on_jax(script: str, folder: Path) -> Any:
    """What a script prints as JSON in a process whose Keras is on JAX; skips where there is none.

    Args:
        script: Python.
        folder: where it runs.
    """
    pytest.importorskip("jax", reason="the JAX backend needs jax")
    done = subprocess.run(
        [sys.executable, "-c", f"{_SELDOM}\n{script}\ngc.freeze()"],
        env=os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": python_path()},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
