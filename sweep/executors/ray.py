"""Trains cohorts on a Ray cluster, each as a task that streams its events back to this driver.

Every task does what ``local`` does with one planned cohort (see ``worker``), so short memory, a
failing optimizer and retries are handled where the cohort trains. What only the driver can see, a
worker or a node that dies, is handled by ``submissions``. (Ray's own retries would continue the
stream of the dead worker in its middle; hence ``max_retries=0``.)

The features go once into Ray's object store and from there once to every node, whose workers read
them without a copy. A worker keeps its compiled cohorts for its next tasks.

**Same numbers.** A cohort's numbers are those of a local run on the same kind of machine, whichever
node trains it and in whatever order they end, if it trains with as many threads: by default a
cohort has all processors of its node, as locally. (TensorFlow gave the same bits with 1 to 16
threads, JAX with 2 and more, but others with 1.)

Ray is imported in this module alone, and it only when a run asks for it. Programs of the user's own
run by ``ray_programs``, which takes the connection and the streams from here.
"""

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from sweep.errors import MissingError, SweepError
from sweep.executors import worker
from sweep.executors.cluster import RayCluster
from sweep.executors.submissions import Broken, Lost, News, Streams, Submissions
from sweep.executors.worker import Share, Work
from sweep.planning.cohorts import Cohort, MayBegin, every_one
from sweep.planning.events import Event
from sweep.study.own_code import own_places
from sweep.tasks.end_to_end import NetworkData
from sweep.tasks.task import TrainingData
from sweep.training.keras_runtime import versions

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_OBJECT_STORE_ALLOW_SLOW_STORAGE", "1")  # little /dev/shm: a file then
import ray
from ray.exceptions import OutOfMemoryError, RayError, RayTaskError, RuntimeEnvSetupError

ON_HEAD = "node:__internal_head__"
"""Ray's resource that only the head has, without which there is no cluster anyway."""

CONNECT_SECONDS = 10.0
CONNECT_TRIES = 3
STORE_SPACE_BYTES = 256_000_000
"""Of an own cluster's object store, beside the features: for events on their way."""


def train_on_ray(
    cluster: RayCluster,
    cohorts: Sequence[Cohort],
    data: TrainingData | NetworkData,
    *,
    backend: str,
    cohorts_kept: int,
    retries: int,
    may_begin: MayBegin = every_one,
) -> Iterator[Event]:
    """The events of all cohorts, those of several in turn.

    When the iteration ends or is closed, nothing of it is left on the cluster.

    Args:
        cluster: where.
        cohorts: what to train.
        data: on what.
        backend: of Keras, on the workers.
        cohorts_kept: so many compiled cohorts each worker keeps, at least 1.
        retries: how often a cohort is tried again that an exception ended.
        may_begin: is asked as each begins; after one that may not, only those under way go on.

    Raises:
        MissingError: there is no such cluster, nothing in it that a cohort fits on, or another
            sweep than this one.
        MemoryShortError: not even the features fit on a node.
    """
    with connected(cluster, _runtime_env(own_modules(cohorts, data)), data.large.nbytes):
        share = share_of(cluster)
        work = Work(
            data=data.with_large(np.empty(0)),
            backend=backend,
            share=share,
            cohorts_kept=cohorts_kept,
            retries=retries,
            versions=versions(worker.packages_of(backend)),
        )
        # As a plain array: one that is mapped from a file would not be shared without a copy.
        streams = streams_of(cluster, _train, [work, np.asarray(data.large)], share)
        yield from Submissions(streams, may_begin=may_begin).train(cohorts)


def streams_of(
    cluster: RayCluster, train: Callable[..., Iterator[Any]], work: Iterable[Any], share: Share
) -> Streams:
    """The streams of tasks on a cluster that this process is connected to.

    Args:
        cluster: which.
        train: the task: takes what is the same for all cohorts, and a cohort; yields its news.
        work: what is the same for all; it goes once into the object store.
        share: what a cohort gets.
    """
    references = [ray.put(each) for each in work]
    from_outside = cluster.address.startswith("ray://")
    return (_RelayedStreams if from_outside else _Streams)(train, references, share)


class _Streams(Streams):
    """The streams of the tasks, where this process is part of the cluster.

    Args:
        train: the task.
        references: to the run's work in the object store.
        share: what a cohort gets.
    """

    def __init__(self, train: Any, references: list[Any], share: Share) -> None:
        self._references = references
        self._share = share
        options: Any = {"num_cpus": share.cpus, "num_gpus": share.gpus}
        self._task: Any = ray.remote(num_returns="streaming", max_retries=0, **options)(train)
        self._numbers: dict[Any, int] = {}

    def submit(self, number: int, cohort: Cohort) -> None:
        self._numbers[self._task.remote(*self._references, cohort)] = number

    def news(self, timeout_seconds: float) -> list[tuple[int, News]]:
        streams: list[Any] = list(self._numbers)
        ready, _ = ray.wait(streams, timeout=timeout_seconds)
        if ready:
            ready, _ = ray.wait(streams, num_returns=len(streams), timeout=0)
        return [(self._numbers[stream], self._next(stream)) for stream in ready]

    def missing_space(self) -> MissingError | None:
        return _missing_space(self._share)

    def _next(self, stream: Any) -> News:
        end: News = None
        try:
            news: Any = ray.get(next(stream))
            return news
        except StopIteration:
            pass
        except (RayTaskError, RuntimeEnvSetupError) as error:
            end = Broken(_explained(error))
        except RayError as error:
            reason = str(error).splitlines()[0].split(". ")[0]
            end = Lost(reason, isinstance(error, OutOfMemoryError))
        del self._numbers[stream]
        return end


class _RelayedStreams(Streams):
    """The same, held by an actor on the cluster: through ray:// Ray has no streams."""

    def __init__(self, train: Any, references: list[Any], share: Share) -> None:
        self._share = share
        actor: Any = ray.remote(num_cpus=0, resources={ON_HEAD: 0.001})(_Streams)
        self._actor = actor.remote(train, references, share)

    def submit(self, number: int, cohort: Cohort) -> None:
        self._actor.submit.remote(number, cohort)

    def news(self, timeout_seconds: float) -> list[tuple[int, News]]:
        news: Any = ray.get(self._actor.news.remote(timeout_seconds))
        return news

    def missing_space(self) -> MissingError | None:
        return _missing_space(self._share)


def _train(work: Work, large: Any, cohort: Cohort) -> Iterator[Event]:
    """The task."""
    yield from worker.train(work, large, cohort, *place_here())


def place_here() -> tuple[str, list[Any]]:
    """Of a task: how the cluster calls its machine, and which accelerators the task has."""
    return ray.get_runtime_context().get_node_id(), ray.get_gpu_ids()


def _explained(error: RayError) -> Exception:
    """What is to be raised here for what no cohort's training raised there."""
    cause = getattr(error, "cause", None)
    if isinstance(cause, SweepError):
        return cause
    if isinstance(cause, ImportError) or isinstance(error, RuntimeEnvSetupError):
        return MissingError(
            "a node of the cluster cannot load sweep or code of your own: "
            f"{str(error).strip().splitlines()[-1]}",
            remedy="Install there what is installed here.",
        )
    return RuntimeError(str(error))


@contextmanager
def connected(
    cluster: RayCluster, runtime_env: dict[str, Any], data_bytes: int = 0
) -> Iterator[None]:
    """Connected to the cluster, or with one of the run's own; all its tasks end with it.

    Args:
        cluster: which.
        runtime_env: what is taken along, as Ray takes it.
        data_bytes: of what goes into the object store.

    Raises:
        MissingError: it does not answer, or is gone.
    """
    own: dict[str, Any] = {
        "include_dashboard": False,
        "object_store_memory": data_bytes + STORE_SPACE_BYTES,
    }
    try:
        _check_that_something_answers(cluster.address)
        with _signals_kept():
            _connect(
                address=cluster.address,
                runtime_env=runtime_env,
                log_to_driver=False,
                logging_level=logging.ERROR,
                **(own if cluster.is_own else {}),
            )
    except (OSError, RuntimeError, ValueError) as error:
        raise MissingError(
            f"no Ray cluster of the same Ray and Python version answers at {cluster.address}: "
            f"{error}",
            remedy="Start one with `ray start --head` and pass --address, or leave --address out.",
        ) from error
    try:
        with _nothing_printed():
            yield
    except (RayError, ConnectionError) as error:
        raise MissingError(
            f"the Ray cluster at {cluster.address} is gone: {str(error).splitlines()[0]}",
            remedy="Run again when it is back; what was finished is kept.",
        ) from error
    finally:
        ray.shutdown()


def _connect(**options: Any) -> None:
    """Asks again where the head's server for this client does not start.

    The head gives each client of ``ray://`` a server with a port of its own, that another cluster
    on the machine may take first; the next one gets another port.
    """
    for _ in range(CONNECT_TRIES - 1):
        try:
            ray.init(**options)
        except ConnectionAbortedError:
            continue
        return
    ray.init(**options)


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Ray puts a handler of its own for SIGTERM in place, where it may: in the main thread."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _nothing_printed() -> Iterator[None]:
    """Ray prints what becomes of workers among our results, whatever ``log_to_driver`` says."""
    name = "print_to_stdstream"
    rays_own: Any = import_module("ray._private.worker")
    printing = getattr(rays_own, name, None)
    setattr(rays_own, name, lambda *_, **__: None)
    try:
        yield
    finally:
        setattr(rays_own, name, printing)


def _check_that_something_answers(address: str) -> None:
    """Ray itself waits for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()


def own_modules(cohorts: Sequence[Cohort], data: TrainingData | NetworkData) -> set[Path]:
    """Where all that is the user's own code lies: files, and folders of packages.

    That is what studies name, and whatever of the user's it imports.
    """
    paths = {path for cohort in cohorts for path in cohort.config.optimizer.paths}
    if isinstance(data, NetworkData):
        paths |= {*data.network.own_paths}
    return {place for path in paths if ":" in path for place in own_places(path)}


def _runtime_env(places: Iterable[Path]) -> dict[str, Any]:
    """Takes along the user's own modules; Ray takes Python files and folders."""
    found = [str(it.resolve()) for it in sorted(places) if it.is_dir() or it.suffix == ".py"]
    return {"py_modules": found} if found else {}


def share_of(cluster: RayCluster) -> Share:
    """What a cohort gets, as asked for or as the nodes suggest.

    Raises:
        MissingError: no node has that much.
    """
    nodes = nodes_of()
    gpus, cpus = cluster.gpus_per_cohort, cluster.cpus_per_cohort
    if gpus is None:
        gpus = float(any(node.gpus >= 1 for node in nodes))
    if cpus is None:
        cpus = 1.0 if gpus else min((node.cpus for node in nodes if node.cpus >= 1), default=1.0)
    share = Share(cpus, gpus)
    problem = _missing_space(share)
    if problem is not None:
        raise problem
    return share


def nodes_of() -> list[Share]:
    """All that each node of the cluster has."""
    resources = (node["Resources"] for node in ray.nodes() if node["Alive"])
    return [Share(each.get("CPU", 0.0), each.get("GPU", 0.0)) for each in resources]


def _missing_space(share: Share) -> MissingError | None:
    nodes = nodes_of()
    if any(node.cpus >= share.cpus and node.gpus >= share.gpus for node in nodes):
        return None
    has = [f"{node.cpus:g} CPUs and {node.gpus:g} GPUs" for node in nodes]
    return MissingError(
        f"no node has {share.cpus:g} CPUs and {share.gpus:g} GPUs for a cohort: the nodes have "
        f"{', '.join(has) or 'nothing'}",
        remedy="Add a node, or pass other --cpus-per-cohort and --gpus-per-cohort; what was "
        "finished is kept.",
    )
