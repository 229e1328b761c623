"""What a training function of the user's own is told of its trial.

Light, with Python's own library alone: the process that runs the function loads it, and nothing
else of sweep.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ProgramConfig:
    """What one trial trains with: all that is swept, set, or the optimizer's own, resolved.

    Attributes:
        optimizer: its label.
        algorithm: of the study's optimizer: a name such as ``adam``, or ``module:Class``.
        settings: of the optimizer. An algorithm that sweep knows has all of them, under Keras'
            names and with Keras' defaults; one that is given as ``module:Class`` those that the
            study says.
        learning_rate: before any schedule.
        point: a value for each axis of the study that the optimizer follows.
        own: the study's own hyperparameters, those of ``own.NAME``; whole numbers are ``int``.
        seed: of the trial.
        epochs: so many are trained, and reported.
        batch_size: examples a step.
        warmup_steps: length of the warm-up, also of one that follows from β₂; None where there is
            none, or it is a share.
        warmup_share: its length as a share of all steps; None where there is none, or it is a
            number of steps.

    Example:
        >>> config = ProgramConfig("adam", "adam", {}, 0.1, {}, {}, seed=0, epochs=2,
        ...                        batch_size=8, warmup_share=0.1)
        >>> config.warmup_length(total_steps=50)
        5
    """

    optimizer: str
    algorithm: str
    settings: Mapping[str, Any]
    learning_rate: float
    point: Mapping[str, float]
    own: Mapping[str, float]
    seed: int
    epochs: int
    batch_size: int
    warmup_steps: int | None = None
    warmup_share: float | None = None

    def warmup_length(self, total_steps: int) -> int:
        """The warm-up's length in steps of a training of ``total_steps``; 0 without one."""
        if self.warmup_steps is not None:
            return self.warmup_steps
        return 0 if self.warmup_share is None else max(1, round(self.warmup_share * total_steps))
