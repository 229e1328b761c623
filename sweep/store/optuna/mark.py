"""Up to which trial the mirror is known to be in step: a hash of both sides, kept with the mirror.

Under ``study.py``. Comparing every trial in full takes a minute for 100,000; so what was compared
is hashed, ours and Optuna's, and where the hash is still the same nothing of it is compared again.
The database joins the rows to texts, so that few of them become objects here. A mark that is
missing, or that nobody can read, costs time and nothing else. Optuna itself is not needed here: a
run that finds everything as it was does not load it.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
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
ROWS_AT_ONCE = 100_000
"""So many are joined to one text a column: a few MB of it."""
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


def has_mark(connection: Connection, study_id: int, name: str) -> bool:
    """Whether the mirror of a study has a mark that no trial is above; a few milliseconds.

    Args:
        connection: of the transaction.
        study_id: our row.
        name: of the study.
    """
    with suppress(SQLAlchemyError):  # tables that are not there, or another program's
        optuna_id = _mirror_of(connection, name)
        found = NOTHING if optuna_id is None else _stored(connection, optuna_id)
        if optuna_id is not None and found is not NOTHING:
            return (found.trial_id, found.number) == _highest(connection, study_id, optuna_id)
    return False


def is_marked(connection: Connection, study_id: int, name: str, said: str) -> bool:
    """Whether all of the mirror of a study is what it was when it was found to be in step.

    Args:
        connection: of the transaction.
        study_id: our row.
        name: of the study.
        said: from the function of that name.
    """
    if not has_mark(connection, study_id, name):
        return False
    optuna_id = _mirror_of(connection, name)
    return optuna_id is not None and (
        holding_mark(connection, study_id, optuna_id, said) is not NOTHING
    )


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
        found = _stored(connection, optuna_id)
        up_to = found.trial_id, found.number
        if found is NOTHING:
            return NOTHING
        if found.digest == _digest(connection, study_id, optuna_id, said, *up_to):
            return found
    return NOTHING


def _mirror_of(connection: Connection, name: str) -> int | None:
    return connection.scalar(select(STUDIES.c.study_id).where(STUDIES.c.study_name == name))


def _stored(connection: Connection, optuna_id: int) -> Mark:
    """The mirror's mark, whatever it says; ``NOTHING`` where there is none, or nobody reads it."""
    with suppress(ValueError, TypeError):
        stored = connection.scalar(select(ATTRIBUTES.c.value_json).where(*_at(optuna_id)))
        return Mark(**json.loads(stored or ""))
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
            *(training.seconds, training.cohort_id),
        )
        joined = schema.trials.join(schema.trainings)
        yield from _columns(connection, columns, joined, which, trial.number)
        of_trials = select(training.cohort_id).select_from(joined).where(which)
        columns = cohort.cohort_id, cohort.started_at, cohort.ended_at, cohort.error
        origins = schema.cohorts.join(schema.runs).join(schema.studies)
        yield from _columns(
            connection,
            (*columns, schema.studies.c.name),
            origins,
            cohort.cohort_id.in_(of_trials),
            cohort.cohort_id,
        )
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
        yield from _columns(connection, shown, each, which, *shown)
    ids, study = TRIALS.c.trial_id, TRIALS.c.study_id
    first = connection.scalar(select(func.min(ids)).where(study == optuna_id)) or 1
    others = select(ids).where(study != optuna_id, ids.between(first, trial_id))
    are_all = connection.scalar(others.limit(1)) is None
    lowest, highest = (connection.scalar(select(of(ids))) for of in (func.min, func.max))
    is_alone = are_all and (lowest, highest) == (first, trial_id)
    for table in (TRIALS, *PARTS):
        of_study = true() if are_all else table.c.trial_id.not_in(others)
        key, *shown = table.c
        among = true() if is_alone else table.c.trial_id.between(first, trial_id)
        # Two statements: SQLite finds an end at once, and looks at every row for both.
        start, end = (
            connection.scalar(select(of(key)).where(among)) for of in (func.min, func.max)
        )
        # The sum keeps SQLite from an index on the trials: it is much quicker to go through rows
        # in their own order.
        of_trials = and_((table.c.trial_id + 0).between(first, trial_id), of_study)
        for low in range(start or 0, (end or -1) + 1, ROWS_AT_ONCE):
            some = and_(key.between(low, low + ROWS_AT_ONCE - 1), of_trials)
            yield from _columns(connection, shown, table, some, key)


def _columns(
    connection: Connection,
    columns: Sequence[ColumnElement[Any]],
    table: FromClause,
    which: ColumnElement[bool],
    *order: ColumnElement[Any],
) -> Iterator[str]:
    """Each column of some rows as one text, in an order."""
    is_sqlite = connection.dialect.name == "sqlite"
    bare = [type_coerce(column, NullType()) for column in columns]
    # SQLite joins anything as its text; to be told so takes it as long as all else.
    texts = bare if is_sqlite else [cast(column, Text) for column in bare]
    shown = [
        func.coalesce(column, _NULL, type_=Text()).label(f"column_{number}")
        for number, column in enumerate(texts)
    ]
    rows = select(*shown).select_from(table).where(which)
    if not is_sqlite:  # it has one order of its own for the same statement
        rows = rows.order_by(*order)
    found = rows.subquery()
    joined = (func.aggregate_strings(column, "\n") for column in found.c)
    yield from map(str, connection.execute(select(*joined, func.count())).one())
