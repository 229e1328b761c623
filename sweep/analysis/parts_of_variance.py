"""Which of optimizer, study and axes the score depends on, over several studies. Pure.

By the exact analysis of ``variance``. Studies and optimizers count the same each, values of an axis
as in all means over its range.

Legend: D studies, O optimizers, N points, S seeds, R = 1 + S replicates, P parts: each factor by
itself, each pair of them, and all that is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from sweep.analysis.arrays import Grid
from sweep.analysis.extents import trapezoid_weights
from sweep.analysis.intervals import Estimate, estimate, seed_means
from sweep.analysis.sensitivity import normalized
from sweep.analysis.variance import shares_of_variance


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
    score_RX = np.stack(
        [
            np.swapaxes(normalized(score_DON), 0, 1).reshape(shape)
            for score_DON in seed_means(score_DONS)
        ]
    )
    share_RP = shares_of_variance(score_RX, weights)
    names = ("optimizer", "study", *(axis.words for axis in axes))
    return PartsOfVariance(part_names(names), estimate(share_RP, lowest=0, highest=1))


def part_names(factors: Sequence[str]) -> tuple[str, ...]:
    """What the parts are called.

    Example:
        >>> part_names(["optimizer", "study", "learning rate"])[3:]
        ('optimizer × study', 'optimizer × learning rate', 'study × learning rate', 'all together')
    """
    pairs = [" × ".join(pair) for pair in combinations(factors, 2)]
    rest = {2: (), 3: ("all together",)}.get(len(factors), ("three or more together",))
    return (*factors, *pairs, *rest)
