"""The head of one trial by itself, in variables of the shapes that Keras' ``Dense`` layers have.

For optimizers that look at a variable as a whole: a norm, a mean of rows, an orthogonal matrix is
that of the trial's own matrix, which an axis of trials, even of length 1, could hide.

Legend: B batch, F features, H hidden units, C classes.
"""

from typing import Any

import keras
from keras import ops

from sweep.study.tasks import Products
from sweep.training.losses import losses_from_logits, right_from_logits
from sweep.training.members import Batch
from sweep.training.stacked_heads import initial_weights, logit_count, stacked_logits


class PlainHead:
    """The head of one trial; ``Members`` that take features (B, F), P = 1.

    Attributes:
        variables: kernel (F, H), bias (H,), out_kernel (H, 1) for two classes and (H, C) for more,
            out_bias (1,) or (C,).
    """

    trial_count = 1

    def __init__(
        self,
        feature_count: int,
        hidden_units: int,
        class_count: int = 2,
        products: Products = "float32",
    ) -> None:
        F, H, logits = feature_count, hidden_units, logit_count(class_count)
        self._class_count = class_count
        self._products: Products = products
        shapes = {
            "kernel": (F, H),
            "bias": (H,),
            "out_kernel": (H, logits),
            "out_bias": (logits,),
        }
        self.variables = [
            keras.Variable("zeros", shape=shape, dtype="float32", name=name)
            for name, shape in shapes.items()
        ]

    def reset(self, seed: int) -> None:
        """Give the trial the seed's initial weights."""
        F, H = self.variables[0].shape
        weights = initial_weights(seed, F, H, self._class_count)
        for variable, values in zip(self.variables, weights, strict=True):
            variable.assign(values)

    def loss(self, batch: Batch) -> tuple[Any, Any]:
        """Cross-entropy of every example, and 1 where the head is right; both (B, 1)."""
        logits = self.predict(batch.inputs)
        return losses_from_logits(logits, batch.labels_B), right_from_logits(logits, batch.labels_B)

    def predict(self, inputs: Any) -> Any:
        """Logits for features (B, F): (B, 1) for two classes, (B, 1, C) for more.

        Computed as a cohort of one trial is.
        """
        kernel, bias, out_kernel, out_bias = self.variables
        hidden_units, _ = out_kernel.shape
        out_shape = (1, -1) if self._class_count == 2 else (hidden_units, 1, -1)
        return stacked_logits(
            inputs,
            ops.expand_dims(kernel, 1),
            ops.expand_dims(bias, 0),
            ops.reshape(out_kernel, out_shape),
            ops.expand_dims(out_bias, 0),
            products=self._products,
        )
