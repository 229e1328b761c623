"""What several studies have in common: the same optimizers, points and seeds of all. Pure.

In the flow: between the studies' grids and what is measured over studies.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sweep.analysis.arrays import Grid
from sweep.analysis.comparable import comparable
from sweep.analysis.domain import Domain
from sweep.analysis.wording import counted, counted_values, listed, names_of, number
from sweep.errors import UsageError
from sweep.study.axis import Axis

MAX_TOLD = 8
"""A sentence names at most so many of what is left out."""


@dataclass(frozen=True)
class InCommon:
    """The part of D studies that all of them have finished.

    Attributes:
        grids: D, with the same optimizers, points and seeds in the same order. Refined values are
            left out: the best of more values is higher by chance alone.
        left_out: what was left out, as sentences.
    """

    grids: tuple[Grid, ...]
    left_out: tuple[str, ...]


def in_common(studies: Sequence[str], grids: Sequence[Grid]) -> InCommon:
    """What all studies have finished.

    Args:
        studies: what they are called.
        grids: of each.

    Raises:
        UsageError: there are fewer than two studies, or they have no optimizer, no seed or fewer
            than two points in common.
    """
    _check(grids)
    compared = [comparable(grid) for grid in grids]
    used = [_without_refined(each.grid) for each in compared]
    parts = [
        ("optimizer", *_parted([grid.optimizers for grid in used])),
        ("point", *_parted([grid.points for grid in used])),
        ("seed", *_parted([grid.seeds for grid in used])),
    ]
    for what, shared, _ in parts:
        if not shared:
            raise UsageError(
                f"no {what} that all studies have finished",
                remedy="Name studies with the same optimizers, values and seeds.",
            )
    (_, optimizers, others), (_, points, _), (_, seeds, other_seeds) = parts
    if len(points) == 1:
        raise UsageError(
            f"the studies share one point alone: {points[0]}",
            rule="Sensitivity is what is lost where one point serves all, so it needs several.",
            remedy="Name studies that have more values in common.",
        )
    kept = tuple(_kept(grid, optimizers, points, seeds) for grid in used)
    said = [
        f"{name}: {sentence}"
        for name, each in zip(studies, compared, strict=True)
        for sentence in each.dropped
    ]
    said += [
        *_not_shared("optimizer", names_of(others)),
        *_values_not_shared(used, kept[0].axes),
        *_not_shared("seed", [str(seed) for seed in other_seeds]),
    ]
    return InCommon(kept, tuple(said))


def _check(grids: Sequence[Grid]) -> None:
    if len(grids) < 2:
        raise UsageError(
            "sensitivity is over several studies, not one",
            remedy="Name two or more: of the same optimizers and axes, on other data or models.",
        )
    for what, of in (
        ("axes", [[axis.name for axis in grid.axes] for grid in grids]),
        ("metric", [[grid.metric.name] for grid in grids]),
    ):
        if any(each != of[0] for each in of):
            said = "; ".join(", ".join(each) for each in of)
            raise UsageError(
                f"the studies differ in their {what}: {said}",
                remedy="Name studies that sweep the same, and are judged by the same.",
            )


def _without_refined(grid: Grid) -> Grid:
    return grid.select(points=np.flatnonzero(Domain(grid.axes).in_grid_N).tolist())


def _parted(each: Sequence[Sequence[Any]]) -> tuple[list[Any], list[Any]]:
    """What all of them have, and what only some have, in the order in which they have it."""
    every = [*dict.fromkeys(it for of in each for it in of)]
    shared = [it for it in every if all(it in of for of in each)]
    return shared, [it for it in every if it not in shared]


def _kept(
    grid: Grid, optimizers: Sequence[Any], points: Sequence[Any], seeds: Sequence[Any]
) -> Grid:
    return grid.select(
        [grid.optimizers.index(it) for it in optimizers],
        [grid.points.index(it) for it in points],
        [grid.seeds.index(it) for it in seeds],
    )


def _not_shared(what: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"Left out: {counted(len(names), what)} that not all studies have ({_told(names)})."


def _values_not_shared(grids: Sequence[Grid], axes: Sequence[Axis]) -> Iterator[str]:
    for place, axis in enumerate(axes):
        every = {value for grid in grids for value in grid.axes[place].values}
        others = [number(value) for value in sorted(every - {*axis.values})]
        if others:
            values = counted_values(len(others), axis.words)
            yield f"Left out: {values} that not all studies have ({_told(others)})."


def _told(names: Sequence[str]) -> str:
    if len(names) <= MAX_TOLD:
        return listed(names)
    return f"{', '.join(names[: MAX_TOLD - 1])} and {len(names) - MAX_TOLD + 1} more"
