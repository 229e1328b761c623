"""Trains trials by programs of the user's own, each in a process of its own, several at once.

A training function runs in a fresh interpreter, never in a fork: what it imports may not stand one.
Its reports come over a pipe, those of a command over its output, and become events as they come.

**What is kept.** All that a process prints lies in ``reports/outputs/STUDY``, in a file a trial; a
failed trial's error has the last lines of it.

**Nothing is left running.** Every process has a ``supervisor`` that ends it, and what it has
started, when sweep ends, is interrupted or dies.

**Processors.** One trial at a time has the whole machine, as if it were run by hand. Where several
run at once, the libraries are told to take their share of the processors' threads, unless the
user's environment says otherwise. Threads may change how sums are rounded, so their number is kept
with the trial.
"""

import selectors
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sweep.executors.process import Job, Place, Process
from sweep.planning.cohorts import Cohort, MayBegin, every_one, parts
from sweep.planning.events import CohortFailed, CohortStarted, Event
from sweep.planning.trials import Trial
from sweep.tasks.programs import ProgramTask
from sweep.util.machine import processors
from sweep.util.names import file_stem

ONE_AT_A_TIME = 1
"""Workers where nothing is said: only the user knows how many fit on an accelerator."""
POLL_SECONDS = 0.25
SOON_SECONDS = 0.01
"""How often a process is looked after whose reports have ended."""


def train_in_processes(
    cohorts: Sequence[Cohort],
    *,
    task: ProgramTask,
    workers: int | None,
    retries: int,
    outputs: Path,
    may_begin: MayBegin = every_one,
) -> Iterator[Event]:
    """The events of all cohorts on this machine; see ``run_programs``.

    Args:
        cohorts, task, retries: as ``run_programs`` takes them.
        workers: so many trials at once; None for one.
        outputs: what the processes print is in a folder of it, one a study.
        may_begin: as ``run_programs`` takes it.
    """
    workers = workers or ONE_AT_A_TIME
    folder = outputs / file_stem(task.study.name)
    threads = max(1, processors() // workers) if workers > 1 else None
    place = Place(folder, called=folder, threads=threads)
    return run_programs(
        cohorts, task=task, place=place, workers=workers, retries=retries, may_begin=may_begin
    )


def run_programs(
    cohorts: Sequence[Cohort],
    *,
    task: ProgramTask,
    place: Place,
    workers: int,
    retries: int,
    may_begin: MayBegin = every_one,
) -> Generator[Event]:
    """The events of all cohorts, those of several in turn; each trial is its own cohort.

    When the iteration ends or is closed, no process is left.

    Args:
        cohorts: what to train.
        task: by which program.
        place: where it runs.
        workers: so many trials at once.
        retries: how often a trial is tried again that failed.
        may_begin: is asked before each trial; after one that may not begin, none does.

    Raises:
        StudyError: the training function cannot be imported.
        FileError: the output cannot be written.
    """
    waiting = deque((single, retries) for cohort in cohorts for single in parts(cohort, 1))
    retries_left: dict[str, int] = {}
    with _pool(task, place) as pool:
        while waiting or pool.are_running:
            while waiting and pool.count < workers:
                if not may_begin(waiting[0][0]):
                    waiting.clear()
                    break
                cohort, retries_left[_name(cohort)] = waiting.popleft()
                yield CohortStarted(cohort)
                pool.start(cohort)
            for event in pool.events():
                yield event
                left = retries_left[_name(event.cohort)]
                if isinstance(event, CohortFailed) and left:
                    waiting.appendleft((event.cohort, left - 1))


def output_name(trial: Trial) -> str:
    """Of the file of what a trial's program prints."""
    return f"{file_stem(trial.optimizer)}-seed{trial.seed}-{trial.fingerprint[:12]}.txt"


def _name(cohort: Cohort) -> str:
    return cohort.trials[0].fingerprint


class _Pool:
    """The processes that run now."""

    def __init__(self, task: ProgramTask, place: Place) -> None:
        self._task = task
        self._place = place
        self._selector = selectors.DefaultSelector()
        self._running: list[Process] = []

    @property
    def count(self) -> int:
        """How many run."""
        return len(self._running)

    @property
    def are_running(self) -> bool:
        """Whether any does."""
        return bool(self._running)

    def start(self, cohort: Cohort) -> None:
        """Start the process of a trial."""
        trial = cohort.trials[0]
        job = Job(
            program=self._task.program,
            config=self._task.config(trial),
            name=output_name(trial),
            place=self._place,
        )
        process = Process(cohort, job)
        self._running.append(process)
        self._selector.register(process.pipe, selectors.EVENT_READ, process)

    def events(self) -> Iterator[Event]:
        """What has come by now; waits a little where there is nothing."""
        is_soon = any(process.is_closed for process in self._running)
        for key, _ in self._selector.select(SOON_SECONDS if is_soon else POLL_SECONDS):
            process: Process = key.data
            yield from process.read()
            if process.is_closed:
                self._selector.unregister(process.pipe)
        for process in [*self._running]:
            if process.has_ended():
                if not process.is_closed:
                    self._selector.unregister(process.pipe)
                self._running.remove(process)
                yield from process.end()

    def stop(self) -> None:
        """End all processes: asked first, killed where that does not help."""
        for process in self._running:
            process.stop()
        while any(not process.has_ended() for process in self._running):
            time.sleep(SOON_SECONDS)
        for process in self._running:
            process.close()
        self._selector.close()


@contextmanager
def _pool(task: ProgramTask, place: Place) -> Iterator[_Pool]:
    pool = _Pool(task, place)
    try:
        yield pool
    finally:
        pool.stop()
