"""From a study's optimizer to a Keras optimizer. In the flow: ``training`` builds one a cohort."""

from typing import Any

import keras
from keras.src.optimizers.multi_optimizer import MultiOptimizer

from sweep.errors import StudyError
from sweep.optimizers.adafactor import Adafactor
from sweep.optimizers.adam_2k import Adam2k
from sweep.optimizers.lookahead import Lookahead
from sweep.optimizers.radam import RAdam
from sweep.optimizers.schedule_free import ScheduleFreeAdamW
from sweep.optimizers.sgd_l2 import SGDL2
from sweep.study.optimizer import Optimizer
from sweep.util.own_import import imported

CLASSES: dict[str, type[keras.optimizers.Optimizer]] = {
    "adadelta": keras.optimizers.Adadelta,
    "adafactor": Adafactor,
    "adagrad": keras.optimizers.Adagrad,
    "adam": keras.optimizers.Adam,
    "adam-2k": Adam2k,
    "adamax": keras.optimizers.Adamax,
    "adamw": keras.optimizers.AdamW,
    "ftrl": keras.optimizers.Ftrl,
    "lamb": keras.optimizers.Lamb,
    "lion": keras.optimizers.Lion,
    "muon": keras.optimizers.Muon,
    "nadam": keras.optimizers.Nadam,
    "radam": RAdam,
    "rmsprop": keras.optimizers.RMSprop,
    "schedule-free-adamw": ScheduleFreeAdamW,
    "sgd": keras.optimizers.SGD,
    "sgd-l2": SGDL2,
}
"""The Keras class of every name in ``study.ALGORITHMS``."""
WRAPPERS = (keras.optimizers.LossScaleOptimizer, MultiOptimizer)
"""Classes that take a step by another optimizer, so are none that a study can compare."""


def build(
    optimizer: Optimizer, learning_rate: float | keras.optimizers.schedules.LearningRateSchedule
) -> keras.optimizers.Optimizer:
    """The Keras optimizer of a study's optimizer.

    Args:
        optimizer: a study's; its warm-up and schedule are the caller's to apply.
        learning_rate: as Keras takes it; of a cohort, ``CohortLearningRates``.

    Raises:
        StudyError: an optimizer of your own cannot be imported, is none, or wraps another one; or
            the class refuses the settings.

    Example:
        >>> from sweep.study import Optimizer
        >>> sgd = build(Optimizer(label="a", algorithm="sgd", settings={"momentum": 0.9}), 0.5)
        >>> sgd.momentum, float(sgd.learning_rate)
        (0.9, 0.5)
    """
    kind = CLASSES.get(optimizer.algorithm) or _import_class(optimizer)
    settings: dict[str, Any] = dict(optimizer.settings)
    _refuse_scaling(optimizer)
    try:
        built = kind(learning_rate, **settings)
    except (TypeError, ValueError) as error:
        raise StudyError(
            f"optimizer {optimizer.label!r} cannot be built: {kind.__name__} does not take "
            f"{optimizer.settings}: {error}",
            remedy="Correct the optimizer's settings in the study.",
        ) from error
    _refuse_wrapper(optimizer, built)
    around = optimizer.lookahead
    return built if around is None else Lookahead(built, around.steps, around.alpha)


def _refuse_scaling(optimizer: Optimizer) -> None:
    """Refuse a scale of the loss: the loss is not scaled here, so each step would be too short."""
    if optimizer.settings.get("loss_scale_factor") is not None:
        raise StudyError(
            f"optimizer {optimizer.label!r} has loss_scale_factor "
            f"{optimizer.settings['loss_scale_factor']}, and the loss is not scaled here",
            remedy="Leave loss_scale_factor out.",
        )


def _refuse_wrapper(optimizer: Optimizer, built: keras.optimizers.Optimizer) -> None:
    """Refuse an optimizer that holds another one, which has a learning rate of its own."""
    if any(isinstance(part, keras.optimizers.Optimizer) for part in vars(built).values()):
        raise _wraps(optimizer, type(built))


def _wraps(optimizer: Optimizer, kind: type) -> StudyError:
    return StudyError(
        f"optimizer {optimizer.algorithm!r} is {kind.__name__}, which wraps another optimizer",
        remedy="Name the optimizer that it wraps; for Lookahead say lookahead=Lookahead() there.",
    )


def _import_class(optimizer: Optimizer) -> type[keras.optimizers.Optimizer]:
    """The class that ``module:Class`` names, from what is installed or the current folder."""
    kind = imported(optimizer.algorithm, "optimizer")
    if not (isinstance(kind, type) and issubclass(kind, keras.optimizers.Optimizer)):
        raise StudyError(
            f"{optimizer.algorithm!r} is no optimizer: it is {kind!r}",
            rule="An optimizer is a subclass of keras.optimizers.Optimizer.",
            remedy="Name the class of a Keras optimizer as module:Class.",
        )
    if issubclass(kind, WRAPPERS):
        raise _wraps(optimizer, kind)
    return kind
