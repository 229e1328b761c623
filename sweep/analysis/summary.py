"""What the figures say of several seeds: their mean with its interval, diverged trials included.

Legend: O optimizers, N points, S seeds, E epochs.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from sweep.analysis.arrays import Bools, Floats, Grid, Ints
from sweep.analysis.comparable import comparable
from sweep.analysis.intervals import CONFIDENCE, MIN_SEEDS
from sweep.study.metric import Metric


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
    count: Ints

    def at(self, place: tuple[int, ...]) -> "Summary":
        """The part of the arrays at the first positions."""
        return Summary(self.mean[place], self.low[place], self.high[place], self.count[place])

    def in_values(self, metric: Metric) -> "Summary":
        """The summary of scores as one of the metric's values."""
        return Summary(metric.value(self.mean), *metric.ends(self.low, self.high), self.count)


def summarize(values: Floats) -> Summary:
    """The mean over the last axis with its 95 % interval: ± t(n − 1) · sd / √n.

    That is the delete-one-seed jackknife's interval of ``intervals``, which for a mean has this
    closed form. NaN is a seed that is not there.
    """
    there = ~np.isnan(values)
    count = there.sum(axis=-1)
    known = np.where(there, values, 0.0)
    mean = np.where(count > 0, known.sum(axis=-1) / np.maximum(count, 1), np.nan)
    deviation = np.where(there, values - mean[..., None], 0.0)
    variance = (deviation**2).sum(axis=-1) / np.maximum(count - 1, 1)
    half = stdtrit(np.maximum(count - 1, 1), (1 + CONFIDENCE) / 2) * np.sqrt(
        variance / np.maximum(count, 1)
    )
    least = np.where(there, values, np.inf).min(axis=-1, initial=np.inf)
    most = np.where(there, values, -np.inf).max(axis=-1, initial=-np.inf)
    low = np.where(count >= MIN_SEEDS, mean - half, np.where(count == 2, least, np.nan))
    high = np.where(count >= MIN_SEEDS, mean + half, np.where(count == 2, most, np.nan))
    return Summary(mean, low, high, count)


def counted_seeds(grid: Grid) -> Bools:
    """The seeds (S,) that means are taken over: those that measures rest on, else all."""
    used = comparable(grid).grid.seeds
    return np.isin(grid.seeds, used) if used else np.ones(len(grid.seeds), bool)
