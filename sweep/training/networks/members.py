"""The networks of a cohort: one Keras model, or P of them in stacked variables.

In the flow: ``step`` compiles what is here; the optimizer is that of all cohorts.

Legend: P trials, B batch.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from sweep.training.networks.stacking import (
    over_trials,
    spread,
    stacked_variable,
    trials_last,
)

Losses = Callable[[Any, Any], Any]
"""Each example's loss, (B,), of targets and outputs."""


class Networks(Protocol):
    """The networks of P trials."""

    @property
    def variables(self) -> list[keras.Variable]:
        """What the optimizer trains."""
        ...

    @property
    def state(self) -> list[keras.Variable]:
        """What a training step changes beside them: means, seeds."""
        ...

    @property
    def trial_count(self) -> int:
        """P."""
        ...

    def start(self, weights: Sequence[NDArray[Any]], state: Sequence[NDArray[Any]]) -> None:
        """Give every trial these initial weights, and this state."""
        ...

    def gradients(self, inputs_B: Any, targets_B: Any) -> tuple[Any, Any, list[Any]]:
        """Of the mean loss of a batch, with that loss, (P,), and outputs, (P, B, …).

        The networks' own losses, such as weight penalties, are in it. The state is changed.
        """
        ...

    def outputs(self, inputs_B: Any) -> Any:
        """As they predict, (P, B, …)."""
        ...


class OneNetwork:
    """The network of one trial, in the model's own variables.

    Args:
        model: with linear outputs where the loss is taken from logits.
        losses: of examples.
    """

    trial_count = 1

    def __init__(self, model: keras.Model, losses: Losses) -> None:
        self._model = model
        self._losses = losses
        self.variables: list[keras.Variable] = list(model.trainable_variables)
        self.state: list[keras.Variable] = list(model.non_trainable_variables)

    def start(self, weights: Sequence[NDArray[Any]], state: Sequence[NDArray[Any]]) -> None:
        """Give it these initial weights, and this state."""
        for variable, value in zip(self.variables, weights, strict=True):
            variable.assign(value)
        for variable, value in zip(self.state, state, strict=True):
            variable.assign(value)

    def gradients(self, inputs_B: Any, targets_B: Any) -> tuple[Any, Any, list[Any]]:
        """As ``Networks``."""
        if keras.backend.backend() == "jax":
            found = _jax_gradients(self._model, self._losses)
            values = [variable.value for variable in (*self.variables, *self.state)]
            (loss, (outputs, state)), gradients = found(values, inputs_B, targets_B)
            _assign(self.state, state)
        else:
            loss, outputs, gradients = self._tensorflow_gradients(inputs_B, targets_B)
        return ops.expand_dims(loss, 0), ops.expand_dims(outputs, 0), gradients

    def _tensorflow_gradients(self, inputs_B: Any, targets_B: Any) -> tuple[Any, Any, list[Any]]:
        import tensorflow as tf

        with tf.GradientTape() as tape:
            outputs = ops.cast(self._model(inputs_B, training=True), "float32")
            loss = _total(self._losses(targets_B, outputs), self._model.losses)
        return loss, outputs, tape.gradient(loss, [each.value for each in self.variables])

    def outputs(self, inputs_B: Any) -> Any:
        """As they predict, (1, B, …)."""
        return ops.expand_dims(ops.cast(self._model(inputs_B, training=False), "float32"), 0)


class StackedNetworks:
    """The networks of P trials, which JAX trains at once.

    Args:
        model: of one trial; its variables say the shapes.
        losses: of examples.
        trial_count: P.
    """

    def __init__(self, model: keras.Model, losses: Losses, trial_count: int) -> None:
        self._model = model
        self._losses = losses
        self.trial_count = trial_count
        trained, others = model.trainable_variables, model.non_trainable_variables
        self._given: list[keras.Variable] = [*trained, *others]
        self.variables = [stacked_variable(each, trial_count) for each in trained]
        self.state = [stacked_variable(each, trial_count) for each in others]

    def start(self, weights: Sequence[NDArray[Any]], state: Sequence[NDArray[Any]]) -> None:
        """Give every trial these initial weights, and this state."""
        for variable, value in zip(self.variables, weights, strict=True):
            variable.assign(spread(value, variable.shape))
        for variable, value in zip(self.state, state, strict=True):
            variable.assign(spread(value, variable.shape))

    def gradients(self, inputs_B: Any, targets_B: Any) -> tuple[Any, Any, list[Any]]:
        """As ``Networks``."""
        of_all = over_trials(_jax_gradients(self._model, self._losses), self._given)
        (loss_P, (outputs, state)), gradients = of_all(self._values, inputs_B, targets_B)
        count = len(self.variables)
        _assign(self.state, trials_last(state, self._given[count:]))
        return loss_P, outputs, trials_last(gradients, self._given[:count])

    def outputs(self, inputs_B: Any) -> Any:
        """As they predict, (P, B, …)."""
        model, count = self._model, len(self.variables)

        def of_one(values: list[Any], inputs_B: Any) -> Any:
            found: Any = model.stateless_call(
                values[:count], values[count:], inputs_B, training=False
            )
            return ops.cast(found[0], "float32")

        return over_trials(of_one, self._given)(self._values, inputs_B)

    @property
    def _values(self) -> list[Any]:
        return [variable.value for variable in (*self.variables, *self.state)]


def _jax_gradients(model: keras.Model, losses: Losses) -> Callable[..., Any]:
    """Of one trial's values (weights, then state), inputs and targets.

    Returns:
        A function that gives ((loss, (outputs, state)), gradients by the weights).
    """
    import jax

    count = len(model.trainable_variables)

    def loss(weights: list[Any], state: list[Any], inputs_B: Any, targets_B: Any) -> Any:
        found: Any = model.stateless_call(
            weights, state, inputs_B, training=True, return_losses=True
        )
        outputs, state, penalties = found
        outputs = ops.cast(outputs, "float32")
        return _total(losses(targets_B, outputs), penalties), (outputs, state)

    def gradients(values: list[Any], inputs_B: Any, targets_B: Any) -> Any:
        with_gradients = jax.value_and_grad(loss, has_aux=True)
        return with_gradients(values[:count], values[count:], inputs_B, targets_B)

    return gradients


def _total(losses_B: Any, penalties: Sequence[Any]) -> Any:
    total: Any = ops.mean(losses_B)
    for penalty in penalties:
        total = total + ops.cast(penalty, "float32")
    return total


def _assign(variables: Sequence[keras.Variable], values: Sequence[Any]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def values_of(variables: Sequence[keras.Variable]) -> list[NDArray[Any]]:
    """Their values, as NumPy has them."""
    return [np.asarray(variable.value) for variable in variables]
