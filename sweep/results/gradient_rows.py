"""Recorded gradients as rows: one a trial and step, for ``sweep results --gradients``."""

import csv
import io
import json
import math
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

from sweep.errors import MissingError
from sweep.results.gradients import EDGES, GradientRecord
from sweep.results.records import TrialRecord
from sweep.results.results import Results, Row
from sweep.util.distribution import installing

BIN_COLUMNS = tuple(f"from_1e{low:g}" for low in EDGES[:-1])
"""Shares of the weights whose gradient's size lies in each bin, by its lower end."""
_COLUMNS = ("seed", "step", "zero", "not_finite", "rate_mean", "rate_variance", *BIN_COLUMNS)


def gradient_columns(results: Results) -> tuple[str, ...]:
    """Names of the rows' columns: trial, optimizer, each axis, seed, step, and the rest."""
    axes = [axis.name for axis in results.study.axes]
    return ("trial", "optimizer", *axes, *_COLUMNS)


def gradient_rows(results: Results) -> Iterator[Row]:
    """One row a trial and recorded step, with ``gradient_columns``.

    Shares are of the weights, and together with ``zero`` and ``not_finite`` 1; the adaptive rate's
    mean and variance are None where there is none.
    """
    known = {record.fingerprint: record for record in results.gradients}
    for trial in results.trials:
        record = known.get(trial.fingerprint)
        if record is not None and trial.outcome is not None and trial.outcome.is_finished:
            yield from _rows(trial, record)


def _rows(trial: TrialRecord, record: GradientRecord) -> Iterator[dict[str, Any]]:
    for r, step in enumerate(record.steps):
        shares = map(float, record.share_RB[r].round(6))
        yield {
            "trial": trial.number,
            "optimizer": trial.optimizer,
            **dict(trial.point.pairs),
            "seed": trial.seed,
            "step": step,
            "zero": float(record.zero_R[r]),
            "not_finite": float(record.not_finite_R[r]),
            "rate_mean": _known(record.rate_mean_R[r]),
            "rate_variance": _known(record.rate_variance_R[r]),
            **dict(zip(BIN_COLUMNS, shares, strict=True)),
        }


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def gradients_csv(results: Results) -> str:
    """The rows as CSV with a header; what is missing is empty."""
    text, columns = io.StringIO(), gradient_columns(results)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(map(itemgetter(*columns), gradient_rows(results)))
    return text.getvalue()


def gradients_json(results: Results) -> str:
    """The rows as a JSON array."""
    return json.dumps([*gradient_rows(results)], indent=1)


def write_gradients_parquet(results: Results, path: Path) -> None:
    """The rows as a Parquet file (extra ``parquet``).

    Raises:
        MissingError: pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingError(
            "pyarrow is not installed, and this needs it",
            remedy=f"Install it with `{installing('parquet')}`.",
        ) from None
    rows = [*gradient_rows(results)]
    columns = {name: [row[name] for row in rows] for name in gradient_columns(results)}
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
