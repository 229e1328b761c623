"""The arrays of the gradients' figure: which panels it has, which rows, and how high they are.

Legend: see ``drawing``; R rows of a panel, one a recorded step; B bins that are drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sweep.analysis.gradients import Gradients, Recorded
from sweep.figures.axes import Floats
from sweep.figures.text import thinned
from sweep.results.gradients import EDGES

MAX_PANELS, PANELS_OF_MANY = 6, 3
"""So many optimizers are drawn; where there are more, so many of them, the first ones."""
MAX_ROWS, MIN_ROWS = 14, 3
MAX_VALUES = 8_000
"""In all states together, fewer rows where there are many points."""
MOST_TOLD = 24
"""Where there are more optimizers × points, flat ridges tell no shares when hovered."""
LEAST_SHARE = 1e-3
"""Outer bins are left out that have less everywhere."""


@dataclass(frozen=True)
class Extent:
    """What all states of the figure have in common.

    Attributes:
        optimizers: positions of those that are drawn.
        first_bin, last_bin: those that are drawn, both included.
        rows: of a panel, at most.
        tells_shares: whether flat ridges tell shares when hovered: not where there are many.
        highest: the highest share of any bin.
    """

    optimizers: tuple[int, ...]
    first_bin: int
    last_bin: int
    rows: int
    tells_shares: bool
    highest: float

    @property
    def decades(self) -> Floats:
        """Middles of the bins that are drawn, as log10 of a gradient's size."""
        middles = (EDGES[:-1] + EDGES[1:]) / 2
        return middles[self.first_bin : self.last_bin + 1]


@dataclass(frozen=True)
class Ridge:
    """An optimizer's histograms at a point.

    Attributes:
        optimizer: its position.
        rows: of each of R rows, its position; those of steps that were not recorded are left out.
        share_RB: of the weights.
    """

    optimizer: int
    rows: tuple[int, ...]
    share_RB: Floats


def extent(gradients: Gradients, points: int) -> Extent | None:
    """Of all states; None where nothing was recorded.

    Args:
        gradients: all that was recorded.
        points: N.
    """
    optimizers = tuple(sorted({o for o, _ in gradients}))
    if len(optimizers) > MAX_PANELS:
        optimizers = optimizers[:PANELS_OF_MANY]
    shown = [each for (o, _), each in gradients.items() if o in optimizers]
    if not shown:
        return None
    highest_B = np.max([np.nan_to_num(each.share_RB).max(axis=0) for each in shown], axis=0)
    (there,) = np.nonzero(highest_B > LEAST_SHARE)
    first, last = (int(there[0]), int(there[-1])) if there.size else (0, len(highest_B) - 1)
    first, last = max(first - 1, 0), min(last + 1, len(highest_B) - 1)
    steps = max(len({*each.steps}) for each in shown)
    budget = MAX_VALUES // (len(optimizers) * max(points, 1) * (last - first + 1))
    rows = min(steps, max(MIN_ROWS, min(MAX_ROWS, budget)))
    return Extent(
        optimizers, first, last, rows, len(optimizers) * points <= MOST_TOLD, float(highest_B.max())
    )


def steps_at(gradients: Gradients, drawn: Extent, point: int) -> tuple[int, ...]:
    """The steps that are rows at a point, of all its optimizers together."""
    there = _at(gradients, drawn, point)
    steps = sorted({step for each in there.values() for step in each.steps})
    return tuple(steps[place] for place in thinned(len(steps), drawn.rows))


def ridges(
    gradients: Gradients, drawn: Extent, point: int, steps: Sequence[int]
) -> tuple[Ridge, ...]:
    """The histograms at a point, by optimizer."""
    bins = slice(drawn.first_bin, drawn.last_bin + 1)
    found = []
    for o, each in _at(gradients, drawn, point).items():
        rows = tuple(row for row, step in enumerate(steps) if step in each.steps)
        places = [each.steps.index(steps[row]) for row in rows]
        share_RB = np.asarray(each.share_RB[places][:, bins], np.float64)
        found.append(Ridge(o, rows, np.nan_to_num(share_RB)))
    return tuple(found)


def _at(gradients: Gradients, drawn: Extent, point: int) -> dict[int, Recorded]:
    return {o: gradients[o, point] for o in drawn.optimizers if (o, point) in gradients}
