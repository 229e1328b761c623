"""What crosses from training into the store, and out of it again.

Legend: P trials of a cohort, V validation pictures, K steps of a training.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sweep.results.provenance import Provenance
from sweep.study.axis import Point


class Outcome(StrEnum):
    """How a trial ended."""

    COMPLETED = "completed"
    DIVERGED = "diverged"
    FAILED = "failed"

    @property
    def is_finished(self) -> bool:
        """Whether the trial has a result: it completed or diverged."""
        return self is not Outcome.FAILED


class EpochRecord(NamedTuple):
    """One stored epoch of one trial; infinities and NaN come back as they were.

    A tuple, since a store may have millions of them.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    valid_loss: float
    valid_accuracy: float
    effective_learning_rate: float


FIGURES = EpochRecord._fields[1:]
"""The figures of an epoch."""


@dataclass(frozen=True)
class TrialRecord:
    """One stored trial.

    Attributes:
        number: within its study, from 0, in the order in which trials were first started.
        outcome: None while it is running.
        seconds: its cohort's seconds divided by the cohort's trials.
        error: of a failed trial.
        copied_from: the study whose finished trial this is a copy of.
        epochs: from 0 to the last one trained (of a diverged trial: to its divergence).
    """

    number: int
    optimizer: str
    point: Point
    seed: int
    fingerprint: str
    outcome: Outcome | None
    diverged_at_epoch: int | None
    seconds: float | None
    error: str | None = None
    copied_from: str | None = None
    epochs: tuple[EpochRecord, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class RepeatRecord:
    """Where a trial ended that was trained once more, rounded otherwise: it is no trial.

    Attributes:
        fingerprint: of the trial.
        valid_accuracy: after its last epoch, or after the one in which it diverged.
        has_diverged: whether it did.
    """

    fingerprint: str
    valid_accuracy: float
    has_diverged: bool


@dataclass(frozen=True)
class FailedRepeat:
    """Trials of a cohort that an exception ended as they were trained once more.

    Attributes:
        fingerprints: of the trials.
        error: the exception's text with its traceback.
    """

    fingerprints: tuple[str, ...]
    error: str


@dataclass(frozen=True)
class RunRecord:
    """One stored run of a study."""

    started_at: datetime
    finished_at: datetime | None
    provenance: Provenance


@dataclass(frozen=True)
class CohortRecord:
    """One stored cohort, for cost and for the multipliers.

    Attributes:
        points: of its trials, on the axes of the study that trained them.
        fingerprints: of its trainings that are stored, by which trials of any study refer to them.
        multiplier_PK: factor on each trial's learning rate at every step, or (1, K) where it is
            the same for all; None unless finished.
    """

    optimizer: str
    seed: int
    points: tuple[Point, ...]
    fingerprints: tuple[str, ...]
    seconds: float | None
    memory_bytes: int | None
    multiplier_PK: NDArray[np.float32] | None
    provenance: dict[str, Any]
