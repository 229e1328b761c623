"""Mean accuracies along the mean effective learning rate: what optimizers make of the nominal one.

An optimizer that takes a quarter of its learning rate on average (RAdam in a short training, a
warm-up that does not end) is, at a nominal rate η, about another one at η/4. So the differences in
mean accuracy are also taken where all have been tried: over the part of the effective axis, nominal
rate × mean multiplier, that they have in common, with curves linear along its logarithm. After the
comparison of optimizers around their own optima in Zhao et al. 2024, arXiv 2407.07972.

Legend: O optimizers, N points, S seeds, R replicates, K steps, M pairs of optimizers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from sweep.analysis import curves
from sweep.analysis.arrays import Bools, Floats, Grid
from sweep.analysis.comparable import comparable
from sweep.analysis.domain import Domain
from sweep.analysis.intervals import (
    Differences,
    Estimate,
    differences,
    estimate,
    pairs_of,
    seed_means,
)
from sweep.analysis.spending import Spending
from sweep.optimizers.multipliers import multipliers
from sweep.study.axis import Axis
from sweep.study.optimizer import Optimizer
from sweep.study.schedules import Constant, StepDecay
from sweep.study.study import Pairs, Study

WHOLE = 0.9
"""From this mean share of the learning rate on, an optimizer takes as good as all of it."""
MAX_STEPS = 2_000_000
"""So long a training is looked at for a mean share of ``WHOLE``, at most."""


@dataclass(frozen=True)
class Effective:
    """The comparison along the mean effective learning rate.

    Attributes:
        share_O: mean multiplier of each compared optimizer, without an interval.
        steps: of the training.
        steps_to_whole_O: in how many steps it would take ``WHOLE`` on average; None where it does
            so already, or would in no training.
        low, high: ends of the common part, as effective learning rates; NaN where there is none.
        mean_accuracy_O: over the common part; NaN where there is none.
        differences: of these, paired by seed, Holm-corrected.
    """

    share_O: Estimate
    steps: int
    steps_to_whole_O: tuple[int | None, ...]
    low: float
    high: float
    mean_accuracy_O: Estimate
    differences: Differences


def mean_share(factor_NK: NDArray[np.floating] | None) -> float:
    """Mean multiplier of a training over its steps, and over points; NaN where it is not known."""
    if factor_NK is None or np.isnan(factor_NK).all():
        return float("nan")
    return float(np.nanmean(np.asarray(factor_NK, np.float64)))


def compare(
    grid: Grid,
    multipliers_O: Sequence[NDArray[np.floating] | None],
    study: Study,
    *,
    which: Pairs = "all",
    spending: Spending | None = None,
) -> Effective | None:
    """The comparison along the effective axis, of a study that sweeps the learning rate alone.

    Args:
        grid: of the study.
        multipliers_O: of each of its optimizers, (N, K) or (1, K); None where not known.
        study: for how long a training would be long enough.
        which, spending: see ``differences``.

    Returns:
        None where another thing is swept, nothing can be compared, a multiplier is not known, or
        every compared optimizer takes ``WHOLE`` of its learning rate or more.
    """
    used = comparable(grid).grid
    if used.seeds:
        used = used.select(points=np.flatnonzero(Domain(used.axes).in_grid_N).tolist())
    is_rate = len(used.axes) == 1 and used.axes[0].name == "learning_rate"
    places = [grid.optimizers.index(label) for label in used.optimizers]
    share_O = np.array([mean_share(multipliers_O[place]) for place in places])
    if not is_rate or not used.seeds or np.isnan(share_O).any() or (share_O >= WHOLE).all():
        return None
    steps = max(_steps(multipliers_O[place]) for place in places)
    found = along_effective_axis(
        used.final_accuracy(),
        used.diverged,
        share_O,
        axis=used.axes[0],
        baseline=used.baseline,
        near=used.metric.near,
        bounds=used.words.bounds,
        examples=used.shares_of,
        which=which,
        spending=spending,
    )
    unknown_O = np.full(len(places), np.nan)
    optimizers = [study.config(study.optimizers[o], grid.points[0]).optimizer for o in places]
    return Effective(
        share_O=Estimate(share_O, unknown_O, unknown_O),
        steps=steps,
        steps_to_whole_O=tuple(
            None if share >= WHOLE else steps_to_whole(optimizer, steps)
            for optimizer, share in zip(optimizers, share_O, strict=True)
        ),
        low=found.low,
        high=found.high,
        mean_accuracy_O=found.mean_accuracy_O,
        differences=found.differences,
    )


def _steps(factor_NK: NDArray[np.floating] | None) -> int:
    return 0 if factor_NK is None else factor_NK.shape[1]


@dataclass(frozen=True)
class Along:
    """Mean accuracies over the common part of the effective axis, and their differences."""

    low: float
    high: float
    mean_accuracy_O: Estimate
    differences: Differences


def along_effective_axis(
    accuracy_ONS: Floats,
    diverged_ONS: Bools,
    share_O: Floats,
    *,
    axis: Axis,
    baseline: float,
    examples: int,
    near: float = curves.MARGIN,
    bounds: tuple[float, float] = (0, 1),
    which: Pairs = "all",
    spending: Spending | None = None,
) -> Along:
    """Means over the part of the effective axis that all optimizers have in common.

    Args:
        accuracy_ONS: what trials count with.
        diverged_ONS: which of them diverged.
        share_O: mean multiplier of each.
        axis: of the nominal learning rates.
        baseline: accuracy where nothing is learned.
        examples: validation examples, for the rounding of accuracies; 0 of what is no share.
        near: how close to the baseline is nothing learned.
        bounds: what scores can be.
        which, spending: see ``differences``.
    """
    apart = partial(differences, which=which, spending=spending)
    nominal_N = np.log10(np.array(axis.values, np.float64))
    with np.errstate(divide="ignore"):  # a share of 0, of no step taken, has no place there
        position_ON = nominal_N + np.log10(share_O)[:, None]
    low, high = float(position_ON[:, 0].max()), float(position_ON[:, -1].min())
    if not low < high:
        nothing_RO = np.full((accuracy_ONS.shape[-1] + 1, len(share_O)), np.nan)
        return Along(np.nan, np.nan, estimate(nothing_RO), apart(nothing_RO))
    weights_ON = np.stack([weights_between(each, low, high) for each in position_ON])
    accuracy_RON = seed_means(accuracy_ONS)
    mean_RO = (accuracy_RON * weights_ON).sum(axis=-1)
    failed_ONS = curves.failed_to_learn(accuracy_ONS, diverged_ONS, baseline, near)
    least_M = np.hypot(
        _rounding(weights_ON, accuracy_ONS.shape[-1], examples),
        _agreement(accuracy_RON[0], failed_ONS, weights_ON, position_ON),
    )
    found = apart(mean_RO, least_error=least_M[: len(pairs_of(len(share_O), which))])
    return Along(10**low, 10**high, estimate(mean_RO, lowest=bounds[0], highest=bounds[1]), found)


def weights_between(position_N: Floats, low: float, high: float) -> Floats:
    """Weights of the points in the mean, from low to high, of the curve that is linear between.

    Example:
        >>> weights_between(np.array([0.0, 1.0, 2.0]), 0.5, 1.0).tolist()
        [0.25, 0.75, 0.0]
    """
    weights_N = np.zeros(len(position_N))
    for n in range(len(position_N) - 1):
        left, right = position_N[n], position_N[n + 1]
        start, end = max(left, low), min(right, high)
        if start < end:
            middle = ((start + end) / 2 - left) / (right - left)
            weights_N[n] += (end - start) * (1 - middle)
            weights_N[n + 1] += (end - start) * middle
    return weights_N / (high - low)


def _rounding(weights_ON: Floats, seeds: int, examples: int) -> Floats:
    """As ``curves.rounding_error``, of optimizers with weights of their own, (M,)."""
    squares_O = (weights_ON**2).sum(axis=1)
    pairs = [*combinations(range(len(weights_ON)), 2)]
    sums = np.array([squares_O[first] + squares_O[second] for first, second in pairs])
    return np.sqrt(sums / (12 * seeds)) / examples if examples else np.zeros(len(pairs))


def _agreement(
    accuracy_ON: Floats, failed_ONS: Bools, weights_ON: Floats, position_ON: Floats
) -> Floats:
    """As ``curves.agreement_error``, where a point's other side is the other optimizer's curve."""
    seeds = failed_ONS.shape[-1]
    factor = 2 * (seeds + 1) / (seeds * (seeds + 2) ** 2)
    all_failed_ON: Bools = np.count_nonzero(failed_ONS, axis=-1) == seeds

    def added(one: int, other: int) -> float:
        beside_N = np.interp(position_ON[one], position_ON[other], accuracy_ON[other])
        gap_N = np.where(all_failed_ON[one], accuracy_ON[one] - beside_N, 0.0)
        return float(np.sum((weights_ON[one] * gap_N) ** 2))

    pairs = combinations(range(len(accuracy_ON)), 2)
    return np.sqrt([factor * (added(one, other) + added(other, one)) for one, other in pairs])


def steps_to_whole(optimizer: Optimizer, steps: int) -> int | None:
    """Steps of a training over which an optimizer takes ``WHOLE`` of its rate on average.

    Args:
        optimizer: a study's, with its schedule.
        steps: of a training over which it takes less.

    Returns:
        To two digits; None where no training of up to ``MAX_STEPS`` steps is long enough, and where
        a schedule goes with the length of the training, or is known to the training alone.
    """
    if not isinstance(optimizer.schedule, StepDecay | Constant | None):
        return None
    low, high = steps, steps
    while mean_share(multipliers([optimizer], high)) < WHOLE:
        low, high = high, 2 * high
        if high > MAX_STEPS:
            return None
    while high - low > max(1, low // 200):
        middle = (low + high) // 2
        is_enough = mean_share(multipliers([optimizer], middle)) >= WHOLE
        low, high = (low, middle) if is_enough else (middle, high)
    return int(float(f"{high:.2g}"))
