"""Lookahead around any Keras optimizer.

In the flow: ``build`` puts it around the optimizer of a study that says so.
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="sweep")
class Lookahead(keras.optimizers.Optimizer):
    """Slow weights φ beside the weights θ that an inner optimizer trains.

    φ begins equal to θ. After every k-th step of the inner optimizer

        φ ← φ + α (θ − φ),  θ ← φ.

    Zhang et al. 2019, Lookahead Optimizer: k steps forward, 1 step back, arXiv 1907.08610,
    Algorithm 1, with the inner optimizer's moments kept (``pullback_momentum="none"`` of the
    authors' code, which their experiments have). Between synchronizations the model has θ, and is
    evaluated there; Algorithm 1 returns φ, the variables ``slow_weights``.

    It treats every weight by itself, so trials train together wherever the inner optimizer's can.

    Args:
        inner_optimizer: takes the steps, with its own learning rate, decay and clipping.
        steps: k, at least 1.
        alpha: α in (0, 1].
        name: of the optimizer.

    Attributes:
        slow_weights: φ, one for each trained variable; there are none before ``build``.

    Raises:
        ValueError: a value outside its range.

    Example:
        >>> weights = keras.Variable([1.0])
        >>> optimizer = Lookahead(keras.optimizers.SGD(0.1), steps=2)
        >>> for _ in range(2):
        ...     optimizer.apply([ops.convert_to_tensor([1.0])], [weights])
        >>> round(float(ops.convert_to_numpy(weights)[0]), 6)
        0.9
    """

    def __init__(
        self,
        inner_optimizer: keras.optimizers.Optimizer,
        steps: int = 5,
        alpha: float = 0.5,
        name: str = "lookahead",
    ) -> None:
        super().__init__(learning_rate=0.0, name=name)  # the inner optimizer has its own
        if steps < 1:
            raise ValueError(f"`steps` is at least 1. Received: steps={steps}")
        if not 0 < alpha <= 1:
            raise ValueError(f"`alpha` is in (0, 1]. Received: alpha={alpha}")
        self.inner_optimizer = inner_optimizer
        self.steps = steps
        self.alpha = alpha
        self.slow_weights: list[Any] = []

    def build(self, variables: list[Any]) -> None:
        """Build the inner optimizer, and the slow weights equal to the variables."""
        if self.built:
            return
        super().build(variables)
        self.inner_optimizer.build(variables)
        self.slow_weights = [
            self.add_variable_from_reference(variable, "slow") for variable in variables
        ]
        self.start_from(variables)

    def start_from(self, variables: Sequence[Any]) -> None:
        """Give the slow weights these values."""
        for slow, variable in zip(self.slow_weights, variables, strict=True):
            slow.assign(ops.copy(variable))  # JAX gives away the memory of both

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        """One step of the inner optimizer; after every k-th one both meet."""
        if not self.built:
            self.build(list(trainable_variables))
        self.inner_optimizer.apply(grads, trainable_variables)
        self._iterations.assign_add(1)
        meets = ops.equal(ops.mod(self._iterations, self.steps), 0)
        for slow, variable in zip(self.slow_weights, self._trainable_variables, strict=True):
            self._meet(meets, slow, variable)

    def _meet(self, meets: Any, slow: Any, variable: Any) -> None:
        fast, start = ops.convert_to_tensor(variable), ops.convert_to_tensor(slow)
        middle = ops.add(start, ops.multiply(self.alpha, ops.subtract(fast, start)))
        self.assign(slow, ops.where(meets, middle, start))
        self.assign(variable, ops.where(meets, middle, fast))

    @property
    def variables(self) -> list[Any]:
        """Its own, then those of the inner optimizer."""
        return [*super().variables, *self.inner_optimizer.variables]

    @property
    def learning_rate(self) -> Any:
        """That of the inner optimizer."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        self.inner_optimizer.learning_rate = learning_rate

    def get_config(self) -> dict[str, Any]:
        """Its arguments."""
        return {
            "inner_optimizer": keras.saving.serialize_keras_object(self.inner_optimizer),
            "steps": self.steps,
            "alpha": self.alpha,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> "Lookahead":
        """The optimizer of these arguments."""
        inner = keras.saving.deserialize_keras_object(
            config["inner_optimizer"], custom_objects=custom_objects
        )
        return cls(**{**config, "inner_optimizer": inner})
