"""Measures of robustness to a swept hyperparameter, with their intervals.

Stored results as arrays in, measures out; NumPy and SciPy only.

Legend: O optimizers, N values of the swept hyperparameter, S seeds, T epochs after epoch 0.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Grid:
    """The results of a study as arrays; what is not there is NaN.

    Attributes:
        optimizers: O labels.
        hyperparameter: what was swept, in words: ``learning rate``.
        values_N: its values, ascending.
        seeds: S seeds.
        train_loss_ONSE, train_accuracy_ONSE, valid_loss_ONSE, valid_accuracy_ONSE: by epoch,
            E = T + 1 with epoch 0 the evaluation before training; NaN where a trial is missing,
            failed, running, or after it diverged (its non-finite loss itself stays).
        diverged_at_epoch_ONS: NaN where the trial did not diverge.
        finished_ONS: whether the trial completed or diverged.
        seconds_ONS: of training, its share of its cohort's.
        peak_memory_bytes_ONS: of the process that trained its cohort, divided by its trials.
        guessing: the share of the larger class among the validation pictures.
        valid_pictures: how many pictures every validation accuracy is a mean over.
    """

    optimizers: tuple[str, ...]
    hyperparameter: str
    values_N: Floats
    seeds: tuple[int, ...]
    train_loss_ONSE: Floats
    train_accuracy_ONSE: Floats
    valid_loss_ONSE: Floats
    valid_accuracy_ONSE: Floats
    diverged_at_epoch_ONS: Floats
    finished_ONS: Bools
    seconds_ONS: Floats
    peak_memory_bytes_ONS: Floats
    guessing: float
    valid_pictures: int
