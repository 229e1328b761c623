"""The measures themselves: pure functions of curves over the points of a study.

None knows of seeds: given means over seeds they give estimates, given means without one seed they
give the jackknife's replicates. All are vectorised over leading axes.

Lengths, areas and the weights of means come from ``domain``.

Legend: N points, E = T + 1 epochs with epoch 0, K = N points tried, O optimizers, S seeds, M pairs
of optimizers, X any leading axes.
"""

from itertools import combinations

import numpy as np

from sweep.analysis.arrays import Bools, Floats, Ints
from sweep.analysis.extents import ROUNDING

MARGIN = 0.02
"""Accuracy within which a result counts as being as good as the best, or as having learned nothing.

At 0.01, three identical flat optimizers scatter over a third of the range; at 0.02 they do not. Of
another metric it is what the study calls near.
"""
Z_95 = 1.959964
"""Standard errors on either side of a normal distribution's middle that hold 95 % of it."""
CONVERGED_SHARE = 0.9
"""Share of the way from the baseline to the best accuracy at which a training has converged."""


def mean(curve_XN: Floats, weights_N: Floats) -> Floats:
    """Weighted mean over the points, (…, N) → (…,)."""
    return curve_XN @ weights_N


def worst_case(accuracy_XN: Floats) -> Floats:
    """The lowest accuracy at any point, (…, N) → (…,)."""
    return accuracy_XN.min(axis=-1)


def spread(accuracy_XN: Floats) -> Floats:
    """Highest minus lowest accuracy over the points, (…, N) → (…,)."""
    return accuracy_XN.max(axis=-1) - accuracy_XN.min(axis=-1)


def robust_threshold(best_X: Floats, baseline: float, near: float = MARGIN) -> Floats:
    """Accuracy from which a result counts as robust: the best minus ``near``.

    It is at least the accuracy up to which nothing was learned; NaN where the best is.
    """
    lowest = np.where(np.isnan(best_X), np.nan, baseline + near)
    return np.fmax(best_X - near, lowest)


def learned_nothing(accuracy_XN: Floats, baseline: float, near: float = MARGIN) -> Bools:
    """Which curves are nowhere more than ``near`` above the baseline, (…, N) → (…,).

    Not those that are not measured, nor any where the baseline is not known (NaN).
    """
    return accuracy_XN.max(axis=-1) <= baseline + near + ROUNDING


def sensitivity(loss_XN: Floats, weights_N: Floats) -> Floats:
    """Weighted mean of the loss above its lowest (after Wortsman et al. 2023).

    Args:
        loss_XN: (…, N) means over seeds of the capped training losses, in nats.
        weights_N: of sum 1.

    Returns:
        (…,) in nats. Source: Wortsman et al. 2023, Small-scale proxies for large-scale Transformer
        training instabilities, arXiv 2309.14322, section 2.3; there the mean is a plain one.
    """
    return mean(loss_XN - loss_XN.min(axis=-1, keepdims=True), weights_N)


def failed_to_learn(
    accuracy_X: Floats, diverged_X: Bools, baseline: float, near: float = MARGIN
) -> Bools:
    """Which trials diverged or ended at most ``near`` above the baseline.

    Where the baseline is not known (NaN), those that diverged.
    """
    return diverged_X | (accuracy_X <= baseline + near + ROUNDING)


def expected_best(accuracy_XN: Floats) -> Floats:
    """Expected best accuracy of k points tried at random, without replacement, for k = 1 … N.

    The j-th smallest of N is the best of k with probability C(j−1, k−1) / C(N, k).

    Args:
        accuracy_XN: (…, N).

    Returns:
        (…, K), k = 1 … N in order. Source: after Dodge et al. 2019, Show Your Work,
        arXiv 1909.03004, where draws are with replacement.

    Example:
        >>> expected_best(np.array([0.5, 0.7, 0.9])).round(3).tolist()
        [0.7, 0.833, 0.9]
    """
    count = accuracy_XN.shape[-1]
    rank_N = np.arange(1, count + 1)
    tried_K = np.arange(count)
    within_KN = np.maximum(rank_N - tried_K[:, None], 0) / (count - tried_K[:, None])
    at_most_KN = np.cumprod(within_KN, axis=0)
    probability_KN = np.diff(at_most_KN, axis=1, prepend=0)
    return np.sort(accuracy_XN, axis=-1) @ probability_KN.T


def improvement(accuracy_ONS: Floats) -> Floats:
    """Share of the points at which each optimizer is better than each other, seed by seed.

    Ties count one half.

    Args:
        accuracy_ONS: (O, N, S).

    Returns:
        (O, O, S): of row over column; its mean over seeds is the probability of improvement
        (Agarwal et al. 2021, arXiv 2108.13264) at a random point and seed, paired.
    """
    gap = accuracy_ONS[:, None] - accuracy_ONS[None]
    better = np.where(np.abs(gap) < ROUNDING, 0.5, gap > 0)
    return better.mean(axis=2)


def epochs_to_reach(accuracy_XE: Floats, target_X: Floats) -> Floats:
    """Epochs until a curve first reaches a target, linear between epochs.

    Args:
        accuracy_XE: (…, E) by epoch, from epoch 0; NaN where an epoch is not known. What is not
            known before the target is reached counts as below it, up to the epoch that reached it.
        target_X: (…,) or what broadcasts to it.

    Returns:
        (…,) epochs; infinite where the target is never reached.
    """
    reached = accuracy_XE >= target_X[..., None] - ROUNDING
    first = np.argmax(reached, axis=-1)
    before = np.maximum(first - 1, 0)
    high = np.take_along_axis(accuracy_XE, first[..., None], axis=-1)[..., 0]
    low = np.take_along_axis(accuracy_XE, before[..., None], axis=-1)[..., 0]
    rise = np.maximum(high - low, ROUNDING)
    epochs_X = before + np.where(np.isnan(low), 1, np.clip((target_X - low) / rise, 0, 1))
    epochs_X = np.where(first == 0, 0.0, epochs_X)
    return np.where(reached.any(axis=-1), epochs_X, np.inf)


def convergence_target(best_X: Floats, baseline: float) -> Floats:
    """The accuracy at which a training has converged: baseline + 0.9 · (best − baseline)."""
    return baseline + CONVERGED_SHARE * (best_X - baseline)


def sampling_error(accuracy_X: Floats, examples: int) -> Floats:
    """Standard error of an accuracy that is due to the choice of examples, √[a(1 − a)/n].

    That is 0 for a perfect accuracy, which n examples do not prove. So it is at least the one that
    Agresti & Coull (1998, The American Statistician 52) give to n right answers of n: √[p(1 − p)/m]
    with m = n + z², p = (n + z²/2)/m and z = 1.96. For 500 examples that is 0.27 points. NaN where
    their number is not known, 0.
    """
    if not examples:
        return np.full_like(accuracy_X, np.nan)
    counted = examples + Z_95**2
    share = (examples + Z_95**2 / 2) / counted
    least = np.sqrt(share * (1 - share) / counted)
    return np.maximum(np.sqrt(np.maximum(accuracy_X * (1 - accuracy_X), 0) / examples), least)


def rounding_error(weights_N: Floats, training_ON: Ints, seeds: int, examples: int) -> Floats:
    """Standard error that a difference of mean accuracies has from whole examples alone.

    A share of n examples is rounded to 1/n, so has a standard deviation of 1/(n √12), at each
    training independently; points with the same training share it. 0 without seeds, and where
    the number of examples is not known.

    Args:
        weights_N: of the points in a mean.
        training_ON: the first point with the same training (see ``Grid``).
        seeds, examples: how many; 0 examples are an unknown number.

    Returns:
        (M,), by pair of optimizers in the order of ``itertools.combinations``.
    """
    first, second = _pairs(len(training_ON))
    if seeds == 0 or examples == 0:
        return np.zeros(len(first))
    squares_O = np.array([_squares(weights_N, training_N) for training_N in training_ON])
    return np.sqrt((squares_O[first] + squares_O[second]) / (12 * seeds)) / examples


def agreement_error(
    accuracy_XON: Floats, failed_XONS: Bools, weights_N: Floats, training_ON: Ints
) -> Floats:
    """The least standard error of a difference of mean accuracies where seeds agree in failing.

    Where every seed of one optimizer fails to learn at a point and no seed of the other, the
    paired differences are all the same, and the jackknife sees no variance at all. That happens
    by chance too: two optimizers that fail every other time agree so in 2 of 4^S cases. There the
    shares of seeds that fail are taken as (S + 1)/(S + 2) and 1/(S + 2), after Laplace's rule of
    succession, so that what such a point adds to the difference has at least the standard error
    √[2(S + 1)/(S (S + 2)²)] of itself, one half of the variance from each optimizer. Points with
    the same training agree by one chance, so that their standard errors add up.

    Args:
        accuracy_XON: (…, O, N) means over seeds.
        failed_XONS: (…, O, N, S) which trials failed to learn.
        weights_N: of the points in a mean.
        training_ON: the first point with the same training (see ``Grid``).

    Returns:
        (…, M), by pair of optimizers in the order of ``itertools.combinations``.
    """
    seeds = failed_XONS.shape[-1]
    first, second = _pairs(accuracy_XON.shape[-2])
    if seeds == 0:
        return np.zeros((*accuracy_XON.shape[:-2], len(first)))
    failed_XON = np.count_nonzero(failed_XONS, axis=-1)
    opposite_XMN = np.abs(failed_XON[..., first, :] - failed_XON[..., second, :]) == seeds
    gap_XMN = accuracy_XON[..., first, :] - accuracy_XON[..., second, :]
    added_XMN = np.where(opposite_XMN, weights_N * gap_XMN, 0.0)
    squares_XM = np.zeros(added_XMN.shape[:-1])
    for o, training_N in enumerate(training_ON):
        is_in_M = (first == o) | (second == o)
        squares_XM[..., is_in_M] += _squares(added_XMN[..., is_in_M, :], training_N)
    return np.sqrt((seeds + 1) / (seeds * (seeds + 2) ** 2) * squares_XM)


def _squares(parts_XN: Floats, training_N: Ints) -> Floats:
    """Sum of squares over trainings, (…,), each training with the sum of its points' parts."""
    parts_NX = np.moveaxis(parts_XN, -1, 0)
    sums_NX = np.zeros(parts_NX.shape)
    np.add.at(sums_NX, training_N, parts_NX)
    return np.sum(sums_NX**2, axis=0)


def _pairs(optimizers: int) -> tuple[Ints, Ints]:
    """First and second position of each pair, in the order of ``itertools.combinations``."""
    pairs = np.array([*combinations(range(optimizers), 2)], dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]
