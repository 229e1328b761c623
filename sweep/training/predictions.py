"""The compiled prediction of a cohort's members, for evaluation.

Legend: P trials, N examples, C classes.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from sweep.training import backend
from sweep.training.members import Members
from sweep.training.memory import EVALUATION_BATCH


class Predictions:
    """Logits of P members, so many examples at once that they fit where training does.

    Args:
        members: whose.
        inputs_N: of all examples, on the device, in any precision.
        micro_batches: into how many parts training cuts a batch; this takes parts as much smaller.
    """

    def __init__(self, members: Members, inputs_N: Any, micro_batches: int = 1) -> None:
        self._members = members
        self._inputs_N = inputs_N
        self._batch_size = min(max(1, EVALUATION_BATCH // micro_batches), inputs_N.shape[0])
        self._compiled_logits = backend.compiled(self._logits, members.variables)
        self.logits(np.zeros(1, np.int64))  # compiles, so that no trial's time has it in it

    def logits(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Logits for these examples: (rows, P), or (rows, P, C) for more than two classes."""
        return in_batches(
            rows,
            self._batch_size,
            lambda rows_B: self._compiled_logits(self._inputs_N, ops.convert_to_tensor(rows_B)),
        )

    def _logits(self, inputs_N: Any, rows_B: Any) -> Any:
        return self._members.predict(ops.cast(ops.take(inputs_N, rows_B, axis=0), "float32"))


def in_batches(
    rows: NDArray[np.int64], batch_size: int, compute: Callable[[NDArray[np.int32]], Any]
) -> NDArray[np.float32]:
    """What is computed for these examples, of full batches; the last is filled up with some again.

    Args:
        rows: which examples.
        batch_size: examples at once, so that one compilation serves all.
        compute: from the rows of a batch an array, example by example.
    """
    parts = [np.asarray(compute(rows_B)) for rows_B in full_batches(rows, batch_size)]
    return np.concatenate(parts)[: len(rows)]


def full_batches(rows: NDArray[np.int64], batch_size: int) -> Iterator[NDArray[np.int32]]:
    """Examples in batches of one size; the last is filled up with some again."""
    filled = np.resize(rows, -(-len(rows) // batch_size) * batch_size).astype(np.int32)
    for start in range(0, len(filled), batch_size):
        yield filled[start : start + batch_size]
