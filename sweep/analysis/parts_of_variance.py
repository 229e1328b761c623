"""Which of optimizer, study and axes the score depends on, over several studies. Pure.

The exact functional analysis of variance of ``importance``, of any number of factors: the mean
score of each set of factors, without what its smaller sets say, and the variance of that divided by
the variance of all (Sobol' 1993; Hutter, Hoos & Leyton-Brown 2014). Studies and optimizers count
the same each, values of an axis as in all means over its range.

Legend: D studies, O optimizers, N points, S seeds, R = 1 + S replicates, K factors, X = the values
of each factor, P parts: each factor by itself, each pair of them, and all that is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from sweep.analysis.arrays import Floats, Grid
from sweep.analysis.extents import ROUNDING, trapezoid_weights
from sweep.analysis.intervals import Estimate, estimate, seed_means
from sweep.analysis.sensitivity import normalized


@dataclass(frozen=True)
class PartsOfVariance:
    """The shares of the variance of normalized scores, which add up to 1.

    Attributes:
        names: of P parts: ``optimizer``, ``study``, each axis in words, then pairs such as
            ``optimizer × study``, then what three or more do together, where there are as many.
        share_P: with 95 % intervals over seeds; NaN where nothing varies.
    """

    names: tuple[str, ...]
    share_P: Estimate


def parts_in_common(grids: Sequence[Grid]) -> PartsOfVariance:
    """The parts over grids with the same optimizers, points and seeds.

    Seeds scatter at each point by themselves, which counts as what factors do together: the fewer
    the seeds, the more of it.
    """
    axes = grids[0].axes
    score_DONS = np.stack([grid.final_accuracy() for grid in grids])
    studies, optimizers = score_DONS.shape[:2]
    weights = [
        *(np.full(count, 1 / count) for count in (optimizers, studies)),
        *(trapezoid_weights(axis.position(axis.values)) for axis in axes),
    ]
    shape = tuple(map(len, weights))
    share_RP = [
        shares_of_parts(np.swapaxes(normalized(score_DON), 0, 1).reshape(shape), weights)
        for score_DON in seed_means(score_DONS)
    ]
    names = ("optimizer", "study", *(axis.words for axis in axes))
    return PartsOfVariance(part_names(names), estimate(np.stack(share_RP), lowest=0, highest=1))


def part_names(factors: Sequence[str]) -> tuple[str, ...]:
    """What the parts are called.

    Example:
        >>> part_names(["optimizer", "study", "learning rate"])[3:]
        ('optimizer × study', 'optimizer × learning rate', 'study × learning rate', 'all together')
    """
    pairs = [" × ".join(pair) for pair in combinations(factors, 2)]
    rest = {2: (), 3: ("all together",)}.get(len(factors), ("three or more together",))
    return (*factors, *pairs, *rest)


def shares_of_parts(score_X: Floats, weights: Sequence[Floats]) -> Floats:
    """The shares of the variance that each factor has, each pair, and all that is left, (P,).

    Args:
        score_X: one dimension a factor, two or more.
        weights: of each factor's values, of sum 1.

    Returns:
        NaN where the scores are all the same.

    Example:
        >>> half = np.array([0.5, 0.5])
        >>> shares_of_parts(np.array([[0.0, 1.0], [2.0, 3.0]]), [half, half]).tolist()
        [0.8, 0.2, 0.0]
    """
    factors = range(score_X.ndim)
    every = tuple(factors)
    variance = _variance_of(score_X, weights, every)
    if variance <= ROUNDING**2:
        return np.full(len(part_names([""] * len(every))), np.nan)
    alone = [_variance_of(score_X, weights, (k,)) for k in factors]
    pairs = [
        _variance_of(score_X, weights, pair) - sum(alone[k] for k in pair)
        for pair in combinations(factors, 2)
    ]
    parts = [*alone, *pairs]
    rest = [variance - sum(parts)] if len(every) > 2 else []
    return np.clip(np.array([*parts, *rest]) / variance, 0, 1)


def _variance_of(score_X: Floats, weights: Sequence[Floats], kept: tuple[int, ...]) -> float:
    """Of the means over all factors that are not kept."""
    mean_X, weight_X = score_X, np.ones(())
    for k in reversed(range(score_X.ndim)):
        if k not in kept:
            mean_X = np.tensordot(mean_X, weights[k], axes=(k, 0))
    for k in kept:
        weight_X = np.multiply.outer(weight_X, weights[k])
    return float(np.sum((mean_X - np.sum(mean_X * weight_X)) ** 2 * weight_X))
