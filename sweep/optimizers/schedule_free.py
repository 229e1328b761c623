"""Schedule-free AdamW, with the steps of its paper on every backend.

Keras' own class reads its momentum z after the update on TensorFlow, and before it on JAX, so its
steps differ by backend. ``build`` takes this one for the name ``schedule-free-adamw``.
"""

from typing import Any

import keras

ops: Any = keras.ops


@keras.saving.register_keras_serializable(package="sweep")
class ScheduleFreeAdamW(keras.optimizers.ScheduleFreeAdamW):
    """Keras' schedule-free AdamW, its mean x taken from the momentum z before the update.

    With gradients at y, λ = warmed-up learning rate and v̂ the bias-corrected second moment:

        z ← z − λ g / (√v̂ + ε),  x ← (1 − 1/t) x + z/t,  y ← (1 − β₁) z + β₁ x

    The weights are y, at which gradients are taken, and they are what is evaluated, as in Keras.
    The paper evaluates the average x instead; at β₁ = 0.9 y is nine tenths x.

    Defazio et al. 2024, The Road Less Scheduled, arXiv 2405.15682, with equal weights of all steps,
    as in Keras. Settings are those of ``keras.optimizers.ScheduleFreeAdamW``.

    Example:
        >>> weights = keras.Variable([1.0])
        >>> optimizer = ScheduleFreeAdamW(0.1)
        >>> optimizer.build([weights])
        >>> for gradient in (0.5, -0.3):
        ...     optimizer.apply([keras.ops.convert_to_tensor([gradient])], [weights])
        >>> round(float(keras.ops.convert_to_numpy(weights)[0]), 5)
        0.94002
    """

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update second moment, momentum and variable."""
        gradient = ops.cast(gradient, variable.dtype)
        t = ops.cast(ops.add(self.iterations, 1), variable.dtype)
        rate = ops.cast(learning_rate, variable.dtype)
        if self.warmup_steps > 0:
            rate = rate * ops.minimum(t / ops.cast(self.warmup_steps, variable.dtype), 1.0)
        index = self._get_variable_index(variable)
        z: Any = self._momentums[index]
        v: Any = self._velocities[index]

        x = ops.divide(variable - (1 - self.beta_1) * z, self.beta_1)
        self.assign_add(v, (ops.square(gradient) - v) * (1 - self.beta_2))
        v_hat = v / (1 - ops.power(ops.cast(self.beta_2, variable.dtype), t))
        z_new = z - rate * gradient / (ops.sqrt(v_hat) + self.epsilon)
        x_new = x + (z_new - x) / t
        self.assign(z, z_new)
        self.assign(variable, (1 - self.beta_1) * z_new + self.beta_1 * x_new)
