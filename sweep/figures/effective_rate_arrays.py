"""The arrays of the effective learning rate: the factor on it at every step of a training.

Legend: see ``drawing``; K steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sweep.analysis.arrays import Grid
from sweep.analysis.evidence import Multipliers
from sweep.figures.axes import Floats
from sweep.figures.text import thinned
from sweep.study.axis import Axis

MAX_STEPS = 300
"""Of one line; fewer where there are many points."""
MIN_STEPS = 40
MAX_VALUES = 60_000
"""In all states together."""
FIRST_STEPS = 20
"""These are all drawn: there rectification begins."""


@dataclass(frozen=True)
class Multiplier:
    """Of one optimizer at one point.

    Attributes:
        index: the optimizer's position in the study.
        steps: those that are drawn, from 1.
        factor: at these.
        full_at: the first step with at least 0.99 of the learning rate from which on it stays
            there; None where there is none.
        count: of all steps.
    """

    index: int
    steps: Floats
    factor: Floats
    full_at: int | None
    count: int


def varying(grid: Grid, multipliers_O: Sequence[Multipliers | None]) -> tuple[Axis, ...]:
    """The axes along which any optimizer's multipliers differ from point to point."""
    by_point = [factor for factor in multipliers_O if factor is not None and len(factor) > 1]
    if not by_point:
        return ()
    found = tuple(
        axis for axis in grid.axes if any(_varies(grid, axis, factor) for factor in by_point)
    )
    return found or grid.axes


def _varies(grid: Grid, axis: Axis, factor_NK: Multipliers) -> bool:
    """Whether the multipliers of points differ that are apart along this axis alone."""
    first: dict[tuple[float, ...], Multipliers] = {}
    for point, factor_K in zip(grid.points, factor_NK, strict=True):
        others = tuple(value for name, value in point.items() if name != axis.name)
        is_known = not np.isnan(factor_K).all()
        if is_known and not np.array_equal(
            first.setdefault(others, factor_K), factor_K, equal_nan=True
        ):
            return True
    return False


def compute(multipliers_O: Sequence[Multipliers | None], point: int = 0) -> tuple[Multiplier, ...]:
    """The multipliers that are known at a point, at so many steps as can be told apart."""
    points = max((len(factor) for factor in multipliers_O if factor is not None), default=1)
    lines = points * len(multipliers_O)
    steps = max(MIN_STEPS, min(MAX_STEPS, MAX_VALUES // lines))
    return tuple(
        _multiplier(index, factor_K, steps)
        for index, factor_NK in enumerate(multipliers_O)
        if factor_NK is not None and (factor_K := _at(factor_NK, point)).size
    )


def _at(factor_NK: Multipliers, point: int) -> Floats:
    """The factor at every step of the training at a point; empty where it is not known."""
    factor_K = np.asarray(factor_NK[point if len(factor_NK) > 1 else 0], dtype=np.float64)
    return factor_K[~np.isnan(factor_K)]


def _multiplier(index: int, factor_K: Floats, steps: int) -> Multiplier:
    count = len(factor_K)
    shown = sorted({*range(min(FIRST_STEPS, count)), *thinned(count, steps)})
    below = np.flatnonzero(~(factor_K >= 0.99))
    full_at = int(below[-1]) + 2 if below.size else 1
    return Multiplier(
        index=index,
        steps=np.array(shown, dtype=np.float64) + 1,
        factor=factor_K[shown],
        full_at=full_at if full_at <= count else None,
        count=count,
    )
