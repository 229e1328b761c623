"""P copies of a network in stacked variables, which JAX trains at once by ``jax.vmap``.

The axis of trials is the last but one, (…, P, x), so that a learning rate shaped (P, 1) broadcasts
against every variable, as for heads. State that a training changes beside the weights, such as the
means of batch normalization or the seeds of dropout, is stacked too.

Legend: P trials, B batch.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

Values = list[Any]


def stacked_shape(shape: Sequence[int], trial_count: int) -> tuple[int, ...]:
    """Of a variable of P trials: (…, P, x) of (…, x), and (P, 1) of a single number."""
    if not shape:
        return (trial_count, 1)
    return (*shape[:-1], trial_count, shape[-1])


def stacked_variable(variable: keras.Variable, trial_count: int) -> keras.Variable:
    """A variable that holds P of another one, all 0."""
    return keras.Variable(
        "zeros",
        shape=stacked_shape(variable.shape, trial_count),
        dtype=variable.dtype,
        trainable=variable.trainable,
        name=variable.name,
    )


def spread(value: NDArray[Any], shape: Sequence[int]) -> NDArray[Any]:
    """The same value for every trial.

    Args:
        value: of one trial.
        shape: stacked.
    """
    values = value.reshape(1, 1) if value.ndim == 0 else np.expand_dims(value, -2)
    return np.broadcast_to(values, shape)


def over_trials(
    function: Callable[..., Any], given: Sequence[keras.Variable]
) -> Callable[..., Any]:
    """A function of one trial's values as one of all trials'; results have the trials first.

    Args:
        function: of the values of ``given``, of one trial, and of what all trials share.
        given: whose values are stacked, shaped as one trial has them.
    """
    import jax

    scalars = [not variable.shape for variable in given]
    axes = [max(0, len(variable.shape) - 1) for variable in given]

    def of_one(values: Values, *shared: Any) -> Any:
        own = [
            ops.reshape(value, ()) if is_scalar else value
            for value, is_scalar in zip(values, scalars, strict=True)
        ]
        return function(own, *shared)

    def of_all(values: Values, *shared: Any) -> Any:
        in_axes = (axes, *(None for _ in shared))
        return jax.vmap(of_one, in_axes=in_axes)(values, *shared)

    return of_all


def trials_last(values: Sequence[Any], given: Sequence[keras.Variable]) -> Values:
    """Values with the trials first, as the stacked variables have them.

    Args:
        values: (P, …).
        given: shaped as one trial has them.
    """
    return [
        ops.moveaxis(value, 0, -2) if variable.shape else ops.reshape(value, (-1, 1))
        for value, variable in zip(values, given, strict=True)
    ]
