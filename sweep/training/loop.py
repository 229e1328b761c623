"""A cohort's training: all its trials in one compiled step, epoch by epoch.

In the flow: ``executors`` give a cohort and get its events; nothing here knows of stores or plots.

Where memory is short, a batch is trained in micro-batches: their gradients add up to the batch's,
so the training is the same but for rounding.

Legend: P trials, B batch, M micro-batches a batch, F features, N pictures (training first),
V validation pictures, K steps of a training.
"""

import gc
import math
import resource
import sys
import time
from collections.abc import Iterator

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from sweep.optimizers.multipliers import multipliers
from sweep.planning.cohorts import Cohort
from sweep.planning.events import CohortResult, EpochResult, Floats
from sweep.tasks.task import TrainingData
from sweep.training import backend
from sweep.training.losses import evaluate
from sweep.training.memory import COMPILED_COHORTS_KEPT
from sweep.training.stacked_heads import Heads, initial_weights
from sweep.training.step import CohortStep


class CohortTraining:
    """Trains cohorts on the same data, and compiles once for all of the same optimizer and size.

    Args:
        data: what all train on; its features are copied to the device here.
        cohorts_kept: so many compiled cohorts, with weights and moments, are kept for the next.

    Example:
        >>> training = CohortTraining(data)                             # doctest: +SKIP
        >>> for result in training.train(cohort):                       # doctest: +SKIP
        ...     print(result.epoch, result.valid_accuracy_P)
    """

    def __init__(self, data: TrainingData, cohorts_kept: int = COMPILED_COHORTS_KEPT) -> None:
        self.data = data
        self.cohorts_kept = cohorts_kept
        self._features_NF = ops.convert_to_tensor(data.features_NF)
        self._labels_N = ops.convert_to_tensor(data.labels_N.astype(np.float32))
        self._steps: dict[tuple, CohortStep] = {}

    def train(self, cohort: Cohort, micro_batches: int = 1) -> Iterator[EpochResult | CohortResult]:
        """Epoch 0 (the evaluation before training), every epoch, then the result.

        A trial whose loss is not finite has diverged; the others train on undisturbed.

        Args:
            cohort: what to train.
            micro_batches: into how many parts a batch is cut, 1 … ``batch_size``.
        """
        key = (cohort.config.cohort_key(), len(cohort.trials), micro_batches)
        step = self._steps.pop(key, None) or self._new_step(cohort, micro_batches)
        config = cohort.config
        steps_per_epoch = math.ceil(self.data.train_count / config.batch_size)
        learning_rates_P = np.array([trial.config.learning_rate for trial in cohort.trials])
        begin = time.perf_counter()
        feature_count = self.data.features_NF.shape[1]
        weights = initial_weights(cohort.seed, feature_count, config.hidden_units)
        step.reset(weights, learning_rates_P.astype(np.float32))
        multiplier_K = multipliers(config.optimizer, steps_per_epoch * config.epochs)
        diverged: list[int | None] = [None] * len(cohort.trials)
        logits_NP = step.logits(np.arange(len(self.data.labels_N)))
        logits_VP = logits_NP[self.data.train_count :]
        yield self._before_training(cohort, logits_NP, time.perf_counter() - begin)
        for epoch in range(1, config.epochs + 1):
            epoch_begin = time.perf_counter()
            loss_P, accuracy_P = self._train_epoch(step, cohort, epoch)
            logits_VP = step.logits(np.arange(self.data.train_count, len(self.data.labels_N)))
            valid_loss_P, valid_accuracy_P = evaluate(logits_VP, self._valid_labels())
            for member in np.flatnonzero(~np.isfinite(loss_P) | ~np.isfinite(valid_loss_P)):
                diverged[member] = diverged[member] or epoch
            last_multiplier = float(multiplier_K[epoch * steps_per_epoch - 1])
            yield EpochResult(
                cohort,
                epoch,
                loss_P,
                accuracy_P,
                valid_loss_P,
                valid_accuracy_P,
                learning_rates_P * last_multiplier,
                time.perf_counter() - epoch_begin,
            )
        yield CohortResult(
            cohort,
            tuple(diverged),
            np.ascontiguousarray(logits_VP.T),
            multiplier_K[None],
            time.perf_counter() - begin,
            step.memory_bytes,
            {
                "device": backend.device_name(),
                "backend": keras.backend.backend(),
                "process_peak_memory_bytes": _peak_memory_bytes(),
                "micro_batches": micro_batches,
            },
        )
        self._steps[key] = step  # not if it was disturbed: what is kept is known to work

    def free(self) -> bool:
        """Let go of all compiled cohorts, and from now on keep no more than one.

        Returns:
            Whether there were any.
        """
        any_kept = bool(self._steps)
        self._steps.clear()
        gc.collect()  # compiled functions and what they belong to hold each other
        self.cohorts_kept = 1
        return any_kept

    def _before_training(
        self, cohort: Cohort, logits_NP: NDArray[np.float32], seconds: float
    ) -> EpochResult:
        train_count = self.data.train_count
        train = evaluate(logits_NP[:train_count], self.data.labels_N[:train_count])
        valid = evaluate(logits_NP[train_count:], self._valid_labels())
        unknown_P = np.full(len(cohort.trials), np.nan)
        return EpochResult(cohort, 0, *train, *valid, unknown_P, seconds)

    def _train_epoch(self, step: "CohortStep", cohort: Cohort, epoch: int) -> tuple[Floats, Floats]:
        """Means over the epoch's pictures of loss and accuracy, each (P,)."""
        batch_size = cohort.config.batch_size
        order = picture_order(cohort.seed, epoch, self.data.train_count)
        sums = [
            step.train(order[start : start + batch_size])
            for start in range(0, len(order), batch_size)
        ]
        loss_P, correct_P = (
            np.sum([np.asarray(part, np.float64) for part in parts], axis=0)
            for parts in zip(*sums, strict=True)
        )
        return loss_P / len(order), correct_P / len(order)

    def _valid_labels(self) -> NDArray[np.integer]:
        return self.data.labels_N[self.data.train_count :]

    def _new_step(self, cohort: Cohort, micro_batches: int) -> "CohortStep":
        while len(self._steps) >= self.cohorts_kept:
            del self._steps[next(iter(self._steps))]
            gc.collect()  # compiled functions and what they belong to hold each other
        config = cohort.config
        return CohortStep(
            config.optimizer,
            self._heads(len(cohort.trials), config.hidden_units),
            config.batch_size,
            math.ceil(self.data.train_count / config.batch_size) * config.epochs,
            self._features_NF,
            self._labels_N,
            micro_batches,
        )

    def _heads(self, trial_count: int, hidden_units: int) -> Heads:
        """Those of the kept cohorts of that size, which never train at the same time; or new."""
        for step in self._steps.values():
            if step.heads.size == (trial_count, hidden_units):
                return step.heads
        return Heads(trial_count, self.data.features_NF.shape[1], hidden_units)


def picture_order(seed: int, epoch: int, train_count: int) -> NDArray[np.int64]:
    """The order of the training pictures in an epoch: the same for all trials of a seed."""
    return np.random.default_rng([seed, 1, epoch]).permutation(train_count)


def _peak_memory_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
