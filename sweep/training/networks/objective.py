"""What a network is trained by and judged by: its loss, and the metric of the study.

Legend: P trials, B batch, N examples, K classes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from sweep.errors import StudyError
from sweep.planning.events import Floats
from sweep.study.networks import Network
from sweep.tasks.own import imported, told_of
from sweep.training.losses import losses_from_logits, right_from_logits

_ACCURACY = (None, "accuracy")
_AT_ONCE = 4096
"""So many examples a Keras metric is given at once."""


@dataclass(frozen=True)
class Objective:
    """A network's loss and metric.

    Attributes:
        losses: each example's loss, (B,), of targets and outputs.
        right: 1 where the network is right about an example, else 0, (B,), of targets and outputs;
            None where the metric is no accuracy.
        metric: a Keras metric; None where it is accuracy.
    """

    losses: Callable[[Any, Any], Any]
    right: Callable[[Any, Any], Any] | None
    metric: keras.metrics.Metric | None

    def measured(self, outputs_PN: NDArray[Any], targets_N: NDArray[Any]) -> Floats:
        """The Keras metric of every trial, (P,); where outputs are not finite, NaN.

        Args:
            outputs_PN: (P, N, …).
            targets_N: of the same examples.
        """
        return np.array([self._measured_of_one(outputs_N, targets_N) for outputs_N in outputs_PN])

    def _measured_of_one(self, outputs_N: NDArray[Any], targets_N: NDArray[Any]) -> float:
        assert self.metric is not None
        if not np.isfinite(outputs_N).all():
            return float("nan")
        self.metric.reset_state()
        for start in range(0, len(targets_N), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            self.metric.update_state(targets_N[part], outputs_N[part])
        result = np.asarray(self.metric.result(), np.float64)
        if result.shape != ():
            raise StudyError(
                f"the metric {self.metric.name} is {result.size} numbers",
                remedy="Name a metric that is one number.",
            )
        return float(result)


def objective_of(
    network: Network, model: keras.Model, target_shape: Sequence[int], class_count: int | None
) -> Objective:
    """The loss and metric that a study says, for a model.

    With the loss left to the classes, a last softmax or sigmoid of the model's is taken off: the
    loss is taken from logits.

    Args:
        network: the study's.
        model: that is trained.
        target_shape: of one example.
        class_count: K of the targets; None where they are no classes.

    Raises:
        StudyError: they do not fit the model, or cannot be built.
    """
    with_classes = class_count is not None and not target_shape
    if network.loss is None:
        if not with_classes:
            raise StudyError(
                f"no loss: the targets of {network.data} are no classes",
                rule="Whole numbers 0 … K − 1, one an example, are classes.",
                remedy="Name a Keras loss, such as loss='mse', or your own as module:name.",
            )
        _make_linear(model)
        _check_outputs(network, model, class_count or 0)
    if network.measure in _ACCURACY:
        if not with_classes:
            raise StudyError(
                f"no accuracy: the targets of {network.data} are no classes",
                remedy="Name a Keras metric, such as measure='mae', or your own as module:name.",
            )
        return Objective(_losses(network), _right, None)
    return Objective(_losses(network), None, _metric(network))


def _check_outputs(network: Network, model: keras.Model, class_count: int) -> None:
    """Refuse a model whose outputs are none of such classes."""
    found: Any = model.output_shape
    shape = tuple(found)[1:] if isinstance(found, tuple) else None
    fitting = [(class_count,)] + ([(1,)] if class_count == 2 else [])
    if shape not in fitting:
        raise StudyError(
            f"{network.model} has outputs of the shape {shape}, and the data {class_count} classes",
            rule="A model has one output a class; of two classes one, or two.",
            remedy=f"End it with keras.layers.Dense({class_count}), without softmax.",
        )


def _make_linear(model: keras.Model) -> None:
    """Take off a last softmax or sigmoid."""
    layers: Any = getattr(model, "layers", None)
    last: Any = layers[-1] if layers else None
    activation = getattr(last, "activation", None)
    if activation in (keras.activations.softmax, keras.activations.sigmoid):
        last.activation = keras.activations.linear


def _losses(network: Network) -> Callable[[Any, Any], Any]:
    if network.loss is None:
        return _cross_entropy
    loss = _loss_of(network.loss)
    function: Callable[[Any, Any], Any] = loss.call if isinstance(loss, keras.losses.Loss) else loss

    def losses(targets_B: Any, outputs_B: Any) -> Any:
        found: Any = ops.cast(function(targets_B, outputs_B), "float32")
        return ops.mean(found, axis=tuple(range(1, len(found.shape))))

    return losses


def _loss_of(name: str) -> Any:
    try:
        return imported(name, "loss") if ":" in name else keras.losses.get(name)
    except ValueError as error:
        raise StudyError(
            f"no loss {name!r}",
            rule="It is the name of a Keras loss, such as mse, or your own as module:name.",
            remedy="Correct the loss in the study.",
        ) from error


def _metric(network: Network) -> keras.metrics.Metric:
    name = network.measure or ""
    try:
        if ":" not in name:
            found = keras.metrics.get(name)
        else:
            function = imported(name, "metric")
            with told_of(name):
                found = function()
    except ValueError as error:
        raise StudyError(
            f"no metric {name!r}",
            rule="It is the name of a Keras metric, such as mae, or your own as module:name.",
            remedy="Correct measure in the study.",
        ) from error
    if isinstance(found, keras.metrics.Metric):
        return found
    if not callable(found):
        raise StudyError(
            f"the metric {name!r} is {type(found).__name__}",
            remedy="Return a keras.metrics.Metric from it.",
        )
    return keras.metrics.MeanMetricWrapper(found, name=name)


def _cross_entropy(targets_B: Any, logits: Any) -> Any:
    return losses_from_logits(_one_trial(logits), targets_B)[:, 0]


def _right(targets_B: Any, logits: Any) -> Any:
    return right_from_logits(_one_trial(logits), targets_B)[:, 0]


def _one_trial(logits: Any) -> Any:
    """(B, 1) of one logit, (B, 1, K) of one a class."""
    return logits if logits.shape[-1] == 1 else logits[:, None, :]
