"""Made ``measures_0_1.npz`` and ``.json``: results in a store, and what version 0.1 measured.

The arrays are those of the study ``lr-robustness-rendered-pets`` (three optimizers, seven learning
rates, five seeds, ten epochs), which version 0.1 trained; the rows are its output of
``sweep results lr-robustness --robustness --format json``.

    python make_golden.py STORE_URL ROWS.json
"""

import json
import sys
from pathlib import Path

import numpy as np

from sweep.analysis.collect import grid_of
from sweep.api import load_results

ARRAYS = (
    "train_loss_ONSE",
    "valid_accuracy_ONSE",
    "diverged_at_epoch_ONS",
    "finished_ONS",
    "seconds_ONS",
    "memory_bytes_ONS",
)


def main(store: str, rows: Path) -> None:
    """Write both files beside this one."""
    grid = grid_of(load_results("lr-robustness-rendered-pets", store=store))
    arrays = {name: getattr(grid, name) for name in ARRAYS}
    target = Path(__file__).with_name("measures_0_1")
    np.savez_compressed(target.with_suffix(".npz"), values_N=grid.values_N, **arrays)
    kept = json.loads(rows.read_text())
    lines = ",\n".join(json.dumps(row) for row in kept)
    target.with_suffix(".json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
