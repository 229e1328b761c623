"""The time that a run may take, and how long what is missing would take. Pure but for the clock."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sweep.planning.cohorts import Cohort
from sweep.planning.events import CohortResult, CohortStarted, EpochResult, Event
from sweep.results.records import Outcome
from sweep.results.results import Results


@dataclass(frozen=True)
class Budget:
    """A time from now on.

    Attributes:
        seconds: how long; infinite where there is no limit.
        clock: seconds that only grow.
    """

    seconds: float = math.inf
    clock: Callable[[], float] = time.monotonic
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_began", self.clock())

    @property
    def used_seconds(self) -> float:
        """Since it began."""
        return self.clock() - self._began

    @property
    def left_seconds(self) -> float:
        """Until its end; 0 after it."""
        return max(self.seconds - self.used_seconds, 0.0)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left."""
        return self.left_seconds == 0


@dataclass
class Pace:
    """Which cohorts a run's budget still holds, by the times that cohorts took.

    A cohort takes as long for each epoch of each of its trials as those of its optimizer took in
    this run, else as those that are stored; where nothing is known of its optimizer, as those of
    all. What is not known at all may begin, while anything is left.

    Attributes:
        budget: the time that the run may take.
        stored: what was trained before.
        is_closed: whether a cohort was refused; after it none begins.
    """

    budget: Budget
    stored: Results | None = None
    is_closed: bool = False
    _taken: dict[str, tuple[float, float]] = field(default_factory=dict)
    _began: dict[tuple[str, ...], float] = field(default_factory=dict)
    _cohort_seconds: float = 0.0
    _busy_seconds: float = 0.0
    _busy_since: float = 0.0

    def note(self, event: Event) -> None:
        """Take the time of a cohort, with all that it takes beside its training."""
        now, key = self.budget.clock(), tuple(it.fingerprint for it in event.cohort.trials)
        if isinstance(event, CohortStarted):
            self._busy_since = self._busy_since if self._began else now
            self._began[key] = now
        elif isinstance(event, EpochResult):
            return
        elif key in self._began:
            seconds = now - self._began.pop(key)
            if not self._began:
                self._busy_seconds += now - self._busy_since
            if isinstance(event, CohortResult):
                self._add(event.cohort, seconds)

    def may_begin(self, cohort: Cohort) -> bool:
        """Whether what is left of the budget holds a cohort, as far as is known."""
        if math.isfinite(self.budget.seconds) and not self.is_closed:
            seconds = self._seconds(cohort) or 0.0
            self.is_closed = self.budget.is_over or seconds > self.budget.left_seconds
        return not self.is_closed

    def holds(self, cohorts: Sequence[Cohort]) -> bool:
        """Whether what is left of the budget holds all of them."""
        seconds = self.expected_seconds(cohorts) or 0.0
        return not self.budget.is_over and seconds <= self.budget.left_seconds

    def expected_seconds(self, cohorts: Sequence[Cohort]) -> float | None:
        """How long they take, as many at once as so far; None where nothing is known."""
        each = [self._seconds(cohort) for cohort in cohorts]
        known = [seconds for seconds in each if seconds is not None]
        if len(known) < len(each):
            return None
        at_once = self._cohort_seconds / self._busy_seconds if self._busy_seconds else 1.0
        return sum(known) / max(at_once, 1.0)

    def _add(self, cohort: Cohort, seconds: float) -> None:
        epochs, before = self._taken.get(cohort.optimizer, (0.0, 0.0))
        self._taken[cohort.optimizer] = epochs + _epochs(cohort), before + seconds
        self._cohort_seconds += seconds

    def _seconds(self, cohort: Cohort) -> float | None:
        """How long a cohort takes by itself; None where nothing is known."""
        for taken in (self._taken, self._taken_before):
            found = taken.get(cohort.optimizer)
            if found:
                return _epochs(cohort) * found[1] / found[0]
        known = [*(self._taken or self._taken_before).values()]
        epochs, seconds = (sum(parts) for parts in zip(*known, strict=True)) if known else (0, 0)
        return _epochs(cohort) * seconds / epochs if epochs else None

    @cached_property
    def _taken_before(self) -> dict[str, tuple[float, float]]:
        """Of each optimizer's completed trials, their epochs and seconds, together."""
        taken: dict[str, tuple[float, float]] = {}
        for trial in self.stored.trials if self.stored else ():
            done = trial.epochs[-1].epoch if trial.epochs else 0
            if trial.outcome is Outcome.COMPLETED and trial.seconds is not None and done:
                epochs, seconds = taken.get(trial.optimizer, (0.0, 0.0))
                taken[trial.optimizer] = epochs + done, seconds + trial.seconds
        return taken


def _epochs(cohort: Cohort) -> int:
    """Of all its trials together."""
    return sum(trial.config.epochs for trial in cohort.trials)
