"""RAdam, rectified Adam, as a Keras optimizer.

Symbols are those of Liu et al. 2020, Algorithm 2 (arXiv 1908.03265). The moment estimates are
per weight, in at least float32; what depends on the step alone is computed without cancellation
(see ``rectification.rho_t``), for each trial where β₁ or β₂ differ within a cohort.
"""

import math
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from sweep.optimizers.multipliers import BELOW_THRESHOLD_FACTORS
from sweep.optimizers.precision import at_least_float32
from sweep.optimizers.rectification import first_rectified_step, log_of, rectification_of, rho_t


@keras.saving.register_keras_serializable(package="sweep")
class RAdam(keras.optimizers.Optimizer):
    """Adam whose adaptive learning rate is rectified while its variance is large.

    With the bias-corrected moments m̂_t and v̂_t of Adam, and ρ_t, r_t as in ``rectification``:

        ρ_t > threshold:        θ_t = θ_{t−1} − η r_t m̂_t / (√v̂_t + ε)
        else, ``"momentum"``:   θ_t = θ_{t−1} − η m̂_t
        else, ``"skip"``:       θ_t = θ_{t−1}

    Implementations differ in their first steps, which at a high learning rate may decide the
    result. Which setting equals which:

    =========  ==============  =================================================================
    threshold  below           equals
    =========  ==============  =================================================================
    5.0        ``momentum``    ``torch.optim.RAdam`` (ρ_t > 5); ``optax.radam`` and the authors'
                               code of 2019 (ρ_t ≥ 5, another step only if ρ_t is exactly 5)
    5.0        ``skip``        the authors' package since July 2021 (which on a skipped step
                               leaves out weight decay too; here it is applied at every step)
    4.0        ``momentum``    the paper's Algorithm 2; ``optax.radam(threshold=4.0)``
    5.0        ``momentum``,   the package keras-rectified-adam before 0.12.0 of 30 August 2019
               ε inside        (from 22 August on ρ_t ≥ 5; its first day's code had another root)
    =========  ==============  =================================================================

    At β₂ = 0.999 step 6 is the first rectified one at 5.0, step 5 at 4.0. Where ρ_∞ is at or
    below the threshold (β₂ ≤ 2/3 at 5.0) no step ever is: SGD with bias-corrected momentum.

    ε is added after the bias correction, as in the paper on Adam and in optax. (torch, and Keras'
    Adam with its "epsilon hat", add it to √v_t before the correction, so that it weighs
    1 / √(1 − β₂ᵗ) times as much in step t.) With ``epsilon_inside`` it is √(v̂_t + ε): the step is
    divided by at least √ε, which is 3.2e-4 for ε = 1e-7, so that small gradients move less.

    Of weights in float16 or bfloat16 both moments are kept, and each step is computed, in float32;
    only the step is rounded to the type of the weight. (Keras' Adam computes in that type. In
    float16 the square of a gradient is 0 below 1.7e-4 and infinite from 256 on, 1 / ε is infinite,
    and ε = 1e-8 is 0; in bfloat16 a weighted mean with β₂ = 0.999 hardly moves.) The moments of
    float32 and float64 weights have the type of the weight.

    Weight decay is Keras', decoupled: θ ← θ − η · weight_decay · θ before each step, as in
    ``torch.optim.RAdam(decoupled_weight_decay=True)``.

    It treats every weight by itself, so a learning rate may be a schedule that returns any shape
    that broadcasts against all variables.

    Args:
        learning_rate: η: a float, a ``LearningRateSchedule`` or a callable.
        beta_1: β₁ in [0, 1), decay of the first moment.
        beta_2: β₂ in (0, 1), decay of the second moment.
        epsilon: ε ≥ 0. 1e-7 as in all Keras optimizers (torch and optax have 1e-8), so that
            RAdam and Adam are compared at the same setting.
        threshold: steps with ρ_t above it are rectified; at least 4, where r_t is 0.
        below_threshold: ``"momentum"`` or ``"skip"``: what the other steps do.
        epsilon_inside: whether ε is added to v̂_t, under the root, in place of √v̂_t.
        weight_decay: of every weight, or None.
        clipnorm: greatest norm of each variable's gradient, or None.
        clipvalue: greatest size of each gradient's elements, or None.
        global_clipnorm: greatest norm of all gradients together, or None.
        **kwargs: what every Keras optimizer takes: ``name``, ``use_ema``, ….

    Raises:
        ValueError: a value outside its range, or settings with which no step is ever taken.

    Example:
        >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        >>> model.compile(optimizer=RAdam(learning_rate=0.01, weight_decay=1e-4), loss="mse")
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        threshold: float = 5.0,
        below_threshold: str = "momentum",
        epsilon_inside: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            clipnorm=clipnorm,
            clipvalue=clipvalue,
            global_clipnorm=global_clipnorm,
            **kwargs,
        )
        _check("beta_1", beta_1, 0 <= beta_1 < 1, "in [0, 1)")
        _check("beta_2", beta_2, 0 < beta_2 < 1, "in (0, 1)")
        _check("epsilon", epsilon, epsilon >= 0, "at least 0")
        _check("threshold", threshold, threshold >= 4, "at least 4")
        modes = tuple(BELOW_THRESHOLD_FACTORS)
        _check("below_threshold", below_threshold, below_threshold in modes, f"one of {modes}")
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.threshold = threshold
        self.below_threshold = below_threshold
        self.epsilon_inside = epsilon_inside
        self._first_rectified_step: Any = first_rectified_step(beta_2, threshold)
        if self._first_rectified_step is None and below_threshold == "skip":
            raise ValueError(
                "RAdam never takes a step: rho_inf = 2 / (1 - beta_2) - 1 must be above "
                "`threshold` with below_threshold='skip'. "
                f"Received: beta_2={beta_2}, threshold={threshold}"
            )

    def vary_beta_2(self, beta_2: keras.Variable) -> None:
        """Take β₂ from a variable (P, 1); ``follow_beta_2`` tells of its values."""
        self.beta_2 = beta_2
        self._first_rectified_step = keras.Variable(
            "zeros", beta_2.shape, "float32", trainable=False, name="first_rectified_step"
        )

    def follow_beta_2(self, values_P: NDArray[np.float64]) -> None:
        """Rectify from the first step of each trial's β₂.

        Found in float64: on which side of the threshold ρ_t lies is a matter of its last digits.

        Args:
            values_P: what the variable has been given, each such as the constructor takes.
        """
        first_P = [first_rectified_step(float(beta_2), self.threshold) for beta_2 in values_P]
        first_P1 = np.array([[first or math.inf] for first in first_P], np.float32)
        self._first_rectified_step.assign(first_P1)

    def build(self, variables: list[Any]) -> None:
        """Create the moment estimates, two for each variable."""
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = [], []
        for variable in variables:
            self._momentums.append(self._moment_of(variable, "momentum"))
            self._velocities.append(self._moment_of(variable, "velocity"))

    def _moment_of(self, variable: Any, name: str) -> Any:
        dtype = at_least_float32(variable.dtype)
        if dtype == variable.dtype:
            return self.add_variable_from_reference(variable, name)
        path = variable.path.replace("/", "_")
        return self.add_variable(variable.shape, dtype=dtype, name=f"{path}_{name}")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update the moments of one variable, then the variable."""
        dtype = at_least_float32(variable.dtype)
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        gradient = ops.cast(gradient, dtype)
        self.assign_add(m, ops.multiply(ops.subtract(gradient, m), 1 - self.beta_1))
        self.assign_add(v, ops.multiply(ops.subtract(ops.square(gradient), v), 1 - self.beta_2))

        t = ops.cast(ops.add(self.iterations, 1), dtype)
        m_hat = ops.divide(m, ops.cast(_bias_correction(self.beta_1, t), dtype))
        factor = self._factor(v, t)
        step = ops.cast(learning_rate, dtype) * factor * m_hat
        self.assign_sub(variable, ops.cast(step, variable.dtype))

    def _factor(self, v: Any, t: Any) -> Any:
        """What multiplies η m̂_t in step t: r_t / (√v̂_t + ε), or that of an unrectified step."""
        below = BELOW_THRESHOLD_FACTORS[self.below_threshold]
        if self._first_rectified_step is None:
            return below
        v_hat = ops.divide(v, ops.cast(_bias_correction(self.beta_2, t), v.dtype))
        r_t = rectification_of(self.beta_2, rho_t(self.beta_2, t, ops), ops)
        adaptive = ops.divide(ops.cast(r_t, v.dtype), self._root(v_hat))
        return ops.where(t >= self._first_rectified_step, adaptive, ops.cast(below, v.dtype))

    def _root(self, v_hat: Any) -> Any:
        """√v̂_t with its ε."""
        if self.epsilon_inside:
            return ops.sqrt(ops.add(v_hat, self.epsilon))
        return ops.add(ops.sqrt(v_hat), self.epsilon)

    def get_config(self) -> dict[str, Any]:
        """Its arguments."""
        return super().get_config() | {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "threshold": self.threshold,
            "below_threshold": self.below_threshold,
            "epsilon_inside": self.epsilon_inside,
        }


def _check(name: str, value: object, holds: bool, rule: str) -> None:
    if not holds:
        raise ValueError(f"`{name}` is {rule}. Received: {name}={value!r}")


def _bias_correction(beta: Any, t: Any) -> Any:
    """1 − βᵗ without cancellation for β near 1."""
    if not isinstance(beta, int | float):
        return ops.negative(ops.expm1(t * log_of(beta, ops)))
    return ops.negative(ops.expm1(t * math.log(beta))) if beta > 0 else ops.ones_like(t)
