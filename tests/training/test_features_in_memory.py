"""However many pictures there are, their features lie in memory once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FEW, MANY = 1_000, 8_000
FEATURES = 25_088
FLOAT16_BYTES = 2


def peak_bytes(pictures: int) -> int:
    """Of a process that maps so many pictures' features from the disk, and trains on them."""
    sizes = {
        "--pictures": pictures,
        "--features": FEATURES,
        "--hidden-units": 8,
        "--rates": 2,
        "--epochs": 1,
    }
    given = [str(part) for size in sizes.items() for part in size]
    command = [sys.executable, "-m", "tests.benchmarks.growth_training", *given]
    found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(found.stdout)["peak_bytes"]


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak as Linux counts it")
def test_peak_memory_grows_by_the_features_once():
    grown = peak_bytes(MANY) - peak_bytes(FEW)
    once = (MANY - FEW) * FEATURES * FLOAT16_BYTES
    # A quarter of them again is far more than what else grows: labels, and orders of pictures.
    assert grown < 1.25 * once
