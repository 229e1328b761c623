"""Examples as arrays: inputs and targets of a data set, known by their content.

In the flow: the loaders beside this module make them, and one of ``tasks`` reads those of the
user's own; ``training`` takes its batches from them.

Legend: N examples (training first), K classes.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.data.by_seed import Rows, SeedSplits, fixed_rows
from sweep.results.provenance import DatasetInfo

_CHUNK_BYTES = 1 << 24


@dataclass(frozen=True)
class Examples:
    """All examples of a data set.

    Attributes:
        inputs_N: in the type that they were given in, training examples first; float64 became
            float32. They may be memory-mapped.
        targets_N: whole numbers 0 … K − 1 of classes, or anything that the loss takes.
        train_count: how many of the N are for training.
        class_count: K; None where targets are no classes.
        account: what it is, with the hash of its content.
        by_seed: which of the N train, where each seed draws its own; else the first do.
    """

    inputs_N: NDArray[Any] = field(repr=False)
    targets_N: NDArray[Any] = field(repr=False)
    train_count: int
    class_count: int | None
    account: DatasetInfo
    by_seed: SeedSplits | None = None

    @property
    def content_hash(self) -> str:
        """Of inputs, targets and split."""
        return self.account.content_hash

    def rows(self, seed: int) -> Rows:
        """Which examples a seed trains on, and which it is validated with."""
        if self.by_seed is None:
            return fixed_rows(len(self.targets_N), self.train_count)
        return self.by_seed.rows(seed)


def examples_of(
    inputs_N: NDArray[Any],
    targets_N: NDArray[Any],
    train_count: int,
    *,
    name: str,
    source: str,
    class_names: Sequence[str] = (),
    are_pictures: bool = False,
) -> Examples:
    """Examples with the account of them.

    Args:
        inputs_N, targets_N, train_count: as in ``Examples``.
        name, source: as in ``DatasetInfo``.
        class_names: of classes 0 … K − 1; empty where targets are no classes.
        are_pictures: whether examples are called pictures.

    Example:
        >>> inputs, targets = np.zeros((4, 2), np.float32), np.array([0, 1, 1, 0])
        >>> made = examples_of(inputs, targets, 3, name="mine", source="?", class_names="ab")
        >>> made.account.train_counts, made.account.valid_counts, made.class_count
        ((1, 2), (1, 0), 2)
    """
    parts = targets_N[:train_count], targets_N[train_count:]
    if class_names:
        counts = [np.bincount(part, minlength=len(class_names)).tolist() for part in parts]
    else:
        counts = [[len(part)] for part in parts]
    account = DatasetInfo(
        name=name,
        source=source,
        class_names=tuple(class_names),
        train_counts=tuple(counts[0]),
        valid_counts=tuple(counts[1]),
        skipped=(),
        content_hash=content_hash(inputs_N, targets_N, train_count),
        are_pictures=are_pictures,
    )
    return Examples(inputs_N, targets_N, train_count, len(class_names) or None, account)


def content_hash(inputs_N: NDArray[Any], targets_N: NDArray[Any], train_count: int) -> str:
    """Hash of all numbers, their types and shapes, and the split: 32 hexadecimal digits."""
    hashed = hashlib.sha256(f"{train_count} to train on".encode())
    for array in (inputs_N, targets_N):
        hashed.update(f"\n{array.dtype.str} {array.shape}\n".encode())
        rows = max(1, _CHUNK_BYTES * len(array) // max(1, array.nbytes))
        for start in range(0, len(array), rows):
            hashed.update(np.ascontiguousarray(array[start : start + rows]).data)
    return hashed.hexdigest()[:32]
