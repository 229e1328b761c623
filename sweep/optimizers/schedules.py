"""What Keras asks for the learning rate: linear warm-up, and the learning rates of a cohort.

Steps are counted as t = 1, 2, … = Keras' ``iterations`` + 1. P trials of a cohort.
"""

from typing import Any

import keras
from keras import ops

from sweep.optimizers.multipliers import warmup_factor
from sweep.optimizers.precision import at_least_float32


@keras.saving.register_keras_serializable(package="sweep")
class LinearWarmup(keras.optimizers.schedules.LearningRateSchedule):
    """Linear warm-up: step t has start + (learning_rate − start) · min(1, t / steps).

    With a start of 0 the first step has ``learning_rate / steps``; step ``steps`` and all later
    ones have the whole.
    Ma & Yarats (arXiv 1910.04209) find that Adam with 2 / (1 − β₂) steps of it does what RAdam
    does.

    Args:
        learning_rate: the learning rate after the warm-up.
        steps: length of the warm-up in steps, at least 1.
        start: the learning rate from which it rises.

    Raises:
        ValueError: fewer than 1 step.

    Example:
        >>> schedule = LinearWarmup(0.5, steps=4)
        >>> [float(schedule(iterations)) for iterations in range(6)]
        [0.125, 0.25, 0.375, 0.5, 0.5, 0.5]
    """

    def __init__(self, learning_rate: float, steps: int, start: float = 0.0) -> None:
        super().__init__()
        if steps < 1:
            raise ValueError(f"A warm-up has at least 1 step. Received: steps={steps}")
        self.learning_rate = learning_rate
        self.steps = steps
        self.start = start

    def __call__(self, step: Any) -> Any:
        """The learning rate when ``step`` steps were taken."""
        t = ops.cast(step + 1, at_least_float32(keras.config.floatx()))
        start = self.start / self.learning_rate if self.start else 0.0
        return self.learning_rate * warmup_factor(t, self.steps, ops, start)

    def get_config(self) -> dict[str, Any]:
        """Its arguments."""
        said = {"learning_rate": self.learning_rate, "steps": self.steps}
        return said | ({"start": self.start} if self.start else {})


class CohortLearningRates(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rates that a cohort's trials have in the step that is taken.

    Shape (P, 1) broadcasts against variables shaped (…, P, x), so that a stock Keras optimizer
    trains P trials at once, each at its own learning rate.

    The variable is read at every step: assigning other learning rates to it, as a warm-up does,
    needs no new compilation, and in a ``keras.StatelessScope`` (JAX) the scope's value counts. It
    belongs to the caller, not to the optimizer's variables, so the schedule cannot be serialized.

    Args:
        learning_rates: (P, 1), not trainable.
    """

    def __init__(self, learning_rates: keras.Variable) -> None:
        super().__init__()
        self.learning_rates = learning_rates

    def __call__(self, step: Any) -> Any:  # noqa: ARG002 - Keras passes it
        """The learning rates (P, 1), whatever the step."""
        return ops.convert_to_tensor(self.learning_rates)
