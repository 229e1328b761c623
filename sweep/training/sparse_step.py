"""One compiled optimizer step of heads on sparse features, and their prediction.

The first layer is ``sparse_kernel``'s. What follows it is compiled from Keras, and has the first
layer's products, of which it gives the gradient.

Legend: P trials, B batch, N examples, H hidden units, C classes.
"""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from sweep.training import backend
from sweep.training.losses import losses_from_logits, right_from_logits
from sweep.training.predictions import in_batches
from sweep.training.sparse_heads import SparseHeads
from sweep.training.sparse_optimizer import SparseOptimizer
from sweep.training.step import filled_up, sums_of

EVALUATION_BATCH = 128
"""So many examples are evaluated at once."""


class SparseStep:
    """One optimizer step of P trials.

    Args:
        heads: what is trained.
        optimizer: of the heads.
        batch_size: examples a step, at most.
        bits_NF: features in float16, as whole numbers.
        labels_N: classes.
    """

    def __init__(
        self,
        heads: SparseHeads,
        optimizer: SparseOptimizer,
        batch_size: int,
        bits_NF: NDArray[np.uint16],
        labels_N: NDArray[np.int32],
    ) -> None:
        self._heads = heads
        self._optimizer = optimizer
        self._batch_size = batch_size
        self._bits_NF = bits_NF
        self._labels_N = labels_N
        _, P, H = heads.shape
        self._sums = keras.Variable("zeros", shape=(batch_size, P, H), dtype="float32")
        variables = [self._sums, *heads.variables]
        self._compiled = backend.compiled(self._after_sums, [*variables, *optimizer.variables])
        self.train(np.zeros(1, np.int64))  # compiles, so that no trial's time has it in it

    def train(self, rows: NDArray[np.int64]) -> tuple[Any, Any]:
        """One step on these examples: each trial's sums of losses and of right answers, (P,)."""
        rows_B, counts_B = filled_up(rows, self._batch_size)
        sums_PSBW = self._heads.hidden_sums(self._bits_NF, rows_B)
        sums, gradient_PSBW = self._compiled(
            *map(ops.convert_to_tensor, (sums_PSBW, self._labels_N[rows_B], counts_B))
        )
        self._optimizer.update_kernel(
            self._heads.kernel_PSFW, self._bits_NF, rows_B, np.asarray(gradient_PSBW)
        )
        return sums

    def _after_sums(self, sums_PSBW: Any, labels_B: Any, counts_B: Any) -> tuple[Any, Any]:
        """The loss, the update of all but the first layer, and the gradient by its sums."""
        self._sums.assign(self._heads.joined(sums_PSBW))

        sums, (gradient_BPH, *gradients) = gradients_after_sums(
            self._heads, self._sums, labels_B, counts_B
        )
        self._optimizer.apply(gradients)
        return sums, self._heads.in_slices(gradient_BPH)


def gradients_after_sums(
    heads: SparseHeads, sums: keras.Variable, labels_B: Any, counts_B: Any
) -> tuple[tuple[Any, Any], list[Any]]:
    """Sums of losses and of right answers, each (P,), and gradients of the batch's mean loss.

    Args:
        heads: whose.
        sums: the first layer's products, (B, P, H); its gradient is the first.
        labels_B: classes.
        counts_B: what each example counts.
    """

    def loss() -> tuple[Any, Any]:
        logits = heads.output.logits(sums)
        losses = losses_from_logits(logits, labels_B), right_from_logits(logits, labels_B)
        loss_P, right_P = sums_of(*losses, counts_B)
        total: Any = ops.sum(loss_P)
        return total / ops.sum(counts_B), (loss_P, right_P)

    return backend.value_and_gradients(loss, [sums, *heads.variables])


class SparsePredictions:
    """Logits of P trials, so many examples at once that they stay in cache."""

    def __init__(self, heads: SparseHeads, bits_NF: NDArray[np.uint16]) -> None:
        self._heads = heads
        self._bits_NF = bits_NF
        self._batch_size = min(EVALUATION_BATCH, len(bits_NF))
        self._compiled = backend.compiled(self._logits, heads.variables)
        self.logits(np.zeros(1, np.int64))  # compiles, so that no trial's time has it in it

    def logits(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Logits for these examples: (rows, P), or (rows, P, C) for more than two classes."""
        return in_batches(rows, self._batch_size, self._part)

    def _part(self, rows_B: NDArray[np.int32]) -> Any:
        return self._compiled(ops.convert_to_tensor(self._heads.hidden_sums(self._bits_NF, rows_B)))

    def _logits(self, sums_PSBW: Any) -> Any:
        return self._heads.output.logits(self._heads.joined(sums_PSBW))
