"""Measures as rows: for machines one number a row, for people one measure a row.

The last stop of the package: what ``sweep run``, ``sweep report`` and
``sweep results --robustness`` print.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sweep.analysis.arrays import Bools
from sweep.analysis.intervals import Estimate
from sweep.analysis.measures import Measures, RobustRange
from sweep.analysis.wording import LEARNED_NOTHING, has_width, memory_unit, signed

Row = Mapping[str, Any]

MAX_BESIDE = 6
"""Optimizers beside each other in a table that people read."""

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
    Holm-corrected interval excludes zero, else None. What was not measured is None, and so are
    spread and sensitivity of what learned nothing, and an interval of no width: that seeds agree is
    no certainty.
    """
    return [
        *_single_rows(measures),
        *_expected_best_rows(measures),
        *_improvement_rows(measures),
        *_difference_rows(measures),
    ]


def measures_table(measures: Measures) -> list[Row]:
    """One row a measure: ``measure``, then a text for each optimizer, value with interval.

    Of many optimizers one row each: ``optimizer``, then a text for each measure. An interval of no
    width is left out: that seeds agree is no certainty. Of an optimizer that learned nothing, words
    stand in place of numbers that would flatter it.
    """
    singles = [*_singles(measures)]
    if has_row_an_optimizer(measures):
        return [
            {"optimizer": label, **{single.heading: single.text(at) for single in singles}}
            for at, label in enumerate(measures.optimizers)
        ]
    return [
        {
            "measure": single.heading,
            **{label: single.text(at) for at, label in enumerate(measures.optimizers)},
        }
        for single in singles
    ]


def has_row_an_optimizer(measures: Measures) -> bool:
    """Whether there are so many optimizers that they are compared down a column."""
    return len(measures.optimizers) > MAX_BESIDE


@dataclass(frozen=True)
class _Single:
    """A measure with one value an optimizer.

    Attributes:
        name: of the measure.
        estimate: by optimizer.
        unit: of the estimate.
        shown_unit: as people read it, where that is another one.
        scale: factor from ``unit`` to ``shown_unit``.
        digits: decimals that people read.
        open_O: whose value is a lower bound; None for nobody's.
        words_O: of each optimizer what stands in place of its value; empty where the value does.
    """

    name: str
    estimate: Estimate
    unit: str
    shown_unit: str = ""
    scale: float = 1
    digits: int = 1
    open_O: Bools | None = None
    words_O: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """Its name with the unit that people read."""
        unit = self.shown_unit or self.unit
        return f"{self.name} ({unit})" if unit else self.name

    def is_at_least(self, at: int) -> bool:
        return self.open_O is not None and bool(self.open_O[at])

    def text(self, at: int) -> str:
        if self.words_O and self.words_O[at]:
            return self.words_O[at]
        found = self.estimate
        value, low, high = (
            float(array[at]) * self.scale for array in (found.value, found.low, found.high)
        )
        if math.isnan(value):
            return "not measured"
        text = f"{'≥ ' if self.is_at_least(at) else ''}{signed(value, self.digits)}"
        if not has_width(low, high):
            return text
        return f"{text} [{signed(low, self.digits)}, {signed(high, self.digits)}]"


def _singles(measures: Measures) -> Iterator[_Single]:
    speed, seconds, memory = measures.convergence, measures.seconds, measures.memory_bytes
    name, metric = measures.metric.name, measures.metric
    yield _value(measures, measures.words.mean, measures.mean_accuracy_O.in_values(metric))
    if measures.effective is not None:
        at_equal = measures.effective.mean_accuracy_O.in_values(metric)
        yield _value(measures, effective_name(measures), at_equal)
        yield _share("mean share of the learning rate", measures.effective.share_O)
    yield _value(measures, f"worst-case {name}", measures.worst_accuracy_O.in_values(metric))
    nothing = words_where(measures, LEARNED_NOTHING)
    unit = measures.words.difference_unit
    yield replace(_value(measures, "spread", measures.spread_O), shown_unit=unit, words_O=nothing)
    yield from _robust(measures, measures.robust_range, "")
    yield from _robust(measures, measures.own_robust_range, "own ")
    yield _Single(
        f"{measures.hyperparameter} sensitivity",
        measures.sensitivity_O,
        "nats" if measures.has_nats else "",
        digits=3,
        words_O=nothing,
    )
    yield from _importance(measures, nothing)
    yield _share("failure to learn", measures.failure_share_O, "% of trials")
    yield _Single(
        "convergence",
        speed.mean_epochs_O,
        "epochs",
        digits=2,
        open_O=speed.is_open_O,
        words_O=words_where(measures, "never"),
    )
    yield _Single("time a trial", seconds.mean_O, "seconds", "s", digits=2)
    unit, scale = memory_unit(memory.mean_O.value)
    yield _Single("memory a trial", memory.mean_O, "bytes", unit, scale=scale, digits=0)


def effective_name(measures: Measures) -> str:
    """What the mean along the effective learning rate is called."""
    return f"{measures.words.mean} at equal effective learning rates"


def words_where(measures: Measures, words: str) -> tuple[str, ...]:
    """Of each optimizer these words if it learned nothing, else none."""
    return tuple(words if nothing else "" for nothing in measures.learned_nothing_O)


def _share(
    name: str,
    estimate: Estimate,
    shown_unit: str = "%",
    open_O: Bools | None = None,
    words_O: tuple[str, ...] = (),
) -> _Single:
    return _Single(name, estimate, "share", shown_unit, scale=100, open_O=open_O, words_O=words_O)


def _value(measures: Measures, name: str, estimate: Estimate) -> _Single:
    """Of values of the metric, or of their differences."""
    words, unit = measures.words, measures.metric.unit
    return _Single(name, estimate, unit, words.unit, scale=words.scale, digits=words.digits)


def _robust(measures: Measures, found: RobustRange, whose: str) -> Iterator[_Single]:
    """The robust range in the axis' unit; of two axes the region, and its share of the area."""
    is_area = measures.domain.is_area
    name = f"{whose}robust {'region' if is_area else 'range'}"
    none = words_where(measures, "none")
    yield _Single(name, found.extent_O, found.unit, digits=2, open_O=found.is_open_O, words_O=none)
    if is_area:
        yield _share(f"{name}, share", found.share_O, "% of the area", found.is_open_O, none)


def _importance(measures: Measures, words_O: tuple[str, ...]) -> Iterator[_Single]:
    """Of two axes, which of them the score depends on."""
    if measures.importance is None:
        return
    found = measures.importance.share_PO
    for part, name in enumerate(measures.importance.names):
        share = Estimate(found.value[part], found.low[part], found.high[part])
        yield _share(f"importance of {name}", share, "% of the variance", words_O=words_O)


def _single_rows(measures: Measures) -> Iterator[Row]:
    for single in _singles(measures):
        for at, label in enumerate(measures.optimizers):
            yield _row(
                single.name,
                label,
                None,
                single.estimate,
                at,
                single.unit,
                at_least=single.is_at_least(at),
            )


def _expected_best_rows(measures: Measures) -> Iterator[Row]:
    best = measures.expected_best_OK.in_values(measures.metric)
    for position, label in enumerate(measures.optimizers):
        for index in range(best.value.shape[1]):
            name = f"expected best of {index + 1}"
            yield _row(name, label, None, best, (position, index), measures.metric.unit)


def _improvement_rows(measures: Measures) -> Iterator[Row]:
    for row, label in enumerate(measures.optimizers):
        for column, other in enumerate(measures.optimizers):
            if row != column:
                name, estimate = "probability of improvement", measures.improvement_OO
                yield _row(name, label, other, estimate, (row, column), "share")


def _difference_rows(measures: Measures) -> Iterator[Row]:
    """By every measure; those at equal effective learning rates where that is another one."""
    compared = list(measures.compared)
    if measures.effective is not None:
        name, unit = effective_name(measures), measures.metric.unit
        found = measures.effective.differences.in_values(measures.metric)
        compared.append((name, unit, found))
    for name, unit, differences in compared:
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
    if claimed is None and low == high:
        low = high = None
    values = (measure, optimizer, against, value, low, high, unit, at_least, claimed)
    return dict(zip(MEASURE_COLUMNS, values, strict=True))
