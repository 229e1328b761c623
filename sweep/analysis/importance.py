"""Which of two swept hyperparameters the score depends on: functional analysis of variance. Pure.

On a full grid the decomposition is exact: the mean score over the area is split into what each
axis does by itself and what only both together do (their interaction), and the variance of each
part is divided by that of all (Sobol' 1993; Hutter, Hoos & Leyton-Brown 2014, which estimate the
same with a random forest where there is no grid). Variances are over the area by axis position, as
all means are (see ``Domain``), so a value that stands for more of the range counts for more.

Part of ``measures``.

Legend: O compared optimizers, N points, I, J values of the two axes, R jackknife replicates, P = 3
parts.
"""

from dataclasses import dataclass

import numpy as np

from sweep.analysis.arrays import Bools, Floats
from sweep.analysis.domain import Domain
from sweep.analysis.extents import ROUNDING, trapezoid_weights
from sweep.analysis.intervals import Estimate, estimate


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
    share_ROP = shares_of_variance(surface_ROIJ, *weights)
    share_ROP = np.where(nothing_O[:, None], np.nan, share_ROP)
    found = estimate(np.moveaxis(share_ROP, -1, 1), lowest=0, highest=1)
    return Importance((first.words, second.words, "their interaction"), found)


def shares_of_variance(surface_XIJ: Floats, weights_I: Floats, weights_J: Floats) -> Floats:
    """The shares of a surface's variance that each axis has, and their interaction.

    Args:
        surface_XIJ: (…, I, J).
        weights_I, weights_J: of the values of each axis, of sum 1.

    Returns:
        (…, 3); NaN where the surface is flat.

    Example:
        >>> half = np.array([0.5, 0.5])
        >>> shares_of_variance(np.array([[0.0, 1.0], [2.0, 3.0]]), half, half).tolist()
        [0.8, 0.2, 0.0]
    """
    along_XI, along_XJ = surface_XIJ @ weights_J, weights_I @ surface_XIJ
    mean_X = along_XI @ weights_I
    variance_X = _variance(surface_XIJ, mean_X[..., None, None], weights_I[:, None] * weights_J)
    first_X = ((along_XI - mean_X[..., None]) ** 2) @ weights_I
    second_X = ((along_XJ - mean_X[..., None]) ** 2) @ weights_J
    parts_X3 = np.stack([first_X, second_X, variance_X - first_X - second_X], axis=-1)
    whole_X1 = np.where(variance_X > ROUNDING**2, variance_X, np.nan)[..., None]
    return np.clip(parts_X3 / whole_X1, 0, 1)


def _variance(surface_XIJ: Floats, mean_X11: Floats, weights_IJ: Floats) -> Floats:
    return np.sum((surface_XIJ - mean_X11) ** 2 * weights_IJ, axis=(-2, -1))
