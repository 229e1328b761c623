"""Learning rates that are cut when the validation loss no longer falls; see ``ReduceOnPlateau``.

In the flow: the loops of heads and of networks ask it at the begin of an epoch, and tell it the
validation losses at its end. Pure: it knows nothing of Keras.

Legend: P trials, K steps of a training.
"""

import numpy as np
from numpy.typing import NDArray

from sweep.planning.events import Floats
from sweep.study.schedules import AnySchedule, ReduceOnPlateau


class Plateau:
    """The factors on the learning rates of P trials, each by its own validation losses.

    Args:
        schedule: of the optimizer; one that is no ``ReduceOnPlateau`` leaves every factor at 1.
        trial_count: P.

    Attributes:
        factor_P: on each trial's learning rate from now on.

    Example:
        >>> plateau = Plateau(ReduceOnPlateau(factor=0.5, patience=1), 2)
        >>> for losses_P in ([1.0, 1.0], [0.5, 2.0]):
        ...     plateau.end(np.array(losses_P))
        >>> plateau.factor_P
        array([1. , 0.5])
    """

    def __init__(self, schedule: AnySchedule | None, trial_count: int) -> None:
        self._schedule = schedule if isinstance(schedule, ReduceOnPlateau) else None
        self.factor_P = np.ones(trial_count)
        self._best_P = np.full(trial_count, np.inf)
        self._waited_P = np.zeros(trial_count, np.int64)
        self._cooldown_P = np.zeros(trial_count, np.int64)

    def end(self, valid_loss_P: Floats) -> None:
        """Tell of an epoch's end, with the validation losses."""
        schedule = self._schedule
        if schedule is None:
            return
        is_better_P = valid_loss_P + schedule.min_delta < self._best_P
        self._best_P = np.where(is_better_P, valid_loss_P, self._best_P)
        cools_P = self._cooldown_P > 0
        self._cooldown_P -= cools_P
        counts_P = ~is_better_P & (self._cooldown_P == 0)
        # What was waited before a cooldown, or a better loss, is forgotten.
        self._waited_P = np.where(is_better_P | cools_P, 0, self._waited_P) + counts_P
        cut_P = counts_P & (self._waited_P >= schedule.patience) & (self.factor_P > schedule.least)
        less_P = np.maximum(self.factor_P * schedule.factor, schedule.least)
        self.factor_P = np.where(cut_P, less_P, self.factor_P)
        self._cooldown_P = np.where(cut_P, schedule.cooldown, self._cooldown_P)
        self._waited_P = np.where(cut_P, 0, self._waited_P)


def with_factors(
    multiplier_PK: NDArray[np.float32], steps: slice, factor_P: Floats
) -> NDArray[np.float32]:
    """Multipliers with a factor a trial on those of some steps; the same where all are 1.

    Args:
        multiplier_PK: (P, K), or (1, K) where all trials have the same.
        steps: which of the K.
        factor_P: one a trial.
    """
    if np.all(factor_P == 1):
        return multiplier_PK
    count = len(factor_P)
    rows = multiplier_PK if len(multiplier_PK) == count else np.repeat(multiplier_PK, count, axis=0)
    rows = rows.copy()
    rows[:, steps] *= factor_P[:, None].astype(np.float32)
    return rows
