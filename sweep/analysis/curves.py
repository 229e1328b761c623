"""The measures themselves: pure functions of curves over the swept hyperparameter.

None knows of seeds: given means over seeds they give estimates, given means without one seed they
give the jackknife's replicates. All are vectorised over leading axes.

Legend: N values of the swept hyperparameter, E = T + 1 epochs with epoch 0, K = N values tried,
O optimizers, S seeds, M pairs of optimizers, X any leading axes.
"""

from itertools import combinations

import numpy as np

from sweep.analysis.arrays import Floats

MARGIN = 0.02
"""Accuracy within which a result counts as being as good as the best, or no better than guessing.

At 0.01, three identical flat optimizers scatter over a third of the range; at 0.02 they do not.
"""
CONVERGED_SHARE = 0.9
"""Share of the way from guessing to the best accuracy at which a training counts as converged."""
ROUNDING = 1e-9


def log_weights(values_N: Floats) -> Floats:
    """Weights of the trapezoid rule over log10 of the values, of sum 1.

    Example:
        >>> log_weights(np.array([0.01, 0.1, 1.0])).tolist()
        [0.25, 0.5, 0.25]
    """
    if len(values_N) == 1:
        return np.ones(1)
    steps = np.diff(np.log10(values_N))
    weights_N = np.zeros(len(values_N))
    weights_N[:-1] += steps / 2
    weights_N[1:] += steps / 2
    return weights_N / weights_N.sum()


def log_mean(curve_XN: Floats, values_N: Floats) -> Floats:
    """Mean over log10 of the values by the trapezoid rule; of one value: itself.

    Args:
        curve_XN: (…, N).
        values_N: ascending, above 0.

    Returns:
        (…,).
    """
    return curve_XN @ log_weights(values_N)


def worst_case(accuracy_XN: Floats) -> Floats:
    """The lowest accuracy at any value, (…, N) → (…,)."""
    return accuracy_XN.min(axis=-1)


def spread(accuracy_XN: Floats) -> Floats:
    """Highest minus lowest accuracy over the values, (…, N) → (…,)."""
    return accuracy_XN.max(axis=-1) - accuracy_XN.min(axis=-1)


def length_above(accuracy_XN: Floats, values_N: Floats, threshold_X: Floats) -> Floats:
    """Total length, in decades, over which a curve is at or above a threshold; all pieces together.

    The curve is linear in log10 of the values between the grid's points.

    Args:
        accuracy_XN: (…, N).
        values_N: ascending, above 0.
        threshold_X: (…,) or what broadcasts to it.

    Returns:
        (…,); 0 where N is 1.
    """
    left, right = accuracy_XN[..., :-1], accuracy_XN[..., 1:]
    above = np.maximum(left, right) - (threshold_X[..., None] - ROUNDING)
    rise = np.maximum(np.abs(right - left), ROUNDING)
    return np.clip(above / rise, 0, 1) @ np.diff(np.log10(values_N))


def robust_threshold(best_X: Floats) -> Floats:
    """Accuracy from which a result counts as robust: the best minus ``MARGIN``."""
    return best_X - MARGIN


def touches_end(accuracy_XN: Floats, threshold_X: Floats) -> np.ndarray:
    """Whether the range above a threshold reaches an end of the grid, so may go on outside."""
    ends = np.maximum(accuracy_XN[..., 0], accuracy_XN[..., -1])
    return ends >= threshold_X - ROUNDING


def pieces_above(
    accuracy_N: Floats, values_N: Floats, threshold: float
) -> tuple[tuple[float, float], ...]:
    """The pieces (from, to) of the range, in values, where a curve is at or above a threshold.

    The pieces of one curve whose lengths ``length_above`` adds up. A piece may be a single value.
    """
    logs = np.log10(values_N)
    over = accuracy_N - threshold
    inside = over >= -ROUNDING
    pieces: list[tuple[float, float]] = []
    start: float | None = float(logs[0]) if inside[0] else None
    for at in range(1, len(logs)):
        if inside[at - 1] == inside[at]:
            continue
        share = float(np.clip(over[at - 1] / (over[at - 1] - over[at]), 0, 1))
        crossing = float(logs[at - 1] + share * (logs[at] - logs[at - 1]))
        if start is None:
            start = crossing
        else:
            pieces.append((start, crossing))
            start = None
    if start is not None:
        pieces.append((start, float(logs[-1])))
    return tuple((float(10**low), float(10**high)) for low, high in pieces)


def sensitivity(loss_XN: Floats, values_N: Floats) -> Floats:
    """Mean over log10 of the values of the loss above its lowest (after Wortsman et al. 2023).

    Args:
        loss_XN: (…, N) means over seeds of the capped training losses, in nats.
        values_N: ascending, above 0.

    Returns:
        (…,) in nats. Source: Wortsman et al. 2023, Small-scale proxies for large-scale Transformer
        training instabilities, arXiv 2309.14322, section 2.3; there the mean is a plain one.
    """
    return log_mean(loss_XN - loss_XN.min(axis=-1, keepdims=True), values_N)


def failed_to_learn(accuracy_X: Floats, diverged_X: np.ndarray, guessing: float) -> np.ndarray:
    """Which trials diverged or ended at most ``MARGIN`` above guessing."""
    return diverged_X | (accuracy_X <= guessing + MARGIN + ROUNDING)


def expected_best(accuracy_XN: Floats) -> Floats:
    """Expected best accuracy of k values tried at random, without replacement, for k = 1 … N.

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
    """Share of the values at which each optimizer is better than each other, seed by seed.

    Ties count one half.

    Args:
        accuracy_ONS: (O, N, S).

    Returns:
        (O, O, S): of row over column; its mean over seeds is the probability of improvement
        (Agarwal et al. 2021, arXiv 2108.13264) at a random value and seed, paired.
    """
    gap = accuracy_ONS[:, None] - accuracy_ONS[None]
    better = np.where(np.abs(gap) < ROUNDING, 0.5, gap > 0)
    return better.mean(axis=2)


def epochs_to_reach(accuracy_XE: Floats, target_X: Floats) -> Floats:
    """Epochs until a curve first reaches a target, linear between epochs.

    Args:
        accuracy_XE: (…, E) by epoch, from epoch 0.
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
    epochs_X = before + np.clip((target_X - low) / rise, 0, 1)
    epochs_X = np.where(first == 0, 0.0, epochs_X)
    return np.where(reached.any(axis=-1), epochs_X, np.inf)


def convergence_target(best_X: Floats, guessing: float) -> Floats:
    """The accuracy at which a training counts as converged: guessing + 0.9 · (best − guessing)."""
    return guessing + CONVERGED_SHARE * (best_X - guessing)


def sampling_error(accuracy_X: Floats, pictures: int) -> Floats:
    """Standard error of an accuracy that is due to the choice of pictures, √[a(1 − a)/n]."""
    return np.sqrt(np.maximum(accuracy_X * (1 - accuracy_X), 0) / pictures)


def rounding_error(values_N: Floats, seeds: int, pictures: int) -> float:
    """Standard error that a difference of mean accuracies has from whole pictures alone.

    A share of n pictures is rounded to 1/n, so has a standard deviation of 1/(n √12), and the
    difference of two 1/(n √6), at each value independently. 0 without seeds.
    """
    if seeds == 0:
        return 0.0
    return float(np.sqrt(np.sum(log_weights(values_N) ** 2) / (6 * seeds)) / pictures)


def agreement_error(accuracy_XON: Floats, failed_XONS: np.ndarray, values_N: Floats) -> Floats:
    """The least standard error of a difference of mean accuracies where seeds agree in failing.

    Where every seed of one optimizer fails to learn at a value and no seed of the other, the
    paired differences are all the same, and the jackknife sees no variance at all. That happens
    by chance too: two optimizers that fail every other time agree so in 2 of 4^S cases. There the
    shares of seeds that fail are taken as (S + 1)/(S + 2) and 1/(S + 2), after Laplace's rule of
    succession, so that what such a value adds to the difference has at least the standard error
    √[2(S + 1)/(S (S + 2)²)] of itself.

    Args:
        accuracy_XON: (…, O, N) means over seeds.
        failed_XONS: (…, O, N, S) which trials failed to learn.
        values_N: ascending, above 0.

    Returns:
        (…, M), by pair of optimizers in the order of ``itertools.combinations``.
    """
    seeds = failed_XONS.shape[-1]
    pairs = list(combinations(range(accuracy_XON.shape[-2]), 2))
    if seeds == 0:
        return np.zeros((*accuracy_XON.shape[:-2], len(pairs)))
    first, second = (np.array([pair[side] for pair in pairs], dtype=int) for side in (0, 1))
    failed_XON = np.count_nonzero(failed_XONS, axis=-1)
    opposite_XMN = np.abs(failed_XON[..., first, :] - failed_XON[..., second, :]) == seeds
    gap_XMN = accuracy_XON[..., first, :] - accuracy_XON[..., second, :]
    added_XMN = np.where(opposite_XMN, log_weights(values_N) * gap_XMN, 0.0)
    variance = 2 * (seeds + 1) / (seeds * (seeds + 2) ** 2)
    return np.sqrt(variance * np.sum(added_XMN**2, axis=-1))
