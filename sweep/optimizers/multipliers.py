"""The factor on the learning rate at every step: warm-up × schedule × RAdam's rectification.

NumPy only: the figures that show the factors and the provenance that stores them load no Keras.
(An ``OwnSchedule`` may be a class of Keras; it is called in training alone.)
The ramp's formula stands here alone; training and ``LinearWarmup`` take it from here.

Legend: P trials of a cohort, K steps of a training, t = 1 … K.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from sweep.optimizers.decays import Decay, decay_factors
from sweep.optimizers.own_schedule import own_factors
from sweep.optimizers.rectification import rectification
from sweep.study.optimizer import Optimizer
from sweep.study.schedules import (
    Constant,
    OwnSchedule,
    ReduceOnPlateau,
    StepDecay,
    UntunedWarmup,
    Warmup,
)

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


def untuned_factor(beta_2: float, t: Any, shape: str) -> Any:
    """Factor in step t of a warm-up without tuning; Ma & Yarats 2019, arXiv 1910.04209.

    Linear min(1, t (1 − β₂) / 2), exponential 1 − exp(−t (1 − β₂)).

    Example:
        >>> untuned_factor(0.9, np.array([1, 20, 30]), "linear").round(3)
        array([0.05, 1.  , 1.  ])
        >>> untuned_factor(0.9, np.array([1, 20, 30]), "exponential").round(3)
        array([0.095, 0.865, 0.95 ])
    """
    rate = (1 - beta_2) * t
    return np.minimum(1, rate / 2) if shape == "linear" else -np.expm1(-rate)


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
        optimizers: one a trial, with the same schedule, and all of them or none with an untuned
            warm-up; without a warm-up it has 1 at every step.
        total_steps: K ≥ 1.
        steps_per_epoch: by which a schedule counts epochs; None for one epoch.
        dtype: in which it is computed; training takes float32.
        learning_rates: one a trial, for warm-ups that start from a learning rate; without them
            all start from 0.

    ``ReduceOnPlateau`` has 1 here: what it does, only the training knows.

    Raises:
        StudyError: a schedule of the user's own cannot be imported or called, or gives no factor.
    """
    ramp_PK = _warmups(optimizers, total_steps, dtype, learning_rates)
    schedule = optimizers[0].schedule
    if isinstance(schedule, StepDecay):
        epoch_K = np.arange(total_steps) // (steps_per_epoch or total_steps)
        cuts_K = np.searchsorted(schedule.epochs, epoch_K, side="right")
        return ramp_PK * (schedule.factor**cuts_K).astype(dtype)
    if schedule is None or isinstance(schedule, Constant | ReduceOnPlateau):
        return ramp_PK
    lengths = _once_if_same([warmup_length(each, total_steps) for each in optimizers])
    rows = [_after(length, schedule, total_steps) for length in lengths]
    return ramp_PK * np.stack(rows).astype(dtype)


def warmup_length(optimizer: Optimizer, total_steps: int) -> int:
    """Steps of its warm-up, at most all of them; 0 without one."""
    warmup = optimizer.warmup
    if warmup is None:
        return 0
    if isinstance(warmup, UntunedWarmup):
        return min(total_steps, warmup.length_at(_beta_2(optimizer)))
    return min(total_steps, warmup.length(total_steps))


def _beta_2(optimizer: Optimizer) -> float:
    """Of an optimizer whose study has seen to it that it has one."""
    return float(str(optimizer.setting("beta_2")))


def _after(length: int, schedule: Decay | OwnSchedule, total_steps: int) -> NDArray[np.float64]:
    """A schedule's factors, (K,), with 1 during a warm-up of so many steps."""
    rest = total_steps - length
    is_own = isinstance(schedule, OwnSchedule)
    factors = own_factors(schedule, rest) if is_own else decay_factors(schedule, rest)
    return np.concatenate([np.ones(length), factors])


def _warmups(
    optimizers: Sequence[Optimizer],
    total_steps: int,
    dtype: DTypeLike,
    learning_rates: Sequence[float] | None,
) -> NDArray[np.floating]:
    """The warm-ups' factors, (P, K) or (1, K)."""
    t_K = np.arange(1, total_steps + 1, dtype=dtype)
    warmups = [each.warmup for each in optimizers]
    if isinstance(warmups[0], UntunedWarmup):
        betas_2 = _once_if_same([_beta_2(each) for each in optimizers])
        rows = [untuned_factor(beta_2, t_K, warmups[0].shape) for beta_2 in betas_2]
        return np.stack(rows).astype(dtype)
    lengths = [each.length(total_steps) if isinstance(each, Warmup) else 1 for each in warmups]
    starts = [0.0] * len(lengths) if learning_rates is None else _starts(warmups, learning_rates)
    rows = _once_if_same([*zip(lengths, starts, strict=True)])
    lengths_P1, starts_P1 = np.array(rows, dtype).T[:, :, None]
    return warmup_factor(t_K, lengths_P1, start=starts_P1)


def _once_if_same(rows: list[Any]) -> list[Any]:
    """One of the rows where all are the same, else all."""
    return rows if len({*rows}) > 1 else rows[:1]


def _starts(
    warmups: Sequence[Warmup | UntunedWarmup | None], learning_rates: Sequence[float]
) -> list[float]:
    """The factor on each trial's learning rate from which its warm-up rises."""
    return [
        each.start / rate if isinstance(each, Warmup) else 0.0
        for each, rate in zip(warmups, learning_rates, strict=True)
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
    with ``skip``. Adam-2k has 0 in its first ``variance_steps``. Schedule-free AdamW may have a
    warm-up of its own (``warmup_steps``). Other algorithms, and your own, have warm-up and schedule
    alone.

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


def _own_ramp(optimizer: Optimizer, total_steps: int) -> NDArray[Any] | None:
    """Of an algorithm with a setting for it; None of others, and where it is not set."""
    if optimizer.algorithm == "adam-2k":
        return np.arange(1, total_steps + 1) > float(str(optimizer.setting("variance_steps")))
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
