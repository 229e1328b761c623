"""What rows must hold to be records, beside what the tables' own checks say.

Under ``reading.py``; what is wrong here is told by ``sweep store check`` too.

Legend: K trials, X epochs of all of them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.exc import SQLAlchemyError

from sweep.errors import StoreError
from sweep.results.provenance import DatasetInfo
from sweep.results.records import Outcome
from sweep.results.trials import Courses, Trials
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


def check_epochs(study: Study, trials: Trials) -> None:
    """Raise ValueError where a finished trial has not its epochs, or another has strange ones."""
    outcomes, courses = trials.column("outcome"), trials.courses
    is_finished = {None: False} | {outcome: outcome.is_finished for outcome in Outcome}
    is_finished_K = np.array([*map(is_finished.__getitem__, outcomes)], bool)
    end_K = _ends(study, trials)
    is_right_K = np.where(
        is_finished_K, _are_whole(study, courses, end_K), _are_within(courses, end_K)
    )
    for k in np.flatnonzero(~is_right_K)[:1].tolist():
        epochs, state = [epoch.epoch for epoch in courses[k]], outcomes[k] or "running"
        number = trials.column("number")[k]
        raise ValueError(f"trial {number}, {state}, has the epochs {epochs!r:.80}")


def _ends(study: Study, trials: Trials) -> NDArray[np.int64]:
    """The last epoch that each trial has, or has at most where it is not finished, (K,)."""
    optimizers, points = trials.column("optimizer"), trials.column("point")
    keys = [*zip(optimizers, map(id, points), strict=True)]  # most points are the same objects
    different = dict(zip(keys, points, strict=True))
    planned = {key: planned_epochs(study, key[0], point) for key, point in different.items()}
    end_K = np.array([*map(planned.__getitem__, keys)], np.int64)
    has_diverged_K = np.array([it is Outcome.DIVERGED for it in trials.column("outcome")], bool)
    diverged_at_K = np.array([it or 0 for it in trials.column("diverged_at_epoch")], np.int64)
    return np.where(has_diverged_K, np.minimum(diverged_at_K, end_K), end_K)


def _are_whole(study: Study, courses: Courses, end_K: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which trials have their epochs: all, or where they were imported those up to their ends."""
    if study.imported is not None:
        last_K = np.array(courses.last("epoch"), np.float64)  # NaN where there is none
        return last_K == end_K
    trial_X, values_XF = courses.laid()
    place_X = np.arange(len(trial_X)) - (np.cumsum(courses.counts_K) - courses.counts_K)[trial_X]
    misplaced_K = np.bincount(trial_X, values_XF[:, 0] != place_X, len(end_K))
    return (courses.counts_K == end_K + 1) & (misplaced_K == 0)


def _are_within(courses: Courses, end_K: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which trials have no epoch after their ends."""
    trial_X, values_XF = courses.laid()
    return np.bincount(trial_X, values_XF[:, 0] > end_K[trial_X], len(end_K)) == 0
