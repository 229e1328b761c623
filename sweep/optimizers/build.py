"""From a study's optimizer to a Keras optimizer. In the flow: ``training`` builds one a cohort."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import keras

from sweep.errors import StudyError
from sweep.optimizers.radam import RAdam
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
    optimizer: Optimizer, learning_rate: float | keras.optimizers.schedules.LearningRateSchedule
) -> keras.optimizers.Optimizer:
    """The Keras optimizer of a study's optimizer.

    Args:
        optimizer: a study's; its warm-up is the caller's to apply.
        learning_rate: as Keras takes it; of a cohort, ``CohortLearningRates``.

    Raises:
        StudyError: an optimizer of your own cannot be imported or is none; or the class refuses
            the settings.

    Example:
        >>> from sweep.study import Optimizer
        >>> sgd = build(Optimizer(label="a", algorithm="sgd", settings={"momentum": 0.9}), 0.5)
        >>> sgd.momentum, float(sgd.learning_rate)
        (0.9, 0.5)
    """
    kind = CLASSES.get(optimizer.algorithm) or _import_class(optimizer)
    settings: dict[str, Any] = dict(optimizer.settings)
    try:
        return kind(learning_rate, **settings)
    except (TypeError, ValueError) as error:
        raise StudyError(
            f"optimizer {optimizer.label!r} cannot be built: {kind.__name__} does not take "
            f"{optimizer.settings}: {error}",
            remedy="Correct the optimizer's settings in the study.",
        ) from error


def _import_class(optimizer: Optimizer) -> type[keras.optimizers.Optimizer]:
    """The class that ``module:Class`` names, from what is installed or the current folder."""
    module, _, name = optimizer.algorithm.partition(":")
    if (folder := str(Path.cwd())) not in sys.path:
        sys.path.append(folder)  # last, so that it hides nothing that is installed
    try:
        kind = getattr(import_module(module), name)
    except Exception as error:  # a module of the user's may raise anything
        raise StudyError(
            f"the optimizer {optimizer.algorithm!r} cannot be imported: "
            f"{type(error).__name__}: {error}",
            remedy=f"Install {module}, or run in the folder that holds {module}.py.",
        ) from error
    if not (isinstance(kind, type) and issubclass(kind, keras.optimizers.Optimizer)):
        raise StudyError(
            f"{optimizer.algorithm!r} is no optimizer: it is {kind!r}",
            rule="An optimizer is a subclass of keras.optimizers.Optimizer.",
            remedy="Name the class of a Keras optimizer as module:Class.",
        )
    return kind
