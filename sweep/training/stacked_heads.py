"""The head of P trials at once: Dense(H, relu), then Dense(1), on given features.

Variables are shaped (…, P, x), so that the first layer of all trials is one matrix product
(B, F) × (F, P·H), and a learning rate shaped (P, 1) broadcasts against every one of them.

Legend: P trials, B batch, F features, H hidden units.
"""

import math
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray


class HeadWeights(NamedTuple):
    """Weights of one trial's head, as two Keras ``Dense`` layers have them."""

    kernel_FH: NDArray[np.float32]
    bias_H: NDArray[np.float32]
    out_kernel_H: NDArray[np.float32]
    out_bias: NDArray[np.float32]


def initial_weights(seed: int, feature_count: int, hidden_units: int) -> HeadWeights:
    """Glorot-uniform kernels and zero biases, Keras' defaults, drawn by NumPy from the seed.

    The same on every backend and for every optimizer and learning rate.
    """
    random = np.random.default_rng([seed, 0])
    return HeadWeights(
        _glorot_uniform(random, feature_count, hidden_units),
        np.zeros(hidden_units, np.float32),
        _glorot_uniform(random, hidden_units, 1)[:, 0],
        np.zeros(1, np.float32),
    )


def _glorot_uniform(random: np.random.Generator, fan_in: int, fan_out: int) -> NDArray[np.float32]:
    limit = math.sqrt(6 / (fan_in + fan_out))
    return random.uniform(-limit, limit, (fan_in, fan_out)).astype(np.float32)


class Heads:
    """The heads of P trials, in variables that a compiled step updates in place.

    Attributes:
        variables: kernel (F, P, H), bias (P, H), out_kernel (P, H), out_bias (P, 1).
        size: P and H.
    """

    def __init__(self, trial_count: int, feature_count: int, hidden_units: int) -> None:
        P, F, H = trial_count, feature_count, hidden_units
        self.size = (P, H)
        shapes = {"kernel": (F, P, H), "bias": (P, H), "out_kernel": (P, H), "out_bias": (P, 1)}
        self.variables = [
            keras.Variable("zeros", shape=shape, dtype="float32", name=name)
            for name, shape in shapes.items()
        ]

    def assign(self, weights: HeadWeights) -> None:
        """Give every trial the same weights."""
        kernel, bias, out_kernel, out_bias = self.variables
        kernel.assign(np.broadcast_to(weights.kernel_FH[:, None, :], kernel.shape))
        bias.assign(np.broadcast_to(weights.bias_H, bias.shape))
        out_kernel.assign(np.broadcast_to(weights.out_kernel_H, out_kernel.shape))
        out_bias.assign(np.broadcast_to(weights.out_bias, out_bias.shape))

    def logits(self, features_BF: Any) -> Any:
        """Logits of every trial, shape (B, P)."""
        kernel, bias, out_kernel, out_bias = self.variables
        F, P, H = kernel.shape
        hidden = ops.matmul(features_BF, ops.reshape(kernel, (F, P * H)))
        hidden = ops.relu(ops.reshape(hidden, (-1, P, H)) + bias)
        return ops.sum(hidden * out_kernel, axis=-1) + out_bias[:, 0]
