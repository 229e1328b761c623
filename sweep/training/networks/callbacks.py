"""Keras callbacks of the user's own that change a trial's learning rate; see ``Network.callback``.

Each trial has a callback of its own, which sees a model that has nothing but its optimizer's
learning rate. It is told of every epoch, as in ``fit``: its begin, and its end with the figures.

Legend: P trials.
"""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np

from sweep.errors import StudyError
from sweep.planning.events import Floats
from sweep.tasks.own import imported, told_of


class Callbacks:
    """The callbacks of P trials.

    Args:
        path: ``module:function``, which returns a new callback; None where there is none.
        learning_rates_P: that the trials begin with.

    Raises:
        StudyError: the function cannot be imported, or returns no callback.
    """

    def __init__(self, path: str | None, learning_rates_P: Floats) -> None:
        self._path = path
        self._begun_with_P = learning_rates_P
        self._models = [_Model(float(rate)) for rate in learning_rates_P]
        self._callbacks = [self._new(path, model) for model in self._models] if path else []

    @staticmethod
    def _new(path: str, model: "_Model") -> keras.callbacks.Callback:
        function = imported(path, "callback")
        with told_of(path):
            callback = function()
        if not isinstance(callback, keras.callbacks.Callback):
            raise StudyError(
                f"{path} returned {type(callback).__name__}, no keras.callbacks.Callback",
                remedy="Return a new callback from it.",
            )
        with told_of(path):
            callback.set_model(model)
            callback.on_train_begin()
        return callback

    def begin(self, epoch: int) -> Floats:
        """Tell of an epoch's begin (from 1); factors on the trials' learning rates from now, (P,).

        Raises:
            StudyError: a callback fails, stops the training, or sets no learning rate.
        """
        for callback in self._callbacks:
            with told_of(self._path or ""):
                callback.on_epoch_begin(epoch - 1)
        self._check()
        rates_P = np.array([float(model.optimizer.learning_rate) for model in self._models])
        return rates_P / self._begun_with_P

    def end(self, epoch: int, figures: Mapping[str, Floats]) -> None:
        """Tell of an epoch's end (from 1), with figures by Keras' names, each (P,)."""
        for p, callback in enumerate(self._callbacks):
            logs = {name: float(value_P[p]) for name, value_P in figures.items()}
            logs["learning_rate"] = float(self._models[p].optimizer.learning_rate)
            with told_of(self._path or ""):
                callback.on_epoch_end(epoch - 1, logs)
        self._check()

    def _check(self) -> None:
        for model in self._models:
            rate = model.optimizer.learning_rate
            if model.stop_training:
                raise StudyError(
                    f"{self._path} stops the training",
                    rule="All trials of a study train as many epochs, so that they can be "
                    "compared; a callback may change the learning rate alone.",
                    remedy="Leave stop_training as it is.",
                )
            if not np.isfinite(float(rate)) or float(rate) <= 0:
                raise StudyError(
                    f"{self._path} sets the learning rate {rate}",
                    remedy="Set a number above 0.",
                )


def try_callback(path: str, learning_rate: float, metric: str) -> None:
    """Build one, and tell it of a first epoch whose figures are all one half.

    Args:
        path: ``module:function``.
        learning_rate: of a trial.
        metric: what Keras' names of the figures call it.

    Raises:
        StudyError: as ``Callbacks``.
    """
    callbacks = Callbacks(path, np.array([learning_rate]))
    callbacks.begin(1)
    names = ("loss", metric, "val_loss", f"val_{metric}")
    callbacks.end(1, dict.fromkeys(names, np.array([0.5])))


class _Model:
    """What a callback sees."""

    def __init__(self, learning_rate: float) -> None:
        self.optimizer: Any = SimpleNamespace(learning_rate=learning_rate)
        self.stop_training = False
