"""The mirror's rows in Optuna's tables: compared with what they should say, and put right.

Works from whatever it finds, so it can be called at any time and any number of times. A study
that was renamed or deleted in the dashboard is made anew; trials and values that somebody edited,
added or removed are put right; notes and attributes that somebody added stay. An Optuna study of
the same name that is no mirror is left alone.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from optuna.storages import RDBStorage
from optuna.storages._rdb import models
from optuna.study import StudyDirection
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    bindparam,
    delete,
    insert,
    inspect,
    select,
    type_coerce,
    update,
)
from sqlalchemy.types import NullType

from sweep.store import reading, schema
from sweep.store.database import Database
from sweep.store.optuna.rows import PARTS, Key, MirroredTrial, Mirroring, Part, Values
from sweep.study.study import Study

TRIALS_AT_ONCE = 500
"""Trials a transaction: bounds its memory and its time, some tens of milliseconds."""

_STUDIES: Table = models.StudyModel.__table__
_DIRECTIONS: Table = models.StudyDirectionModel.__table__
_STUDY_ATTRIBUTES: Table = models.StudyUserAttributeModel.__table__
_STUDY_SYSTEM_ATTRIBUTES: Table = models.StudySystemAttributeModel.__table__
_TRIALS: Table = models.TrialModel.__table__
_BELONGINGS: tuple[Table, ...] = (
    *(part.table for part in PARTS),
    models.TrialSystemAttributeModel.__table__,
    models.TrialHeartbeatModel.__table__,
)
_MADE_BY = {"key": "made_by", "value_json": json.dumps("sweep")}
_METRIC_NAMES = {"key": "study:metric_names", "value_json": json.dumps(["validation accuracy"])}


class OptunaStudy:
    """The Optuna study that mirrors one of ours."""

    def __init__(self, database: Database, study_id: int, study: Study, guessing: float) -> None:
        self._database = database
        self._study_id = study_id
        self._study = study
        self._mirroring = Mirroring(study, guessing)

    def catch_up(self) -> None:
        """Bring all of it in step.

        Raises:
            RuntimeError: Optuna's tables in this database are of another version of Optuna.
        """
        _make_tables(self._database)
        with self._database.writing() as connection:
            optuna_id = self._find(connection) or self._make(connection)
            _put_attribute(connection, optuna_id, "question", self._study.question)
            numbers = self._numbers(connection, optuna_id)
        self._bring_in_step(numbers)

    def out_of_step(self) -> int | None:
        """Of how many trials it says something else than it should; None where it is missing.

        Raises:
            ValueError: Optuna has a study of that name that sweep did not make.
        """
        with self._database.reading() as connection:
            optuna_id = self._find(connection)
            if optuna_id is None:
                return None
            numbers = self._numbers(connection, optuna_id)
            return sum(self._differing(connection, optuna_id, some) for some in _batches(numbers))

    def follow(self, numbers: Collection[int]) -> None:
        """Bring the trials of these numbers in step, or all if the study has gone."""
        with self._database.reading() as connection:
            found = self._find(connection)
        if found is None:
            self.catch_up()
        else:
            self._bring_in_step(numbers)

    def _find(self, connection: Connection) -> int | None:
        return find_mirror(connection, self._study.name)

    def _make(self, connection: Connection) -> int:
        statement = insert(_STUDIES).values(study_name=self._study.name)
        optuna_id = connection.execute(statement.returning(_STUDIES.c.study_id)).scalar_one()
        mine = {"study_id": optuna_id}
        direction = {"direction": StudyDirection.MAXIMIZE, "objective": 0}
        connection.execute(insert(_DIRECTIONS).values(mine | direction))
        connection.execute(insert(_STUDY_ATTRIBUTES).values(mine | _MADE_BY))
        connection.execute(insert(_STUDY_SYSTEM_ATTRIBUTES).values(mine | _METRIC_NAMES))
        return optuna_id

    def _numbers(self, connection: Connection, optuna_id: int) -> list[int]:
        ours = select(schema.trials.c.number).where(schema.trials.c.study_id == self._study_id)
        theirs = select(_TRIALS.c.number).where(_TRIALS.c.study_id == optuna_id)
        return sorted({*connection.scalars(ours), *connection.scalars(theirs)})

    def _differing(self, connection: Connection, optuna_id: int, numbers: Sequence[int]) -> int:
        wanted = self._wanted(connection, numbers)
        kept, changed, unwanted = _compare_trials(connection, optuna_id, numbers, wanted)
        differing = wanted.keys() - kept.keys() | {row["number"] for row in changed}
        numbers_by_id = {trial_id: number for number, trial_id in kept.items()}
        for part in PARTS:
            rows = {trial_id: wanted[number].parts[part] for number, trial_id in kept.items()}
            wrong, missing = _compare_part(connection, part, rows)
            ids = {*wrong.values(), *(row["trial_id"] for row in missing)}
            differing |= {numbers_by_id[trial_id] for trial_id in ids}
        return len(differing) + len(unwanted)

    def _bring_in_step(self, numbers: Collection[int]) -> None:
        for some in _batches(sorted(numbers)):
            with self._database.writing() as connection:
                optuna_id = self._find(connection)
                if optuna_id is None:
                    return
                wanted = self._wanted(connection, some)
                trial_ids = _put_trials(connection, optuna_id, some, wanted)
                for part in PARTS:
                    rows = {id_: wanted[number].parts[part] for number, id_ in trial_ids.items()}
                    _put_part(connection, part, rows)

    def _wanted(self, connection: Connection, numbers: Sequence[int]) -> dict[int, MirroredTrial]:
        times = connection.execute(
            select(schema.trials.c.number, schema.cohorts.c.started_at, schema.cohorts.c.ended_at)
            .join(schema.cohorts)
            .where(schema.trials.c.study_id == self._study_id)
            .where(schema.trials.c.number.in_(numbers))
        )
        times_by_number = {number: (started, ended) for number, started, ended in times}
        return {
            trial.number: self._mirroring.mirrored(trial, *times_by_number[trial.number])
            for trial in reading.trials(connection, self._study_id, numbers)
        }


def find_mirror(connection: Connection, name: str) -> int | None:
    """Optuna's id of the mirror of the study of this name; None where there is none.

    Raises:
        ValueError: Optuna has a study of that name that sweep did not make.
    """
    optuna_id = connection.scalar(select(_STUDIES.c.study_id).where(_STUDIES.c.study_name == name))
    if optuna_id is not None and not connection.scalar(
        select(_STUDY_ATTRIBUTES.c.key)
        .where(_STUDY_ATTRIBUTES.c.study_id == optuna_id)
        .where(_STUDY_ATTRIBUTES.c.key == _MADE_BY["key"])
        .where(_STUDY_ATTRIBUTES.c.value_json == _MADE_BY["value_json"])
    ):
        raise ValueError("Optuna has a study of that name that sweep did not make")
    return optuna_id


def optuna_storage(database: Database) -> RDBStorage:
    """Optuna's own way to its tables, which it makes where they are missing.

    Raises:
        RuntimeError: the tables are of another version of Optuna.
    """
    url = database.url.render_as_string(hide_password=False)
    with database.schema_lock():
        return RDBStorage(
            url.replace("{", "{{").replace("}", "}}"),  # Optuna takes the URL for a template
            engine_kwargs=dict(database.engine_options),
        )


def has_tables(connection: Connection) -> bool:
    """Whether Optuna's tables are in this database."""
    return inspect(connection).has_table(_TRIALS.name)


def _make_tables(database: Database) -> None:
    storage = optuna_storage(database)
    storage.remove_session()
    storage.engine.dispose()


def _batches(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), TRIALS_AT_ONCE):
        yield numbers[start : start + TRIALS_AT_ONCE]


def _put_attribute(connection: Connection, optuna_id: int, key: str, value: str) -> None:
    this = (_STUDY_ATTRIBUTES.c.study_id == optuna_id) & (_STUDY_ATTRIBUTES.c.key == key)
    row = {"study_id": optuna_id, "key": key, "value_json": json.dumps(value)}
    if not connection.execute(update(_STUDY_ATTRIBUTES).where(this).values(row)).rowcount:
        connection.execute(insert(_STUDY_ATTRIBUTES).values(row))


def _put_trials(
    connection: Connection,
    optuna_id: int,
    numbers: Sequence[int],
    wanted: Mapping[int, MirroredTrial],
) -> dict[int, int]:
    """Make the trials' own rows right; returns Optuna's ids by number."""
    kept, changed, unwanted = _compare_trials(connection, optuna_id, numbers, wanted)
    _remove_trials(connection, unwanted)
    if changed:
        connection.execute(update(_TRIALS).where(_TRIALS.c.trial_id == bindparam("this")), changed)
    return kept | _insert_trials(connection, optuna_id, [wanted[n] for n in wanted.keys() - kept])


def _compare_trials(
    connection: Connection,
    optuna_id: int,
    numbers: Sequence[int],
    wanted: Mapping[int, MirroredTrial],
) -> tuple[dict[int, int], list[dict[str, Any]], list[int]]:
    """Optuna's ids by number, the rows of those that must change, and the ids that must go.

    A row keeps its id when it changes: a running dashboard remembers trials by it.
    """
    columns = ("number", "state", "datetime_start", "datetime_complete")
    found = connection.execute(
        select(_TRIALS.c.trial_id, *(_raw(_TRIALS.c[name]) for name in columns))
        .where(_TRIALS.c.study_id == optuna_id, _TRIALS.c.number.in_(numbers))
        .order_by(_TRIALS.c.trial_id)
    ).all()
    kept: dict[int, int] = {}
    changed, unwanted = [], []
    for trial_id, *values in found:
        number = values[0]
        if number not in wanted or number in kept:
            unwanted.append(trial_id)
            continue
        kept[number] = trial_id
        should = [schema.as_text(wanted[number].row[name]) for name in columns]
        if [schema.as_text(value) for value in values] != should:
            changed.append({"this": trial_id, **wanted[number].row})
    return kept, changed, unwanted


def _raw(column: Column) -> ColumnElement:
    """As the database has it: what somebody edited into nonsense can be read too."""
    return type_coerce(column, NullType())


def _insert_trials(
    connection: Connection, optuna_id: int, new: Iterable[MirroredTrial]
) -> dict[int, int]:
    rows = sorted(
        ({"study_id": optuna_id, **trial.row} for trial in new), key=lambda row: row["number"]
    )
    if not rows:
        return {}
    inserted = connection.execute(
        insert(_TRIALS).returning(
            _TRIALS.c.number, _TRIALS.c.trial_id, sort_by_parameter_order=True
        ),
        rows,
    )
    return {row.number: row.trial_id for row in inserted}


def _remove_trials(connection: Connection, trial_ids: Sequence[int]) -> None:
    if trial_ids:
        for table in (*_BELONGINGS, _TRIALS):
            connection.execute(delete(table).where(table.c.trial_id.in_(trial_ids)))


def _put_part(
    connection: Connection, part: Part, wanted: Mapping[int, Mapping[Key, Values]]
) -> None:
    """Make the rows of one part right, for trials by Optuna's id."""
    wrong, missing = _compare_part(connection, part, wanted)
    if wrong:
        connection.execute(delete(part.table).where(part.table.c[part.row_id].in_(wrong)))
    if missing:
        connection.execute(insert(part.table), missing)


def _compare_part(
    connection: Connection, part: Part, wanted: Mapping[int, Mapping[Key, Values]]
) -> tuple[dict[int, int], list[dict[str, Any]]]:
    """The wrong rows, each with its trial's id, and the rows that are missing."""
    found: dict[int, dict[Key, Values]] = defaultdict(dict)
    wrong: dict[int, int] = {}
    columns = (part.row_id, "trial_id", part.key, *part.values)
    for row in connection.execute(
        select(*(_raw(part.table.c[name]) for name in columns)).where(
            part.table.c.trial_id.in_(wanted)
        )
    ):
        row_id, trial_id, key, *rest = list(row)
        values = tuple(rest)
        if wanted[trial_id].get(key) == values:
            found[trial_id][key] = values
        elif part.ours is None or key in part.ours:
            wrong[row_id] = trial_id
    missing: list[dict[str, Any]] = [
        {"trial_id": trial_id, part.key: key, **dict(zip(part.values, values, strict=True))}
        for trial_id, entries in wanted.items()
        for key, values in entries.items()
        if key not in found[trial_id]
    ]
    return wrong, missing
