"""Records as values of columns, and back: epochs, whose figures need not be finite, and arrays.

Between ``schema.py``, which has the columns, and ``reading.py`` and ``writing.py``.

Legend: P trials of a cohort, or 1 where all are the same; K steps of a training, of which R are
recorded; X epochs, F values of each; B bins.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.results.gradients import BINS, GradientRecord, GradientStep
from sweep.results.records import EpochRecord
from sweep.store.schema import FIGURES

REPEATS = "repeats"
"""In a cohort's provenance, what was trained once more: a list of ``RepeatRecord``."""
FAILED_REPEATS = "failed_repeats"
"""The same of trials that failed as they were trained once more: a list of fingerprints."""


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


def epoch_values(columns: Sequence[Sequence[Any]]) -> NDArray[np.float64]:
    """The values (X, F) of X rows' records, in the order of ``EpochRecord``.

    Args:
        columns: of the rows: epoch, the figures, not_finite; X values each.
    """
    *values, not_finite = columns
    values_FX = np.array(values, np.float64)  # in which NULL is NaN
    unknown_by_words: dict[str, list[int]] = {}
    for at in np.flatnonzero(np.isnan(values_FX).any(axis=0)).tolist():
        unknown_by_words.setdefault(not_finite[at], []).append(at)
    for words, unknown in unknown_by_words.items():
        values_FX[:, unknown] = _with_words(values_FX[:, unknown], json.loads(words))
    return values_FX.T


def _with_words(values_FX: NDArray[np.float64], words: Mapping[str, str]) -> NDArray[np.float64]:
    """With the figures that are said in words, all epochs by the same."""
    said_FX = values_FX.copy()
    for place, name in enumerate(FIGURES, 1):
        is_unknown_X = np.isnan(values_FX[place])
        if is_unknown_X.any():
            said_FX[place, is_unknown_X] = float(words[name])
    return said_FX


def multiplier_columns(multiplier_PK: NDArray[np.float32] | None) -> dict[str, Any]:
    """Float32, little-endian, row by row, and how many rows there are; NULL where it is None."""
    if multiplier_PK is None:
        return {"multipliers": None, "multiplier_rows": None}
    return {
        "multipliers": np.asarray(multiplier_PK).astype("<f4").tobytes(),
        "multiplier_rows": len(multiplier_PK),
    }


def multiplier_of(data: bytes | None, rows: int | None) -> NDArray[np.float32] | None:
    """What ``multiplier_columns`` was given."""
    if data is None:
        return None
    return np.frombuffer(data, "<f4").astype(np.float32).reshape(rows or 1, -1)


_GRADIENT_FIGURES = ("zero", "not_finite", "rate_mean", "rate_variance")


def gradient_row(training_id: int, steps: Sequence[GradientStep], p: int) -> dict[str, Any]:
    """A row of ``sweep_gradients``: the p-th trial's of a cohort's recorded steps.

    One row a training, since there can be millions of steps: shares are (R, B) in float16, which
    has three digits, the other figures (R, 4) in float32; both little-endian, row by row.
    """
    shares = np.stack([step.share_PB[p] for step in steps])
    figures = np.array(
        [[getattr(step, f"{name}_P")[p] for name in _GRADIENT_FIGURES] for step in steps]
    )
    return {
        "training_id": training_id,
        "steps": [step.step for step in steps],
        "shares": shares.astype("<f2").tobytes(),
        "figures": figures.astype("<f4").tobytes(),
    }


def gradient_record(
    fingerprint: str, steps: Sequence[int], shares: bytes, figures: bytes
) -> GradientRecord:
    """What ``gradient_row`` was given.

    Raises:
        ValueError: it was changed since.
    """
    count = len(steps)
    share_RB = np.frombuffer(shares, "<f2").astype(np.float32).reshape(count, BINS)
    columns = np.frombuffer(figures, "<f4").astype(np.float64).reshape(count, -1).T
    if [*steps] != sorted({int(step) for step in steps}) or len(columns) != len(_GRADIENT_FIGURES):
        raise ValueError(f"no steps of recorded gradients: {steps!r:.80}")
    rest = {f"{name}_R": column for name, column in zip(_GRADIENT_FIGURES, columns, strict=True)}
    return GradientRecord(fingerprint, tuple(steps), share_RB, **rest)
