"""Records as values of columns, and back: epochs, whose figures need not be finite, and arrays.

Between ``schema.py``, which has the columns, and ``reading.py`` and ``writing.py``.

Legend: P trials of a cohort, or 1 where all are the same; K steps of a training.
"""

import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.results.records import EpochRecord
from sweep.store.schema import FIGURES

REPEATS = "repeats"
"""In a cohort's provenance, what was trained once more: a list of ``RepeatRecord``."""


def epoch_row(training_id: int, record: EpochRecord) -> dict[str, Any]:
    """A row of ``sweep_epochs``.

    SQLite would turn NaN into NULL, so what is not finite is NULL in its column and said in words
    in ``not_finite``, e.g. ``{"train_loss": "inf"}``.
    """
    figures = {figure: float(getattr(record, figure)) for figure in FIGURES}
    words = {figure: str(x) for figure, x in figures.items() if not math.isfinite(x)}
    return {
        "training_id": training_id,
        "epoch": record.epoch,
        **{figure: None if figure in words else x for figure, x in figures.items()},
        "not_finite": json.dumps(words) if words else None,
    }


def epoch_record(row: Any) -> EpochRecord:
    """The record of a row (epoch, the figures, not_finite)."""
    epoch, *figures, not_finite = row
    if None in figures:
        words = json.loads(not_finite)
        figures = [
            float(words[name]) if x is None else x for name, x in zip(FIGURES, figures, strict=True)
        ]
    return EpochRecord(epoch, *figures)


def multiplier_columns(multiplier_PK: NDArray[np.float32]) -> dict[str, Any]:
    """Float32, little-endian, row by row; and how many rows there are."""
    return {
        "multipliers": np.asarray(multiplier_PK).astype("<f4").tobytes(),
        "multiplier_rows": len(multiplier_PK),
    }


def multiplier_of(data: bytes | None, rows: int | None) -> NDArray[np.float32] | None:
    """What ``multiplier_columns`` was given."""
    if data is None:
        return None
    return np.frombuffer(data, "<f4").astype(np.float32).reshape(rows or 1, -1)
