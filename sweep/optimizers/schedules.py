"""Schedules of the learning rate: linear warm-up, and the learning rates of a cohort.

Both count steps t = 1, 2, … = Keras' ``iterations`` + 1. P trials of a cohort.
"""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="sweep")
class LinearWarmup(keras.optimizers.schedules.LearningRateSchedule):
    """Linear warm-up: step t has min(1, t / steps) of the learning rate.

    The first step has ``learning_rate / steps``, step ``steps`` and all later ones the whole.
    Ma & Yarats (arXiv 1910.04209) find that Adam with 2 / (1 − β₂) steps of it does what RAdam
    does.

    Args:
        learning_rate: the learning rate after the warm-up.
        steps: length of the warm-up in steps, at least 1.

    Raises:
        ValueError: fewer than 1 step.

    Example:
        >>> schedule = LinearWarmup(0.5, steps=4)
        >>> [float(schedule(iterations)) for iterations in range(6)]
        [0.125, 0.25, 0.375, 0.5, 0.5, 0.5]
    """

    def __init__(self, learning_rate: float, steps: int) -> None:
        super().__init__()
        _check_steps(steps)
        self.learning_rate = learning_rate
        self.steps = steps

    def __call__(self, step: Any) -> Any:
        """The learning rate when ``step`` steps were taken."""
        return self.learning_rate * _ramp(step, self.steps, keras.config.floatx())

    def get_config(self) -> dict[str, Any]:
        """Its arguments."""
        return {"learning_rate": self.learning_rate, "steps": self.steps}


class CohortSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rates of a cohort's trials, with a warm-up if wanted.

    Shape (P, 1) broadcasts against variables shaped (…, P, x), so that a stock Keras optimizer
    trains P trials at once, each at its own learning rate.

    The variable is read at every call: assigning other learning rates to it needs no new
    compilation, and in a ``keras.StatelessScope`` (JAX) the scope's value counts. It belongs to
    the caller, not to the optimizer's variables, so the schedule cannot be serialized.

    Args:
        learning_rates: (P, 1), not trainable.
        warmup_steps: length of the linear warm-up in steps, at least 1; None for no warm-up.

    Raises:
        ValueError: fewer than 1 step.
    """

    def __init__(self, learning_rates: keras.Variable, warmup_steps: int | None = None) -> None:
        super().__init__()
        if warmup_steps is not None:
            _check_steps(warmup_steps)
        self.learning_rates = learning_rates
        self.warmup_steps = warmup_steps

    def __call__(self, step: Any) -> Any:
        """The learning rates (P, 1) when ``step`` steps were taken."""
        learning_rates_P1 = ops.convert_to_tensor(self.learning_rates)
        if self.warmup_steps is None:
            return learning_rates_P1
        ramp = _ramp(step, self.warmup_steps, self.learning_rates.dtype)
        return ops.multiply(learning_rates_P1, ramp)


def _ramp(step: Any, steps: int, dtype: Any) -> Any:
    return ops.minimum(ops.divide(ops.cast(step + 1, dtype), steps), 1)


def _check_steps(steps: int) -> None:
    if steps < 1:
        raise ValueError(f"A warm-up has at least 1 step. Received: steps={steps}")
