"""The factor on the learning rate at every step: warm-up × schedule × RAdam's rectification.

NumPy only: the figures that show the factors and the provenance that stores them load no Keras.
The ramp's formula stands here alone; training and ``LinearWarmup`` take it from here.

Legend: P trials of a cohort, K steps of a training, t = 1 … K.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from sweep.optimizers.rectification import rectification
from sweep.study.optimizer import Optimizer

BELOW_THRESHOLD_FACTORS = {"momentum": 1.0, "skip": 0.0}
"""What multiplies the learning rate in a step of RAdam's that is not rectified."""


def warmup_factor(t: Any, length: Any, xp: Any = np, start: Any = 0.0) -> Any:
    """Linear warm-up's factor in step t: f = min(1, t / length), or f + start · (1 − f).

    It multiplies by 1 / length, as XLA compiles a division by a constant: so a table in float32
    has what a compiled schedule has, to the last bit.

    Args:
        t: steps from 1.
        length: of the warm-up in steps, shaped like ``t`` or broadcast against it.
        xp: what computes: ``numpy`` or ``keras.ops``.
        start: the factor from which it rises, shaped like ``length``.
    """
    factor = xp.minimum(t * (1 / length), 1)
    return factor + start * (1 - factor) if np.any(start) else factor


def ramps(
    optimizers: Sequence[Optimizer],
    total_steps: int,
    steps_per_epoch: int | None = None,
    dtype: DTypeLike = np.float32,
    *,
    learning_rates: Sequence[float] | None = None,
) -> NDArray[np.floating]:
    """Warm-up's and schedule's factors at every step, (P, K), or (1, K) where all have the same.

    Args:
        optimizers: one a trial, with the same schedule; without a warm-up it has 1 at every step.
        total_steps: K ≥ 1.
        steps_per_epoch: by which a schedule counts epochs; None for one epoch.
        dtype: in which it is computed; training takes float32.
        learning_rates: one a trial, for warm-ups that start from a learning rate; without them
            all start from 0.
    """
    lengths = [1 if each.warmup is None else each.warmup.length(total_steps) for each in optimizers]
    starts = [0.0] * len(lengths) if learning_rates is None else _starts(optimizers, learning_rates)
    rows = [*zip(lengths, starts, strict=True)]
    lengths_P1, starts_P1 = np.array(rows if len({*rows}) > 1 else rows[:1], dtype).T[:, :, None]
    t_K = np.arange(1, total_steps + 1, dtype=dtype)
    ramp_PK = warmup_factor(t_K, lengths_P1, start=starts_P1)
    schedule = optimizers[0].schedule
    if schedule is None:
        return ramp_PK
    epoch_K = np.arange(total_steps) // (steps_per_epoch or total_steps)
    cuts_K = np.searchsorted(schedule.epochs, epoch_K, side="right")
    return ramp_PK * (schedule.factor**cuts_K).astype(dtype)


def _starts(optimizers: Sequence[Optimizer], learning_rates: Sequence[float]) -> list[float]:
    """The factor on each trial's learning rate from which its warm-up rises."""
    return [
        0.0 if each.warmup is None else each.warmup.start / rate
        for each, rate in zip(optimizers, learning_rates, strict=True)
    ]


def multipliers(
    optimizers: Sequence[Optimizer],
    total_steps: int,
    steps_per_epoch: int | None = None,
    *,
    learning_rates: Sequence[float] | None = None,
) -> NDArray[np.float32]:
    """Factor on each trial's learning rate at every step: warm-up × schedule × rectification.

    Of RAdam's steps below the threshold: 1 with ``momentum`` (a step that is not adaptive), 0
    with ``skip``. Schedule-free AdamW may have a warm-up of its own (``warmup_steps``). Other
    algorithms, and your own, have warm-up and schedule alone.

    Args:
        optimizers: one a trial, with the same schedule.
        total_steps: K ≥ 1.
        steps_per_epoch: by which a schedule counts epochs; None for one epoch.
        learning_rates: as of ``ramps``.

    Returns:
        (P, K), or (1, K) where the factors are the same for all trials.

    Example:
        >>> from sweep.study import Optimizer, Warmup
        >>> multipliers([Optimizer(label="w", algorithm="sgd", warmup=Warmup(steps=4))], 5)
        array([[0.25, 0.5 , 0.75, 1.  , 1.  ]], dtype=float32)
    """
    multiplier_PK = ramps(
        optimizers, total_steps, steps_per_epoch, np.float64, learning_rates=learning_rates
    )
    settings = [_rectification_settings(each) for each in optimizers]
    own_ramps = [_own_ramp(each, total_steps) for each in optimizers]
    if any(ramp is not None for ramp in own_ramps):
        ones_K = np.ones(total_steps)
        multiplier_PK = multiplier_PK * np.stack(
            [ones_K if ramp_K is None else ramp_K for ramp_K in own_ramps]
        )
    if any(settings):
        rows = settings if len({*settings}) > 1 else settings[:1]
        multiplier_PK = multiplier_PK * np.stack([_radam_factors(row, total_steps) for row in rows])
    return multiplier_PK.astype(np.float32)


def _own_ramp(optimizer: Optimizer, total_steps: int) -> NDArray[np.floating] | None:
    """Of an algorithm with a setting for warm-up; None of others, and where it is not set."""
    length = optimizer.setting("warmup_steps")
    if optimizer.known_algorithm != "schedule-free-adamw" or not isinstance(length, int | float):
        return None
    return warmup_factor(np.arange(1, total_steps + 1), length) if length > 0 else None


_Rectification = tuple[float, float, str]


def _rectification_settings(optimizer: Optimizer) -> _Rectification | None:
    """β₂, threshold and what is done below it; None of what does not rectify."""
    if optimizer.algorithm != "radam":
        return None
    beta_2, threshold = (float(str(optimizer.setting(name))) for name in ("beta_2", "threshold"))
    return beta_2, threshold, str(optimizer.setting("below_threshold"))


def _radam_factors(settings: _Rectification | None, total_steps: int) -> NDArray[np.float64]:
    if settings is None:
        return np.ones(total_steps)
    beta_2, threshold, below_threshold = settings
    r_K = rectification(beta_2, np.arange(1, total_steps + 1), threshold)
    return np.where(np.isnan(r_K), BELOW_THRESHOLD_FACTORS[below_threshold], r_K)
