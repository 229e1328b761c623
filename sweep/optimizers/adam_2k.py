"""Adam-2k: Adam whose second moment is estimated before the first step is taken."""

from typing import Any

import keras

ops: Any = keras.ops


@keras.saving.register_keras_serializable(package="sweep")
class Adam2k(keras.optimizers.Adam):
    """Keras' Adam that in its first steps updates the second moment alone.

    In step t ≤ ``variance_steps`` v is updated; the weights θ and the first moment m stay, and
    there is no weight decay. Then it is Adam, whose bias corrections count all steps, those in
    which m stayed 0 too:

        t ≤ variance_steps:  v_t = β₂ v_{t−1} + (1 − β₂) g²,  m_t = 0,  θ_t = θ_{t−1}
        t > variance_steps:  as Adam

    Liu et al. 2020, arXiv 1908.03265, section 3.1: a control for the variance of the adaptive
    learning rate, with 2,000 steps. These are the steps of the authors' code: ``Adam2`` with
    ``adam_freeze=2000`` in ``nmt/my_module/adam2.py`` of https://github.com/LiyuanLucasLiu/RAdam.
    As 1 − β₁ᵗ is 1 by then and m begins at 0, the first steps are short, like those of a warm-up
    over some 1 / (1 − β₁) steps.

    A training of ``variance_steps`` steps or fewer never takes a step: its weights stay as they
    are, and its effective learning rate is 0 at every step. Take fewer for a short training.

    Args:
        learning_rate, beta_1, beta_2: as of ``keras.optimizers.Adam``.
        epsilon: as there, added before the bias correction ("epsilon hat").
        variance_steps: at least 0; with 0 it is Adam.
        **rest: as of every Keras optimizer.

    Raises:
        ValueError: fewer than 0 steps.

    Example:
        >>> weights = keras.Variable([1.0])
        >>> optimizer = Adam2k(0.1, variance_steps=1)
        >>> for step in range(2):
        ...     optimizer.apply([keras.ops.convert_to_tensor([2.0])], [weights])
        ...     print(round(float(keras.ops.convert_to_numpy(weights)[0]), 4))
        1.0
        0.9474
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        variance_steps: Any = 2000,
        **rest: Any,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **rest)
        if variance_steps < 0:
            raise ValueError(
                f"`variance_steps` is at least 0. Received: variance_steps={variance_steps}"
            )
        self.variance_steps = variance_steps

    @property
    def _takes_step(self) -> Any:
        """Whether the step that is taken is one of Adam's; of each trial where they differ."""
        return ops.greater(ops.cast(ops.add(self.iterations, 1), "float32"), self.variance_steps)

    def _unless_too_early(self, variable: Any, before: Any) -> None:
        """Let a variable stay as it was before, in a step that is none of Adam's."""
        after = ops.convert_to_tensor(variable)
        self.assign(variable, ops.where(self._takes_step, after, before))

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update the second moment of one variable; then, unless it is too early, the rest."""
        m = self._momentums[self._get_variable_index(variable)]
        before = [ops.copy(each) for each in (m, variable)]
        super().update_step(gradient, variable, learning_rate)
        for each, value in zip((m, variable), before, strict=True):
            self._unless_too_early(each, value)

    def _apply_weight_decay(self, variables: Any) -> None:
        """Weight decay, unless it is too early."""
        if self.weight_decay is None:
            return
        before = [ops.copy(variable) for variable in variables]
        super()._apply_weight_decay(variables)
        for variable, value in zip(variables, before, strict=True):
            self._unless_too_early(variable, value)

    def get_config(self) -> dict[str, Any]:
        """Its arguments."""
        return super().get_config() | {"variance_steps": self.variance_steps}
