"""Which of a study's points lie on one horizontal axis: all of them, or a slice through two axes.

A study of two axes is drawn slice by slice: controls choose the axis that lies on x, and the value
of the other. Figures that show one point at a time have a control an axis.

Legend: N points of the study, M points of a slice.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sweep.analysis.arrays import Grid
from sweep.analysis.wording import capitalised, number
from sweep.figures.axes import Floats
from sweep.figures.drawing import Control
from sweep.study.axis import Axis, Point, grid_points


@dataclass(frozen=True)
class View:
    """Another way to lay learning rates on x: each optimizer's shifted by a factor of its own.

    Attributes:
        name: what the switch calls it.
        words: what is on x then.
        shift_O: of each optimizer, in axis positions; NaN where it is not known.
    """

    name: str
    words: str
    shift_O: Floats


@dataclass(frozen=True)
class Slice:
    """The points with one value of the other axis, in the order of the axis on x.

    Attributes:
        key: the positions of the controls that choose it.
        axis: the one on x.
        points_M: positions of its points among the study's.
        values_M: their values on the axis, ascending.
        held: the other axis with its value, in words; empty in a study of one axis.
        view: how they lie on x, where that is another way than by their values.
    """

    key: tuple[int, ...]
    axis: Axis
    points_M: NDArray[np.int64]
    values_M: Floats
    held: str
    view: View | None = None

    def positions(self, optimizer: int) -> Floats:
        """Where an optimizer's points lie on x, in axis positions; NaN where that is not known."""
        positions_M = self.axis.position(self.values_M)
        return positions_M if self.view is None else positions_M + self.view.shift_O[optimizer]

    def shared(self, grid: Grid) -> NDArray[np.int64]:
        """Which of the M points all optimizers have; all of them if there are none."""
        shared_M = np.flatnonzero(grid.planned_ON[:, self.points_M].all(axis=0))
        return shared_M if shared_M.size else np.arange(len(self.points_M))

    def of(self, grid: Grid, optimizer: int) -> NDArray[np.int64]:
        """Which of the M points an optimizer has."""
        return np.flatnonzero(grid.planned_ON[optimizer, self.points_M])


def slices(grid: Grid) -> tuple[Slice, ...]:
    """All slices of a study, those with the first axis on x first."""
    if len(grid.axes) == 1:
        return (_slice(grid, grid.axes[0], range(len(grid.points)), (), ""),)
    return tuple(
        _slice(
            grid,
            axis,
            [n for n, point in enumerate(grid.points) if point[other.name] == value],
            (place, at),
            f"{other.words} {number(value)}",
        )
        for place, axis in enumerate(grid.axes)
        for other in [grid.axes[1 - place]]
        for at, value in enumerate(other.values)
    )


def _slice(grid: Grid, axis: Axis, points: Sequence[int], key: tuple[int, ...], held: str) -> Slice:
    ordered = sorted(points, key=lambda n: grid.points[n][axis.name])
    values_M = np.array([grid.points[n][axis.name] for n in ordered], dtype=np.float64)
    return Slice(key, axis, np.array(ordered, dtype=np.int64), values_M, held)


def start(grid: Grid, mean_ON: Floats) -> tuple[int, ...]:
    """The key of the slice that is drawn first: the first axis on x, through the best point.

    Args:
        grid: of the study.
        mean_ON: mean accuracies; NaN where there is none.
    """
    if len(grid.axes) == 1:
        return ()
    best_N = np.where(np.isfinite(mean_ON), mean_ON, -np.inf).max(axis=0)
    other = grid.axes[1]
    return 0, other.values.index(grid.points[int(np.argmax(best_N))][other.name])


def controls(grid: Grid, first: tuple[int, ...]) -> tuple[Control, ...]:
    """What chooses a slice; nothing in a study of one axis.

    Args:
        grid: of the study.
        first: key of the slice that is drawn first.
    """
    if len(grid.axes) == 1:
        return ()
    words = tuple(axis.words for axis in grid.axes)
    held = [
        Control(
            f"At {other.words}",
            "slider",
            tuple(number(value) for value in other.values),
            start=first[1] if place == first[0] else 0,
            where=(0, place),
        )
        for place, other in enumerate(reversed(grid.axes))
    ]
    return Control("Across", "switch", words, start=first[0]), *held


def point_controls(grid: Grid, first: int, axes: Sequence[Axis] = ()) -> tuple[Control, ...]:
    """What chooses a point: a select an axis.

    Args:
        grid: of the study.
        first: position of the point that is drawn first.
        axes: those that make a difference; by default all.
    """
    return tuple(
        Control(
            capitalised(axis.words),
            "select",
            tuple(number(value) for value in axis.values),
            axis.values.index(grid.points[first][axis.name]),
        )
        for axis in axes or grid.axes
    )


def point_keys(
    grid: Grid, first: int, axes: Sequence[Axis] = ()
) -> dict[tuple[int, ...], int | None]:
    """Every state of ``point_controls``, with the position of its point; None if there is none."""
    chosen = axes or grid.axes
    places = {point: n for n, point in enumerate(grid.points)}
    positions = itertools.product(*(range(len(axis.values)) for axis in chosen))
    points = (Point.of({**grid.points[first], **part}) for part in grid_points(chosen))
    return {key: places.get(point) for key, point in zip(positions, points, strict=True)}


def absent_words(pictures: str) -> str:
    """The title of a state whose point no optimizer has."""
    return f"No optimizer is trained there ({pictures})"


def point_words(grid: Grid, n: int, axes: Sequence[Axis] = ()) -> str:
    """``learning rate 0.01, batch size 16``, of some axes or of all."""
    return ", ".join(
        f"{axis.words} {number(grid.points[n][axis.name])}" for axis in axes or grid.axes
    )
