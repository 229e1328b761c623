"""Up to which trial the mirror is known to be in step: a hash of both sides, kept with the mirror.

Under ``study.py``. Comparing every trial in full takes a minute for 100,000; so what was compared
is hashed, ours and Optuna's, and where the hash is still the same nothing of it is compared again.
The database joins the rows to texts, so that few of them become objects here. A mark that is
missing, or that nobody can read, costs time and nothing else. Optuna itself is not needed here: a
run that finds everything as it was does not load it.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Text,
    and_,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    true,
    type_coerce,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import NullType

from sweep.results.records import FIGURES
from sweep.store import schema
from sweep.store.optuna.named_tables import (
    OF_STUDY,
    PARTS,
    STUDIES,
    TRIALS,
    VERSIONS,
)
from sweep.store.optuna.named_tables import SHOWN_ATTRIBUTES as ATTRIBUTES
from sweep.study.study import Study
from sweep.util.distribution import __version__

TRIALS_AT_ONCE = 20_000
"""Trials whose rows are joined to one text: a few MB of it."""
_KEY = "sweep:in_step"
_NULL = "-"


@dataclass(frozen=True)
class Mark:
    """That a mirror was in step up to a trial.

    Attributes:
        trial_id: Optuna's highest id of a trial then; 0 where it had none.
        number: the highest number of a trial of ours then; -1 where we had none.
        digest: of all rows up to these, and of what else decides what they should say.
    """

    trial_id: int
    number: int
    digest: str


NOTHING = Mark(0, -1, "")
"""The mark of a mirror of which nothing is known."""


def said(study: Study, baseline: float) -> str:
    """All that decides what the mirror shows, beside the trials.

    Args:
        study: as it is stored.
        baseline: the majority-class baseline.
    """
    decides = study.model_dump(mode="json", include={"question", "optimizers", "axes", "seeds"})
    return json.dumps([version("optuna"), baseline, decides])


def is_marked(connection: Connection, study_id: int, name: str, said: str) -> bool:
    """Whether all of the mirror of a study is what it was when it was found to be in step.

    Args:
        connection: of the transaction.
        study_id: our row.
        name: of the study.
        said: from the function of that name.
    """
    with suppress(SQLAlchemyError):  # tables that are not there, or another program's
        ids = select(STUDIES.c.study_id).where(STUDIES.c.study_name == name)
        optuna_id = connection.scalar(ids)
        if optuna_id is not None:
            found = holding_mark(connection, study_id, optuna_id, said)
            return (found.trial_id, found.number) == _highest(connection, study_id, optuna_id)
    return False


def made_mark(connection: Connection, study_id: int, optuna_id: int, said: str) -> Mark | None:
    """The mark of a mirror that is in step now; None where its rows are no texts.

    Args:
        connection: of the transaction.
        study_id: our row.
        optuna_id: the mirror's.
        said: all else that decides what the rows should say.
    """
    highest = _highest(connection, study_id, optuna_id)
    with suppress(SQLAlchemyError):
        return Mark(*highest, _digest(connection, study_id, optuna_id, said, *highest))
    return None


def holding_mark(connection: Connection, study_id: int, optuna_id: int, said: str) -> Mark:
    """The mirror's mark, as far as both sides are still what they were; else ``NOTHING``."""
    with suppress(SQLAlchemyError, ValueError, TypeError):  # whatever somebody has written there
        stored = connection.scalar(select(ATTRIBUTES.c.value_json).where(*_at(optuna_id)))
        found = Mark(**json.loads(stored or ""))
        up_to = found.trial_id, found.number
        if found.digest == _digest(connection, study_id, optuna_id, said, *up_to):
            return found
    return NOTHING


def put_mark(connection: Connection, optuna_id: int, mark: Mark) -> None:
    """Keep a mark, in place of an earlier one."""
    connection.execute(delete(ATTRIBUTES).where(*_at(optuna_id)))
    row = {"study_id": optuna_id, "key": _KEY, "value_json": json.dumps(asdict(mark))}
    connection.execute(insert(ATTRIBUTES).values(row))


def _highest(connection: Connection, study_id: int, optuna_id: int) -> tuple[int, int]:
    """Optuna's highest id of a trial, and our highest number, as in ``Mark``."""
    trial_id = connection.scalar(
        select(func.max(TRIALS.c.trial_id)).where(TRIALS.c.study_id == optuna_id)
    )
    number = connection.scalar(
        select(func.max(schema.trials.c.number)).where(schema.trials.c.study_id == study_id)
    )
    return 0 if trial_id is None else trial_id, -1 if number is None else number


def _at(optuna_id: int) -> tuple[ColumnElement[bool], ...]:
    return ATTRIBUTES.c.study_id == optuna_id, ATTRIBUTES.c.key == _KEY


def _digest(
    connection: Connection, study_id: int, optuna_id: int, said: str, trial_id: int, number: int
) -> str:
    """Hash of the rows of both sides, up to a trial of each."""
    made = hashlib.blake2b(f"{__version__} {said}".encode(), digest_size=16)
    for text in (*_ours(connection, study_id, number), *_theirs(connection, optuna_id, trial_id)):
        made.update(text.encode("utf-8", "surrogatepass"))
    return made.hexdigest()


def _ours(connection: Connection, study_id: int, number: int) -> Iterator[str]:
    """What our tables say of the trials up to a number; of epochs, sums.

    Sums will do for them: nobody but sweep writes there, and it changes no epoch.
    """
    trial, training, cohort = schema.trials.c, schema.trainings.c, schema.cohorts.c
    for start in range(0, number + 1, TRIALS_AT_ONCE):
        which = and_(
            trial.study_id == study_id,
            trial.number.between(start, min(start + TRIALS_AT_ONCE - 1, number)),
        )
        columns = (
            *(trial.number, trial.training_id, trial.optimizer, trial.point, trial.seed),
            *(training.fingerprint, training.outcome, training.diverged_at_epoch),
            *(training.seconds, cohort.cohort_id, cohort.started_at, cohort.ended_at),
            *(cohort.error, schema.studies.c.name),
        )
        joined = (
            schema.trials.join(schema.trainings)
            .join(schema.cohorts)
            .join(schema.runs)
            .join(schema.studies, schema.studies.c.study_id == schema.runs.c.study_id)
        )
        yield _joined(connection, columns, joined, which, trial.number)
        epoch = schema.epochs.c
        sums = [func.count(), func.count(epoch.not_finite), func.sum(epoch.epoch)]
        sums += [func.sum(epoch[figure]) for figure in FIGURES]
        yield str(
            connection.execute(
                select(*sums).where(epoch.training_id.in_(select(trial.training_id).where(which)))
            ).one()
        )


def _theirs(connection: Connection, optuna_id: int, trial_id: int) -> Iterator[str]:
    """What Optuna's tables say of the mirror, of its trials up to an id."""
    for each in (*VERSIONS, *OF_STUDY):
        shown = tuple(each.c)
        which = each.c.study_id == optuna_id if each in OF_STUDY else true()
        yield _joined(connection, shown, each, which, *shown)
    ids = TRIALS.c.trial_id
    first = connection.scalar(select(func.min(ids)).where(TRIALS.c.study_id == optuna_id)) or 1
    for start in range(first, trial_id + 1, TRIALS_AT_ONCE):
        some = start, min(start + TRIALS_AT_ONCE - 1, trial_id)
        which = and_(TRIALS.c.study_id == optuna_id, ids.between(*some))
        yield _joined(connection, tuple(TRIALS.c), TRIALS, which, ids)
        for part in PARTS:
            shown = tuple(part.c)
            of_trials = and_(
                part.c.trial_id.between(*some), part.c.trial_id.in_(select(ids).where(which))
            )
            yield _joined(connection, shown, part, of_trials, *shown[:2])


def _joined(
    connection: Connection,
    columns: tuple[ColumnElement[Any], ...],
    table: FromClause,
    which: ColumnElement[bool],
    *order: ColumnElement[Any],
) -> str:
    """Rows as one text, in an order."""
    shown: ColumnElement[Any] = literal("")
    for column in columns:
        value = type_coerce(column, NullType())
        is_known = not getattr(column, "nullable", True)
        known = value if is_known else func.coalesce(cast(value, Text), _NULL)
        shown = shown.concat(known).concat("|")
    rows = select(shown.label("row")).select_from(table).where(which).order_by(*order).subquery()
    text = connection.scalar(select(func.aggregate_strings(rows.c.row, "\n")))
    return text or ""
