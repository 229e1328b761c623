"""Every benchmark can be started; what it measures is no test's business."""

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = sorted(Path(__file__).with_name("benchmarks").glob("*.py"))


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda path: path.stem)
def test_it_says_what_it_takes(path):
    ended = subprocess.run(
        [sys.executable, path, "--help"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
