"""The schedules that are known by name: the factor on the learning rate after a warm-up.

NumPy only, like ``multipliers``, which takes them. Tests hold each against Keras or PyTorch.

Legend: R steps that remain after a warm-up, s = 0 … R − 1 of which were taken.
"""

import numpy as np
from numpy.typing import NDArray

from sweep.study.schedules import CosineDecay, LinearDecay, OneCycle

Decay = CosineDecay | LinearDecay | OneCycle
Factors = NDArray[np.float64]


def decay_factors(schedule: Decay, steps: int) -> Factors:
    """A schedule's factor on the learning rate at every step.

    Args:
        schedule: its docstring has the formula.
        steps: R, at least 0.

    Returns:
        (R,), in [0, 1].

    Example:
        >>> decay_factors(LinearDecay(), 4)
        array([1.  , 0.75, 0.5 , 0.25])
        >>> decay_factors(CosineDecay(last=0.5), 2)
        array([1.  , 0.75])
    """
    s_R = np.arange(steps, dtype=np.float64)
    match schedule:
        case CosineDecay(last=last):
            return _along_cosine(1.0, last, s_R / max(1, steps))
        case LinearDecay(last=last):
            return 1 - (1 - last) * s_R / max(1, steps)
        case OneCycle():
            return _one_cycle(schedule, s_R)


def _along_cosine(start: float, end: float, done: Factors) -> Factors:
    """From start to end, along half a cosine, of which a share in [0, 1] is done."""
    return end + (start - end) * (1 + np.cos(np.pi * done)) / 2


def _one_cycle(schedule: OneCycle, s_R: Factors) -> Factors:
    """Its peak is at step ``rise`` · R, as PyTorch has it; at the first, where R is that short."""
    steps = len(s_R)
    peak, end = max(0.0, schedule.rise * steps - 1), max(1.0, steps - 1.0)
    rising = np.clip(s_R / peak, 0, 1) if peak else np.ones(steps)
    falling = np.clip((s_R - peak) / max(1.0, end - peak), 0, 1)
    up, down = _along_cosine(schedule.first, 1, rising), _along_cosine(1, schedule.last, falling)
    return np.where(s_R <= peak, up, down)
