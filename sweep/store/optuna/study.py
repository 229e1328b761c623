"""The mirror's rows in Optuna's tables: compared with what they should say, and put right.

Works from whatever it finds, so it can be called at any time and any number of times. A study
that was renamed or deleted in the dashboard is made anew; trials and values that somebody edited,
added or removed are put right; notes and attributes that somebody added stay. An Optuna study of
the same name that is no mirror is left alone.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress

from optuna.storages._rdb import models
from optuna.study import StudyDirection
from sqlalchemy import Connection, Table, and_, delete, insert, inspect, select, update

from sweep.results.records import EpochRecord
from sweep.store import reading, schema
from sweep.store.database import Database
from sweep.store.optuna.mark import NOTHING, Mark, holding_mark, made_mark, put_mark, said
from sweep.store.optuna.opening import make_tables
from sweep.store.optuna.rows import (
    INTERMEDIATE_VALUES,
    PARTS,
    MirroredTrial,
    Mirroring,
    intermediate_values,
    naive,
)
from sweep.store.optuna.tables import (
    TRIALS,
    among,
    compare_part,
    compare_trials,
    put_part,
    put_trials,
    remove_trials,
)
from sweep.study.study import Study

TRIALS_AT_ONCE = 500
"""Trials a transaction: bounds its memory and its time, some tens of milliseconds."""

_STUDIES: Table = models.StudyModel.__table__
_DIRECTIONS: Table = models.StudyDirectionModel.__table__
_STUDY_ATTRIBUTES: Table = models.StudyUserAttributeModel.__table__
_STUDY_SYSTEM_ATTRIBUTES: Table = models.StudySystemAttributeModel.__table__
_MADE_BY = {"key": "made_by", "value_json": json.dumps("sweep")}


class OptunaStudy:
    """The Optuna study that mirrors one of ours."""

    def __init__(self, database: Database, study_id: int, study: Study, baseline: float) -> None:
        self._database = database
        self._study_id = study_id
        self._study = study
        self._mirroring = Mirroring(study, baseline)
        self._said = said(study, baseline)
        self._optuna_id: int | None = None
        self._trial_ids: dict[int, int] = {}
        """Optuna's ids by number, of the trials that were brought in step."""

    def catch_up(self, *, in_full: bool = False) -> None:
        """Bring all of it in step.

        What a mark covers, and is what it was, on both sides, is compared ``in_full`` only.

        Raises:
            OptunaTablesError: Optuna does not read its tables in this database.
        """
        make_tables(self._database)
        with self._database.writing() as connection:
            self._optuna_id = self._find(connection) or self._make(connection)
            _put_attribute(connection, self._optuna_id, "question", self._study.question)
        self._trial_ids.clear()
        with self._database.reading() as connection:
            of_both = self._study_id, self._optuna_id, self._said
            known = NOTHING if in_full else holding_mark(connection, *of_both)
            numbers = self._numbers(connection, self._optuna_id, after=known)
            mark = made_mark(connection, *of_both) if numbers else None
        # Rows that are changed now, or by somebody meanwhile, are not those of the mark.
        is_in_step = self._bring_in_step(numbers)
        if mark and is_in_step:
            with self._database.writing() as connection:
                put_mark(connection, self._optuna_id, mark)

    def out_of_step(self) -> int | None:
        """Of how many trials it says something else than it should; None where it is missing.

        Raises:
            ValueError: Optuna has a study of that name that sweep did not make.
        """
        with self._database.reading() as connection:
            optuna_id = self._find(connection)
            if optuna_id is None:
                return None
            numbers = self._numbers(connection, optuna_id, after=NOTHING)
            return sum(self._differing(connection, optuna_id, some) for some in _batches(numbers))

    def follow(self, numbers: Collection[int]) -> None:
        """Bring the trials of these numbers in step, or all if the study has gone."""
        with self._database.reading() as connection:
            found = self._find(connection)
        if found is None:
            self.catch_up()
        else:
            self._bring_in_step(numbers)

    def append(self, epochs: Mapping[int, EpochRecord]) -> None:
        """Add an epoch to each trial of these numbers, which ``follow`` has brought in step.

        Nothing that is there is read, so that an epoch costs the same however many came before.

        Raises:
            LookupError: a trial was not brought in step.
            DBAPIError: somebody has taken a trial away, or added the epoch.
        """
        with self._database.writing() as connection:
            is_same = self._find(connection) == self._optuna_id
            if is_same:
                rows = [
                    {"trial_id": self._trial_ids[number], **INTERMEDIATE_VALUES.row(step, values)}
                    for number, epoch in epochs.items()
                    for step, values in intermediate_values([epoch]).items()
                ]
                connection.execute(insert(INTERMEDIATE_VALUES.table), rows)
        if not is_same:
            self.catch_up()

    def _find(self, connection: Connection) -> int | None:
        return find_mirror(connection, self._study.name)

    def _make(self, connection: Connection) -> int:
        statement = insert(_STUDIES).values(study_name=self._study.name)
        optuna_id = connection.execute(statement.returning(_STUDIES.c.study_id)).scalar_one()
        mine = {"study_id": optuna_id}
        metric = self._study.metric
        which = StudyDirection.MAXIMIZE if metric.more_is_better else StudyDirection.MINIMIZE
        direction = {"direction": which, "objective": 0}
        names = {
            "key": "study:metric_names",
            "value_json": json.dumps([f"validation {metric.name}"]),
        }
        connection.execute(insert(_DIRECTIONS).values(mine | direction))
        connection.execute(insert(_STUDY_ATTRIBUTES).values(mine | _MADE_BY))
        connection.execute(insert(_STUDY_SYSTEM_ATTRIBUTES).values(mine | names))
        return optuna_id

    def _numbers(self, connection: Connection, optuna_id: int, *, after: Mark) -> list[int]:
        """Of the trials on either side that a mark does not cover."""
        trial = schema.trials.c
        ours = select(trial.number).where(
            trial.study_id == self._study_id, trial.number > after.number
        )
        theirs = select(TRIALS.c.number).where(
            TRIALS.c.study_id == optuna_id, TRIALS.c.trial_id > after.trial_id
        )
        return sorted({*connection.scalars(ours), *connection.scalars(theirs)})

    def _differing(self, connection: Connection, optuna_id: int, numbers: Sequence[int]) -> int:
        wanted = self._wanted(connection, numbers)
        kept, changed, unwanted = compare_trials(connection, optuna_id, numbers, wanted)
        differing = wanted.keys() - kept.keys() | {row["number"] for row in changed}
        numbers_by_id = {trial_id: number for number, trial_id in kept.items()}
        for part in PARTS:
            rows = {trial_id: wanted[number].parts[part] for number, trial_id in kept.items()}
            wrong, missing = compare_part(connection, part, rows)
            ids = {*wrong.values(), *(trial_id for trial_id, *_ in missing)}
            differing |= {numbers_by_id[trial_id] for trial_id in ids}
        return len(differing) + len(unwanted)

    def _bring_in_step(self, numbers: Collection[int]) -> bool:
        """Put right what the mirror says of trials; returns whether nothing was wrong."""
        was_right = True
        for some in _batches(sorted(numbers)):
            with self._database.writing() as connection:
                optuna_id = self._find(connection)
                if optuna_id is None:  # somebody has just taken it away
                    return False
                wanted = self._wanted(connection, some)
                trial_ids, are_right = put_trials(connection, optuna_id, some, wanted)
                was_right &= are_right
                self._optuna_id = optuna_id
                self._trial_ids |= trial_ids
                for part in PARTS:
                    rows = {id_: wanted[number].parts[part] for number, id_ in trial_ids.items()}
                    was_right &= put_part(connection, part, rows)
        return was_right

    def _wanted(self, connection: Connection, numbers: Sequence[int]) -> dict[int, MirroredTrial]:
        trial = schema.trials.c
        which = and_(trial.study_id == self._study_id, among(trial.number, numbers))
        trained = schema.trials.join(schema.trainings)
        cohort, cohort_id = schema.cohorts.c, schema.trainings.c.cohort_id
        of_trials = select(cohort_id).select_from(trained).where(which)
        times = {
            id_: (naive(started), ended and naive(ended))
            for id_, started, ended in connection.execute(
                select(cohort.cohort_id, cohort.started_at, cohort.ended_at).where(
                    cohort.cohort_id.in_(of_trials)
                )
            )
        }
        rows = connection.execute(select(trial.number, cohort_id).select_from(trained).where(which))
        cohort_ids = {row.number: row.cohort_id for row in rows}
        return {
            trial.number: self._mirroring.mirrored(trial, *times[cohort_ids[trial.number]])
            for trial in reading.trials_where(connection, which)
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


def remove_mirror(connection: Connection, name: str) -> None:
    """The mirror of the study of this name is no more; an Optuna study that is none stays."""
    with suppress(ValueError):
        optuna_id = find_mirror(connection, name) if has_tables(connection) else None
        if optuna_id is not None:
            trials = select(TRIALS.c.trial_id).where(TRIALS.c.study_id == optuna_id)
            remove_trials(connection, connection.scalars(trials).all())
            for table in (_DIRECTIONS, _STUDY_ATTRIBUTES, _STUDY_SYSTEM_ATTRIBUTES, _STUDIES):
                connection.execute(delete(table).where(table.c.study_id == optuna_id))


def has_tables(connection: Connection) -> bool:
    """Whether Optuna's tables are in this database."""
    return inspect(connection).has_table(TRIALS.name)


def _batches(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), TRIALS_AT_ONCE):
        yield numbers[start : start + TRIALS_AT_ONCE]


def _put_attribute(connection: Connection, optuna_id: int, key: str, value: str) -> None:
    this = (_STUDY_ATTRIBUTES.c.study_id == optuna_id) & (_STUDY_ATTRIBUTES.c.key == key)
    row = {"study_id": optuna_id, "key": key, "value_json": json.dumps(value)}
    if not connection.execute(update(_STUDY_ATTRIBUTES).where(this).values(row)).rowcount:
        connection.execute(insert(_STUDY_ATTRIBUTES).values(row))
