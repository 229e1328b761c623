"""What the figures say of several seeds: their mean with its interval, diverged trials included.

Legend: see ``family``.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from sweep.analysis.arrays import Grid
from sweep.analysis.intervals import MIN_SEEDS
from sweep.analysis.measures import comparable

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Summary:
    """Over the last axis of what was summarized; NaN where no seed is finished.

    Attributes:
        mean: over the seeds that are finished.
        low, high: its 95 % interval with 3 seeds or more, with 2 their range, with 1 NaN.
        count: the seeds that are finished.
    """

    mean: Floats
    low: Floats
    high: Floats
    count: NDArray[np.int64]


def summarize(values: Floats) -> Summary:
    """The mean over the last axis with its 95 % interval: ± t(n − 1) · sd / √n.

    That is the delete-one-seed jackknife's interval of ``robustness``, which for a mean has this
    closed form. NaN is a seed that is not there.
    """
    there = ~np.isnan(values)
    count = there.sum(axis=-1)
    known = np.where(there, values, 0.0)
    mean = np.where(count > 0, known.sum(axis=-1) / np.maximum(count, 1), np.nan)
    deviation = np.where(there, values - mean[..., None], 0.0)
    variance = (deviation**2).sum(axis=-1) / np.maximum(count - 1, 1)
    half = stdtrit(np.maximum(count - 1, 1), 0.975) * np.sqrt(variance / np.maximum(count, 1))
    least = np.where(there, values, np.inf).min(axis=-1, initial=np.inf)
    most = np.where(there, values, -np.inf).max(axis=-1, initial=-np.inf)
    low = np.where(count >= MIN_SEEDS, mean - half, np.where(count == 2, least, np.nan))
    high = np.where(count >= MIN_SEEDS, mean + half, np.where(count == 2, most, np.nan))
    return Summary(mean, low, high, count)


def counted(grid: Grid) -> NDArray[np.bool_]:
    """The seeds (S,) that means are taken over: those that measures rest on, else all."""
    used = comparable(grid)[0].seeds
    return np.isin(grid.seeds, used) if used else np.ones(len(grid.seeds), bool)


def diverged(grid: Grid) -> NDArray[np.bool_]:
    """Which trials have diverged, by epoch (O, N, S, E)."""
    epochs_E = np.arange(grid.epochs + 1)
    return grid.diverged[..., None] & (grid.diverged_at_epoch_ONS[..., None] <= epochs_E)


def capped_loss(grid: Grid) -> Floats:
    """Training loss by epoch (O, N, S, E) as the learning-rate sensitivity takes it.

    At most ℓ0, the lesser of the trial's loss before training and that of guessing; from its
    divergence on a trial has ℓ0. NaN where a trial is not finished.
    """
    limit_ONS1 = np.fmin(grid.train_loss_ONSE[..., :1], grid.guessing_loss)
    kept_ONSE = np.minimum(grid.train_loss_ONSE, limit_ONS1)
    counted_ONSE = np.where(diverged(grid), limit_ONS1, kept_ONSE)
    return np.where(grid.finished_ONS[..., None], counted_ONSE, np.nan)
