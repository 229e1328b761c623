"""How much of the variance over seeds is rounding alone, where trials were trained twice.

Two trainings of the same trial whose sums have another order differ by rounding alone. It is part
of what varies over seeds, so the share of the one in the other says how far another machine, which
rounds otherwise, can move the result.

Legend: O optimizers, N points, S seeds.
"""

import math
from dataclasses import dataclass

import numpy as np

from sweep.analysis.arrays import Bools, Floats, Grid


@dataclass(frozen=True)
class Rounding:
    """Variances of the accuracy after the last epoch, shares of 1 squared.

    Attributes:
        trials_ON: how many were trained twice.
        rounding_ON: of rounding, Σ (a − b)² ⁄ 2n over these n trials; NaN where there is none.
        seeds_ON: over all seeds, rounding included.
    """

    trials_ON: Floats
    rounding_ON: Floats
    seeds_ON: Floats

    def share(self, points_N: Bools) -> float:
        """Of rounding in the variance over seeds at these points, in [0, 1]; NaN without any."""
        there_ON = (self.trials_ON > 0) & points_N
        seeds = float(self.seeds_ON[there_ON].sum())
        return min(1.0, float(self.rounding_ON[there_ON].sum()) / seeds) if seeds else math.nan


def rounding(grid: Grid) -> Rounding | None:
    """What rounding does in a grid; None where no trial was trained twice, or with one seed."""
    again_ONS, first_ONS = grid.repeated_accuracy_ONS, grid.final_accuracy()
    if again_ONS is None or first_ONS.shape[-1] < 2:
        return None
    there_ONS = ~np.isnan(again_ONS) & ~np.isnan(first_ONS)
    if not there_ONS.any():
        return None
    trials_ON = there_ONS.sum(axis=-1).astype(np.float64)
    squares_ON = np.where(there_ONS, (again_ONS - first_ONS) ** 2, 0).sum(axis=-1)
    rounding_ON = squares_ON / np.where(trials_ON > 0, 2 * trials_ON, np.nan)
    return Rounding(trials_ON, rounding_ON, first_ONS.var(axis=-1, ddof=1))
