"""What a training function of the user's own is told of its trial.

Light, with Python's own library alone: the process that runs the function loads it, and nothing
else of sweep unless the function asks for learning rates.
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
        warmup: all that defines the warm-up, as JSON values: ``steps``, ``share`` and ``start`` of
            a ``Warmup``, ``kind`` and ``shape`` of an ``UntunedWarmup``; None without one.
        schedule: all that defines what becomes of the learning rate after the warm-up, as JSON
            values: its ``kind`` and the fields of its class, e.g. of ``StepDecay``; None where it
            stays.
        lookahead: ``steps`` and ``alpha`` of the slow weights around the optimizer; None without.

    Example:
        >>> config = ProgramConfig("adam", "adam", {}, 0.1, {}, {}, seed=0, epochs=2,
        ...                        batch_size=8, warmup_share=0.1, warmup={"share": 0.1},
        ...                        schedule={"kind": "step", "factor": 0.5, "epochs": [1]})
        >>> config.warmup_length(total_steps=50)
        5
        >>> [round(rate, 3) for rate in config.learning_rates(steps_per_epoch=2)]
        [0.1, 0.1, 0.05, 0.05]
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
    warmup: Mapping[str, Any] | None = None
    schedule: Mapping[str, Any] | None = None
    lookahead: Mapping[str, Any] | None = None

    def warmup_length(self, total_steps: int) -> int:
        """The warm-up's length in steps of a training of ``total_steps``; 0 without one."""
        if self.warmup_steps is not None:
            return self.warmup_steps
        return 0 if self.warmup_share is None else max(1, round(self.warmup_share * total_steps))

    def learning_rates(self, steps_per_epoch: int) -> list[float]:
        """The learning rate of every step of the training: with warm-up and schedule.

        What the algorithm itself makes of it, as RAdam does, is not in it. What
        ``ReduceOnPlateau`` does follows from the validation losses, so its cuts are not in it
        either: make them by ``schedule``, which says when.

        Args:
            steps_per_epoch: steps of each of the epochs, at least 1.

        Raises:
            StudyError: a schedule of the user's own cannot be called, or gives no factor.
        """
        from sweep.optimizers.multipliers import ramps
        from sweep.study.optimizer import Optimizer

        optimizer = Optimizer(
            label=self.optimizer,
            algorithm=self.algorithm,
            settings={**self.settings},
            warmup=self.warmup,  # pyright: ignore[reportArgumentType] - Pydantic reads JSON
            schedule=self.schedule,  # pyright: ignore[reportArgumentType]
        )
        (factor_K,) = ramps(
            [optimizer],
            self.epochs * steps_per_epoch,
            steps_per_epoch,
            float,
            learning_rates=[self.learning_rate],
        )
        return [self.learning_rate * float(factor) for factor in factor_K]
