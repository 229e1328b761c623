"""What rows must hold to be records, beside what the tables' own checks say.

Under ``reading.py``; what is wrong here is told by ``sweep store check`` too.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from sweep.errors import StoreError
from sweep.results.provenance import DatasetInfo
from sweep.results.records import Outcome, TrialRecord
from sweep.study.axis import Point
from sweep.study.study import Study

VALUE_ERRORS = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
UNREADABLE = (*VALUE_ERRORS, SQLAlchemyError)
"""What reading values raises that no version of sweep writes."""


@contextmanager
def readable() -> Iterator[None]:
    """Turn what unreadable values raise into one error with its remedy; a decorator, too."""
    try:
        yield
    except UNREADABLE as error:
        raise StoreError(
            f"the store's rows are not as sweep wrote them: {said(error)}",
            remedy="See what is wrong with `sweep store check`; `sweep store repair` resets what "
            "can be trained again. For the rest, restore a copy.",
        ) from error


def said(error: Exception) -> str:
    """The error in a line."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]:.200}"


def check_account(account: DatasetInfo) -> None:
    """Raise ValueError where a class has no picture in one of the parts."""
    if min(*account.train_counts, *account.valid_counts) < 1:
        raise ValueError(f"a run without pictures: {account.train_counts}, {account.valid_counts}")


def planned_epochs(study: Study, optimizer: str, point: Point) -> int:
    """How many epochs a trial of a study trains."""
    if "epochs" in point and "epochs" not in study.optimizer(optimizer).fixed:
        return int(point["epochs"])
    return study.epochs


def check_epochs(study: Study, trials: Iterable[TrialRecord]) -> None:
    """Raise ValueError where a finished trial has not its epochs, or another has strange ones."""
    for trial in trials:
        planned = planned_epochs(study, trial.optimizer, trial.point)
        epochs = [epoch.epoch for epoch in trial.epochs]
        if trial.outcome is Outcome.COMPLETED:
            is_right = epochs == [*range(planned + 1)]
        elif trial.outcome is Outcome.DIVERGED:
            is_right = epochs == [*range(min(trial.diverged_at_epoch or 0, planned) + 1)]
        else:
            is_right = all(epoch <= planned for epoch in epochs)
        if not is_right:
            state = trial.outcome or "running"
            raise ValueError(f"trial {trial.number}, {state}, has the epochs {epochs!r:.80}")
