"""Trains cohorts in this process, one after another, and in smaller parts where memory is short.

What does not fit is tried again: first without what is kept for other cohorts, then as two halves
of the cohort, and so on to single trials, then with the batch in 2, 4, 8, … micro-batches. None
of it changes what is computed, but for rounding. What an optimizer's cohorts have come to is kept
for its next seeds. Cohorts of an optimizer that proves to look at variables as a whole are cut into
single trials before they train.

Importing this module loads Keras: the runner does it when there is something to train.
"""

import time
import traceback
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import takewhile

from sweep.errors import MemoryShortError
from sweep.planning.cohorts import Cohort, MayBegin, every_one, half, parts
from sweep.planning.events import CohortFailed, CohortResult, CohortStarted, CohortTooLarge, Event
from sweep.tasks.end_to_end import NetworkData
from sweep.tasks.task import TrainingData
from sweep.training import backend
from sweep.training.loop import CohortTraining
from sweep.training.memory import COMPILED_COHORTS_KEPT
from sweep.training.networks.training import NetworkTraining
from sweep.util.interrupts import raise_if_interrupted


@dataclass(frozen=True)
class _Size:
    """What an optimizer's cohorts have come to: so many trials at most, batches in such parts."""

    trials: int
    micro_batches: int = 1


@dataclass(frozen=True)
class _Failure:
    """Why a cohort did not come to its end."""

    event: CohortFailed
    out_of_memory: bool


def train_cohorts(
    cohorts: Iterable[Cohort],
    data: TrainingData | NetworkData,
    *,
    cohorts_kept: int = COMPILED_COHORTS_KEPT,
    retries: int = 0,
) -> Iterator[Event]:
    """The events of each cohort in turn; an exception fails its cohort, and the next goes on.

    Args:
        cohorts: what to train.
        data: on what.
        cohorts_kept: so many compiled cohorts are kept for the next seed, at least 1.
        retries: how often a cohort is tried again that an exception ended.

    Raises:
        MemoryShortError: not even the features fit.
    """
    yield from Trainer(data, cohorts_kept).train_all(cohorts, retries)


class Trainer:
    """Trains cohorts on the same data; keeps what is compiled, and what it learnt of their sizes.

    Args:
        data: on what.
        cohorts_kept: so many compiled cohorts are kept for the next seed, at least 1.

    Raises:
        MemoryShortError: not even the features fit.
    """

    def __init__(self, data: TrainingData | NetworkData, cohorts_kept: int) -> None:
        self._training = _training(data, cohorts_kept)
        self._sizes: dict[tuple, _Size] = {}

    def train_all(
        self, cohorts: Iterable[Cohort], retries: int, may_begin: MayBegin = every_one
    ) -> Iterator[Event]:
        """The events of each cohort in turn, up to one that may not begin."""
        for cohort in takewhile(may_begin, cohorts):
            yield from self.train(cohort, retries)

    def train(self, cohort: Cohort, retries: int) -> Iterator[Event]:
        """The events of one planned cohort, or of its parts, until all its trials have ended."""
        return _Planned(cohort, self._training, self._sizes).train(retries)


Training = CohortTraining | NetworkTraining


def _training(data: TrainingData | NetworkData, cohorts_kept: int) -> Training:
    try:
        if isinstance(data, NetworkData):
            return NetworkTraining(data, cohorts_kept)
        return CohortTraining(data, cohorts_kept)
    except Exception as error:
        raise_if_interrupted(error)
        if not backend.is_out_of_memory(error):
            raise
        raise MemoryShortError(
            f"{data.large.nbytes / 1e9:.1f} GB of {data.called} do not fit into the memory of "
            "what trains",
            rule="All examples are in memory while a run trains.",
            remedy="Take fewer of them (--pictures), or a machine or accelerator with more memory.",
        ) from error


class _Planned:
    """One cohort as planned, until all its trials have ended."""

    def __init__(self, cohort: Cohort, training: Training, sizes: dict[tuple, _Size]) -> None:
        self._cohort = cohort
        self._key = cohort.config.cohort_key()
        self._training = training
        self._sizes = sizes

    def train(self, retries: int) -> Iterator[Event]:
        """The events of the cohort, or of its parts, each tried again as often as allowed."""
        waiting = [(self._cohort, retries)]
        while waiting:
            cohort, retries_left = waiting.pop()
            *rest, cohort = reversed(list(parts(cohort, self._size.trials)))
            waiting += [(part, retries_left) for part in rest]
            failure = yield from self._attempt(cohort)
            if failure is None:
                continue
            remedy = self._make_space(cohort) if failure.out_of_memory else None
            if remedy:
                yield CohortTooLarge(cohort, remedy)
                waiting.append((cohort, retries_left))
            else:
                yield failure.event
                if retries_left:
                    waiting.append((cohort, retries_left - 1))

    @property
    def _size(self) -> _Size:
        if self._key not in self._sizes:
            is_alone = self._training.alone_because(self._cohort.config) is not None
            self._sizes[self._key] = _Size(1 if is_alone else len(self._cohort.trials))
        return self._sizes[self._key]

    def _attempt(self, cohort: Cohort) -> Generator[Event, None, _Failure | None]:
        begin = time.perf_counter()
        yield CohortStarted(cohort)
        try:
            micro_batches = max(cohort.micro_batches, self._size.micro_batches)
            for event in self._training.train(cohort, micro_batches):
                yield self._with_plan(event) if isinstance(event, CohortResult) else event
        except Exception as error:  # anything may come out of an optimizer of the user's own
            raise_if_interrupted(error)
            seconds = time.perf_counter() - begin
            failed = CohortFailed(cohort, traceback.format_exc(), seconds)
            return _Failure(failed, backend.is_out_of_memory(error))
        return None

    def _with_plan(self, result: CohortResult) -> CohortResult:
        planned = {"planned_trials": len(self._cohort.trials)}
        return replace(result, provenance=result.provenance | planned)

    def _make_space(self, cohort: Cohort) -> str | None:
        """Make the next attempt take less memory: how, in words; None where nothing is left.

        By now the failed attempt's traceback is gone, and with it what held its arrays.
        """
        count, size = len(cohort.trials), self._size
        if self._training.free():
            return "no other compiled cohorts are kept from now on"
        if count > 1:
            size = _Size(half(count))
            remedy = f"split into {half(count)} + {count - half(count)} trials"
        elif 2 * size.micro_batches <= cohort.config.batch_size:
            size = replace(size, micro_batches=2 * size.micro_batches)
            remedy = f"batches in {size.micro_batches} micro-batches"
        else:
            return None
        self._sizes[self._key] = size
        return remedy
