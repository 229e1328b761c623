"""The arrays of the main figure: accuracy and loss by point and epoch, over seeds and each seed's.

Legend: see ``drawing``; M some of the points.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sweep.analysis import summary as seeds
from sweep.analysis.arrays import Grid
from sweep.figures.axes import Floats
from sweep.figures.marks import are_points_drawn
from sweep.figures.text import thinned

MAX_STATES, MIN_STATES, MIN_STATES_OF_SLICES = 21, 6, 3
"""The slider has so many positions, fewer the more there is to draw."""
MAX_MARKS = 15_000
"""In all positions together."""
MAX_TRACES = 3_000
"""In all positions of all slices together: each has a price, however little it draws."""


@dataclass(frozen=True)
class Quantity:
    """What the vertical axis shows, by point, seed and epoch, and its summary over seeds."""

    trials_ONSE: Floats
    over_seeds: seeds.Summary


@dataclass(frozen=True)
class Robustness:
    """The arrays of the figure; after a point's own last epoch, what it ended with stays.

    Attributes:
        epochs: those that the slider offers.
        known: how many epochs something is known of.
        accuracy: scores of validation.
        loss: of training, capped as the sensitivity caps it.
        diverged_ONSE: which trials have diverged by then.
        in_grid_N: which points what is best and worst is taken from: without refined values.
    """

    epochs: tuple[int, ...]
    known: int
    accuracy: Quantity
    loss: Quantity
    diverged_ONSE: NDArray[np.bool_]
    in_grid_N: NDArray[np.bool_]

    @property
    def quantities(self) -> tuple[Quantity, Quantity]:
        """Accuracy and loss, in the order of the switch between them."""
        return self.accuracy, self.loss

    def best(self, state: int) -> float:
        """The best mean accuracy of any optimizer at any point; −∞ where there is none."""
        mean_ON = self.accuracy.over_seeds.mean[:, self.in_grid_N, state]
        return float(mean_ON[np.isfinite(mean_ON)].max(initial=-np.inf))

    def worst(self, optimizer: int, points: NDArray[np.int64]) -> float:
        """An optimizer's lowest mean accuracy at points at the end; NaN where there is none."""
        counted = points[self.in_grid_N[points]]
        mean_M = self.accuracy.over_seeds.mean[optimizer, counted, -1]
        known = mean_M[np.isfinite(mean_M)]
        return float(known.min()) if known.size else float("nan")


def compute(grid: Grid) -> Robustness:
    """The arrays of the figure, at no more epochs than a slider should have."""
    known = _known_epochs(grid)
    epochs = [known[place] for place in thinned(len(known), _states(grid))]
    counted_S = seeds.counted_seeds(grid)

    def quantity(values_ONSE: Floats) -> Quantity:
        shown_ONSE = held(values_ONSE, grid)[..., epochs]
        over_seeds = seeds.summarize(np.moveaxis(shown_ONSE[:, :, counted_S], 2, -1))
        return Quantity(shown_ONSE, over_seeds)

    return Robustness(
        epochs=tuple(epochs),
        known=len(known),
        accuracy=quantity(grid.counted_accuracy()),
        loss=quantity(grid.capped_loss()),
        diverged_ONSE=grid.diverged_by_epoch()[..., epochs],
        in_grid_N=in_grid(grid),
    )


def in_grid(grid: Grid) -> NDArray[np.bool_]:
    """Which points have no refined value."""
    refined = [{*axis.values}.difference(axis.grid_values) for axis in grid.axes]
    return np.array(
        [
            not any(value in some for value, some in zip(point.values(), refined, strict=True))
            for point in grid.points
        ],
        dtype=bool,
    )


def _known_epochs(grid: Grid) -> list[int]:
    """The epochs that are on record: of imported results not all are, of no results all count."""
    is_known_E = np.array(~np.isnan(grid.valid_accuracy_ONSE).all(axis=(0, 1, 2)), dtype=bool)
    if not grid.finished_ONS.any():
        is_known_E = np.ones_like(is_known_E)
    is_known_E[-1] = True
    return np.flatnonzero(is_known_E).tolist()


def held(values_ONSE: Floats, grid: Grid) -> Floats:
    """Series by epoch that keep their last value after a point's own last epoch."""
    epochs_E = np.arange(grid.epochs + 1)
    at_ONSE = np.minimum(epochs_E, grid.last_epoch_ON[..., None])[:, :, None]
    return np.take_along_axis(values_ONSE, np.broadcast_to(at_ONSE, values_ONSE.shape), axis=-1)


def _states(grid: Grid) -> int:
    """How many positions the slider has at most."""
    means = len(grid.optimizers) * len(grid.points)
    marks = grid.finished_ONS.size if are_points_drawn(grid) else 3 * means
    if len(grid.axes) == 1:
        return min(MAX_STATES, max(MIN_STATES, MAX_MARKS // marks))
    slices = sum(len(axis.values) for axis in grid.axes)
    traces = 2 * slices * len(grid.optimizers) * (5 if are_points_drawn(grid) else 3)
    count = min(MAX_STATES, MAX_MARKS // (2 * marks), MAX_TRACES // traces)
    return max(MIN_STATES_OF_SLICES, count)
