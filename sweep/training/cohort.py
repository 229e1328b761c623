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
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from sweep.optimizers.build import build
from sweep.optimizers.multipliers import multipliers
from sweep.plan import COMPILED_COHORTS_KEPT, EVALUATION_BATCH, Cohort
from sweep.records import CohortResult, EpochResult, Floats
from sweep.study import Optimizer
from sweep.training import backend
from sweep.training.heads import Heads, initial_weights, losses_from_logits
from sweep.training.task import Regime, TrainingData


class CohortTraining:
    """Trains cohorts on the same data, and compiles once for all of the same optimizer and size.

    Args:
        data: what all train on; its features are copied to the device here.
        regime: how all are trained.
        cohorts_kept: so many compiled cohorts, with weights and moments, are kept for the next.

    Example:
        >>> training = CohortTraining(data, regime)                     # doctest: +SKIP
        >>> for result in training.train(cohort):                       # doctest: +SKIP
        ...     print(result.epoch, result.valid_accuracy_P)
    """

    def __init__(
        self, data: TrainingData, regime: Regime, cohorts_kept: int = COMPILED_COHORTS_KEPT
    ) -> None:
        self.data = data
        self.regime = regime
        self.cohorts_kept = cohorts_kept
        self.steps_per_epoch = math.ceil(data.train_count / regime.batch_size)
        self.total_steps = self.steps_per_epoch * regime.epochs
        self._features_NF = ops.convert_to_tensor(data.features_NF)
        self._labels_N = ops.convert_to_tensor(data.labels_N.astype(np.float32))
        self._steps: dict[tuple[str, int, int], CohortStep] = {}

    def train(self, cohort: Cohort, micro_batches: int = 1) -> Iterator[EpochResult | CohortResult]:
        """Epoch 0 (the evaluation before training), every epoch, then the result.

        A trial whose loss is not finite has diverged; the others train on undisturbed.

        Args:
            cohort: what to train.
            micro_batches: into how many parts a batch is cut, 1 … ``batch_size``.
        """
        key = (cohort.optimizer.model_dump_json(), len(cohort.trials), micro_batches)
        step = self._steps.pop(key, None) or self._new_step(*key)
        begin = time.perf_counter()
        feature_count = self.data.features_NF.shape[1]
        weights = initial_weights(cohort.seed, feature_count, self.regime.hidden_units)
        step.reset(weights, np.asarray(cohort.learning_rates, np.float32))
        multiplier_K = multipliers(cohort.optimizer, self.total_steps)
        diverged: list[int | None] = [None] * len(cohort.trials)
        logits_NP = step.logits(np.arange(len(self.data.labels_N)))
        logits_VP = logits_NP[self.data.train_count :]
        yield self._before_training(cohort, logits_NP, time.perf_counter() - begin)
        for epoch in range(1, self.regime.epochs + 1):
            epoch_begin = time.perf_counter()
            loss_P, accuracy_P = self._train_epoch(step, cohort.seed, epoch)
            logits_VP = step.logits(np.arange(self.data.train_count, len(self.data.labels_N)))
            valid_loss_P, valid_accuracy_P = evaluate(logits_VP, self._valid_labels())
            for member in np.flatnonzero(~np.isfinite(loss_P) | ~np.isfinite(valid_loss_P)):
                diverged[member] = diverged[member] or epoch
            last_multiplier = float(multiplier_K[epoch * self.steps_per_epoch - 1])
            yield EpochResult(
                cohort,
                epoch,
                loss_P,
                accuracy_P,
                valid_loss_P,
                valid_accuracy_P,
                np.asarray(cohort.learning_rates) * last_multiplier,
                time.perf_counter() - epoch_begin,
            )
        yield CohortResult(
            cohort,
            tuple(diverged),
            np.ascontiguousarray(logits_VP.T),
            multiplier_K,
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

    def _train_epoch(self, step: "CohortStep", seed: int, epoch: int) -> tuple[Floats, Floats]:
        """Means over the epoch's pictures of loss and accuracy, each (P,)."""
        batch_size = self.regime.batch_size
        order = picture_order(seed, epoch, self.data.train_count)
        sums = [
            step.train(order[start : start + batch_size])
            for start in range(0, len(order), batch_size)
        ]
        loss_P, correct_P = (
            np.sum([np.asarray(part, np.float64) for part in parts], axis=0)
            for parts in zip(*sums, strict=True)
        )
        return loss_P / len(order), correct_P / len(order)

    def _valid_labels(self) -> NDArray[np.uint8]:
        return self.data.labels_N[self.data.train_count :]

    def _new_step(self, optimizer_json: str, trial_count: int, micro_batches: int) -> "CohortStep":
        while len(self._steps) >= self.cohorts_kept:
            del self._steps[next(iter(self._steps))]
            gc.collect()  # compiled functions and what they belong to hold each other
        return CohortStep(
            Optimizer.model_validate_json(optimizer_json),
            self._heads(trial_count),
            self.regime.batch_size,
            self.total_steps,
            self._features_NF,
            self._labels_N,
            micro_batches,
        )

    def _heads(self, trial_count: int) -> Heads:
        """Those of the kept cohorts of that size, which never train at the same time; or new."""
        for (_, kept_trial_count, _), step in self._steps.items():
            if kept_trial_count == trial_count:
                return step.heads
        return Heads(trial_count, self.data.features_NF.shape[1], self.regime.hidden_units)


class CohortStep:
    """One compiled optimizer step, of M micro-batches, and one compiled evaluation of P trials."""

    def __init__(
        self,
        optimizer: Optimizer,
        heads: Heads,
        batch_size: int,
        total_steps: int,
        features_NF: Any,
        labels_N: Any,
        micro_batches: int = 1,
    ) -> None:
        trial_count = heads.variables[-1].shape[0]
        self.heads = heads
        self._micro_batches = micro_batches
        self._batch_size = micro_batches * math.ceil(batch_size / micro_batches)
        self._features_NF = features_NF
        self._labels_N = labels_N
        self._learning_rates = keras.Variable(
            "ones", shape=(trial_count, 1), dtype="float32", trainable=False, name="learning_rates"
        )
        self._optimizer = build(optimizer, self._learning_rates, total_steps)
        self._optimizer.build(heads.variables)
        backend.take_gradients_as_they_are(self._optimizer)
        self._initial_state = [_compact(variable) for variable in self._optimizer.variables]
        variables = [*heads.variables, self._learning_rates, *self._optimizer.variables]
        self._compiled_step = backend.compiled_step(
            self._gradients, self._apply, variables, micro_batches=micro_batches > 1
        )
        self._compiled_logits = backend.compiled(self._logits, heads.variables)
        self._compile()

    @property
    def memory_bytes(self) -> int:
        """Of weights, gradients (as large as the weights) and optimizer state."""
        weights = sum(_bytes(variable) for variable in self.heads.variables)
        return 2 * weights + sum(_bytes(variable) for variable in self._optimizer.variables)

    def _compile(self) -> None:
        """Run both once, so that no trial's time has the compilation in it; ``reset`` follows."""
        rows = np.zeros(1, np.int64)
        self.train(rows)
        self.logits(rows)

    def reset(self, weights: Any, learning_rates_P: NDArray[np.float32]) -> None:
        """Start anew: initial weights, fresh optimizer state, other learning rates."""
        self.heads.assign(weights)
        self._learning_rates.assign(learning_rates_P[:, None])
        for variable, initial in zip(self._optimizer.variables, self._initial_state, strict=True):
            variable.assign(np.broadcast_to(initial, variable.shape))

    def train(self, rows: NDArray[np.int64]) -> tuple[Any, Any]:
        """One step on these pictures: each trial's sums of losses and of right answers, (P,).

        A batch that is not full is filled up with a row of its own that counts nothing, so that
        one compilation serves all.
        """
        padding = self._batch_size - len(rows)
        counts_B = np.concatenate([np.ones(len(rows)), np.zeros(padding)]).astype(np.float32)
        rows_B = np.concatenate([rows, np.repeat(rows[:1], padding)]).astype(np.int32)
        return self._compiled_step(
            self._features_NF,
            self._labels_N,
            ops.convert_to_tensor(rows_B),
            ops.convert_to_tensor(counts_B),
        )

    def logits(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Logits of these pictures, shape (rows, P)."""
        batch = max(1, EVALUATION_BATCH // self._micro_batches)
        batch = min(batch, self._features_NF.shape[0])
        filled = np.resize(rows, -(-len(rows) // batch) * batch).astype(np.int32)
        parts = [
            np.asarray(
                self._compiled_logits(
                    self._features_NF, ops.convert_to_tensor(filled[start : start + batch])
                )
            )
            for start in range(0, len(filled), batch)
        ]
        return np.concatenate(parts)[: len(rows)]

    def _apply(self, gradients: Any) -> None:
        self._optimizer.apply(gradients, self.heads.variables)

    def _gradients(self, features_NF: Any, labels_N: Any, rows_B: Any, counts_B: Any) -> Any:
        count: Any = ops.sum(counts_B)
        if self._micro_batches == 1:
            return self._part(features_NF, labels_N, rows_B, counts_B, count)
        return self._parts(features_NF, labels_N, rows_B, counts_B, count)

    def _part(
        self, features_NF: Any, labels_N: Any, rows_B: Any, counts_B: Any, count: Any
    ) -> tuple[tuple[Any, Any], list[Any]]:
        """Sums of losses and of right answers, each (P,), and the share in the batch's gradient.

        The batch has ``count`` pictures, of which these are some or all.
        """
        features_BF = ops.cast(ops.take(features_NF, rows_B, axis=0), "float32")
        labels_B: Any = ops.take(labels_N, rows_B, axis=0)

        def loss() -> tuple[Any, Any]:
            logits_BP = self.heads.logits(features_BF)
            loss_P = ops.sum(losses_from_logits(logits_BP, labels_B) * counts_B[:, None], axis=0)
            right_BP = ops.cast((logits_BP > 0) == (labels_B[:, None] > 0.5), "float32")
            right_P = ops.sum(right_BP * counts_B[:, None], axis=0)
            total: Any = ops.sum(loss_P)
            return total / count, (loss_P, right_P)

        return backend.value_and_gradients(loss, self.heads.variables)

    def _parts(
        self, features_NF: Any, labels_N: Any, rows_B: Any, counts_B: Any, count: Any
    ) -> tuple[tuple[Any, Any], list[Any]]:
        """The same as ``_part`` of the whole batch, one micro-batch after another."""
        rows_MB = ops.reshape(rows_B, (self._micro_batches, -1))
        counts_MB = ops.reshape(counts_B, (self._micro_batches, -1))

        def add(index: Any, totals: tuple[Any, ...]) -> tuple[Any, ...]:
            rows, counts = (ops.take(each, index, axis=0) for each in (rows_MB, counts_MB))
            sums, gradients = self._part(features_NF, labels_N, rows, counts, count)
            parts = (*sums, *gradients)
            return tuple(total + part for total, part in zip(totals, parts, strict=True))

        trial_count = self._learning_rates.shape[0]
        shapes = [(trial_count,), (trial_count,), *(each.shape for each in self.heads.variables)]
        zeros = tuple(ops.zeros(shape, "float32") for shape in shapes)
        totals: Any = ops.fori_loop(0, self._micro_batches, add, zeros)
        loss_P, right_P, *gradients = totals
        return (loss_P, right_P), gradients

    def _logits(self, features_NF: Any, rows_B: Any) -> Any:
        return self.heads.logits(ops.cast(ops.take(features_NF, rows_B, axis=0), "float32"))


def picture_order(seed: int, epoch: int, train_count: int) -> NDArray[np.int64]:
    """The order of the training pictures in an epoch: the same for all trials of a seed."""
    return np.random.default_rng([seed, 1, epoch]).permutation(train_count)


def evaluate(logits_NP: NDArray[np.float32], labels_N: NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """Mean binary cross-entropy and accuracy of every trial, each (P,), in float64."""
    logits = logits_NP.astype(np.float64)
    labels = labels_N[:, None].astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        losses = np.maximum(logits, 0) - logits * labels + np.log1p(np.exp(-np.abs(logits)))
    return losses.mean(axis=0), ((logits > 0) == (labels > 0.5)).mean(axis=0)


def _compact(variable: keras.Variable) -> NDArray[Any]:
    """The variable's value, one number where all are the same (as fresh optimizer states are)."""
    value = np.asarray(variable.value)
    first = value.reshape(-1)[:1]
    return first.reshape(()).copy() if np.all(value == first) else value.copy()


def _bytes(variable: keras.Variable) -> int:
    return math.prod(variable.shape) * np.dtype(variable.dtype).itemsize


def _peak_memory_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
