"""What the tables say, as records.

Between ``schema.py`` and whatever reads: ``store.py``, the mirror, check and transfer.
"""

import math
from collections.abc import Collection
from itertools import groupby
from operator import itemgetter
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, Connection, Row, case, func, select

from sweep.errors import StoreError
from sweep.results.provenance import Provenance
from sweep.results.records import (
    CohortRecord,
    EpochRecord,
    Outcome,
    RepeatRecord,
    RunRecord,
    TrialRecord,
)
from sweep.results.results import Results
from sweep.store import looking, schema, values
from sweep.store.encoding import REPEATS, epoch_record, multiplier_of
from sweep.study.axis import Point
from sweep.study.study import Study

_PROVENANCE = TypeAdapter(Provenance)
_POINT = TypeAdapter(dict[str, float | int])
_REPEATS = TypeAdapter(list[RepeatRecord])


def study_of(definition: dict[str, Any]) -> Study:
    """The study of a stored definition.

    Raises:
        StoreError: a newer sweep stored it.
    """
    try:
        return Study.stored(definition)
    except ValidationError as error:
        raise StoreError(
            f"this sweep does not know a stored study: {error}",
            remedy="Install the sweep version that stored it, or a newer one.",
        ) from None


def studies(connection: Connection) -> list[tuple[int, Study, float]]:
    """Id, study and majority-class baseline of every study, in the order of their first runs."""
    last_runs = select(func.max(schema.runs.c.run_id)).group_by(schema.runs.c.study_id)
    rows = connection.execute(
        select(schema.studies.c.study_id, schema.studies.c.definition, schema.runs.c.provenance)
        .join(schema.runs)
        .where(schema.runs.c.run_id.in_(last_runs))
        .order_by(schema.studies.c.study_id)
    )
    return [
        (study_id, study := study_of(definition), baseline(study, provenance_of(provenance)))
        for study_id, definition, provenance in rows
    ]


def baseline(study: Study, provenance: Provenance) -> float:
    """The majority-class baseline; of an imported study what is said of it, NaN if nothing is."""
    if provenance.pictures is not None:
        return provenance.pictures.baseline
    said = study.imported.guessing if study.imported else None
    return math.nan if said is None else said


def results(connection: Connection, study_id: int, study: Study, *, is_running: bool) -> Results:
    """All of a study; what a dead run has left under way is left out.

    Raises:
        ValueError: rows are not as sweep wrote them; other values raise other errors, all of them
            ``values.UNREADABLE``.
    """
    found = trials(connection, study_id)
    if not is_running:
        found = tuple(trial for trial in found if trial.outcome is not None)
    values.check_epochs(study, found)
    recorded = runs(connection, study_id)
    if not recorded:
        raise ValueError("no run of it is on record")
    return Results(
        study,
        recorded,
        found,
        cohorts(connection, study_id),
        looks=looking.looks(connection, study_id),
        look_design=looking.look_design(connection, study_id),
        repeats=repeats(connection, study_id),
    )


def runs(connection: Connection, study_id: int) -> tuple[RunRecord, ...]:
    """The study's runs, oldest first."""
    rows = connection.execute(
        select(schema.runs.c.started_at, schema.runs.c.finished_at, schema.runs.c.provenance)
        .where(schema.runs.c.study_id == study_id)
        .order_by(schema.runs.c.run_id)
    )
    return tuple(
        RunRecord(started_at, finished_at, provenance_of(provenance))
        for started_at, finished_at, provenance in rows
    )


def provenance_of(stored: Any) -> Provenance:
    """The provenance of a run."""
    provenance = _PROVENANCE.validate_python(stored)
    if provenance.pictures is not None:
        values.check_account(provenance.pictures)
    return provenance


def trials(
    connection: Connection, study_id: int, numbers: Collection[int] | None = None
) -> tuple[TrialRecord, ...]:
    """The study's trials by number: all, or those of the given numbers."""
    which = schema.trials.c.study_id == study_id
    if numbers is not None:
        which &= schema.trials.c.number.in_(numbers)
    return trials_where(connection, which)


def trials_where(connection: Connection, which: ColumnElement[bool]) -> tuple[TrialRecord, ...]:
    """Trials of any studies by number."""
    epochs = _epochs_by_training(connection, which)
    trial, training, origin = schema.trials.c, schema.trainings.c, schema.studies.c
    rows = connection.execute(
        select(
            *(trial.number, trial.optimizer, trial.point, trial.seed),
            *(training.training_id, training.fingerprint, training.outcome),
            *(training.diverged_at_epoch, training.seconds),
            case((training.outcome == Outcome.FAILED.value, schema.cohorts.c.error)).label("error"),
            case((origin.study_id != trial.study_id, origin.name)).label("copied_from"),
        )
        .select_from(schema.trials.join(schema.trainings).join(schema.cohorts).join(schema.runs))
        .join(schema.studies, origin.study_id == schema.runs.c.study_id)
        .where(which)
        .order_by(trial.number)
    )
    return tuple(_trial_record(row, epochs.get(row.training_id, ())) for row in rows)


def _trial_record(row: Row, epochs: tuple[EpochRecord, ...]) -> TrialRecord:
    return TrialRecord(
        number=row.number,
        optimizer=row.optimizer,
        point=point_of(row.point),
        seed=row.seed,
        fingerprint=schema.planned(row.fingerprint),
        outcome=Outcome(row.outcome) if row.outcome else None,
        diverged_at_epoch=row.diverged_at_epoch,
        seconds=row.seconds,
        error=row.error,
        copied_from=row.copied_from,
        epochs=epochs,
    )


def point_of(stored: Any) -> Point:
    """The point of its JSON object."""
    return Point.of(_POINT.validate_python(stored, strict=True))


def _epochs_by_training(
    connection: Connection, which: ColumnElement[bool]
) -> dict[int, tuple[EpochRecord, ...]]:
    columns = schema.epochs.c
    wanted = select(schema.trials.c.training_id).where(which)
    rows = connection.execute(
        select(
            columns.training_id,
            columns.epoch,
            *(columns[figure] for figure in schema.FIGURES),
            columns.not_finite,
        )
        .where(columns.training_id.in_(wanted))
        .order_by(columns.training_id, columns.epoch)
    )
    return {
        training_id: tuple(epoch_record(row[1:]) for row in group)
        for training_id, group in groupby(rows, key=itemgetter(0))
    }


def cohorts(connection: Connection, study_id: int) -> tuple[CohortRecord, ...]:
    """The cohorts that trained the study's finished trials, other studies' cohorts too."""
    trained = (
        select(schema.trainings.c.cohort_id)
        .join(schema.trials)
        .where(schema.trials.c.study_id == study_id)
        .where(schema.trainings.c.outcome.in_(schema.FINISHED))
    )
    return cohorts_where(connection, schema.cohorts.c.cohort_id.in_(trained))


def repeats(connection: Connection, study_id: int) -> tuple[RepeatRecord, ...]:
    """What was trained once more, oldest first (see ``writing.insert_repeat``)."""
    cohort = schema.cohorts.c
    has_trainings = select(schema.trainings.c.training_id).where(
        schema.trainings.c.cohort_id == cohort.cohort_id
    )
    rows = connection.scalars(
        select(cohort.provenance)
        .join(schema.runs)
        .where(schema.runs.c.study_id == study_id, cohort.ended_at.is_not(None))
        .where(cohort.provenance.is_not(None), ~has_trainings.exists())
        .order_by(cohort.cohort_id)
    )
    found = (_REPEATS.validate_python(row.get(REPEATS, [])) for row in rows)
    return tuple(record for records in found for record in records)


def cohorts_where(connection: Connection, which: ColumnElement[bool]) -> tuple[CohortRecord, ...]:
    """Cohorts of any studies, oldest first."""
    columns = schema.cohorts.c
    fingerprints = _fingerprints_by_cohort(connection, which)
    rows = connection.execute(
        select(
            columns.cohort_id,
            *(columns.optimizer, columns.seed, columns.points, columns.seconds),
            *(columns.memory_bytes, columns.multipliers, columns.multiplier_rows),
            columns.provenance,
        )
        .where(which)
        .order_by(columns.cohort_id)
    )
    return tuple(
        CohortRecord(
            optimizer=row.optimizer,
            seed=row.seed,
            points=tuple(map(point_of, row.points)),
            fingerprints=fingerprints.get(row.cohort_id, ()),
            seconds=row.seconds,
            memory_bytes=row.memory_bytes,
            multiplier_PK=multiplier_of(row.multipliers, row.multiplier_rows),
            provenance=row.provenance,
        )
        for row in rows
    )


def _fingerprints_by_cohort(
    connection: Connection, which: ColumnElement[bool]
) -> dict[int, tuple[str, ...]]:
    """Of the trainings of cohorts, in the order in which they were started."""
    training = schema.trainings.c
    rows = connection.execute(
        select(training.cohort_id, training.fingerprint)
        .where(training.cohort_id.in_(select(schema.cohorts.c.cohort_id).where(which)))
        .order_by(training.cohort_id, training.training_id)
    )
    return {
        cohort_id: tuple(schema.planned(row.fingerprint) for row in group)
        for cohort_id, group in groupby(rows, key=itemgetter(0))
    }
