"""How much an optimizer needs its hyperparameters tuned for each of several studies. Pure.

Sensitivity and effective dimensionality of Adkins et al. 2024 (NeurIPS, arXiv 2412.07165), whose
environments are our studies: data sets, or models. From stored studies with the same axes to one
line an optimizer.

Legend: D studies, O optimizers, N points, S seeds, R = 1 + S replicates, A axes, C = A + 1 counts
of tuned axes, M pairs of optimizers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from sweep.analysis.arrays import Floats, Grid
from sweep.analysis.intervals import Differences, Estimate, differences, estimate, seed_means
from sweep.study.axis import Axis, Point

LOW, HIGH = 5, 95
"""Percentiles of a study's scores that are 0 and 1."""
NEAR_PEAK = 0.95
"""The share of the tuned score that hyperparameters are tuned for."""


@dataclass(frozen=True)
class Sensitivity:
    """Of O optimizers over D studies.

    Attributes:
        optimizers: their labels.
        axes: that all studies sweep, with the values that all have.
        seeds: that all have.
        tuned: mean over studies of the best normalized score of each, (O,).
        shared: the best mean over studies with one point for all, (O,).
        sensitivity: tuned minus shared, at least 0, (O,): 0 where one point is best in all.
        differences: of the sensitivities, paired by seed, Holm-corrected, (M,).
        shared_point: that point, by optimizer.
        by_tuned_OC: the best mean score where 0 … A axes are tuned for each study, those that gain
            most, and the others stay at the shared point: from ``shared`` to ``tuned``.
        dimensionality: so many axes must be tuned for each study, the others staying at the shared
            point, to come to 95 % of the tuned score, 0 … number of axes, (O,).
    """

    optimizers: tuple[str, ...]
    axes: tuple[Axis, ...]
    seeds: tuple[int, ...]
    tuned: Estimate
    shared: Estimate
    sensitivity: Estimate
    differences: Differences
    shared_point: tuple[Point, ...]
    by_tuned_OC: Estimate
    dimensionality: tuple[int, ...]


def sensitivity_in_common(grids: Sequence[Grid]) -> Sensitivity:
    """The sensitivity over grids with the same optimizers, points and seeds."""
    first = grids[0]
    shape = tuple(len(axis.values) for axis in first.axes)
    score_DONS = np.stack([grid.final_accuracy() for grid in grids])
    by_tuned_ROC = replicates(score_DONS, shape)
    needed_RO = by_tuned_ROC[..., -1] - by_tuned_ROC[..., 0]
    mean_DON = normalized(score_DONS.mean(axis=-1))
    return Sensitivity(
        optimizers=first.optimizers,
        axes=first.axes,
        seeds=first.seeds,
        tuned=estimate(by_tuned_ROC[..., -1]),
        shared=estimate(by_tuned_ROC[..., 0]),
        sensitivity=estimate(needed_RO, lowest=0.0),
        differences=differences(needed_RO),
        shared_point=tuple(first.points[n] for n in mean_DON.mean(axis=0).argmax(axis=-1)),
        by_tuned_OC=estimate(by_tuned_ROC),
        dimensionality=tuple(dimensionality(by_tuned_C) for by_tuned_C in by_tuned_ROC[0]),
    )


def replicates(score_DONS: Floats, shape: tuple[int, ...]) -> Floats:
    """``best_by_tuned`` of all optimizers, of all seeds and without each one, (R, O, C).

    Args:
        score_DONS: what each training counts with.
        shape: values of each axis.
    """
    return np.stack(
        [_by_tuned(normalized(score_DON), shape) for score_DON in seed_means(score_DONS)]
    )


def scale_of(score_DON: Floats) -> tuple[Floats, Floats]:
    """What is 0 in each study, and how far 1 is from it: from the 5th to the 95th percentile.

    Args:
        score_DON: means over seeds.

    Returns:
        (D,) and (D,); the width is infinite where both are equal.
    """
    low_D, high_D = np.percentile(score_DON, [LOW, HIGH], axis=(1, 2))
    return low_D, np.where(high_D > low_D, high_D - low_D, np.inf)


def normalized(score_DON: Floats) -> Floats:
    """Scores of each study so that its 5th percentile is 0 and its 95th is 1; 0 if both are equal.

    Percentiles of all optimizers and points together (Γ of the paper).

    Example:
        >>> normalized(np.array([[[0.0, 0.5, 1.0]]])).round(3).tolist()
        [[[-0.056, 0.5, 1.056]]]
    """
    low_D, width_D = scale_of(score_DON)
    return (score_DON - low_D[:, None, None]) / width_D[:, None, None]


def best_by_tuned(score_DX: Floats) -> Floats:
    """The best mean score where so many axes are tuned for each study, those that gain most.

    Args:
        score_DX: normalized scores of one optimizer, (D, values of the first axis, …).

    Returns:
        (C,) where 0 … A axes are tuned, and the others stay at the best point for all.

    Example:
        >>> best_elsewhere = np.array([[[1.0, 0.9], [0.2, 0.1]], [[0.1, 0.2], [0.9, 1.0]]])
        >>> best_by_tuned(best_elsewhere).tolist()
        [0.55, 0.95, 1.0]
    """
    axes = range(score_DX.ndim - 1)
    mean_X = score_DX.mean(axis=0)
    shared = np.unravel_index(mean_X.argmax(), mean_X.shape)

    def best(chosen: tuple[int, ...]) -> float:
        kept = tuple(slice(None) if axis in chosen else shared[axis] for axis in axes)
        return float(score_DX[:, *kept].reshape(len(score_DX), -1).max(axis=-1).mean())

    return np.array(
        [max(map(best, combinations(axes, count))) for count in range(score_DX.ndim)], np.float64
    )


def dimensionality(by_tuned_C: Floats) -> int:
    """So many axes must be tuned for each study to come to 95 % of what all of them tuned give.

    Args:
        by_tuned_C: from ``best_by_tuned``.

    Example:
        >>> dimensionality(np.array([0.55, 0.95, 1.0])), dimensionality(np.array([0.99, 1.0]))
        (1, 0)
    """
    near = np.flatnonzero(by_tuned_C >= NEAR_PEAK * by_tuned_C[-1])
    return int(near[0]) if near.size else len(by_tuned_C) - 1


def _by_tuned(score_DON: Floats, shape: tuple[int, ...]) -> Floats:
    """(O, C) of all optimizers; ``shape`` is that of the axes' values."""
    count = score_DON.shape[1]
    return np.stack([best_by_tuned(score_DON[:, o].reshape(-1, *shape)) for o in range(count)])
