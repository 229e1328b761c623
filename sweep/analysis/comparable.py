"""Which part of a grid measures may rest on: what all compared optimizers share, and is finished.

Legend: O optimizers, N points, S seeds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sweep.analysis.arrays import Grid, Ints
from sweep.analysis.wording import counted_values, listed, number
from sweep.study.axis import Axis

MAX_TOLD = 8
"""A sentence names at most so many values."""


@dataclass(frozen=True)
class Compared:
    """The part of a grid that can be compared, and sentences about what was left out.

    Attributes:
        grid: without seeds where nothing can be compared.
        has_shared_points: whether there is a point that all its optimizers have.
        optimizers_left_out, points_left_out, seeds_left_out: what was left out, and why.
    """

    grid: Grid
    has_shared_points: bool = True
    optimizers_left_out: tuple[str, ...] = ()
    points_left_out: tuple[str, ...] = ()
    seeds_left_out: tuple[str, ...] = ()

    @property
    def dropped(self) -> tuple[str, ...]:
        """All that was left out."""
        return (*self.optimizers_left_out, *self.points_left_out, *self.seeds_left_out)


def comparable(grid: Grid) -> Compared:
    """The part of a grid that can be compared.

    An optimizer without a single finished trial is not compared: it would take all seeds from the
    others. Points count that all compared optimizers have: every combination of the values that
    they share on each axis. Only seeds count that are finished for all compared optimizers at all
    these points.
    """
    begun_O = [bool(finished_NS.any()) for finished_NS in grid.finished_ONS]
    if not any(begun_O):
        nothing = grid.select(points=_one_product(grid), seeds=())
        return Compared(nothing, seeds_left_out=("No trial is finished yet.",))
    begun = _planned(grid.select(optimizers=np.flatnonzero(begun_O).tolist()))
    not_begun = tuple(
        f"{label} is not compared: none of its trials is finished."
        for label, has_begun in zip(grid.optimizers, begun_O, strict=True)
        if not has_begun
    )
    shared_N = begun.planned_ON.all(axis=0)
    if not shared_N.any():
        why = f"There is no {grid.hyperparameter} at which all optimizers are trained."
        nothing = begun.select(points=_one_product(begun), seeds=())
        return Compared(nothing, False, not_begun, (why,))
    shared = begun.select(points=np.flatnonzero(shared_N).tolist())
    complete_S = shared.finished_ONS.all(axis=(0, 1))
    return Compared(
        shared.select(seeds=np.flatnonzero(complete_S).tolist()),
        optimizers_left_out=not_begun,
        points_left_out=tuple(_points_left_out(begun.axes, shared.axes)),
        seeds_left_out=tuple(_seeds_left_out(shared, np.flatnonzero(~complete_S).tolist())),
    )


def _planned(grid: Grid) -> Grid:
    """The grid without points that none of its optimizers has."""
    return grid.select(points=np.flatnonzero(grid.planned_ON.any(axis=0)).tolist())


def _one_product(grid: Grid) -> list[int]:
    """Points that are all combinations of some values: what all share, else the first one's."""
    shared_N = grid.planned_ON.all(axis=0)
    return np.flatnonzero(shared_N if shared_N.any() else grid.planned_ON[0]).tolist()


def _points_left_out(every: Sequence[Axis], shared: Sequence[Axis]) -> Iterator[str]:
    for axis, kept in zip(every, shared, strict=True):
        left_out = [value for value in axis.values if value not in kept.values]
        if left_out:
            yield (
                f"Compared at the {counted_values(len(kept.values), kept.words)} that all "
                f"optimizers have ({_told(kept.values)}); {_told(left_out)} "
                f"{'is' if len(left_out) == 1 else 'are'} left out."
            )


def _told(values: Sequence[float]) -> str:
    """The values, of many the first and the last."""
    if len(values) > MAX_TOLD:
        return f"{len(values)} from {number(values[0])} to {number(values[-1])}"
    return listed([number(value) for value in values])


def _seeds_left_out(shared: Grid, seeds: Sequence[int]) -> Iterator[str]:
    missing_OS = (~shared.finished_ONS).sum(axis=1)
    for position in seeds:
        yield _why_left_out(shared, position, missing_OS[:, position])


def _why_left_out(grid: Grid, seed: int, missing_O: Ints) -> str:
    lacking = [
        f"{missing} of {label}"
        for label, missing in zip(grid.optimizers, missing_O, strict=True)
        if missing
    ]
    return f"Seed {grid.seeds[seed]} is left out: trials are not finished ({', '.join(lacking)})."
