"""What rows must hold to be records, beside what the tables' own checks say.

Under ``reading.py``; what is wrong here is told by ``sweep store check`` too.
"""

from collections.abc import Iterable, Iterator, Sequence
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
    """How many epochs a trial of a study trains; of an imported one, the number of its last."""
    if study.imported is not None:
        return study.epochs
    if "epochs" in point and "epochs" not in study.optimizer(optimizer).fixed:
        return int(point["epochs"])
    return study.epochs


def are_whole(study: Study, epochs: Sequence[int], end: int) -> bool:
    """Whether a finished trial has its epochs: all, or of an imported one those up to its end."""
    if study.imported is None:
        return list(epochs) == [*range(end + 1)]
    return bool(epochs) and epochs[-1] == end


def check_epochs(study: Study, trials: Iterable[TrialRecord]) -> None:
    """Raise ValueError where a finished trial has not its epochs, or another has strange ones."""
    planned: dict[tuple[str, Point], int] = {}
    for trial in trials:
        key = trial.optimizer, trial.point
        if key not in planned:
            planned[key] = planned_epochs(study, *key)
        epochs = [epoch.epoch for epoch in trial.epochs]
        if not _are_right(study, trial, epochs, planned[key]):
            state = trial.outcome or "running"
            raise ValueError(f"trial {trial.number}, {state}, has the epochs {epochs!r:.80}")


def _are_right(study: Study, trial: TrialRecord, epochs: Sequence[int], planned: int) -> bool:
    if trial.outcome is Outcome.COMPLETED:
        return are_whole(study, epochs, planned)
    if trial.outcome is Outcome.DIVERGED:
        return are_whole(study, epochs, min(trial.diverged_at_epoch or 0, planned))
    return all(epoch <= planned for epoch in epochs)
