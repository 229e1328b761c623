"""A schedule of the user's own, or one of Keras', as a table of factors.

In the flow: ``multipliers`` takes it for a training's learning rates, in the process that trains.

Legend: R steps that remain after a warm-up, s = 0 … R − 1 of which were taken.
"""

import json
import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.errors import StudyError
from sweep.study.schedules import OwnSchedule
from sweep.util.own_files import told
from sweep.util.own_import import imported

_RULE = (
    "A schedule is a function of the steps taken, of how many there are, and of its settings, that "
    "returns the factor on the learning rate; or a class of Keras' LearningRateSchedule."
)


def own_factors(schedule: OwnSchedule, steps: int) -> NDArray[np.float64]:
    """The factor on the learning rate at every step, (R,).

    Args:
        schedule: a function, or a class of Keras, as its docstring says.
        steps: R, at least 0.

    Raises:
        StudyError: it cannot be imported or called, or what it returns is no factor: a number that
            is finite and at least 0.
    """
    return _factors(schedule.path, json.dumps(schedule.settings, sort_keys=True), steps)


def try_schedule(schedule: OwnSchedule, steps: int) -> None:
    """Ask it for the factor at its first step.

    Args:
        schedule: as ``own_factors`` takes it.
        steps: that it is told there are, at least 1.

    Raises:
        StudyError: as ``own_factors``.
    """
    _checked(schedule.path, _called(schedule.path, schedule.settings, steps), 0)


@lru_cache(maxsize=8)
def _factors(path: str, settings: str, steps: int) -> NDArray[np.float64]:
    factor_at = _called(path, json.loads(settings), steps)
    factors_R = np.empty(steps)
    for step in range(steps):
        factors_R[step] = _checked(path, factor_at, step)
    return factors_R


def _called(path: str, settings: dict[str, Any], steps: int) -> Callable[[int], Any]:
    """What gives the factor when so many steps were taken."""
    found = imported(path, "schedule")
    if isinstance(found, type):
        return _of_class(path, found, settings)
    if not callable(found):
        raise StudyError(
            f"{path!r} is no schedule: it is {found!r}",
            rule=_RULE,
            remedy="Name a function as module:function, or a class as module:Class.",
        )
    return lambda step: found(step, steps, **settings)


def _of_class(path: str, kind: Any, settings: dict[str, Any]) -> Callable[[int], Any]:
    """Of a class of Keras, built with a learning rate of 1."""
    if not _is_keras_schedule(kind):
        raise StudyError(
            f"{path!r} is no schedule: it is a class, and none of Keras' LearningRateSchedule",
            rule=_RULE,
            remedy="Derive it from keras.optimizers.schedules.LearningRateSchedule.",
        )
    try:
        return kind(1.0, **settings)
    except Exception as error:  # a class of the user's may raise anything
        raise StudyError(
            f"the schedule {path!r} cannot be built with a learning rate of 1.0 and the settings "
            f"{settings}: {told(error)}",
            remedy="Correct the schedule's settings in the study, or its class.",
        ) from error


def _is_keras_schedule(kind: type) -> bool:
    from keras.optimizers.schedules import LearningRateSchedule

    return issubclass(kind, LearningRateSchedule)


def _checked(path: str, factor_at: Callable[[int], Any], step: int) -> float:
    try:
        factor = float(factor_at(step))
    except Exception as error:  # a function of the user's may raise, or return, anything
        raise StudyError(
            f"the schedule {path!r} fails at step {step}: {told(error)}",
            rule=_RULE,
            remedy="Correct it, or its settings in the study.",
        ) from error
    if not math.isfinite(factor) or factor < 0:
        raise StudyError(
            f"the schedule {path!r} returns {factor} at step {step}",
            rule="The factor on the learning rate is finite, and at least 0.",
            remedy="Correct it.",
        )
    return factor
