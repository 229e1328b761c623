"""What a run tells whoever shows it to its user.

In the flow: ``runner`` calls a listener; the command line's is ``cli.progress``.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from sweep.planning.events import Event
from sweep.planning.trials import Trial
from sweep.results.account import account_of
from sweep.results.account_words import warnings
from sweep.results.provenance import DatasetInfo
from sweep.study.study import Study

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Planned:
    """What a run has to do by now.

    Attributes:
        study: as it is run.
        trials: all that its design asks for.
        finished: those that were finished before the run.
        copied: those of them that were taken over from other studies.
        trainings: what the others come to, by now; trials of one fingerprint are one training.
        epochs: of all these trainings together.
    """

    study: Study
    trials: int
    finished: int
    copied: int
    trainings: int
    epochs: int


class Listener(Protocol):
    """Whoever shows a run to its user."""

    def progress(self, task: str, done: int, total: int | None, unit: str) -> None:
        """As ``progress.Progress``."""

    def notice(self, text: str) -> None:
        """Something that the user should read before the results."""

    def dataset(self, info: DatasetInfo) -> None:
        """What the run trains on, before it is planned."""

    def planned(self, planned: Planned) -> None:
        """The run begins, or goes on with more, which its design asks for."""

    def event(self, event: Event) -> None:
        """Something was trained, and is stored."""

    def looked(self, text: str) -> None:
        """How seeds are added until all is decided, or what a look at a stage has shown."""


def _log_warnings(info: DatasetInfo) -> None:
    for warning in warnings(account_of(info)):
        _log.warning(warning)


@dataclass
class SilentListener:
    """Shows nothing but what must not be overlooked.

    Attributes:
        warn: shows the warnings about a data set; None logs them.
    """

    warn: Callable[[DatasetInfo], None] | None = None

    def progress(self, task: str, done: int, total: int | None, unit: str) -> None:
        """Show nothing."""

    def notice(self, text: str) -> None:
        """Show nothing."""

    def dataset(self, info: DatasetInfo) -> None:
        """Show the warnings."""
        (self.warn or _log_warnings)(info)

    def planned(self, planned: Planned) -> None:
        """Show nothing."""

    def event(self, event: Event) -> None:
        """Show nothing."""

    def looked(self, text: str) -> None:
        """Show nothing."""


def planned(
    study: Study, trials: Sequence[Trial], finished: Collection[str], copied: int
) -> Planned:
    """A plan in numbers.

    Args:
        study: as it is run.
        trials: all that its design asks for.
        finished: fingerprints that were finished before the run.
        copied: trials that were taken over from other studies.
    """
    missing = [trial for trial in trials if trial.fingerprint not in finished]
    epochs_of = {trial.fingerprint: trial.config.epochs for trial in missing}
    return Planned(
        study,
        trials=len(trials),
        finished=len(trials) - len(missing),
        copied=copied,
        trainings=len(epochs_of),
        epochs=sum(epochs_of.values()),
    )


def count_of(trials: Sequence[Trial], fingerprints: Collection[str]) -> int:
    """Trials that have one of the fingerprints, which several may share."""
    return sum(trial.fingerprint in fingerprints for trial in trials)
