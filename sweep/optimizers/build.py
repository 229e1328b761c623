"""From a study's optimizer to a Keras optimizer. The last step before training."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import keras

from sweep.errors import StudyError
from sweep.optimizers.radam import RAdam
from sweep.optimizers.schedules import CohortSchedule, LinearWarmup
from sweep.study.optimizer import Optimizer

CLASSES: dict[str, type[keras.optimizers.Optimizer]] = {
    "adadelta": keras.optimizers.Adadelta,
    "adagrad": keras.optimizers.Adagrad,
    "adam": keras.optimizers.Adam,
    "adamax": keras.optimizers.Adamax,
    "adamw": keras.optimizers.AdamW,
    "ftrl": keras.optimizers.Ftrl,
    "lamb": keras.optimizers.Lamb,
    "lion": keras.optimizers.Lion,
    "nadam": keras.optimizers.Nadam,
    "radam": RAdam,
    "rmsprop": keras.optimizers.RMSprop,
    "sgd": keras.optimizers.SGD,
}
"""The Keras class of every name in ``study.ALGORITHMS``."""


def build(
    optimizer: Optimizer, learning_rates: keras.Variable | float, total_steps: int
) -> keras.optimizers.Optimizer:
    """The Keras optimizer of one training.

    Args:
        optimizer: a study's.
        learning_rates: of a cohort, a variable (P, 1) that is read at every step; or one float.
        total_steps: steps of the whole training, of which a warm-up may take a share.

    Raises:
        StudyError: an optimizer of your own cannot be imported or is none; or the class refuses
            the settings.

    Example:
        >>> from sweep.study import Optimizer, Warmup
        >>> adam = build(Optimizer(label="a", algorithm="adam", warmup=Warmup(steps=9)), 0.9, 100)
        >>> float(adam.learning_rate)  # of the first step
        0.10000000149011612
    """
    kind = CLASSES.get(optimizer.algorithm) or _import_class(optimizer)
    settings: dict[str, Any] = dict(optimizer.settings)
    try:
        return kind(_learning_rate(optimizer, learning_rates, total_steps), **settings)
    except (TypeError, ValueError) as error:
        raise StudyError(
            f"The settings of optimizer {optimizer.label!r} are such as {kind.__name__} takes.",
            got=f"{optimizer.settings}: {error}",
            remedy="Correct the optimizer's settings in the study.",
        ) from error


def _learning_rate(
    optimizer: Optimizer, learning_rates: keras.Variable | float, total_steps: int
) -> Any:
    warmup = optimizer.warmup
    warmup_steps = None if warmup is None else warmup.length(total_steps)
    if isinstance(learning_rates, keras.Variable):
        return CohortSchedule(learning_rates, warmup_steps)
    if warmup_steps is None:
        return learning_rates
    return LinearWarmup(learning_rates, warmup_steps)


def _import_class(optimizer: Optimizer) -> type[keras.optimizers.Optimizer]:
    """The class that ``module:Class`` names, from what is installed or the current folder."""
    module, _, name = optimizer.algorithm.partition(":")
    if (folder := str(Path.cwd())) not in sys.path:
        sys.path.append(folder)  # last, so that it hides nothing that is installed
    try:
        kind = getattr(import_module(module), name)
    except Exception as error:  # a module of the user's may raise anything
        raise StudyError(
            f"The optimizer {optimizer.algorithm!r} can be imported.",
            got=f"{type(error).__name__}: {error}",
            remedy=f"Install {module}, or run in the folder that holds {module}.py.",
        ) from error
    if not (isinstance(kind, type) and issubclass(kind, keras.optimizers.Optimizer)):
        raise StudyError(
            f"The optimizer {optimizer.algorithm!r} is a subclass of keras.optimizers.Optimizer.",
            got=repr(kind),
            remedy="Name the class of a Keras optimizer as module:Class.",
        )
    return kind
