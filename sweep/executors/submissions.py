"""Cohorts that train elsewhere: submitted, followed, and submitted again where they were lost.

In the flow: between an executor that trains on other machines (``ray``) and the runner, which gets
the same stream of events as from ``local``. What broke off is thrown away, here as in the store:
a cohort that is started again begins anew.

**The next limit.** All events go through one driver, which writes each of a cohort's epochs in one
transaction. Measured with 64 Ray workers that return made results at once, on two processors that
both sides shared with others (``tests/benchmarks/ray_driver.py``): the driver takes 13,000 rows a
second (an epoch or the end of a trial), and writes 1,800 of them a second to SQLite; its memory
grows by some 70 MB. So the store is the limit: with seven trials a cohort it takes about 260
epochs of cohorts a second, that is 64 workers whose epochs take a quarter of a second, or 1,000
whose epochs take four. What comes faster waits in the driver's memory, 1.3 kB an epoch of a cohort;
nothing is lost. Beyond that, several epochs would have to share a transaction.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sweep.errors import MissingError
from sweep.planning.cohorts import Cohort, MayBegin, every_one, half, parts
from sweep.planning.events import (
    CohortFailed,
    CohortLost,
    CohortResult,
    CohortStarted,
    CohortTooLarge,
    Event,
)

MAX_ATTEMPTS = 3
"""So many workers may die with a cohort before it is taken to be the cohort's fault."""

PATIENCE_SECONDS = 120.0
"""So long a run waits for nodes when the last that could train a cohort is gone."""

POLL_SECONDS = 10.0


@dataclass(frozen=True)
class Lost:
    """The end of a stream that its worker could not end itself: why, in words."""

    reason: str
    out_of_memory: bool


@dataclass(frozen=True)
class Broken:
    """The end of a stream that ends the run."""

    error: Exception


@dataclass(frozen=True)
class Printed:
    """What a trial's program has printed since the last of these.

    Attributes:
        name: of the file that keeps it.
        data: what it printed.
        is_first: whether it begins the file anew.
    """

    name: str
    data: bytes
    is_first: bool = False


News = Event | Printed | Lost | Broken | None
"""What came on a stream; None at its end."""


class Streams(Protocol):
    """The streams of cohorts under way, by number."""

    def submit(self, number: int, cohort: Cohort) -> None:
        """Let a cohort be trained."""

    def news(self, timeout_seconds: float) -> list[tuple[int, News]]:
        """What has come, with its numbers; nothing if there was none for so long."""
        ...

    def missing_space(self) -> MissingError | None:
        """Why no node can train a cohort; None where one can, now or when it is free."""
        ...


@dataclass
class _Submission:
    """A submitted cohort: of how many trials it was planned, and what became of it so far."""

    cohort: Cohort
    planned_trials: int
    attempt: int = 1
    begin: float = 0.0
    ended: frozenset[str] = frozenset()

    def note(self, event: Event) -> None:
        """Trials end with a result or a failure; another attempt takes that back."""
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


class Submissions:
    """Submits cohorts, passes on their events, and submits again what was lost.

    A cohort that may not begin is dropped when a worker takes it up, and so is all that waits.

    Args:
        streams: of the cohorts that train.
        keep: is given what programs print.
        may_begin: is asked when a worker takes up a cohort.
    """

    def __init__(
        self,
        streams: Streams,
        keep: Callable[[Printed], None] | None = None,
        may_begin: MayBegin = every_one,
    ) -> None:
        self._streams = streams
        self._keep = keep
        self._may_begin = may_begin
        self._open: dict[int, _Submission] = {}
        self._count = 0
        self._space_seen = time.monotonic()

    def train(self, cohorts: Sequence[Cohort]) -> Iterator[Event]:
        """The events of all cohorts, those of several in turn.

        Raises:
            MissingError: for ``PATIENCE_SECONDS`` there was no node that could train a cohort.
        """
        for cohort in cohorts:
            self._submit(_Submission(cohort, len(cohort.trials)))
        while self._open:
            arrived = self._streams.news(POLL_SECONDS)
            if not arrived:
                self._check_space()
            for number, news in arrived:
                yield from self._take(number, news)

    def _submit(self, submission: _Submission) -> None:
        self._open[self._count] = submission
        self._streams.submit(self._count, submission.cohort)
        self._count += 1

    def _take(self, number: int, news: News) -> Iterator[Event]:
        self._space_seen = time.monotonic()
        if isinstance(news, Broken):
            raise news.error
        if number not in self._open:
            return
        if isinstance(news, Printed):
            if self._keep:
                self._keep(news)
            return
        if isinstance(news, Lost):
            yield from self._again(self._open.pop(number), news)
        elif news is None:
            del self._open[number]
        elif isinstance(news, CohortStarted) and self._is_refused(self._open[number]):
            self._open = {n: each for n, each in self._open.items() if each.begin}
        else:
            submission = self._open[number]
            submission.note(news)
            yield _with_plan(news, submission.planned_trials)

    def _is_refused(self, submission: _Submission) -> bool:
        """Whether a worker takes up a cohort that may not begin."""
        return not submission.begin and not self._may_begin(submission.cohort)

    def _again(self, of: _Submission, lost: Lost) -> Iterator[Event]:
        """Submit what has not ended: smaller where memory was short, and not for ever."""
        rest, count = of.rest, len(of.rest.trials)
        if lost.out_of_memory and count > 1:
            yield CohortTooLarge(rest, f"split into {half(count)} + {count - half(count)} trials")
            for part in parts(rest, half(count)):
                self._submit(_Submission(part, of.planned_trials))
        elif count and of.attempt < MAX_ATTEMPTS:
            yield CohortLost(rest, lost.reason)
            self._submit(_Submission(rest, of.planned_trials, of.attempt + 1))
        elif count:
            yield CohortStarted(rest)
            error = f"{of.attempt} workers died with this cohort. The last: {lost.reason}"
            yield CohortFailed(rest, error, time.perf_counter() - of.begin if of.begin else 0.0)

    def _check_space(self) -> None:
        problem = self._streams.missing_space()
        if problem is None:
            self._space_seen = time.monotonic()
        elif time.monotonic() - self._space_seen > PATIENCE_SECONDS:
            raise problem


def _with_plan(event: Event, planned_trials: int) -> Event:
    """A result says of how many trials its cohort was planned, whatever was submitted again."""
    if not isinstance(event, CohortResult):
        return event
    return replace(event, provenance=event.provenance | {"planned_trials": planned_trials})
