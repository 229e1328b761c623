"""What a process of a cluster does with a cohort: as ``local`` does, on a share of its node.

In the flow: ``ray`` lets it run on the nodes of a cluster.
"""

import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray

from sweep.errors import MissingError
from sweep.planning.cohorts import Cohort
from sweep.planning.events import CohortResult, CohortStarted, Event
from sweep.tasks.end_to_end import NetworkData
from sweep.tasks.task import TrainingData
from sweep.training.keras_runtime import load_keras, versions


@dataclass(frozen=True)
class Share:
    """What a cohort gets of its node; its threads are as many as its processors."""

    cpus: float
    gpus: float


@dataclass(frozen=True)
class Work:
    """What is the same for all cohorts of a run, but for the large array of its data.

    Attributes:
        data: without its large array.
        backend: of Keras.
        share: what each gets of its node.
        cohorts_kept: so many compiled cohorts are kept for the next seed, at least 1.
        retries: how often a cohort is tried again that an exception ended.
        versions: of what decides numbers, where the run was started.
    """

    data: TrainingData | NetworkData
    backend: str
    share: Share
    cohorts_kept: int
    retries: int
    versions: dict[str, str]


_trainers: list[Any] = []
"""This process's ``local.Trainer``, once there is one. A process of a cluster serves one run."""


def train(
    work: Work, large: NDArray[Any], cohort: Cohort, node: str, gpus: Sequence[Any]
) -> Iterator[Event]:
    """The events of one cohort, and where it trains.

    Args:
        work: of the run.
        large: the data's large array.
        cohort: which.
        node: how the cluster calls this machine.
        gpus: which of its accelerators the cohort has, in part or whole.

    Raises:
        MissingError: other versions are installed here than where the run was started.
        MemoryShortError: not even the features fit.
    """
    if not _trainers:
        _trainers.append(_new_trainer(work, large))
    place = {"host": socket.gethostname(), "node": node}
    where = place["host"] + "".join(f", GPU {number}" for number in gpus)
    for event in _trainers[0].train(cohort, work.retries):
        if isinstance(event, CohortStarted):
            yield replace(event, where=where)
        elif isinstance(event, CohortResult):
            yield replace(event, provenance=event.provenance | place)
        else:
            yield event


def _new_trainer(work: Work, large: NDArray[Any]) -> Any:
    check_versions(work.versions, packages_of(work.backend))
    _keep_to(work.share)
    load_keras(work.backend)
    from sweep.executors.local import Trainer

    return Trainer(work.data.with_large(large), work.cohorts_kept)


def _keep_to(share: Share) -> None:
    """Tell the libraries, before they are loaded."""
    threads = str(max(1, int(share.cpus)))
    os.environ["TF_NUM_INTRAOP_THREADS"] = threads
    os.environ["NUMBA_NUM_THREADS"] = threads
    os.environ["NPROC"] = threads  # XLA's word for it, which JAX has no other option for
    if not share.gpus:
        os.environ["CUDA_VISIBLE_DEVICES"] = ""


def packages_of(backend: str) -> tuple[str, ...]:
    """Those that decide a cohort's numbers."""
    return ("sweep", "keras", "numpy", "numba", backend)


def check_versions(there: Mapping[str, str], packages: Sequence[str]) -> None:
    """Refuse other versions of packages than where the run was started.

    Raises:
        MissingError: they differ.
    """
    here = versions(packages)
    if here != there:
        raise MissingError(
            f"{socket.gethostname()} has other versions, {here}, than where the run was started, "
            f"{there}",
            remedy="Install the same versions on all nodes.",
        )
