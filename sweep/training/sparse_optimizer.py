"""The optimizer of heads on sparse features: Keras' but for the first layer, which has a kernel.

For Adam, AdamW, RAdam and SGD, with whatever of them can differ within a cohort. The reference of
the kernels is the Keras optimizer, and tests hold them against it.

Legend: P trials, B batch, N examples, F features, H hidden units.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sweep.optimizers.adaptive_rate import SecondMoments
from sweep.optimizers.multipliers import BELOW_THRESHOLD_FACTORS
from sweep.optimizers.rectification import rectification
from sweep.planning.events import Floats
from sweep.study.training_config import TrainingConfig
from sweep.training.cohort_optimizer import CohortOptimizer
from sweep.training.sparse import MOMENTS
from sweep.training.sparse_heads import SparseHeads


class SparseOptimizer:
    """Trains P heads, each at its own learning rate and with its own settings.

    Args:
        config: of any of the trials; says the algorithm and the settings that do not differ.
        differing: the names of the settings that differ.
        heads: what it trains.
    """

    def __init__(
        self,
        config: TrainingConfig,
        differing: Sequence[str],
        heads: SparseHeads,
    ) -> None:
        self._stock = CohortOptimizer(config, differing, heads)
        self._optimizer = config.optimizer
        count = MOMENTS[config.optimizer.algorithm]
        self._moments = [np.zeros_like(heads.kernel_PSFW) for _ in range(count)]
        self._learning_rates_P = np.ones(heads.trial_count)
        self._settings = {}
        self._steps = 0

    @property
    def variables(self) -> list[keras.Variable]:
        """All that ``apply`` reads or assigns beside the heads' own."""
        return self._stock.variables

    @property
    def memory_bytes(self) -> int:
        """Of its state."""
        return self._stock.memory_bytes + sum(moment.nbytes for moment in self._moments)

    @property
    def second_moments(self) -> SecondMoments | None:
        """The first layer's, an array, then those of the heads' variables; None of SGD."""
        rest = self._stock.second_moments
        return rest and replace(rest, variables=(self._moments[1], *rest.variables))

    def reset(self, vectors: Mapping[str, NDArray[np.float64]]) -> None:
        """Start anew, with these values of the settings that differ."""
        self._stock.reset(vectors)
        self._settings = vectors
        self._steps = 0
        for moment in self._moments:
            moment.fill(0)

    def take_learning_rates(self, learning_rates_P: NDArray[np.float32]) -> None:
        """From now on step with these."""
        self._stock.take_learning_rates(learning_rates_P)
        self._learning_rates_P = learning_rates_P.astype(np.float64)

    def apply(self, gradients: Any) -> None:
        """One step of all but the first layer; to be compiled."""
        self._stock.apply(gradients)

    def update_kernel(
        self,
        kernel_PSFW: NDArray[np.float32],
        bits_NF: NDArray[np.uint16],
        rows_B: NDArray[np.int32],
        gradient_PSBW: NDArray[np.float32],
    ) -> None:
        """The first layer's share in the step, in place, from the gradient by its sums."""
        from sweep.training import sparse_kernel as kernel

        self._steps += 1
        is_sgd = self._optimizer.algorithm == "sgd"
        step = kernel.momentum_step if is_sgd else kernel.adam_step
        numbers = self._numbers_of_sgd() if is_sgd else self._numbers_of_adam()
        numbers_P = np.stack(np.broadcast_arrays(*numbers)).astype(np.float32)
        example = bits_NF, kernel.FLOAT16, rows_B, gradient_PSBW
        step(*example, kernel_PSFW, *self._moments, numbers_P)

    def _setting(self, name: str) -> Floats:
        """Of every trial, (P,); what is not set is 0."""
        same = np.full(self._learning_rates_P.shape, self._optimizer.setting(name) or 0, np.float64)
        return self._settings.get(name, same)

    def _kept(self) -> Floats:
        """What decay leaves of a weight in a step, as Keras decouples it."""
        return 1 - self._setting("weight_decay") * self._learning_rates_P

    def _numbers_of_sgd(self) -> tuple[Floats, ...]:
        rate, momentum = self._learning_rates_P, self._setting("momentum")
        if self._optimizer.setting("nesterov"):
            return self._kept(), momentum, rate, momentum, rate
        return self._kept(), momentum, rate, np.ones_like(rate), np.zeros_like(rate)

    def _numbers_of_adam(self) -> tuple[Floats, ...]:
        """As ``adam_step`` takes them: k, c₁, c₂, a, s and e."""
        beta_1, beta_2, epsilon = map(self._setting, ("beta_1", "beta_2", "epsilon"))
        unbiased_1, unbiased_2 = (1 - beta**self._steps for beta in (beta_1, beta_2))
        a, s, e = self._learning_rates_P / unbiased_1, 1 / np.sqrt(unbiased_2), epsilon
        if self._optimizer.algorithm == "radam":
            a, s, e = self._rectified(beta_2, a, s, e)
        else:  # Keras' epsilon is added before the correction
            a, s = a / s, np.ones_like(s)
        return self._kept(), 1 - beta_1, 1 - beta_2, a, s, e

    def _rectified(self, beta_2: Floats, a: Floats, s: Floats, e: Floats) -> tuple[Floats, ...]:
        """RAdam's: below the threshold the step is that of momentum alone, or none."""
        threshold = float(self._setting("threshold")[0])
        below = BELOW_THRESHOLD_FACTORS[str(self._optimizer.setting("below_threshold"))]
        r = {beta: float(rectification(beta, self._steps, threshold)) for beta in {*beta_2}}
        r_P = np.array([r[beta] for beta in beta_2])
        is_below = np.isnan(r_P)
        a = a * np.where(is_below, below, r_P)
        return a, np.where(is_below, 0, s), np.where(is_below, 1, e)
