"""One compiled optimizer step of a cohort, and its compiled evaluation.

Legend: P trials, B batch, M micro-batches a batch, F features, N pictures (training first).
"""

import math
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from sweep.optimizers.build import build
from sweep.study.optimizer import Optimizer
from sweep.training import backend
from sweep.training.losses import losses_from_logits
from sweep.training.memory import EVALUATION_BATCH
from sweep.training.stacked_heads import Heads


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


def _compact(variable: keras.Variable) -> NDArray[Any]:
    """The variable's value, one number where all are the same (as fresh optimizer states are)."""
    value = np.asarray(variable.value)
    first = value.reshape(-1)[:1]
    return first.reshape(()).copy() if np.all(value == first) else value.copy()


def _bytes(variable: keras.Variable) -> int:
    return math.prod(variable.shape) * np.dtype(variable.dtype).itemsize
