"""The head of P trials at once: Dense(H, relu), then Dense(C), on given features.

Variables are shaped (…, P, x), so that the first layer of all trials is one matrix product
(B, F) × (F, P·H), and a learning rate shaped (P, 1) broadcasts against every one of them. Two
classes have one logit, Dense(1).

Legend: P trials, B batch, F features, H hidden units, C classes.
"""

import math
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from sweep.study.tasks import Products
from sweep.training.losses import losses_from_logits, right_from_logits
from sweep.training.members import Batch


class HeadWeights(NamedTuple):
    """Weights of one trial's head, as two Keras ``Dense`` layers have them; C is 1 of two."""

    kernel_FH: NDArray[np.float32]
    bias_H: NDArray[np.float32]
    out_kernel_HC: NDArray[np.float32]
    out_bias_C: NDArray[np.float32]


def initial_weights(
    seed: int, feature_count: int, hidden_units: int, class_count: int = 2
) -> HeadWeights:
    """Glorot-uniform kernels and zero biases, Keras' defaults, drawn by NumPy from the seed.

    The same on every backend and for every optimizer and learning rate.
    """
    random = np.random.default_rng([seed, 0])
    logits = logit_count(class_count)
    return HeadWeights(
        _glorot_uniform(random, feature_count, hidden_units),
        np.zeros(hidden_units, np.float32),
        _glorot_uniform(random, hidden_units, logits),
        np.zeros(logits, np.float32),
    )


def logit_count(class_count: int) -> int:
    """Logits of a head: one for two classes, else one a class."""
    return 1 if class_count == 2 else class_count


def _glorot_uniform(random: np.random.Generator, fan_in: int, fan_out: int) -> NDArray[np.float32]:
    limit = math.sqrt(6 / (fan_in + fan_out))
    return random.uniform(-limit, limit, (fan_in, fan_out)).astype(np.float32)


class OutputLayer:
    """What follows the first layer's product in P trials: its bias, and the layer of the logits.

    Attributes:
        variables: bias (P, H), out_kernel (P, H) for two classes and (H, P, C) for more, out_bias
            (P, 1) or (P, C).
    """

    def __init__(self, trial_count: int, hidden_units: int, class_count: int) -> None:
        P, H, C = trial_count, hidden_units, class_count
        shapes = {
            "bias": (P, H),
            "out_kernel": (P, H) if C == 2 else (H, P, C),
            "out_bias": (P, logit_count(C)),
        }
        self.variables = [
            keras.Variable("zeros", shape=shape, dtype="float32", name=name)
            for name, shape in shapes.items()
        ]

    def reset(self, weights: HeadWeights) -> None:
        """Give every trial these weights."""
        bias, out_kernel, out_bias = self.variables
        one_logit = len(out_kernel.shape) == 2
        out = weights.out_kernel_HC[:, 0] if one_logit else weights.out_kernel_HC[:, None, :]
        bias.assign(np.broadcast_to(weights.bias_H, bias.shape))
        out_kernel.assign(np.broadcast_to(out, out_kernel.shape))
        out_bias.assign(np.broadcast_to(weights.out_bias_C, out_bias.shape))

    def logits(self, sums_BPH: Any) -> Any:
        """Of the first layer's products: (B, P) for two classes, (B, P, C) for more."""
        return logits_of_sums(sums_BPH, *self.variables)


class Heads:
    """The heads of P trials; ``Members`` that take features (B, F).

    Attributes:
        variables: kernel (F, P, H), and those of the ``OutputLayer``.
    """

    def __init__(
        self,
        trial_count: int,
        feature_count: int,
        hidden_units: int,
        class_count: int = 2,
        products: Products = "float32",
    ) -> None:
        self.trial_count = trial_count
        self._class_count = class_count
        self._products: Products = products
        shape = (feature_count, trial_count, hidden_units)
        kernel = keras.Variable("zeros", shape=shape, dtype="float32", name="kernel")
        self._output = OutputLayer(trial_count, hidden_units, class_count)
        self.variables = [kernel, *self._output.variables]

    def reset(self, seed: int) -> None:
        """Give every trial the seed's initial weights."""
        kernel = self.variables[0]
        F, _, H = kernel.shape
        weights = initial_weights(seed, F, H, self._class_count)
        kernel.assign(np.broadcast_to(weights.kernel_FH[:, None, :], kernel.shape))
        self._output.reset(weights)

    def loss(self, batch: Batch) -> tuple[Any, Any]:
        """Cross-entropy of every example, and 1 where the head is right; both (B, P)."""
        logits = self.predict(batch.inputs)
        return losses_from_logits(logits, batch.labels_B), right_from_logits(logits, batch.labels_B)

    def predict(self, inputs: Any) -> Any:
        """Logits for features (B, F): (B, P) for two classes, (B, P, C) for more."""
        return stacked_logits(inputs, *self.variables, products=self._products)


def stacked_logits(
    inputs: Any, kernel: Any, bias: Any, out_kernel: Any, out_bias: Any, *, products: Products
) -> Any:
    """Logits for features (B, F), with weights shaped as ``Heads`` has them.

    In bfloat16 it is the first layer's product, nearly all of the arithmetic, that takes inputs
    and weights rounded to bfloat16 and gives bfloat16, as Keras' ``Dense`` does under the policy
    ``mixed_bfloat16``; so do its gradients. It adds up in float32 where the backend does, and XLA
    may leave out a rounding between operations that it fuses.
    """
    F, P, H = kernel.shape
    kernel = ops.reshape(kernel, (F, P * H))
    if products == "float32":
        hidden: Any = ops.matmul(inputs, kernel)
    else:
        hidden = ops.matmul(ops.cast(inputs, products), ops.cast(kernel, products))
        hidden = ops.cast(hidden, "float32")
    return logits_of_sums(ops.reshape(hidden, (-1, P, H)), bias, out_kernel, out_bias)


def logits_of_sums(sums_BPH: Any, bias: Any, out_kernel: Any, out_bias: Any) -> Any:
    """Logits for the first layer's products, with weights shaped as ``OutputLayer`` has them."""
    hidden_BPH: Any = ops.relu(sums_BPH + bias)
    if len(out_kernel.shape) == 2:
        return ops.sum(hidden_BPH * out_kernel, axis=-1) + out_bias[:, 0]
    return ops.einsum("bph,hpc->bpc", hidden_BPH, out_kernel) + out_bias
