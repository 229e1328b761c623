"""The optimizer of a cohort: a stock Keras optimizer with an array where trials differ.

It outlives a cohort: the next seed's, and those of other batch sizes and warm-ups, start it anew.
In the flow: ``step`` applies it, ``loop`` says the learning rates of every step.

Legend: P trials, K steps of a training.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sweep.optimizers.adaptive_rate import SecondMoments, second_moments_of
from sweep.optimizers.build import build
from sweep.optimizers.lookahead import Lookahead
from sweep.optimizers.multipliers import ramps
from sweep.optimizers.schedules import CohortLearningRates
from sweep.optimizers.vectors import SettingVectors
from sweep.study.training_config import TrainingConfig
from sweep.training import backend
from sweep.training.members import Trained


@dataclass(frozen=True)
class CohortSettings:
    """What the trials of a cohort are trained with, as far as it differs.

    Attributes:
        learning_rates_PK: at every step, the warm-up in them; float32.
        vectors: of the settings that differ, by name, the values (P,).
    """

    learning_rates_PK: NDArray[np.float32]
    vectors: dict[str, NDArray[np.float64]]

    @classmethod
    def of(
        cls, configs: Sequence[TrainingConfig], total_steps: int, steps_per_epoch: int
    ) -> "CohortSettings":
        """Of a cohort's training configurations, one a trial."""
        learning_rates = [config.learning_rate for config in configs]
        ramp_PK = ramps(
            [config.optimizer for config in configs],
            total_steps,
            steps_per_epoch,
            learning_rates=learning_rates,
        )
        learning_rates_P1 = np.array(learning_rates, np.float32)[:, None]
        learning_rates_PK = (learning_rates_P1 * ramp_PK).astype(np.float32)
        return cls(learning_rates_PK, differing(configs))


def differing(configs: Sequence[TrainingConfig]) -> dict[str, NDArray[np.float64]]:
    """The settings that differ among a cohort's trials, by name, with their values (P,).

    What is the same for all stays a plain number, so that a cohort which differs in nothing but
    the learning rate trains as if there were no vectors.
    """
    values = [config.vectors for config in configs]
    columns = {name: [each[name] for each in values] for name in values[0]}
    return {
        name: np.array(column, np.float64) for name, column in columns.items() if len({*column}) > 1
    }


class CohortOptimizer:
    """Trains P members, each at its own learning rate and with its own settings.

    Args:
        config: of any of the trials; says the algorithm and the settings that do not differ.
        differing: the names of the settings that differ.
        members: what it trains.
        is_alone: whether it is one trial in variables of plain shapes, so that its learning rate
            is a plain number too.
    """

    def __init__(
        self,
        config: TrainingConfig,
        differing: Sequence[str],
        members: Trained,
        *,
        is_alone: bool = False,
    ) -> None:
        P = members.trial_count
        self._members = members
        self._config = config
        self._learning_rates = keras.Variable(
            "ones",
            shape=() if is_alone else (P, 1),
            dtype="float32",
            trainable=False,
            name="learning_rates",
        )
        self._optimizer = self._built()
        self._vectors = SettingVectors(_inner(self._optimizer), differing, P)
        backend.take_gradients_as_they_are(_inner(self._optimizer))
        self._initial_state = (
            [_compact(variable) for variable in self._optimizer.variables]
            if self._starts_from_constants
            else []
        )
        self._current_P = np.ones(P, np.float32)

    @property
    def variables(self) -> list[keras.Variable]:
        """All that a step reads or assigns."""
        return [self._learning_rates, *self._optimizer.variables, *self._vectors.variables]

    @property
    def memory_bytes(self) -> int:
        """Of its state."""
        return sum(bytes_of(variable) for variable in self._optimizer.variables)

    @property
    def second_moments(self) -> SecondMoments | None:
        """Of every variable; None where the algorithm has none like Adam's."""
        return second_moments_of(_inner(self._optimizer))

    def reset(self, vectors: Mapping[str, NDArray[np.float64]]) -> None:
        """Start anew, with these values of the settings that differ.

        The members have their initial weights by then: the state of some optimizers begins there.
        """
        if self._starts_from_constants:
            self._take_initial_state()
        else:
            self._take_fresh_state()
        self._vectors.give(vectors)

    @property
    def _starts_from_constants(self) -> bool:
        return self._config.optimizer.known_algorithm not in (None, "schedule-free-adamw")

    def _take_initial_state(self) -> None:
        for variable, initial in zip(self._optimizer.variables, self._initial_state, strict=True):
            variable.assign(np.broadcast_to(initial, variable.shape))
        if isinstance(self._optimizer, Lookahead):
            self._optimizer.start_from(self._members.variables)

    def _take_fresh_state(self) -> None:
        """The state that a new optimizer of these members has."""
        fresh = self._built().variables  # of which settings that became vectors are no part
        for variable, value in zip(self._optimizer.variables, fresh, strict=False):
            variable.assign(value)

    def _built(self) -> keras.optimizers.Optimizer:
        """A new Keras optimizer of the members."""
        optimizer = build(self._config.optimizer, CohortLearningRates(self._learning_rates))
        optimizer.build(self._members.variables)
        return optimizer

    def take_learning_rates(self, learning_rates_P: NDArray[np.float32]) -> None:
        """From now on step with these."""
        if not np.array_equal(learning_rates_P, self._current_P):
            self._learning_rates.assign(learning_rates_P.reshape(self._learning_rates.shape))
            self._current_P = learning_rates_P

    def apply(self, gradients: Any) -> None:
        """One step of all members; to be compiled."""
        self._optimizer.apply(gradients, self._members.variables)


def _inner(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """What takes the steps and has the settings."""
    return optimizer.inner_optimizer if isinstance(optimizer, Lookahead) else optimizer


def bytes_of(variable: keras.Variable) -> int:
    """Of its values."""
    return math.prod(variable.shape) * np.dtype(variable.dtype).itemsize


def _compact(variable: keras.Variable) -> NDArray[Any]:
    """The variable's value, one number where all are the same (as fresh optimizer states are)."""
    value = np.asarray(variable.value)
    first = value.reshape(-1)[:1]
    return first.reshape(()).copy() if np.all(value == first) else value.copy()
