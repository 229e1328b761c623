"""How much an optimizer needs its hyperparameters tuned for each of several studies. Pure.

Sensitivity and effective dimensionality of Adkins et al. 2024 (NeurIPS, arXiv 2412.07165), whose
environments are our studies: data sets, or models. From stored studies with the same axes to one
line an optimizer.

Legend: D studies, O optimizers, N points, S seeds, R = 1 + S replicates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from sweep.analysis.arrays import Floats, Grid
from sweep.analysis.comparable import comparable
from sweep.analysis.intervals import Estimate, estimate, seed_means
from sweep.errors import UsageError
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
        shared_point: that point, by optimizer.
        dimensionality: so many axes must be tuned for each study, the others staying at the shared
            point, to come to 95 % of the tuned score, 0 … number of axes, (O,).
    """

    optimizers: tuple[str, ...]
    axes: tuple[Axis, ...]
    seeds: tuple[int, ...]
    tuned: Estimate
    shared: Estimate
    sensitivity: Estimate
    shared_point: tuple[Point, ...]
    dimensionality: tuple[int, ...]


def sensitivity_of(grids: Sequence[Grid]) -> Sensitivity:
    """The sensitivity of the optimizers, points and seeds that all studies have.

    Raises:
        UsageError: there are fewer than two studies, or they have nothing in common.
    """
    shared = _in_common([comparable(grid).grid for grid in grids])
    first = shared[0]
    score_DONS = np.stack([grid.final_accuracy() for grid in shared])
    found_R = [_parts(normalized(score_DON)) for score_DON in seed_means(score_DONS)]
    tuned_RO, best_RO = (np.stack(part) for part in zip(*found_R, strict=True))
    mean_DON = normalized(score_DONS.mean(axis=-1))
    shape = tuple(len(axis.values) for axis in first.axes)
    return Sensitivity(
        optimizers=first.optimizers,
        axes=first.axes,
        seeds=first.seeds,
        tuned=estimate(tuned_RO),
        shared=estimate(best_RO),
        sensitivity=estimate(tuned_RO - best_RO, lowest=0.0),
        shared_point=tuple(first.points[n] for n in mean_DON.mean(axis=0).argmax(axis=-1)),
        dimensionality=tuple(
            dimensionality(mean_DON[:, o].reshape(-1, *shape)) for o in range(mean_DON.shape[1])
        ),
    )


def normalized(score_DON: Floats) -> Floats:
    """Scores of each study so that its 5th percentile is 0 and its 95th is 1; 0 if both are equal.

    Percentiles of all optimizers and points together (Γ of the paper).

    Example:
        >>> normalized(np.array([[[0.0, 0.5, 1.0]]])).round(3).tolist()
        [[[-0.056, 0.5, 1.056]]]
    """
    low_D, high_D = np.percentile(score_DON, [LOW, HIGH], axis=(1, 2))
    width_D = np.where(high_D > low_D, high_D - low_D, np.inf)
    return (score_DON - low_D[:, None, None]) / width_D[:, None, None]


def dimensionality(score_DX: Floats) -> int:
    """So many axes must be tuned for each study to come to 95 % of what all of them tuned give.

    Args:
        score_DX: normalized scores of one optimizer, (D, values of the first axis, …).

    Example:
        >>> best_elsewhere = np.array([[[1.0, 0.9], [0.2, 0.1]], [[0.1, 0.2], [0.9, 1.0]]])
        >>> dimensionality(best_elsewhere), dimensionality(best_elsewhere[:1])
        (1, 0)
    """
    axes = range(score_DX.ndim - 1)
    tuned = score_DX.reshape(len(score_DX), -1).max(axis=-1).mean()
    mean_X = score_DX.mean(axis=0)
    shared = np.unravel_index(mean_X.argmax(), mean_X.shape)
    for count in range(score_DX.ndim):
        for chosen in combinations(axes, count):
            kept = tuple(slice(None) if axis in chosen else shared[axis] for axis in axes)
            reached = score_DX[:, *kept].reshape(len(score_DX), -1).max(axis=-1).mean()
            if reached >= NEAR_PEAK * tuned:
                return count
    return len(axes)


def _parts(score_DON: Floats) -> tuple[Floats, Floats]:
    """The mean of each study's best, and the best mean of one point for all, (O,)."""
    return score_DON.max(axis=-1).mean(axis=0), score_DON.mean(axis=0).max(axis=-1)


def _in_common(grids: Sequence[Grid]) -> list[Grid]:
    """The same optimizers, points and seeds of all."""
    if len(grids) < 2:
        raise UsageError(
            "sensitivity is over several studies, not one",
            remedy="Name two or more: of the same optimizers and axes, on other data or models.",
        )
    for what, of in (
        ("axes", [[axis.name for axis in grid.axes] for grid in grids]),
        ("metric", [[grid.metric.name] for grid in grids]),
    ):
        if any(each != of[0] for each in of):
            said = "; ".join(", ".join(each) for each in of)
            raise UsageError(
                f"the studies differ in their {what}: {said}",
                remedy="Name studies that sweep the same, and are judged by the same.",
            )
    optimizers = [it for it in grids[0].optimizers if all(it in grid.optimizers for grid in grids)]
    points = [it for it in grids[0].points if all(it in grid.points for grid in grids)]
    seeds = [it for it in grids[0].seeds if all(it in grid.seeds for grid in grids)]
    for what, common in (("optimizer", optimizers), ("point", points), ("seed", seeds)):
        if not common:
            raise UsageError(
                f"no {what} that all studies have finished",
                remedy="Name studies with the same optimizers, values and seeds.",
            )
    return [
        grid.select(
            [grid.optimizers.index(it) for it in optimizers],
            [grid.points.index(it) for it in points],
            [grid.seeds.index(it) for it in seeds],
        )
        for grid in grids
    ]
