"""Adafactor (Shazeer & Stern 2018, arXiv 1804.04235) as Keras has it, without its divisions 0 / 0.

Keras' class estimates the second moment of a matrix from the means of its rows and columns. Where a
gradient's row and column are both zero (a feature that is zero in every example, and a hidden unit
that no example reaches), the estimate underflows to 0, the step there is 0 / 0, and its mean turns
the whole variable into NaN. That is so in Keras by itself too, at any learning rate.
"""

from typing import Any

import keras

ops: Any = keras.ops


@keras.saving.register_keras_serializable(package="sweep")
class Adafactor(keras.optimizers.Adafactor):
    """``keras.optimizers.Adafactor`` whose step is 0 where its second moment underflows to 0.

    Everywhere else it takes Keras' steps: with the gradient g, the estimate v of its second moment
    and u = g / √v,

        θ ← θ − max(ε₂, rms θ) · min(η, 1/√t) · u / max(1, rms u / clip_threshold)

    Args:
        *args, **kwargs: those of ``keras.optimizers.Adafactor``.

    Example:
        >>> weights = keras.Variable(keras.ops.ones((2, 2)))
        >>> adafactor = Adafactor(0.1)
        >>> adafactor.apply([keras.ops.convert_to_tensor([[1.0, 0.0], [0.0, 0.0]])], [weights])
        >>> bool(keras.ops.all(keras.ops.isfinite(weights)))
        True
    """

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update the second moment of one variable, then the variable."""
        gradient = ops.cast(gradient, variable.dtype)
        t = ops.cast(ops.add(self.iterations, 1), variable.dtype)
        beta_2_t = 1 - ops.power(t, self.beta_2_decay)
        v = self._second_moment(gradient, variable, beta_2_t)

        rho_t = ops.minimum(ops.cast(learning_rate, variable.dtype), 1 / ops.sqrt(t))
        alpha_t = ops.maximum(self.epsilon_2, self._rms(variable)) * rho_t
        u_t = ops.divide_no_nan(gradient, ops.sqrt(v))
        u_t = u_t / ops.maximum(1.0, ops.divide(self._rms(u_t), self.clip_threshold))
        self.assign_sub(variable, alpha_t * u_t)

    def _second_moment(self, gradient: Any, variable: Any, beta_2_t: Any) -> Any:
        """The running estimate v of a variable; of a matrix r ⊗ c / mean(r)."""
        index = self._get_variable_index(variable)
        v: Any = self._v[index]
        squares = ops.add(ops.square(gradient), self.epsilon_1)

        def renew(moment: Any, value: Any) -> None:
            self.assign(moment, beta_2_t * moment + (1 - beta_2_t) * value)

        if len(variable.shape) < 2:
            renew(v, squares)
            return v
        r: Any = self._r[index]
        c: Any = self._c[index]
        renew(r, ops.mean(squares, axis=-1))
        renew(c, ops.mean(squares, axis=-2))
        share = r / ops.mean(r, axis=-1, keepdims=True)
        self.assign(v, ops.expand_dims(share, -1) * ops.expand_dims(c, -2))
        return v
