"""What a cohort's training comes to: its steps, its learning rates, the order of its examples.

In the flow: the loops of heads and of networks begin with it.

Legend: P trials, K steps of a training.
"""

import math
import resource
import sys
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sweep.optimizers import probe
from sweep.optimizers.multipliers import multipliers
from sweep.planning.cohorts import Cohort
from sweep.planning.events import Floats
from sweep.training import backend
from sweep.training.cohort_optimizer import CohortSettings
from sweep.training.compiled import Shape

MIRROR_STREAM = 3
"""Of the seed's random numbers: initial weights, orders and splits are drawn from 0, 1 and 2."""


@dataclass(frozen=True)
class CohortPlan:
    """What a cohort's training comes to.

    Attributes:
        cohort: which.
        steps_per_epoch: the last may be of fewer examples.
        has_smaller_batch: whether it is.
        settings: what differs from trial to trial.
        multiplier_PK: factor on each trial's learning rate at every step, or (1, K).
        shape: for what is compiled.
        alone_because: why a trial trains alone that cannot train with others; else None.
    """

    cohort: Cohort
    steps_per_epoch: int
    has_smaller_batch: bool
    settings: CohortSettings
    multiplier_PK: NDArray[np.float32]
    shape: Shape
    alone_because: str | None

    @classmethod
    def of(cls, cohort: Cohort, train_count: int, alone_because: str | None = None) -> "CohortPlan":
        """Of a cohort.

        Args:
            cohort: which.
            train_count: examples to train on.
            alone_because: why what is trained cannot train with others; None where only the
                optimizer may say so.

        Raises:
            ValueError: the trials cannot train together, and there are several.
        """
        config, configs = cohort.config, [trial.config for trial in cohort.trials]
        steps_per_epoch = math.ceil(train_count / config.batch_size)
        total_steps = steps_per_epoch * config.epochs
        settings = CohortSettings.of(configs, total_steps, steps_per_epoch)
        because = alone_because or probe.alone_because(config.optimizer)
        if because and len(configs) > 1:
            raise ValueError(f"trials of {cohort.optimizer} train one by one: {because}")
        return cls(
            cohort=cohort,
            steps_per_epoch=steps_per_epoch,
            has_smaller_batch=train_count % config.batch_size > 0,
            settings=settings,
            multiplier_PK=multipliers(
                [each.optimizer for each in configs],
                total_steps,
                steps_per_epoch,
                learning_rates=[each.learning_rate for each in configs],
            ),
            shape=Shape.of(
                config, tuple(settings.vectors), len(configs), is_alone=because is not None
            ),
            alone_because=because,
        )

    def steps_of(self, epoch: int) -> slice:
        """Those of the K steps that an epoch takes, counted from 1."""
        return slice((epoch - 1) * self.steps_per_epoch, epoch * self.steps_per_epoch)

    def effective_learning_rates(self, epoch: int, multiplier_PK: NDArray[np.float32]) -> Floats:
        """Learning rate × multiplier of an epoch's last step, (P,)."""
        learning_rates_P = np.array([trial.config.learning_rate for trial in self.cohort.trials])
        last_P = multiplier_PK[:, epoch * self.steps_per_epoch - 1].astype(np.float64)
        return learning_rates_P * last_P


def example_order(seed: int, epoch: int, train_count: int) -> NDArray[np.int64]:
    """The order of the training examples in an epoch: the same for all trials of a seed."""
    return np.random.default_rng([seed, 1, epoch]).permutation(train_count)


def mirrored_examples(seed: int, epoch: int, train_count: int) -> NDArray[np.int64]:
    """1 for each training example whose mirror image is trained on in an epoch, else 0.

    By chance, half of them; the same for all trials of a seed.
    """
    return np.random.default_rng([seed, MIRROR_STREAM, epoch]).integers(0, 2, train_count)


def machine_provenance() -> dict[str, Any]:
    """What trained a cohort, for its provenance."""
    return {
        "device": backend.device_name(),
        "backend": keras.backend.backend(),
        "process_peak_memory_bytes": _peak_memory_bytes(),
    }


def _peak_memory_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
