"""One compiled optimizer step of a cohort.

Legend: P trials, B batch, M micro-batches a batch, N examples (training first).
"""

import math
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from sweep.training import backend
from sweep.training.cohort_optimizer import CohortOptimizer
from sweep.training.members import Batch, Members


class CohortStep:
    """One compiled optimizer step, of M micro-batches, of P trials.

    Args:
        members: what is trained.
        optimizer: of the members.
        batch_size: examples a step, at most.
        examples: all there are, on the device: inputs (N, …) in any precision, and labels (N,).
        micro_batches: M.
    """

    def __init__(
        self,
        members: Members,
        optimizer: CohortOptimizer,
        batch_size: int,
        examples: Batch,
        micro_batches: int = 1,
    ) -> None:
        self._members = members
        self._micro_batches = micro_batches
        self._batch_size = micro_batches * math.ceil(batch_size / micro_batches)
        self._examples = examples
        self._compiled_step = backend.compiled_step(
            self._gradients,
            optimizer.apply,
            [*members.variables, *optimizer.variables],
            micro_batches=micro_batches > 1,
        )
        self.train(np.zeros(1, np.int64))  # compiles, so that no trial's time has it in it

    def train(self, rows: NDArray[np.int64]) -> tuple[Any, Any]:
        """One step on these examples: each trial's sums of losses and of right answers, (P,)."""
        rows_B, counts_B = filled_up(rows, self._batch_size)
        return self._compiled_step(
            self._examples.inputs,
            self._examples.labels_B,
            ops.convert_to_tensor(rows_B),
            ops.convert_to_tensor(counts_B),
        )

    def _gradients(self, inputs_N: Any, labels_N: Any, rows_B: Any, counts_B: Any) -> Any:
        examples, count = Batch(inputs_N, labels_N), ops.sum(counts_B)
        if self._micro_batches == 1:
            return gradients_of_part(self._members, examples, rows_B, counts_B, count)
        return self._parts(examples, rows_B, counts_B, count)

    def _parts(
        self, examples: Batch, rows_B: Any, counts_B: Any, count: Any
    ) -> tuple[tuple[Any, Any], list[Any]]:
        """The same as ``gradients_of_part`` of the whole batch, one micro-batch after another."""
        rows_MB = ops.reshape(rows_B, (self._micro_batches, -1))
        counts_MB = ops.reshape(counts_B, (self._micro_batches, -1))

        def add(index: Any, totals: tuple[Any, ...]) -> tuple[Any, ...]:
            rows, counts = (ops.take(each, index, axis=0) for each in (rows_MB, counts_MB))
            sums, gradients = gradients_of_part(self._members, examples, rows, counts, count)
            parts = (*sums, *gradients)
            return tuple(total + part for total, part in zip(totals, parts, strict=True))

        P = self._members.trial_count
        shapes = [(P,), (P,), *(each.shape for each in self._members.variables)]
        zeros = tuple(ops.zeros(shape, "float32") for shape in shapes)
        totals: Any = ops.fori_loop(0, self._micro_batches, add, zeros)
        loss_P, right_P, *gradients = totals
        return (loss_P, right_P), gradients


def gradients_of_part(
    members: Members, examples: Batch, rows_B: Any, counts_B: Any, count: Any
) -> tuple[tuple[Any, Any], list[Any]]:
    """Sums of losses and of right answers, each (P,), and the share in the batch's gradient.

    Args:
        members: whose.
        examples: all there are.
        rows_B: which of them.
        counts_B: what each counts.
        count: of the batch's examples, of which these are some or all.
    """
    inputs_B = ops.cast(ops.take(examples.inputs, rows_B, axis=0), "float32")
    batch = Batch(inputs_B, ops.take(examples.labels_B, rows_B, axis=0))

    def loss() -> tuple[Any, Any]:
        loss_BP, right_BP = members.loss(batch)
        loss_P, right_P = sums_of(loss_BP, right_BP, counts_B)
        total: Any = ops.sum(loss_P)
        return total / count, (loss_P, right_P)

    return backend.value_and_gradients(loss, members.variables)


def filled_up(
    rows: NDArray[np.int64], batch_size: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """A batch's rows, filled up with one of its own that counts nothing, and what each counts.

    So one compilation serves the last batch of an epoch too.
    """
    padding = batch_size - len(rows)
    counts_B = np.concatenate([np.ones(len(rows)), np.zeros(padding)]).astype(np.float32)
    return np.concatenate([rows, np.repeat(rows[:1], padding)]).astype(np.int32), counts_B


def sums_of(loss_BP: Any, right_BP: Any, counts_B: Any) -> tuple[Any, Any]:
    """Each trial's sums of losses and of right answers, (P,), of the examples that count."""
    return ops.sum(loss_BP * counts_B[:, None], axis=0), ops.sum(
        right_BP * counts_B[:, None], axis=0
    )
