"""Estimates with 95 % intervals over seeds: the jackknife, Student's t, and Holm's correction.

Every measure of robustness is a function of means over seeds, so its delete-one-seed jackknife
(Tukey 1958) is that function of ``seed_means``: once of all seeds, and once without each seed.

Legend: S seeds, R = 1 + S replicates (of all seeds, then without each one), O optimizers,
M pairs of optimizers, X any other axes.
"""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from scipy import special

from sweep.analysis.arrays import Bools, Floats
from sweep.analysis.spending import MIN_SEEDS, Spending, only_look
from sweep.study.metric import Metric
from sweep.study.study import Pairs

CONFIDENCE = 0.95
ROUNDING = 1e-12
"""Differences and standard errors below it are rounding errors: zero."""


@dataclass(frozen=True)
class Estimate:
    """Values with their 95 % intervals over seeds, arrays of one shape.

    Attributes:
        value: the estimates; NaN where nothing was measured.
        low, high: ends of the intervals; NaN with fewer than ``MIN_SEEDS`` seeds.
    """

    value: Floats
    low: Floats
    high: Floats

    def in_values(self, metric: Metric) -> "Estimate":
        """Estimates of scores, or of differences of them, as those of the metric's values."""
        return Estimate(metric.value(self.value), *metric.ends(self.low, self.high))


@dataclass(frozen=True)
class Differences:
    """Differences between pairs of optimizers, paired by seed, with corrected intervals.

    Attributes:
        pairs: M pairs of positions (a, b), a < b; the difference is a's value minus b's.
        value, low, high: differences and ends of their intervals, (M,); the ends are NaN with
            fewer than ``MIN_SEEDS`` seeds.
        p_value: p values adjusted for the pairs (Holm) and the earlier looks, (M,); below 0.05
            exactly where the interval excludes zero.
        error: standard errors, (M,).
        level: the levels that Holm's procedure tests the pairs at, (M,), for all looks together.
    """

    pairs: tuple[tuple[int, int], ...]
    value: Floats
    low: Floats
    high: Floats
    p_value: Floats
    error: Floats
    level: Floats

    def in_values(self, metric: Metric) -> "Differences":
        """Differences of scores as those of the metric's values."""
        low, high = metric.ends(self.low, self.high)
        return replace(self, value=metric.value(self.value), low=low, high=high)

    @property
    def claimed(self) -> Bools:
        """Which differences can be claimed: their interval excludes zero."""
        return (self.low > 0) | (self.high < 0)

    def of(self, first: int, second: int) -> tuple[float, float, float, bool]:
        """Value, low and high of ``first`` minus ``second``, and whether it can be claimed."""
        ordered = (min(first, second), max(first, second))
        at = self.pairs.index(ordered)
        value, low, high = (float(array[at]) for array in (self.value, self.low, self.high))
        if ordered != (first, second):
            value, low, high = -value, -high, -low
        return value, low, high, bool(self.claimed[at])


def seed_means(values_XS: Floats) -> Floats:
    """Means over all seeds, and without each seed.

    Args:
        values_XS: (…, S).

    Returns:
        (R, …): first the mean over all seeds, then S means over the others; the first alone where
        S is 1, and that NaN where S is 0.
    """
    seeds = values_XS.shape[-1]
    if seeds == 0:
        return np.full((1, *values_XS.shape[:-1]), np.nan)
    mean_X = values_XS.mean(axis=-1)
    if seeds == 1:
        return mean_X[None]
    without_XS = mean_X[..., None] + (mean_X[..., None] - values_XS) / (seeds - 1)
    return np.concatenate([mean_X[None], np.moveaxis(without_XS, -1, 0)])


def standard_error(replicates_RX: Floats) -> Floats:
    """The delete-one-seed jackknife's standard error, √[(S−1)/S · Σ (θ₍ₛ₎ − θ̄)²].

    Args:
        replicates_RX: (R, …) a measure of all seeds, then without each seed.

    Returns:
        (…,): NaN with fewer than ``MIN_SEEDS`` seeds; rounding errors are 0.
    """
    seeds = len(replicates_RX) - 1
    if seeds < MIN_SEEDS:
        return np.full(replicates_RX.shape[1:], np.nan)
    without_SX = replicates_RX[1:]
    deviations_SX = without_SX - without_SX.mean(axis=0)
    error_X = np.sqrt((seeds - 1) / seeds * np.sum(deviations_SX**2, axis=0))
    return np.where(error_X < ROUNDING, 0.0, error_X)


def estimate(
    replicates_RX: Floats, *, lowest: float = -np.inf, highest: float = np.inf
) -> Estimate:
    """Estimate ± t(S − 1) × the jackknife's standard error.

    Args:
        replicates_RX: (R, …) a measure of all seeds, then without each seed.
        lowest, highest: what the measure can be; intervals end there.
    """
    value_X = replicates_RX[0]
    degrees = max(len(replicates_RX) - 2, 1)
    half_X = special.stdtrit(degrees, (1 + CONFIDENCE) / 2) * standard_error(replicates_RX)
    return Estimate(
        value_X, np.maximum(value_X - half_X, lowest), np.minimum(value_X + half_X, highest)
    )


def pairs_of(count: int, which: Pairs = "all") -> tuple[tuple[int, int], ...]:
    """Pairs of positions that are compared; those with the first come first.

    Example:
        >>> pairs_of(3), pairs_of(3, "first")
        (((0, 1), (0, 2), (1, 2)), ((0, 1), (0, 2)))
    """
    pairs = combinations(range(count), 2)
    return tuple(pair for pair in pairs if which == "all" or pair[0] == 0)


def differences(
    replicates_RXO: Floats,
    *,
    least_error: Floats | float = 0.0,
    which: Pairs = "all",
    spending: Spending | None = None,
) -> Differences:
    """Differences between pairs of optimizers, paired by seed, Holm-corrected (Holm 1979).

    The pair with the i-th smallest p value of M gets an interval of level 1 − 0.05/(M − i + 1)
    as long as all before it exclude zero; from the first that does not, the level stays. So an
    interval excludes zero exactly where Holm's procedure rejects, which bounds the probability of
    any wrong claim by 0.05 where Student's t holds. Simulated with identical optimizers, it
    stays below 0.06 with heavy tails and with trials that fail to learn by chance too. For among
    many pairs, a few seeds agree somewhere by coincidence: from 4^(S − 2) pairs on (4 with 3
    seeds, 16 with 4), no pair's standard error is taken as below their root mean square.

    Where there were earlier looks, or more are planned, each level is the one that the present
    look has of it (see ``spending``), and the intervals are repeated ones (Jennison & Turnbull
    1989).

    Args:
        replicates_RXO: (R, …, O) a measure of all seeds, then without each seed; the pairs of
            one X are corrected together.
        least_error: the least standard error that differences can have, (…, M) or one for all,
            so that seeds that agree by coincidence do not pass for certainty.
        which: ``all`` pairs, or those with the ``first`` optimizer.
        spending: the present look among all; None where it is the only one.

    Returns:
        Differences whose arrays are (…, M).
    """
    spending = spending or only_look(len(replicates_RXO) - 1)
    pairs = pairs_of(replicates_RXO.shape[-1], which)
    first, second = (np.array([pair[side] for pair in pairs], dtype=int) for side in (0, 1))
    replicates_RXM = replicates_RXO[..., first] - replicates_RXO[..., second]
    value_XM = np.where(np.abs(replicates_RXM[0]) < ROUNDING, 0.0, replicates_RXM[0])
    error_XM = np.maximum(standard_error(replicates_RXM), least_error)
    if np.log2(max(len(pairs), 1)) >= 2 * (len(replicates_RXO) - 3):
        error_XM = np.maximum(error_XM, _root_mean_square(error_XM))
    degrees = max(len(replicates_RXO) - 2, 1)
    p_XM = spending.overall(two_sided_p(value_XM, error_XM, degrees))
    adjusted_XM, level_XM = holm(p_XM, 1 - CONFIDENCE)
    half_XM = special.stdtrit(degrees, 1 - spending.nominal(level_XM) / 2) * error_XM
    return Differences(
        pairs,
        value_XM,
        value_XM - half_XM,
        value_XM + half_XM,
        adjusted_XM,
        error_XM,
        level_XM,
    )


def _root_mean_square(error_XM: Floats) -> Floats:
    """Of the known ones of the last axis, (…, 1); 0 where none is known."""
    is_known_XM = ~np.isnan(error_XM)
    total_X1 = np.sum(np.where(is_known_XM, error_XM, 0) ** 2, axis=-1, keepdims=True)
    return np.sqrt(total_X1 / np.maximum(is_known_XM.sum(axis=-1, keepdims=True), 1))


def two_sided_p(value_X: Floats, error_X: Floats, degrees: int) -> Floats:
    """Two-sided p values of Student's t; 1 where value and standard error are both 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t_X = np.abs(value_X) / error_X
    t_X = np.where((value_X == 0) & (error_X == 0), 0.0, t_X)
    return 2 * special.stdtr(degrees, -t_X)


def holm(p_XM: Floats, level: float) -> tuple[Floats, Floats]:
    """Holm's step-down procedure over the last axis.

    Args:
        p_XM: (…, M) p values; NaN never rejects.
        level: family-wise error rate.

    Returns:
        Adjusted p values, (…, M), and the level at which each is tested, (…, M): level/(M − i)
        after i rejections.
    """
    count = p_XM.shape[-1]
    ranks = np.arange(count)
    order_XM = np.argsort(p_XM, axis=-1, kind="stable")
    scaled_XM = (count - ranks) * np.take_along_axis(p_XM, order_XM, axis=-1)
    sorted_XM = np.minimum(np.maximum.accumulate(scaled_XM, axis=-1), 1)
    rejected_X1 = np.sum(sorted_XM < level, axis=-1, keepdims=True)
    levels_XM = level / (count - np.minimum(ranks, rejected_X1))
    adjusted_XM, level_XM = np.empty(p_XM.shape), np.empty(p_XM.shape)
    np.put_along_axis(adjusted_XM, order_XM, sorted_XM, axis=-1)
    np.put_along_axis(level_XM, order_XM, levels_XM, axis=-1)
    return adjusted_XM, level_XM
