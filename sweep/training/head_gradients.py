"""The compiled gradients of a cohort of heads, for what is recorded of them.

In the flow: ``compiled`` makes it for ``recorder``; it reads weights, and assigns none.

Legend: P trials, B batch, F features, H hidden units, M micro-batches a batch, N sampled weights.
"""

import math
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from sweep.training import backend
from sweep.training.gradients import Sample
from sweep.training.members import Batch, Members
from sweep.training.sparse_heads import SparseHeads
from sweep.training.sparse_step import gradients_after_sums
from sweep.training.step import filled_up, gradients_of_part


class HeadGradients:
    """A sample of the gradients of P heads.

    Args:
        members, batch_size, examples, micro_batches: as for ``CohortStep``.
        is_alone: whether it is one trial in variables of plain shapes.
    """

    def __init__(
        self,
        members: Members,
        batch_size: int,
        examples: Batch,
        micro_batches: int = 1,
        *,
        is_alone: bool = False,
    ) -> None:
        self._members, self._examples, self._parts = members, examples, micro_batches
        self._batch_size = micro_batches * math.ceil(batch_size / micro_batches)
        shapes = [variable.shape for variable in members.variables]
        self.sample = Sample(shapes, members.trial_count, is_alone=is_alone)
        self._compiled = backend.evaluation(self._sampled, members.variables)
        self.read(np.zeros(1, np.int64))  # compiles, so that no trial's time has it in it

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Of the mean loss of these examples, (N, P).

        Of micro-batches one after another: gradients of their shares in the loss add up.
        """
        rows_B, counts_B = filled_up(rows, self._batch_size)
        count = ops.convert_to_tensor(counts_B.sum())
        parts = zip(np.split(rows_B, self._parts), np.split(counts_B, self._parts), strict=True)
        total: Any = sum(
            np.asarray(self._compiled(*self._examples, *map(ops.convert_to_tensor, part), count))
            for part in parts
        )
        return total

    def _sampled(self, inputs_N: Any, labels_N: Any, rows_B: Any, counts_B: Any, count: Any) -> Any:
        examples = Batch(inputs_N, labels_N)
        _, gradients = gradients_of_part(self._members, examples, rows_B, counts_B, count)
        return self.sample.of(gradients)


class SparseGradients:
    """A sample of the gradients of P heads on sparse features.

    Args:
        heads, batch_size, bits_NF, labels_N: as for ``SparseStep``.
    """

    def __init__(
        self,
        heads: SparseHeads,
        batch_size: int,
        bits_NF: NDArray[np.uint16],
        labels_N: NDArray[np.int32],
    ) -> None:
        self._heads, self._batch_size = heads, batch_size
        self._bits_NF, self._labels_N = bits_NF, labels_N
        _, P, H = heads.shape
        rest = [variable.shape for variable in heads.variables]
        self.sample = Sample([heads.shape, *rest], P)
        places_NP = self.sample.places[0]
        self._features_N, _, self._units_N = np.unravel_index(places_NP[:, 0], heads.shape)
        self.sample.places[0] = heads.places_in_slices(places_NP)
        self._sums = keras.Variable("zeros", shape=(batch_size, P, H), dtype="float32")
        self._compiled = backend.compiled(self._after_sums, [self._sums, *heads.variables])
        self.read(np.zeros(1, np.int64))  # compiles, so that no trial's time has it in it

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Of the mean loss of these examples, (N, P); those of the first layer's weights first."""
        from sweep.training import sparse_kernel as kernel

        rows_B, counts_B = filled_up(rows, self._batch_size)
        sums_PSBW = self._heads.hidden_sums(self._bits_NF, rows_B)
        gradient_PBH, rest_NP = self._compiled(
            *map(ops.convert_to_tensor, (sums_PSBW, self._labels_N[rows_B], counts_B))
        )
        features_BN = kernel.FLOAT16[self._bits_NF[rows_B][:, self._features_N]]
        first_PN = [
            np.einsum("bn,bn->n", features_BN, gradient_BH[:, self._units_N])
            for gradient_BH in np.asarray(gradient_PBH)
        ]
        return np.concatenate([np.stack(first_PN, axis=1), np.asarray(rest_NP)])

    def _after_sums(self, sums_PSBW: Any, labels_B: Any, counts_B: Any) -> tuple[Any, Any]:
        """The gradient by the first layer's sums, and a sample of the others."""
        self._sums.assign(self._heads.joined(sums_PSBW))
        _, (gradient_BPH, *gradients) = gradients_after_sums(
            self._heads, self._sums, labels_B, counts_B
        )
        return ops.transpose(gradient_BPH, (1, 0, 2)), self.sample.of(gradients, first=1)
