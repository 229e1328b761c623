"""The arrays of the training curves: loss and accuracy, of training and validation, by epoch.

Legend: see ``drawing``.
"""

from dataclasses import dataclass

import numpy as np

from sweep.analysis import summary as seeds
from sweep.analysis.arrays import Grid, Ints
from sweep.figures.axes import Floats
from sweep.figures.text import thinned

MAX_EPOCHS, MIN_EPOCHS = 51, 11
"""So many epochs are drawn, fewer the more there is to draw."""
MAX_MEANS = 40_000
"""Values of means, in all states together."""
MAX_THIN_VALUES = 60_000
"""Thin lines of single seeds have at most so many values in all states together."""


@dataclass(frozen=True)
class Curve:
    """One of the four curves: each seed's, and the mean of those that have not diverged.

    Attributes:
        quantity: ``loss``, or the metric's name (``accuracy``), of which the arrays hold scores.
        part: ``training`` or ``validation``.
        is_loss: whether it is one of the loss.
        trials_ONSE: NaN from a trial's divergence on, and after its last epoch.
        over_seeds: (O, N, E), over the seeds that are still there.
    """

    quantity: str
    part: str
    is_loss: bool
    trials_ONSE: Floats
    over_seeds: seeds.Summary


@dataclass(frozen=True)
class Curves:
    """The arrays of the figure.

    Attributes:
        epochs: those that are drawn.
        loss: training's and validation's.
        accuracy: training's and validation's.
        last_ON: where each training's last epoch stands among these.
        diverged_at_ONS: epochs; NaN where a trial did not diverge.
        seeds_drawn: how many seeds get a thin line.
    """

    epochs: tuple[int, ...]
    loss: tuple[Curve, Curve]
    accuracy: tuple[Curve, Curve]
    last_ON: Ints
    diverged_at_ONS: Floats
    seeds_drawn: int

    def final_accuracy(self, optimizer: int, point: int) -> float:
        """Mean validation score after the last epoch; NaN where no training came so far."""
        last = self.last_ON[optimizer, point]
        return float(self.accuracy[1].over_seeds.mean[optimizer, point, last])


def compute(grid: Grid) -> Curves:
    """The arrays of the figure, at no more epochs than can be told apart."""
    epochs = _epochs(grid)
    gone_ONSE = grid.diverged_by_epoch()

    def curve(quantity: str, part: str, values_ONSE: Floats, *, is_loss: bool) -> Curve:
        kept = np.where(gone_ONSE | ~np.isfinite(values_ONSE), np.nan, values_ONSE)[..., epochs]
        return Curve(quantity, part, is_loss, kept, seeds.summarize(np.moveaxis(kept, 2, -1)))

    a_seed = 4 * len(grid.optimizers) * len(grid.points) * len(epochs)
    return Curves(
        epochs=tuple(epochs),
        loss=(
            curve("loss", "training", grid.train_loss_ONSE, is_loss=True),
            curve("loss", "validation", grid.valid_loss_ONSE, is_loss=True),
        ),
        accuracy=(
            curve(grid.metric.name, "training", grid.train_accuracy_ONSE, is_loss=False),
            curve(grid.metric.name, "validation", grid.valid_accuracy_ONSE, is_loss=False),
        ),
        last_ON=np.searchsorted(epochs, grid.last_epoch_ON),
        diverged_at_ONS=np.where(grid.diverged, grid.diverged_at_epoch_ONS, np.nan),
        seeds_drawn=min(len(grid.seeds), MAX_THIN_VALUES // a_seed),
    )


def _epochs(grid: Grid) -> list[int]:
    """The epochs that are drawn, with the last one of every point."""
    an_epoch = 4 * len(grid.optimizers) * len(grid.points)
    count = max(MIN_EPOCHS, min(MAX_EPOCHS, MAX_MEANS // an_epoch))
    ends = {int(epoch) for epoch in np.unique(grid.last_epoch_ON)}
    return sorted({*thinned(grid.epochs + 1, count), *ends})
