"""What an executor tells while cohorts train; the runner writes it, in this order, into the store.

Legend: P trials of a cohort, K steps of a training.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.planning.cohorts import Cohort
from sweep.results.gradients import GradientStep

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CohortStarted:
    """A cohort begins to train.

    Attributes:
        cohort: which.
        where: the node of a cluster, in words; None where there is only this machine.
    """

    cohort: Cohort
    where: str | None = None


@dataclass(frozen=True)
class EpochResult:
    """One epoch of every trial of a cohort; epoch 0 is the evaluation before training.

    A trial that has diverged in an earlier epoch is still in the arrays; its numbers there mean
    nothing, and ``diverged_at_epoch`` in the ``CohortResult`` says from where. In the epoch in
    which it diverges, its training loss is the non-finite value that was met.

    Attributes:
        cohort: whose epoch.
        epoch: 0 … epochs.
        train_loss_P, train_accuracy_P: means over the epoch's examples, taken as the epoch went
            (as in Keras ``fit``); at epoch 0 over all training examples.
        valid_loss_P, valid_accuracy_P: after the epoch, over all validation examples.
        effective_learning_rate_P: learning rate × multiplier of the epoch's last step, where the
            multiplier is that of schedule and rectification (see ``optimizers``); NaN at epoch 0.
        seconds: how long the epoch took for the cohort.
    """

    cohort: Cohort
    epoch: int
    train_loss_P: Floats
    train_accuracy_P: Floats
    valid_loss_P: Floats
    valid_accuracy_P: Floats
    effective_learning_rate_P: Floats
    seconds: float


@dataclass(frozen=True)
class CohortResult:
    """The end of a cohort's training.

    Attributes:
        cohort: whose end.
        diverged_at_epoch_P: the epoch (1 …) of the first non-finite loss of each trial, or None.
        multiplier_PK: factor on each trial's learning rate at every step (schedule ×
            rectification), or (1, K) where it is the same for all; None where the training alone
            knows it.
        seconds: of the whole training, without the compilation, which serves all seeds.
        memory_bytes: of the cohort's weights, gradients and optimizer state, exact; None where the
            training alone knows it.
        provenance: device, backend, the process's peak memory, into how many micro-batches a
            batch was cut, how many trials the cohort had before it was split, the node where it
            was not this machine, and as ``trained_alone`` why a trial trained by itself that could
            not train with others, and as ``kernel`` whose the first layer was, where it was none
            of the backend's: what is not definition.
        gradients: at the steps where they were recorded, ascending; none where they were not.
    """

    cohort: Cohort
    diverged_at_epoch_P: tuple[int | None, ...]
    multiplier_PK: NDArray[np.float32] | None
    seconds: float
    memory_bytes: int | None
    provenance: dict[str, Any]
    gradients: tuple[GradientStep, ...] = ()


@dataclass(frozen=True)
class CohortFailed:
    """An exception ended a cohort's training: all its trials failed.

    Attributes:
        cohort: whose end.
        error: the exception's text with its traceback.
        seconds: until then.
    """

    cohort: Cohort
    error: str
    seconds: float


@dataclass(frozen=True)
class CohortTooLarge:
    """A cohort did not fit into memory; it is started again, differently or in parts.

    Attributes:
        cohort: which did not fit.
        remedy: what is done about it, in words.
    """

    cohort: Cohort
    remedy: str


@dataclass(frozen=True)
class CohortLost:
    """What trained a cohort is gone; it is started again elsewhere.

    Attributes:
        cohort: which was lost.
        reason: what became of the worker or its node, in words.
    """

    cohort: Cohort
    reason: str


Event = CohortStarted | EpochResult | CohortResult | CohortFailed | CohortTooLarge | CohortLost
"""What an executor yields. Of each cohort: started, epochs in order, then result or failed.

A cohort that is too large, lost or has failed may be started again; its trials begin anew. Where
several train at once, their events come in turn.
"""
