"""What the tables say, as records."""

from collections.abc import Collection
from itertools import groupby
from operator import itemgetter
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, Connection, Select, case, func, select

from sweep.errors import StoreError
from sweep.results.provenance import Provenance
from sweep.results.records import CohortRecord, EpochRecord, Outcome, RunRecord, TrialRecord
from sweep.results.results import Results
from sweep.store import schema, values
from sweep.study.axis import Point
from sweep.study.study import Study

_PROVENANCE = TypeAdapter(Provenance)


def study_of(definition: dict[str, Any]) -> Study:
    """The study of a stored definition.

    Raises:
        StoreError: a newer sweep stored it.
    """
    try:
        return Study.stored(definition)
    except ValidationError as error:
        raise StoreError(
            "A stored study must be one that this sweep knows.",
            got=str(error),
            remedy="Install the sweep version that stored it, or a newer one.",
        ) from None


def studies(connection: Connection) -> list[tuple[int, Study, float]]:
    """Id, study and accuracy of guessing of every study, in the order of their first runs."""
    rows = connection.execute(
        select(schema.studies.c.study_id, schema.studies.c.definition, schema.runs.c.provenance)
        .join(schema.runs)
        .where(schema.runs.c.run_id.in_(_last_run_ids()))
        .order_by(schema.studies.c.study_id)
    )
    return [
        (study_id, study_of(definition), _provenance(provenance).pictures.baseline)
        for study_id, definition, provenance in rows
    ]


def counts() -> Select:
    """By study: trials completed, diverged, failed without being finished or retried, running."""
    trials, other = schema.trials, schema.trials.alias()
    superseded = (
        select(other.c.trial_id)
        .where(other.c.study_id == trials.c.study_id)
        .where(other.c.fingerprint == trials.c.fingerprint)
        .where(other.c.outcome.is_distinct_from(Outcome.FAILED.value))
        .exists()
    )
    failed = (trials.c.outcome == Outcome.FAILED.value) & ~superseded
    return select(
        trials.c.study_id,
        func.count(case((trials.c.outcome == Outcome.COMPLETED.value, 1))),
        func.count(case((trials.c.outcome == Outcome.DIVERGED.value, 1))),
        func.count(func.distinct(case((failed, trials.c.fingerprint)))),
        func.count(case((trials.c.outcome.is_(None), 1))),
    ).group_by(trials.c.study_id)


def last_runs() -> Select:
    """By study: when its last run began and finished."""
    columns = schema.runs.c
    return select(columns.study_id, columns.started_at, columns.finished_at).where(
        columns.run_id.in_(_last_run_ids())
    )


def _last_run_ids() -> Select:
    return select(func.max(schema.runs.c.run_id)).group_by(schema.runs.c.study_id)


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
    return Results(study, recorded, found, cohorts(connection, study_id))


def version(study_id: int) -> Select:
    """One row that is another one after anything of the study was stored or removed."""
    trials, runs = schema.trials.c, schema.runs.c
    epochs = (
        select(func.count())
        .select_from(schema.epochs.join(schema.trials))
        .where(trials.study_id == study_id)
    )
    last_run = select(func.max(runs.run_id)).where(runs.study_id == study_id)
    last_end = select(func.max(runs.finished_at)).where(runs.study_id == study_id)
    return select(
        func.max(trials.trial_id),
        func.count(),
        func.count(trials.outcome),
        epochs.scalar_subquery(),
        last_run.scalar_subquery(),
        last_end.scalar_subquery(),
    ).where(trials.study_id == study_id)


def runs(connection: Connection, study_id: int) -> tuple[RunRecord, ...]:
    """The study's runs, oldest first."""
    rows = connection.execute(
        select(schema.runs.c.started_at, schema.runs.c.finished_at, schema.runs.c.provenance)
        .where(schema.runs.c.study_id == study_id)
        .order_by(schema.runs.c.run_id)
    )
    return tuple(
        RunRecord(started_at, finished_at, _provenance(provenance))
        for started_at, finished_at, provenance in rows
    )


def _provenance(stored: Any) -> Provenance:
    provenance = _PROVENANCE.validate_python(stored)
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
    epochs = _epochs_by_trial(connection, which)
    rows = connection.execute(
        select(schema.trials, schema.cohorts.c.error)
        .join(schema.cohorts)
        .where(which)
        .order_by(schema.trials.c.number)
    )
    records = tuple(
        TrialRecord(
            number=row.number,
            optimizer=row.optimizer,
            point=Point.of({"learning_rate": row.learning_rate}),
            seed=row.seed,
            fingerprint=row.fingerprint,
            outcome=Outcome(row.outcome) if row.outcome else None,
            diverged_at_epoch=row.diverged_at_epoch,
            seconds=row.seconds,
            error=row.error if row.outcome == Outcome.FAILED else None,
            copied_from=row.copied_from,
            epochs=epochs.get(row.trial_id, ()),
        )
        for row in rows
    )
    for record in records:
        values.check_kinds(record, values.TRIAL)
    return records


def _epochs_by_trial(
    connection: Connection, which: ColumnElement[bool]
) -> dict[int, tuple[EpochRecord, ...]]:
    columns = schema.epochs.c
    rows = connection.execute(
        select(
            columns.trial_id,
            columns.epoch,
            *(columns[figure] for figure in schema.FIGURES),
            columns.not_finite,
        )
        .join(schema.trials)
        .where(which)
        .order_by(columns.trial_id, columns.epoch)
    )
    return {
        trial_id: tuple(schema.epoch_record(row[1:]) for row in group)
        for trial_id, group in groupby(rows, key=itemgetter(0))
    }


def cohorts(connection: Connection, study_id: int) -> tuple[CohortRecord, ...]:
    """The cohorts that trained the study's finished trials, another study's too if copied."""
    trained = (
        select(schema.trials.c.cohort_id)
        .where(schema.trials.c.study_id == study_id)
        .where(schema.trials.c.outcome.in_(schema.FINISHED))
    )
    return cohorts_where(connection, schema.cohorts.c.cohort_id.in_(trained))


def cohorts_where(connection: Connection, which: ColumnElement[bool]) -> tuple[CohortRecord, ...]:
    """Cohorts of any studies, oldest first."""
    columns = schema.cohorts.c
    rows = connection.execute(
        select(
            columns.optimizer,
            columns.seed,
            columns.learning_rates,
            columns.seconds,
            columns.memory_bytes,
            columns.multipliers,
            columns.provenance,
        )
        .where(which)
        .order_by(columns.cohort_id)
    )
    records = tuple(
        CohortRecord(
            optimizer,
            seed,
            tuple(Point.of({"learning_rate": float(rate)}) for rate in learning_rates),
            seconds,
            memory_bytes,
            None if multipliers is None else schema.from_bytes(multipliers)[None],
            provenance,
        )
        for (
            optimizer,
            seed,
            learning_rates,
            seconds,
            memory_bytes,
            multipliers,
            provenance,
        ) in rows
    )
    for record in records:
        values.check_kinds(record, values.COHORT)
    return records
