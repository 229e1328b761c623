"""What is averaged over: the swept range of one axis, or the area of two, by axis position.

Means, lengths and areas are taken here, and only here, so that each of them holds for every scale.

Legend: A axes, N points of the full grid, the last axis fastest, X any leading axes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from sweep.analysis.arrays import Bools, Floats
from sweep.analysis.extents import (
    area_above,
    crossings,
    length_above,
    touches_edge,
    trapezoid_weights,
)
from sweep.study.axis import Axis

Pieces = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Domain:
    """The full grid of one or two axes as a set over which means are taken.

    A curve is linear between neighbouring points of one axis. A surface over two is linear on the
    four triangles between each cell's corners and its middle, where it has the corners' mean; so
    the mean over the area is that of the product of the axes' trapezoid weights. An axis of one
    value takes no space: two axes of which one has a single value are a range.

    Attributes:
        axes: one or two.
    """

    axes: tuple[Axis, ...]

    @property
    def spanned(self) -> tuple[Axis, ...]:
        """The axes that take space: of two values or more."""
        return tuple(axis for axis in self.axes if len(axis.values) > 1)

    @property
    def is_area(self) -> bool:
        """Whether two axes take space."""
        return len(self.spanned) == 2

    @property
    def unit(self) -> str:
        """What its extent is counted in: ``decades``, ``octaves × decades``."""
        return " × ".join(axis.length_unit for axis in self.spanned or self.axes[:1])

    @property
    def extent(self) -> float:
        """Its length or area in ``unit``; 0 of a single point."""
        lengths = [float(np.ptp(position)) for position in self._positions()]
        return float(np.prod(lengths)) if lengths else 0.0

    @property
    def weights_N(self) -> Floats:
        """Of each point in a mean, of sum 1: trapezoid rule by position, of two axes the product.

        Refined values have none. They crowd around the edges of the range, where curves bend down;
        a mean with them would gain from the bend inside and not from the one outside.

        Example:
            >>> Domain((Axis(name="learning_rate", values=(0.01, 0.1, 1)),)).weights_N.tolist()
            [0.25, 0.5, 0.25]
        """
        parts = [_weights(axis) for axis in self.axes]
        return reduce(lambda left, right: np.outer(left, right).ravel(), parts)

    @property
    def in_grid_N(self) -> Bools:
        """Which points have no refined value: all but how far the robust range goes is theirs."""
        return np.asarray(self.weights_N > 0)

    def extent_above(self, curve_XN: Floats, threshold_X: Floats) -> Floats:
        """Length or area, in ``unit``, over which a curve or surface is at or above a threshold.

        All pieces together; 0 where the domain is a single point.
        """
        positions = self._positions()
        surface = self._folded(curve_XN)
        match len(positions):
            case 0:
                return np.zeros(np.broadcast_shapes(curve_XN.shape[:-1], threshold_X.shape))
            case 1:
                return length_above(surface, positions[0], threshold_X)
            case _:
                return area_above(surface, positions[0], positions[1], threshold_X)

    def touches_edge(self, curve_XN: Floats, threshold_X: Floats) -> Bools:
        """Whether what is at or above a threshold reaches an edge, so may go on outside."""
        return touches_edge(self._folded(curve_XN), len(self.spanned), threshold_X)

    def pieces_above(self, curve_N: Floats, threshold: float) -> Pieces:
        """The pieces (from, to) of a range, in values, where a curve is at or above a threshold.

        A piece may be a single value. None of an area.
        """
        if self.is_area:
            return ()
        axis = (self.spanned or self.axes)[0]
        pieces = crossings(curve_N, axis.position(axis.values), threshold)
        return tuple((float(axis.at(low)), float(axis.at(high))) for low, high in pieces)

    def _positions(self) -> list[Floats]:
        return [axis.position(axis.values) for axis in self.spanned]

    def _folded(self, curve_XN: Floats) -> Floats:
        """(…, N) as (…, values of each axis that takes space)."""
        return curve_XN.reshape(*curve_XN.shape[:-1], *_counts(self.spanned))


def _weights(axis: Axis) -> Floats:
    is_in_grid = np.isin(axis.values, axis.grid_values)
    weights = np.zeros(len(axis.values))
    weights[is_in_grid] = trapezoid_weights(axis.position(axis.grid_values))
    return weights


def _counts(axes: Sequence[Axis]) -> list[int]:
    return [len(axis.values) for axis in axes] or [1]
