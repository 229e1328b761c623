"""What a task fulfils: what a study's trials train on, and what they are judged by.

In the flow: ``runner`` resolves a study to its task before anything is planned, because the task's
key enters every fingerprint; ``executors`` train on what the task loads. Light: Keras is loaded
only by ``load``, and only if something has to be computed.

Legend: N examples (training first), F features.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from sweep.data.by_seed import Rows, SeedSplits, fixed_rows
from sweep.errors import UsageError
from sweep.results.provenance import DatasetInfo, WeightsInfo
from sweep.study.hyperparameters import setting_name
from sweep.study.study import Study
from sweep.util.nearest import did_you_mean
from sweep.util.progress import Progress

EVERY_TASK_HAS = ("learning_rate", "batch_size", "epochs", "warmup.steps", "warmup.share")
"""Hyperparameters of the training itself, beside the optimizers' settings."""


@dataclass(frozen=True)
class Places:
    """Where the user says that things are, and whether they may be downloaded.

    Attributes:
        data: ``--data``: a path, ``dogs-vs-cats``, ``rendered-pets``, or None (find them).
        weights: ``--weights``: a path, ``imagenet``, ``random``, or None (the study's).
        cache: the cache folder.
        download: whether what is missing may be fetched.
    """

    data: str | None
    weights: str | None
    cache: Path
    download: bool = True


@dataclass(frozen=True)
class Sizes:
    """What training takes memory for, by which cohorts are made to fit.

    Attributes:
        examples: of training and validation together.
        data_bytes: of all examples as they are kept.
        example_bytes: of one example in a batch.
        weights_bytes: of the weights of one trial, the largest of those planned.
        activation_bytes: of what all layers of a network put out for one example.
        alone_because: why trials train one by one; None where they train together.
        output_bytes: of the largest of what layers put out for one example.
        libraries_bytes: what a process takes that trains next to nothing; None for that of a head.
        first_layer: what trains that of a head: Keras' operations, or a kernel of ours.
    """

    examples: int
    data_bytes: int
    example_bytes: int
    weights_bytes: int
    activation_bytes: int = 0
    alone_because: str | None = None
    output_bytes: int = 0
    libraries_bytes: int | None = None
    first_layer: Literal["stock", "kernel"] = "stock"


@dataclass(frozen=True)
class TrainingData:
    """What every trial of a study trains on.

    Attributes:
        features_NF: float16 or float32, training pictures first; may be memory-mapped. Where they
            are those of mirror images too, (2N, F), with all of these after all of the others.
        labels_N: the class of each, 0 … ``class_count`` − 1.
        train_count: how many of the N are for training.
        class_count: K, at least two.
        by_seed: which of the N train, where each seed draws its own; else the first do.
    """

    features_NF: NDArray[Any]
    labels_N: NDArray[np.integer]
    train_count: int
    class_count: int = 2
    by_seed: SeedSplits | None = None

    @property
    def have_mirrored(self) -> bool:
        """Whether the features are those of mirror images too."""
        return len(self.features_NF) > len(self.labels_N)

    @property
    def feature_labels(self) -> NDArray[np.integer]:
        """The class of each row of the features: (N,), or (2N,) with mirror images."""
        return np.tile(self.labels_N, 2) if self.have_mirrored else self.labels_N

    def rows(self, seed: int) -> Rows:
        """Which examples a seed trains on, and which it is validated with."""
        if self.by_seed is None:
            return fixed_rows(len(self.labels_N), self.train_count)
        return self.by_seed.rows(seed)

    @property
    def called(self) -> str:
        """What the large array holds, in words."""
        return "features"

    @property
    def large(self) -> NDArray[Any]:
        """The array that takes the memory; see ``with_large``."""
        return self.features_NF

    def with_large(self, array: NDArray[Any]) -> "TrainingData":
        """The same with another one in its place, so that it can travel by itself."""
        return replace(self, features_NF=array)


class Task(Protocol):
    """A study with all that its trials train on: found, and known by its content."""

    @property
    def study(self) -> Study:
        """As it was asked for, or on other data, of which ``notice`` tells."""
        ...

    @property
    def notice(self) -> str | None:
        """What the user should know, if something else was taken than asked for."""
        ...

    @property
    def key(self) -> str:
        """Hash of the dataset, and of all else that defines a training beside its trial."""
        ...

    @property
    def dataset(self) -> DatasetInfo | None:
        """The account of the data; None where only the user's own code knows it."""
        ...

    @property
    def weights(self) -> WeightsInfo | None:
        """The account of the weights that training starts from; None where they are drawn."""
        ...

    @property
    def code(self) -> dict[str, str]:
        """The files of the user's own that it is made of, each with the hash of its content."""
        ...

    def load(self, load_keras: Callable[[], None], progress: Progress) -> Any:
        """What trials train on, as the executor of such a task takes it.

        Args:
            load_keras: is called first if anything has to be computed.
            progress: is told how it goes.
        """
        ...


def check_axes(study: Study, task: str, own: Collection[str]) -> None:
    """Refuse an axis that a task does not have.

    Args:
        study: whose axes.
        task: what the task is, in words.
        own: its hyperparameters beside those that every task has.

    Raises:
        UsageError: it says what there is.
    """
    known = (*EVERY_TASK_HAS, *sorted(own))
    for axis in study.axes:
        if axis.name not in known and setting_name(axis.name) is None:
            raise UsageError(
                f"no hyperparameter {axis.name} in what is trained, {task}"
                f"{did_you_mean(axis.name, known)}",
                remedy=f"Sweep {', '.join(known)}, or a setting of the optimizers as "
                "optimizer.NAME.",
            )
