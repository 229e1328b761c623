"""Settings of an optimizer that differ from trial to trial: β₁, β₂, ε, weight decay, ….

A stock Keras optimizer reads its settings at every step. Put a variable (P, 1) in the place of a
number, and it broadcasts against all that is shaped (…, P, x): each trial has its own setting, and
other values need no new compilation. Which settings can be one says ``study.TOGETHER``.

In the flow: ``training`` builds an optimizer, then gives it its vectors.

Legend: P trials of a cohort.
"""

from collections.abc import Collection, Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sweep.optimizers.radam import RAdam


class SettingVector(keras.Variable):
    """A setting of P trials, (P, 1) in float32, which knows 1 − itself exactly.

    Optimizers compute 1 − β with Python's floats, exactly. From a β₂ of 0.9999 in float32 it would
    be off by 2e-4 of its size.

    Args:
        trial_count: P.
        name: of the setting.

    Attributes:
        complement: 1 − the values, a variable of its own.
    """

    def __init__(self, trial_count: int, name: str) -> None:
        shape = (trial_count, 1)
        super().__init__("zeros", shape, "float32", trainable=False, name=name)
        self.complement = keras.Variable(
            "ones", shape, "float32", trainable=False, name=f"one_minus_{name}"
        )

    def give(self, values_P: NDArray[np.float64]) -> None:
        """Assign the values, from now on."""
        self.assign(values_P[:, None].astype(np.float32))
        self.complement.assign((1 - values_P)[:, None].astype(np.float32))

    def __rsub__(self, other: Any) -> Any:
        """``other − self``; 1 − itself is the complement."""
        is_one = isinstance(other, int | float) and other == 1
        return self.complement.value if is_one else super().__rsub__(other)


class SettingVectors:
    """The settings of one Keras optimizer that differ within a cohort.

    Args:
        optimizer: built, its settings numbers.
        names: which of its settings become vectors.
        trial_count: P.
    """

    def __init__(
        self, optimizer: keras.optimizers.Optimizer, names: Collection[str], trial_count: int
    ) -> None:
        self._optimizer = optimizer
        self._vectors = {name: SettingVector(trial_count, name) for name in sorted(names)}
        for name, vector in self._vectors.items():
            setattr(optimizer, name, vector)
        if isinstance(optimizer, keras.optimizers.Nadam) and "beta_1" in names:
            # The product of β₁'s schedule up to the step; Keras makes a scalar of it.
            ones_P1 = np.ones((trial_count, 1), np.float32)
            optimizer._u_product = keras.Variable(ones_P1, trainable=False, name="u_product")
        if isinstance(optimizer, RAdam) and "beta_2" in names:
            optimizer.vary_beta_2(self._vectors["beta_2"])

    @property
    def variables(self) -> list[keras.Variable]:
        """What a step reads of them beside the optimizer's own variables, which have the rest."""
        return [vector.complement for vector in self._vectors.values()]

    def give(self, values: Mapping[str, NDArray[np.float64]]) -> None:
        """Assign the values of all vectors.

        Args:
            values: by name, each (P,), and each value such as the optimizer's constructor takes.
        """
        for name, vector in self._vectors.items():
            vector.give(values[name])
        if isinstance(self._optimizer, RAdam) and "beta_2" in self._vectors:
            self._optimizer.follow_beta_2(values["beta_2"])
