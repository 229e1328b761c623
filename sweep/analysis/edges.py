"""Where the mean curves leave the robust range: its lowest and highest edge, by optimizer. Pure.

The range is that of ``robust_range``: within ``near`` of the best mean of any optimizer at a value
of the grid, which no value that is added changes. An edge lies between two neighbouring values, one
in the range and one outside; where it crosses is linear by axis position, as everywhere. Of a range
in several pieces the outermost edges count.

Legend: O compared optimizers, N points of one axis.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sweep.analysis import curves
from sweep.analysis.arrays import Floats, Grid
from sweep.analysis.comparable import comparable
from sweep.analysis.domain import Domain
from sweep.analysis.extents import ROUNDING
from sweep.analysis.intervals import seed_means
from sweep.study.axis import Axis


@dataclass(frozen=True)
class Edge:
    """An end of an optimizer's robust range.

    Attributes:
        inside: the outermost value in the range.
        outside: the next value, which is outside; None where the range goes on to the grid's end.
        at: where the mean crosses the threshold, a value; ``inside`` where it does not.
        width: between ``inside`` and ``outside``, in the axis' ``length_unit``; 0 where it is open.
    """

    inside: float
    outside: float | None
    at: float
    width: float

    @property
    def is_open(self) -> bool:
        """Whether the range goes on to the end of the grid, and maybe further."""
        return self.outside is None


@dataclass(frozen=True)
class Edges:
    """Both ends of an optimizer's robust range; None where it has none."""

    optimizer: str
    low: Edge | None
    high: Edge | None

    @property
    def inner(self) -> tuple[Edge, ...]:
        """Those that lie between two values."""
        return tuple(edge for edge in (self.low, self.high) if edge and not edge.is_open)


def edges_of(grid: Grid) -> tuple[Edges, ...]:
    """The edges of every compared optimizer, from its complete seeds; none where there are none.

    Args:
        grid: of a study of one axis.
    """
    used = comparable(grid).grid
    if not used.seeds:
        return ()
    accuracy_ON = seed_means(used.final_accuracy())[0]
    found = edges_between(accuracy_ON, used.axes[0], used.baseline, used.metric.near)
    return tuple(Edges(label, *ends) for label, ends in zip(used.optimizers, found, strict=True))


def edges_between(
    accuracy_ON: Floats, axis: Axis, baseline: float, near: float
) -> Iterator[tuple[Edge | None, Edge | None]]:
    """The lowest and the highest edge of each curve.

    Args:
        accuracy_ON: mean scores.
        axis: with N values.
        baseline: score where nothing is learned, or NaN.
        near: how far below the best is as good.
    """
    grid_ON = accuracy_ON[:, Domain((axis,)).in_grid_N]
    threshold = float(curves.robust_threshold(grid_ON.max(), baseline, near))
    nothing_O = curves.learned_nothing(grid_ON, baseline, near)
    for curve_N, has_learned_nothing in zip(accuracy_ON, nothing_O, strict=True):
        in_range = np.flatnonzero(curve_N >= threshold - ROUNDING)
        if has_learned_nothing or not in_range.size:
            yield None, None
            continue
        low, high = int(in_range[0]), int(in_range[-1])
        over_N = curve_N - threshold
        yield _edge(over_N, axis, low, low - 1), _edge(over_N, axis, high, high + 1)


def _edge(over_N: Floats, axis: Axis, inside: int, outside: int) -> Edge:
    """The edge between two neighbouring positions, of which the outer one may not be there."""
    value = axis.values[inside]
    if not 0 <= outside < len(axis.values):
        return Edge(value, None, value, 0.0)
    ends = axis.position([value, axis.values[outside]])
    share = float(np.clip(over_N[inside] / (over_N[inside] - over_N[outside]), 0, 1))
    at = float(axis.at(ends[0] + share * (ends[1] - ends[0])))
    return Edge(value, axis.values[outside], at, float(abs(ends[1] - ends[0])))
