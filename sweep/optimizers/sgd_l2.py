"""SGD with the weight decay that PyTorch's has: coupled with the momentum."""

from typing import Any

import keras

ops: Any = keras.ops


@keras.saving.register_keras_serializable(package="sweep")
class SGDL2(keras.optimizers.SGD):
    """Keras' SGD with an L2 term: the loss is L(θ) + ½ λ ‖θ‖², of all variables.

    With a momentum of μ and the learning rate η, before ``nesterov``:

        m ← μ m − η (g + λ θ),  θ ← θ + m

    It is the decay that SGD has in most papers, and ``torch.optim.SGD(weight_decay=λ)`` at a
    constant learning rate. (PyTorch multiplies by η outside m, so after a change of η its next
    steps, some 1 / (1 − μ), are others.) Keras' own ``weight_decay`` is decoupled in SGD too: it
    takes η λ θ off beside the momentum, which is a tenth of this at μ = 0.9.

    Args:
        learning_rate, momentum, nesterov: as of ``keras.optimizers.SGD``.
        l2: λ, at least 0.
        **rest: as of every Keras optimizer.

    Example:
        >>> weights = keras.Variable([1.0])
        >>> optimizer = SGDL2(0.1, momentum=0.9, l2=0.5)
        >>> optimizer.build([weights])
        >>> optimizer.apply([keras.ops.convert_to_tensor([0.0])], [weights])
        >>> round(float(keras.ops.convert_to_numpy(weights)[0]), 5)
        0.95
    """

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        l2: float = 0.0,
        **rest: Any,
    ) -> None:
        super().__init__(learning_rate, momentum, nesterov, **rest)
        if l2 < 0:
            raise ValueError(f"l2 is at least 0. Received: l2={l2}")
        self.l2 = l2

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update momentum and variable."""
        gradient = ops.cast(gradient, variable.dtype)
        decay = ops.multiply(ops.cast(self.l2, variable.dtype), variable)
        super().update_step(ops.add(gradient, decay), variable, learning_rate)

    def get_config(self) -> dict[str, Any]:
        """Its arguments."""
        return super().get_config() | {"l2": self.l2}
