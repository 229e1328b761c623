"""What a run trains, stage by stage: what its design asks for, and what is missing of it.

Under ``runner``, which tells the story.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property, partial

from sweep.analysis.wording import duration
from sweep.designs.design import Design
from sweep.designs.grid import grid
from sweep.executors.executor import Executor
from sweep.planning.budget import Pace
from sweep.planning.cohorts import Cohort, plan_cohorts
from sweep.planning.events import CohortFailed, CohortResult, Event
from sweep.planning.listener import Listener, planned
from sweep.planning.trials import Proposal, Trial, plan_trials
from sweep.results.results import Results
from sweep.store import RunWriter, Store
from sweep.study.study import Study
from sweep.tasks.task import Task
from sweep.training.memory import Fit
from sweep.training.sizes import fit_of


@dataclass(frozen=True)
class Stage:
    """What a design asks for by now.

    Attributes:
        trials: all of it.
        new: what it did not ask for before.
        find_fit: finds how large cohorts may be for it, where something is to train.
    """

    trials: tuple[Trial, ...]
    new: tuple[Trial, ...]
    find_fit: Callable[[], Fit]

    @cached_property
    def fit(self) -> Fit:
        """How large cohorts may be for it."""
        return self.find_fit()

    def cohorts(self, ended: Collection[str]) -> tuple[Cohort, ...]:
        """What is still to train.

        Args:
            ended: fingerprints of what is not.
        """
        if all(trial.fingerprint in ended for trial in self.trials):
            return ()
        return plan_cohorts(self.trials, ended, self.fit.trials)


@dataclass(frozen=True)
class Left:
    """What a budget has left of a run.

    Attributes:
        trials: that are planned by now and were not begun.
        of: how many are planned by now.
        seconds: about how long they take; None where that is not known.
    """

    trials: int
    of: int
    seconds: float | None

    def __str__(self) -> str:
        how_long = "" if self.seconds is None else f", about {duration(self.seconds)}"
        return (
            f"Left: {self.trials:,} of {self.of:,} trials{how_long}; "
            "run the same command without --budget."
        )


@dataclass
class Tally:
    """Fingerprints of what a run trained, and of what failed in it; and how long it trained."""

    trained: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    seconds: float = 0.0

    def add(self, event: Event) -> None:
        """Count the end of a cohort. A retry may finish what has failed."""
        fingerprints = {trial.fingerprint for trial in event.cohort.trials}
        if isinstance(event, CohortResult):
            self.seconds += event.seconds
            self.trained.update(fingerprints)
            self.failed.difference_update(fingerprints)
        elif isinstance(event, CohortFailed):
            self.failed.update(fingerprints)

    def ended(self, finished: Collection[str]) -> set[str]:
        """All that is not to be trained in this run any more.

        Args:
            finished: before it.
        """
        return self.trained | self.failed | {*finished}


def stages(
    store: Store,
    task: Task,
    design: Design,
    stored: Results | None,
    code: Mapping[str, Mapping[str, str]],
    memory_limit_bytes: int | None,
    backend: str,
) -> Iterator[Stage]:
    """What the design asks for, one stage after another, until it asks for nothing new.

    Each is asked for when the one before it is stored.
    """
    known: set[Proposal] = set()
    while True:
        proposals = design(task.study, stored_of(store, task) if known else stored)
        if known.issuperset(proposals):
            return
        trials = plan_trials(task.study, proposals, task.key, code)
        pairs = zip(proposals, trials, strict=True)
        new = tuple(it for proposal, it in pairs if proposal not in known) if known else trials
        stage = Stage(trials, new, partial(fit_of, task, trials, memory_limit_bytes, backend))
        if memory_limit_bytes is not None:
            _ = stage.fit  # a limit to which nothing keeps is refused before anything is written
        yield stage
        if design is grid:  # it proposes the same again
            return
        known.update(proposals)


def stored_of(store: Store, task: Task) -> Results | None:
    """What is stored of the study; None where it was never run."""
    name = task.study.name
    return store.results(name) if store.study(name) else None


def train(
    stage: Stage,
    study: Study,
    executor: Executor,
    writer: RunWriter,
    tally: Tally,
    listener: Listener,
    pace: Pace,
) -> None:
    """Train what is missing of a stage, and store every event.

    A cohort that the budget does not hold is not begun, nor any after it.
    """
    cohorts = stage.cohorts(tally.ended(writer.finished))
    listener.planned(planned(study, stage.trials, writer.finished - tally.trained, writer.copied))
    with closing(executor.train(cohorts, pace.may_begin)) as events:
        for event in events:
            writer.write(event)
            tally.add(event)
            pace.note(event)
            listener.event(event)


def left_of(stage: Stage, ended: Collection[str], pace: Pace) -> Left:
    """What is left of a stage, where a budget ended it.

    Args:
        stage: which.
        ended: fingerprints of what is not to be trained any more.
        pace: how long trainings take.
    """
    trials = sum(trial.fingerprint not in ended for trial in stage.trials)
    return Left(trials, len(stage.trials), pace.expected_seconds(stage.cohorts(ended)))
