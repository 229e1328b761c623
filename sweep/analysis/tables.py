"""Measures as rows: for machines one number a row, for people one measure a row.

The last stop of the package: what ``sweep run``, ``sweep report`` and
``sweep results --robustness`` print.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from sweep.analysis.arrays import Bools
from sweep.analysis.intervals import Differences, Estimate
from sweep.analysis.measures import Measures

Row = Mapping[str, Any]

MEASURE_COLUMNS = (
    "measure",
    "optimizer",
    "against",
    "value",
    "low",
    "high",
    "unit",
    "at_least",
    "claimed",
)


def measures_rows(measures: Measures) -> list[Row]:
    """Every number with its interval, one a row, with ``MEASURE_COLUMNS``, fit for JSON.

    ``against`` is the optimizer that a difference or a probability of improvement is against, else
    None; ``at_least`` marks lower bounds (≥); ``claimed`` says of a difference whether its
    Holm-corrected interval excludes zero, else None. What was not measured is None.
    """
    return [
        *_single_rows(measures),
        *_expected_best_rows(measures),
        *_improvement_rows(measures),
        *_difference_rows(measures),
    ]


def measures_table(measures: Measures) -> list[Row]:
    """One row a measure: ``measure``, then a text for each optimizer, value with interval.

    An interval of no width is left out: that seeds agree is no certainty.
    """
    return [
        {
            "measure": f"{name} ({shown})",
            **{
                label: _text(estimate, position, scale, digits, _at_least(open_O, position))
                for position, label in enumerate(measures.optimizers)
            },
        }
        for name, estimate, open_O, _, shown, scale, digits in _singles(measures)
    ]


_Single = tuple[str, Estimate, Bools | None, str, str, float, int]


def _singles(measures: Measures) -> Iterator[_Single]:
    """Name, estimate, lower bounds, unit; then unit, scale and decimals as people read it."""
    ranges, own, speed = measures.robust_range, measures.own_robust_range, measures.convergence
    yield "mean accuracy", measures.mean_accuracy_O, None, "share", "%", 100, 1
    yield "worst-case accuracy", measures.worst_accuracy_O, None, "share", "%", 100, 1
    yield "spread", measures.spread_O, None, "share", "points", 100, 1
    yield "robust range", ranges.decades_O, ranges.is_open_O, "decades", "decades", 1, 2
    yield "own robust range", own.decades_O, own.is_open_O, "decades", "decades", 1, 2
    yield (
        f"{measures.hyperparameter} sensitivity",
        measures.sensitivity_O,
        None,
        "nats",
        "nats",
        1,
        3,
    )
    yield "failure to learn", measures.failure_share_O, None, "share", "% of trials", 100, 1
    yield "convergence", speed.mean_epochs_O, speed.is_open_O, "epochs", "epochs", 1, 2
    yield "time a trial", measures.seconds.mean_O, None, "seconds", "s", 1, 2
    yield "memory a trial", measures.memory_bytes.mean_O, None, "bytes", "MiB", 2.0**-20, 0


def _at_least(open_O: Bools | None, position: int) -> bool:
    return open_O is not None and bool(open_O[position])


def _text(estimate: Estimate, at: int, scale: float, digits: int, at_least: bool) -> str:
    value, low, high = (
        float(array[at]) * scale for array in (estimate.value, estimate.low, estimate.high)
    )
    if math.isnan(value):
        return "not measured"
    text = f"{'≥ ' if at_least else ''}{value:.{digits}f}"
    return text if not low < high else f"{text} [{low:.{digits}f}, {high:.{digits}f}]"


def _single_rows(measures: Measures) -> Iterator[Row]:
    for name, estimate, open_O, unit, *_ in _singles(measures):
        for position, label in enumerate(measures.optimizers):
            at_least = _at_least(open_O, position)
            yield _row(name, label, None, estimate, position, unit, at_least=at_least)


def _expected_best_rows(measures: Measures) -> Iterator[Row]:
    for position, label in enumerate(measures.optimizers):
        for index in range(len(measures.values_N)):
            name = f"expected best of {index + 1}"
            yield _row(name, label, None, measures.expected_best_OK, (position, index), "share")


def _improvement_rows(measures: Measures) -> Iterator[Row]:
    for row, label in enumerate(measures.optimizers):
        for column, other in enumerate(measures.optimizers):
            if row != column:
                name, estimate = "probability of improvement", measures.improvement_OO
                yield _row(name, label, other, estimate, (row, column), "share")


def _difference_rows(measures: Measures) -> Iterator[Row]:
    compared: tuple[tuple[str, Differences, str], ...] = (
        ("mean accuracy", measures.mean_accuracy_differences, "share"),
        ("convergence", measures.convergence.differences, "epochs"),
        ("time a trial", measures.seconds.differences, "seconds"),
        ("memory a trial", measures.memory_bytes.differences, "bytes"),
    )
    for name, differences, unit in compared:
        estimate = Estimate(differences.value, differences.low, differences.high)
        for at, (first, second) in enumerate(differences.pairs):
            yield _row(
                f"difference in {name}",
                measures.optimizers[first],
                measures.optimizers[second],
                estimate,
                at,
                unit,
                claimed=bool(differences.claimed[at]),
            )


def _row(
    measure: str,
    optimizer: str,
    against: str | None,
    estimate: Estimate,
    at: int | tuple[int, int],
    unit: str,
    *,
    at_least: bool = False,
    claimed: bool | None = None,
) -> Row:
    value, low, high = (
        None if math.isnan(array[at]) else float(array[at])
        for array in (estimate.value, estimate.low, estimate.high)
    )
    values = (measure, optimizer, against, value, low, high, unit, at_least, claimed)
    return dict(zip(MEASURE_COLUMNS, values, strict=True))
