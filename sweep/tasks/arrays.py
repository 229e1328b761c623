"""Examples as arrays: what a network trains on, built in or the user's own.

``load_examples`` finds the loader of a data set by its name; each loader is a module of ``data``
or a function of the user's own.

Legend: N examples (training first), K classes.
"""

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from sweep.data.by_seed import Rows, SeedSplits, fixed_rows
from sweep.results.provenance import DatasetInfo
from sweep.study.networks import Network
from sweep.study.study import Study
from sweep.tasks.task import Places
from sweep.util.progress import Progress

Part = tuple[NDArray[Any], NDArray[Any]]
"""Inputs and targets, the first dimension of both the examples."""


@dataclass(frozen=True)
class Examples:
    """All examples of a data set.

    Attributes:
        inputs_N: in the type that they were given in, training examples first.
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

    def rows(self, seed: int) -> Rows:
        """Which examples a seed trains on, and which it is validated with."""
        if self.by_seed is None:
            return fixed_rows(len(self.targets_N), self.train_count)
        return self.by_seed.rows(seed)

    @property
    def content_hash(self) -> str:
        """Of inputs, targets and split."""
        return self.account.content_hash


def load_examples(study: Study, network: Network, places: Places, progress: Progress) -> Examples:
    """The examples that a network trains on.

    Raises:
        DataError: they are not here.
        StudyError: the user's function cannot be imported, or does not return what it should.
    """
    raise NotImplementedError
