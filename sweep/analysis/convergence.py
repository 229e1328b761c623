"""The speed of convergence: epochs until the mean is most of the way to the best.

Part of ``measures``.

Legend: O compared optimizers, N points, R jackknife replicates, E epochs with epoch 0.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sweep.analysis import curves
from sweep.analysis.arrays import Bools, Floats, Grid
from sweep.analysis.domain import Domain
from sweep.analysis.intervals import Differences, Estimate, estimate


@dataclass(frozen=True)
class Convergence:
    """How soon the mean accuracy reaches baseline + 0.9 · (best − baseline).

    Attributes:
        target: that accuracy, with the best of any optimizer; NaN where none learned anything, and
            where the baseline or the course of the trainings is not known.
        epochs_ON: until then at each point; infinite where it is never reached.
        mean_epochs_O: mean over the points, where never counts as all epochs of the training.
        is_open_O: whether some point never reached it, so that the mean is at least so long (≥).
        differences: of the means between optimizers, in epochs.
    """

    target: float
    epochs_ON: Floats
    mean_epochs_O: Estimate
    is_open_O: Bools
    differences: Differences


def convergence_of(
    used: Grid, accuracy_RONE: Floats, best_R: Floats, apart: Callable[[Floats], Differences]
) -> Convergence:
    """How soon the optimizers of a grid without gaps converge.

    Args:
        used: the grid.
        accuracy_RONE: its mean scores by epoch, (R, O, N, E).
        best_R: the best final one of any optimizer.
        apart: takes differences between optimizers.
    """
    knows_only_the_end = np.isnan(accuracy_RONE[0, ..., :-1]).all()
    learned = best_R[0] > used.untrained + used.metric.near and not knows_only_the_end
    target_R = curves.convergence_target(best_R, used.untrained)
    reached_RON = curves.epochs_to_reach(accuracy_RONE, target_R[:, None, None])
    reached_RON = reached_RON if learned else np.full_like(reached_RON, np.nan)
    counted_RON = np.minimum(reached_RON, used.last_epoch_ON)
    mean_RO = curves.mean(counted_RON, Domain(used.axes).weights_N)
    return Convergence(
        target=float(target_R[0]) if learned else np.nan,
        epochs_ON=reached_RON[0],
        mean_epochs_O=estimate(mean_RO, lowest=0, highest=used.epochs),
        is_open_O=np.isinf(reached_RON[0]).any(axis=1),
        differences=apart(mean_RO),
    )
