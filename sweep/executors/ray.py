"""Trains cohorts on a Ray cluster, each as a task that streams its events back to this driver.

Every task does what ``executors.local`` does with one planned cohort, so a short memory, a failing
optimizer and retries are handled where the cohort trains. What is left for the driver is what only
it can see: a worker or a node that dies. The stream that it broke off is thrown away, and the
cohort is submitted again, for at most ``MOST_ATTEMPTS`` attempts. (Ray's own retries would continue
the stream of the dead worker in the middle; hence ``max_retries=0``.)

The features go once into Ray's object store and from there once to every node, whose workers read
them without a copy. A worker keeps its compiled cohorts for its next tasks.

**Same numbers.** A cohort's numbers are those of a local run on the same kind of machine, whatever
node trains it and in whatever order they end, if it trains with as many threads: by default a
cohort has all processors of its node, as locally. (TensorFlow gave the same bits with 1 to 16
threads, JAX with 2 or more, but others with 1.)

Ray is imported in this module alone, and it only when a run asks for it.
"""

import logging
import os
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sweep.cluster import RayCluster
from sweep.engine import load_keras
from sweep.errors import MissingError, SweepError
from sweep.plan import Cohort, half, parts
from sweep.records import (
    CohortFailed,
    CohortLost,
    CohortResult,
    CohortStarted,
    CohortTooLarge,
    Event,
)
from sweep.training.task import Regime, TrainingData

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_OBJECT_STORE_ALLOW_SLOW_STORAGE", "1")  # little /dev/shm: a file then
import ray
from ray.exceptions import OutOfMemoryError, RayError, RayTaskError, RuntimeEnvSetupError

MOST_ATTEMPTS = 3
"""So many workers may die with a cohort before it is taken to be the cohort's fault."""

PATIENCE_SECONDS = 120.0
"""So long a run waits for nodes when the last that could train a cohort is gone."""

POLL_SECONDS = 10.0
CONNECT_SECONDS = 10.0
STORE_ROOM_BYTES = 256_000_000
"""Of an own cluster's object store, beside the features: for events on their way."""


@dataclass(frozen=True)
class Share:
    """What a cohort gets of its node."""

    cpus: float
    gpus: float

    def fits(self, node: dict[str, Any]) -> bool:
        """Whether the node, as ``ray.nodes`` describes it, has that much in all."""
        resources = node["Resources"]
        return (
            node["Alive"]
            and resources.get("CPU", 0) >= self.cpus
            and resources.get("GPU", 0) >= self.gpus
        )


@dataclass(frozen=True)
class _Work:
    """What every worker must know, but for the features; put into the object store once."""

    labels_N: NDArray[np.uint8]
    train_count: int
    regime: Regime
    backend: str
    share: Share
    cohorts_kept: int
    retries: int
    versions: dict[str, str]


@dataclass(frozen=True)
class _Lost:
    """The end of a stream that its worker could not end itself."""

    reason: str
    out_of_memory: bool


@dataclass(frozen=True)
class _Broken:
    """The end of a stream that ends the run."""

    error: Exception


_News = Event | _Lost | _Broken | None
"""What came on a stream; None at its end."""


def train_on_ray(
    cluster: RayCluster,
    cohorts: Sequence[Cohort],
    data: TrainingData,
    regime: Regime,
    *,
    backend: str,
    cohorts_kept: int,
    retries: int,
) -> Iterator[Event]:
    """The events of all cohorts, those of several in turn.

    When the iteration ends or is closed, nothing of it is left on the cluster.

    Args:
        cluster: where.
        cohorts: what to train.
        data: on what.
        regime: how.
        backend: of Keras, on the workers.
        cohorts_kept: so many compiled cohorts each worker keeps, at least 1.
        retries: how often a cohort is tried again that an exception ended.

    Raises:
        MissingError: there is no such cluster, nothing in it that a cohort fits on, or another
            sweep than this one.
        MemoryShortError: not even the features fit on a node.
    """
    with _connected(cluster, cohorts, data.features_NF.nbytes):
        share = _share(cluster)
        work = _Work(
            data.labels_N,
            data.train_count,
            regime,
            backend,
            share,
            cohorts_kept,
            retries,
            _versions(backend),
        )
        # As a plain array: what is mapped from a file would be copied into every task's message.
        references = [ray.put(work), ray.put(np.asarray(data.features_NF))]
        streams = _RelayedStreams if cluster.address.startswith("ray://") else _Streams
        yield from _Driver(streams(references, share), share).train(cohorts)


class _StreamSource(Protocol):
    """Cohorts under way, by number."""

    def submit(self, number: int, cohort: Cohort) -> None:
        """Let the cluster train the cohort."""

    def news(self, timeout_seconds: float) -> list[tuple[int, _News]]:
        """What has come, with the numbers; nothing if there was none for so long."""
        ...


class _Streams:
    """The streams of the tasks, where this process is part of the cluster."""

    def __init__(self, references: list[Any], share: Share) -> None:
        self._references = references
        options: Any = {"num_cpus": share.cpus, "num_gpus": share.gpus}
        task: Any = ray.remote(num_returns="streaming", max_retries=0, **options)
        self._task = task(_train)
        self._numbers: dict[Any, int] = {}

    def submit(self, number: int, cohort: Cohort) -> None:
        self._numbers[self._task.remote(*self._references, cohort)] = number

    def news(self, timeout_seconds: float) -> list[tuple[int, _News]]:
        streams: list[Any] = list(self._numbers)
        ready, _ = ray.wait(streams, timeout=timeout_seconds)
        if ready:
            ready, _ = ray.wait(streams, num_returns=len(streams), timeout=0)
        return [(self._numbers[stream], self._next(stream)) for stream in ready]

    def _next(self, stream: Any) -> _News:
        news: Any
        try:
            news = ray.get(next(stream))
        except StopIteration:
            news = None
        except RayTaskError as error:
            news = _Broken(_explained(error))
        except RuntimeEnvSetupError as error:
            news = _Broken(_no_environment(error))
        except RayError as error:
            reason = str(error).splitlines()[0].split(". ")[0]
            news = _Lost(reason, isinstance(error, OutOfMemoryError))
        else:
            return news
        del self._numbers[stream]
        return news


class _RelayedStreams:
    """The same, held by an actor on the cluster: through ray:// there are no streams."""

    def __init__(self, references: list[Any], share: Share) -> None:
        actor: Any = ray.remote(num_cpus=0)(_Streams)
        self._actor = actor.remote(references, share)

    def submit(self, number: int, cohort: Cohort) -> None:
        self._actor.submit.remote(number, cohort)

    def news(self, timeout_seconds: float) -> list[tuple[int, _News]]:
        news: Any = ray.get(self._actor.news.remote(timeout_seconds))
        return news


@dataclass
class _Open:
    """A submitted cohort: of how many trials it was planned, and what became of it so far."""

    cohort: Cohort
    planned_trials: int
    attempt: int = 1
    begin: float = 0.0
    ended: frozenset[str] = frozenset()

    def note(self, event: Event) -> None:
        """Trials end with a result or a failure, and a retry takes that back."""
        fingerprints = {trial.fingerprint for trial in event.cohort.trials}
        if isinstance(event, CohortStarted):
            self.begin = time.perf_counter()
            self.ended -= fingerprints
        elif isinstance(event, CohortResult | CohortFailed):
            self.ended |= fingerprints

    @property
    def rest(self) -> Cohort:
        """The trials that have not ended."""
        trials = (trial for trial in self.cohort.trials if trial.fingerprint not in self.ended)
        return replace(self.cohort, trials=tuple(trials))


class _Driver:
    """Submits cohorts, passes their events on, and submits again what was lost."""

    def __init__(self, streams: _StreamSource, share: Share) -> None:
        self._streams = streams
        self._share = share
        self._open: dict[int, _Open] = {}
        self._submitted = 0
        self._last_news = time.monotonic()

    def train(self, cohorts: Sequence[Cohort]) -> Iterator[Event]:
        """The events of all cohorts."""
        for cohort in cohorts:
            self._submit(_Open(cohort, len(cohort.trials)))
        while self._open:
            arrived = self._streams.news(POLL_SECONDS)
            self._check_that_there_are_nodes(bool(arrived))
            for number, news in arrived:
                yield from self._take(number, news)

    def _submit(self, what: _Open) -> None:
        self._open[self._submitted] = what
        self._streams.submit(self._submitted, what.cohort)
        self._submitted += 1

    def _take(self, number: int, news: _News) -> Iterator[Event]:
        if isinstance(news, _Broken):
            raise news.error
        if isinstance(news, _Lost):
            yield from self._again(self._open.pop(number), news)
        elif news is None:
            del self._open[number]
        else:
            self._open[number].note(news)
            yield self._with_plan(news, self._open[number])

    def _with_plan(self, event: Event, of: _Open) -> Event:
        if not isinstance(event, CohortResult):
            return event
        planned = {"planned_trials": of.planned_trials}
        return replace(event, provenance=event.provenance | planned)

    def _again(self, of: _Open, lost: _Lost) -> Iterator[Event]:
        """Submit what has not ended: smaller where memory was short, and not for ever."""
        rest, count = of.rest, len(of.rest.trials)
        if lost.out_of_memory and count > 1:
            yield CohortTooLarge(rest, f"split into {half(count)} + {count - half(count)} trials")
            for part in parts(rest, half(count)):
                self._submit(_Open(part, of.planned_trials))
        elif count and of.attempt < MOST_ATTEMPTS:
            yield CohortLost(rest, lost.reason)
            self._submit(_Open(rest, of.planned_trials, of.attempt + 1))
        elif count:
            yield CohortStarted(rest)
            error = f"{MOST_ATTEMPTS} workers died with this cohort. The last: {lost.reason}"
            yield CohortFailed(rest, error, time.perf_counter() - of.begin if of.begin else 0.0)

    def _check_that_there_are_nodes(self, any_news: bool) -> None:
        now = time.monotonic()
        if any_news or any(self._share.fits(node) for node in ray.nodes()):
            self._last_news = now
        elif now - self._last_news > PATIENCE_SECONDS:
            raise _no_room(self._share)


# In the worker ------------------------------------------------------------------------------------

_trainer: Any = None
"""This worker's ``executors.local.Trainer``, kept from task to task; Ray ends it with the run."""


def _train(work: _Work, features_NF: NDArray[Any], cohort: Cohort) -> Iterator[Event]:
    """The events of one cohort, and where it trains."""
    global _trainer
    if _trainer is None:
        _trainer = _new_trainer(work, features_NF)
    node = {"host": socket.gethostname(), "ray_node": ray.get_runtime_context().get_node_id()}
    where = node["host"] + "".join(f", GPU {number}" for number in ray.get_gpu_ids())
    for event in _trainer.train(cohort, work.retries):
        if isinstance(event, CohortStarted):
            yield replace(event, where=where)
        elif isinstance(event, CohortResult):
            yield replace(event, provenance=event.provenance | node)
        else:
            yield event


def _new_trainer(work: _Work, features_NF: NDArray[Any]) -> Any:
    here = _versions(work.backend)
    if here != work.versions:
        raise MissingError(
            "Every node of the cluster has the same versions as where the run was started.",
            got=f"{here} on {socket.gethostname()}, where the run has {work.versions}",
            remedy="Install the same versions on all nodes.",
        )
    threads = str(max(1, int(work.share.cpus)))
    os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["NPROC"] = threads  # TensorFlow's; JAX's
    if not work.share.gpus:
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    load_keras(work.backend)
    from sweep.executors.local import Trainer

    data = TrainingData(features_NF, work.labels_N, work.train_count)
    return Trainer(data, work.regime, work.cohorts_kept)


def _versions(backend: str) -> dict[str, str]:
    """Of the packages that decide a cohort's numbers."""
    found = {}
    for package in ("sweep", "keras", "numpy", backend):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "none"
    return found


# The cluster --------------------------------------------------------------------------------------


@contextmanager
def _connected(
    cluster: RayCluster, cohorts: Sequence[Cohort], features_bytes: int
) -> Iterator[None]:
    """Connected to the cluster, or with one of the run's own; all its tasks end with it."""
    on_terminate = signal.getsignal(signal.SIGTERM)
    own: dict[str, Any] = {
        "include_dashboard": False,
        "object_store_memory": features_bytes + STORE_ROOM_BYTES,
    }
    try:
        _check_that_something_answers(cluster.address)
        ray.init(
            address=cluster.address,
            runtime_env=_runtime_env(cohorts),
            log_to_driver=False,
            logging_level=logging.ERROR,
            **(own if cluster.is_own else {}),
        )
    except (OSError, RuntimeError, ValueError) as error:
        raise MissingError(
            "A Ray cluster of the same Ray and Python version answers.",
            got=f"{cluster.address}: {error}",
            remedy="Start one with ray start --head and pass --address, or leave --address out.",
        ) from error
    try:
        signal.signal(signal.SIGTERM, on_terminate)  # Ray puts its own in place
        yield
    finally:
        ray.shutdown()


def _check_that_something_answers(address: str) -> None:
    """Ray itself waits for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()


def _runtime_env(cohorts: Sequence[Cohort]) -> dict[str, Any]:
    """Takes along what the current folder has of the modules of optimizers of the user's own."""
    names = {
        cohort.optimizer.algorithm.partition(":")[0].partition(".")[0]
        for cohort in cohorts
        if ":" in cohort.optimizer.algorithm
    }
    places = [place for name in sorted(names) for place in (Path(f"{name}.py"), Path(name))]
    found = [str(place.resolve()) for place in places if place.exists()]
    return {"py_modules": found} if found else {}


def _share(cluster: RayCluster) -> Share:
    """What a cohort gets, as asked for or as the nodes suggest.

    Raises:
        MissingError: no node has that much.
    """
    nodes = [node for node in ray.nodes() if node["Alive"]]
    resources = [node["Resources"] for node in nodes]
    gpus, cpus = cluster.gpus_per_cohort, cluster.cpus_per_cohort
    if gpus is None:
        gpus = float(any(each.get("GPU", 0) >= 1 for each in resources))
    if cpus is None:
        counts = [each["CPU"] for each in resources if each.get("CPU", 0) >= 1]
        cpus = 1.0 if gpus else min(counts, default=1.0)
    share = Share(cpus, gpus)
    if not any(share.fits(node) for node in nodes):
        raise _no_room(share)
    return share


def _no_room(share: Share) -> MissingError:
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    has = [f"{each.get('CPU', 0):g} CPUs and {each.get('GPU', 0):g} GPUs" for each in nodes]
    return MissingError(
        f"A node has {share.cpus:g} CPUs and {share.gpus:g} GPUs for a cohort.",
        got=f"nodes with {', '.join(has) or 'nothing'}",
        remedy="Add a node, or pass other --cpus-per-cohort and --gpus-per-cohort; what was "
        "finished is kept.",
    )


def _explained(error: RayTaskError) -> Exception:
    """What is to be raised here for what was raised in a worker, but not by a cohort's training."""
    cause = getattr(error, "cause", None)
    if isinstance(cause, SweepError):
        return cause
    if isinstance(cause, ImportError):
        return MissingError(
            "Every node of the cluster has sweep installed.",
            got=str(cause),
            remedy="Install the same sweep there as here.",
        )
    return RuntimeError(str(error))


def _no_environment(error: RuntimeEnvSetupError) -> Exception:
    return MissingError(
        "Every node can unpack the modules of optimizers of the user's own.",
        got=str(error).strip().splitlines()[-1],
        remedy="Install the modules on all nodes, or mend what Ray says.",
    )
