"""Which of two swept hyperparameters the score depends on: functional analysis of variance. Pure.

The mean score over the area is split into what each axis does by itself and what only both together
do, their interaction (see ``variance``). Variances are over the area by axis position, as all means
are (see ``Domain``), so a value that stands for more of the range counts for more.

Part of ``measures``.

Legend: O compared optimizers, N points, I, J values of the two axes, R jackknife replicates, P = 3
parts.
"""

from dataclasses import dataclass

import numpy as np

from sweep.analysis.arrays import Bools, Floats
from sweep.analysis.domain import Domain
from sweep.analysis.extents import trapezoid_weights
from sweep.analysis.intervals import Estimate, estimate
from sweep.analysis.variance import shares_of_variance


@dataclass(frozen=True)
class Importance:
    """Of each optimizer the shares of its variance over the area, which add up to 1.

    Attributes:
        names: the two axes in words, then their interaction.
        share_PO: by part and optimizer; NaN where nothing varies, or nothing was learned.
    """

    names: tuple[str, str, str]
    share_PO: Estimate


def importance(accuracy_RON: Floats, domain: Domain, nothing_O: Bools) -> Importance | None:
    """The importance of two axes; None where fewer take space.

    Seeds scatter at each point by themselves, which counts as interaction: the fewer the seeds, the
    more of it.

    Args:
        accuracy_RON: mean scores, of all seeds and without each one.
        domain: with N points.
        nothing_O: which optimizers learned nothing.
    """
    if not domain.is_area:
        return None
    first, second = domain.axes
    surface_ROIJ = accuracy_RON.reshape(
        *accuracy_RON.shape[:2], len(first.values), len(second.values)
    )
    weights = [trapezoid_weights(axis.position(axis.values)) for axis in domain.axes]
    share_ROP = shares_of_variance(surface_ROIJ, weights)
    share_ROP = np.where(nothing_O[:, None], np.nan, share_ROP)
    found = estimate(np.moveaxis(share_ROP, -1, 1), lowest=0, highest=1)
    return Importance((first.words, second.words, "their interaction"), found)
