"""What a person sees of a run while it goes: how far it is, and what has happened.

In the flow: the runner tells ``RunDisplay`` what happens; ``bars`` and ``console``
print it.
"""

from types import TracebackType
from typing import Self

from rich.text import Text

from sweep.cli.account import show_account
from sweep.cli.bars import Bars, Lines
from sweep.cli.console import notes, show_note, show_panel
from sweep.errors import in_one_line
from sweep.planning.cohorts import Cohort
from sweep.planning.events import (
    CohortFailed,
    CohortLost,
    CohortResult,
    CohortStarted,
    CohortTooLarge,
    EpochResult,
    Event,
)
from sweep.planning.listener import Planned
from sweep.results.provenance import DatasetInfo
from sweep.study.axis import Point

MAX_COHORTS_SHOWN = 2
"""So many of those that train at once are named in the progress."""


class RunDisplay:
    """Shows a run as it goes; a ``runner.Listener`` and a context manager."""

    def __init__(self) -> None:
        self._bars = Bars() if notes.terminal.is_watched else Lines()
        self._planned: Planned | None = None
        self._epochs_done = 0
        self._epoch_of: dict[str, int] = {}
        self._under_way: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def progress(self, task: str, done: int, total: int | None, unit: str) -> None:
        """As ``progress.Progress``."""
        self._bars.update(task, done, total, _amount(done, total, unit))

    def notice(self, text: str) -> None:
        """Something that the user should read before the results."""
        show_panel(notes, "Note", Text(text), "yellow")

    def dataset(self, info: DatasetInfo) -> None:
        """What the run trains on."""
        show_account(info)

    def planned(self, planned: Planned) -> None:
        """The run begins, or goes on with more, which its design asks for."""
        self._planned = planned
        here = f", {planned.finished} of them are in the store" if planned.finished else ""
        taken = f" ({planned.copied} copied from other studies)" if planned.copied else ""
        show_note(f"{planned.study.name}: {planned.trials} trials{here}{taken}")

    def event(self, event: Event) -> None:
        """Something was trained, and is stored."""
        cohort = event.cohort
        members = len(cohort.trials)
        if isinstance(event, CohortStarted):
            self._under_way[_name(cohort)] = f" on {event.where}" if event.where else ""
            self._reached(cohort, 0)
        elif isinstance(event, EpochResult):
            self._reached(cohort, event.epoch)
        else:
            self._under_way.pop(_name(cohort), None)
        if isinstance(event, CohortTooLarge):
            show_note(f"{_name(cohort)}: {members} trials: out of memory; {event.remedy}")
        elif isinstance(event, CohortLost):
            show_note(f"{_name(cohort)}: lost, and to be started again: {event.reason}")
        elif isinstance(event, CohortResult):
            diverged = sum(epoch is not None for epoch in event.diverged_at_epoch_P)
            if diverged:
                show_note(f"{_name(cohort)}: {diverged} of {members} diverged")
        elif isinstance(event, CohortFailed):
            show_note(f"{_name(cohort)}: FAILED: {in_one_line(event.error)}")

    def looked(self, text: str) -> None:
        """How seeds are added until all is decided, or what a look at a stage has shown."""
        show_note(text)

    def _reached(self, cohort: Cohort, epoch: int) -> None:
        """The cohort's trials are that far; what is started again is back at 0."""
        for trial in cohort.trials:
            self._epochs_done += epoch - self._epoch_of.get(trial.fingerprint, 0)
            self._epoch_of[trial.fingerprint] = epoch
        if self._planned is not None:
            self._show_training(self._planned)

    def _show_training(self, planned: Planned) -> None:
        trials = self._epochs_done * planned.trainings // planned.epochs
        shown = [name + where for name, where in self._under_way.items()][:MAX_COHORTS_SHOWN]
        others = len(self._under_way) - len(shown)
        more = f"; and {others} more" if others else ""
        detail = f"{trials} of {planned.trainings} trials, {'; '.join(shown)}{more}"
        self._bars.update("training", self._epochs_done, planned.epochs, detail)


def _name(cohort: Cohort) -> str:
    """What tells a cohort from others: also the values that all its points share."""
    first, *others = cohort.points
    shared = {
        name: value
        for name, value in first.items()
        if all(point[name] == value for point in others)
    }
    of = f", {Point.of(shared)}" if shared else ""
    return f"{cohort.optimizer}, seed {cohort.seed}{of}"


def _amount(done: int, total: int | None, unit: str) -> str:
    if unit == "bytes":
        done, unit = round(done / 1e6), "MB"
        total = None if total is None else round(total / 1e6)
    return f"{done:,} {unit}" if total is None else f"{done:,} of {total:,} {unit}"
