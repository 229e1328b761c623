"""What a run writes of trials, cohorts and trainings, a statement or two at a time.

``writer.py`` says when. Each function can be repeated, because it may be: rows have keys (a cohort
its number within the run, a training its cohort and fingerprint, a trial its number within the
study, an epoch its training and number), and what is there already is left as it is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, insert, select, update

from sweep.planning.cohorts import Cohort
from sweep.planning.events import CohortFailed
from sweep.planning.repeats import Repeat
from sweep.planning.trials import Trial
from sweep.results.gradients import GradientStep
from sweep.results.records import EpochRecord, Outcome
from sweep.store import schema
from sweep.store.encoding import FAILED_REPEATS, REPEATS, epoch_row, gradient_row
from sweep.store.inserting import insert_missing
from sweep.study.axis import Point
from sweep.study.study import Study

Identity = tuple[str, Point, int]
"""What tells a study's trials apart: optimizer, point and seed."""


@dataclass(frozen=True)
class TrialRow:
    """A trial of a study that gets a row: its number, and which training it refers to."""

    trial: Trial
    number: int
    training_id: int


def identity(trial: Trial, study: Study) -> Identity:
    """With the point's values in the order of the study's axes."""
    return next(identities([trial], study))


def identities(trials: Iterable[Trial], study: Study) -> Iterator[Identity]:
    """As ``identity``, of many trials; each different point is put in order once."""
    names = [axis.name for axis in study.axes]
    # Trials share the objects of their points; one's id is no other's as long as it is kept here.
    ordered: dict[int, tuple[Point, Point]] = {}
    for trial in trials:
        known = ordered.get(id(trial.point))
        if known is None:
            point = Point.of({name: trial.point[name] for name in names})
            known = ordered[id(trial.point)] = trial.point, point
        yield trial.optimizer, known[1], trial.seed


def insert_trials(
    connection: Connection, study_id: int, study: Study, rows: Iterable[TrialRow]
) -> None:
    """The rows of trials."""
    rows = tuple(rows)
    of_rows = identities((row.trial for row in rows), study)
    values = [
        {
            "study_id": study_id,
            "number": row.number,
            "training_id": row.training_id,
            "optimizer": optimizer,
            "point": dict(point),
            "seed": seed,
        }
        for row, (optimizer, point, seed) in zip(rows, of_rows, strict=True)
    ]
    _insert_missing(connection, schema.trials, values)


def find_cohort(connection: Connection, run_id: int, number: int) -> int | None:
    """The id of a run's cohort of this number, if it was written before."""
    columns = schema.cohorts.c
    return connection.scalar(
        select(columns.cohort_id).where(columns.run_id == run_id, columns.number == number)
    )


def insert_cohort(connection: Connection, run_id: int, number: int, cohort: Cohort) -> int:
    """A cohort's row, as it begins; returns its id."""
    statement = insert(schema.cohorts).values(
        run_id=run_id,
        number=number,
        optimizer=cohort.optimizer,
        seed=cohort.seed,
        points=[dict(point) for point in cohort.points],
        started_at=datetime.now(UTC),
    )
    return connection.execute(statement.returning(schema.cohorts.c.cohort_id)).scalar_one()


def insert_repeat(
    connection: Connection,
    run_id: int,
    number: int,
    repeat: Repeat | CohortFailed,
    started_at: datetime,
) -> None:
    """What was trained once more: a cohort without trainings, so no trial can refer to it."""
    if find_cohort(connection, run_id, number) is not None:
        return
    ended = repeat.result if isinstance(repeat, Repeat) else repeat
    connection.execute(
        insert(schema.cohorts).values(
            run_id=run_id,
            number=number,
            optimizer=ended.cohort.optimizer,
            seed=ended.cohort.seed,
            points=[],
            started_at=started_at,
            ended_at=datetime.now(UTC),
            seconds=ended.seconds,
            **_end_of(repeat),
        )
    )


def _end_of(repeat: Repeat | CohortFailed) -> dict[str, Any]:
    """What tells a repeat that came to its end from one that failed."""
    if isinstance(repeat, CohortFailed):
        fingerprints = [trial.fingerprint for trial in repeat.cohort.trials]
        return {"error": repeat.error, "provenance": {FAILED_REPEATS: fingerprints}}
    records = [asdict(record) for record in repeat.records]
    return {
        "memory_bytes": repeat.result.memory_bytes,
        "provenance": {**repeat.result.provenance, REPEATS: records},
    }


def insert_trainings(connection: Connection, cohort_id: int, cohort: Cohort) -> None:
    """The rows of a cohort's trainings, as they begin."""
    rows = [{"cohort_id": cohort_id, "fingerprint": trial.fingerprint} for trial in cohort.trials]
    connection.execute(insert(schema.trainings), rows)


def training_ids(connection: Connection, cohort_id: int) -> dict[str, int]:
    """The trainings of a cohort, by fingerprint."""
    columns = schema.trainings.c
    rows = connection.execute(
        select(columns.fingerprint, columns.training_id).where(columns.cohort_id == cohort_id)
    )
    return {row.fingerprint: row.training_id for row in rows}


def insert_epochs(connection: Connection, records: Iterable[tuple[int, EpochRecord]]) -> None:
    """Epochs, each with the id of its training."""
    rows = [epoch_row(training_id, record) for training_id, record in records]
    _insert_missing(connection, schema.epochs, rows)


def insert_gradients(
    connection: Connection,
    ends: Mapping[int, tuple[int, int | None]],
    recorded: Sequence[GradientStep],
) -> None:
    """What was recorded of trainings' gradients, up to the epoch in which they diverged.

    Args:
        connection: of the transaction.
        ends: by training, its position in the cohort, and that epoch, if any.
        recorded: of the cohort.
    """
    rows = []
    for training_id, (p, diverged_at) in ends.items():
        steps = [it for it in recorded if diverged_at is None or it.epoch <= diverged_at]
        if steps:
            rows.append(gradient_row(training_id, steps, p))
    _insert_missing(connection, schema.gradients, rows)


def has_ended(connection: Connection, cohort_id: int) -> bool:
    """Whether a cohort has ended, or is no more."""
    columns = schema.cohorts.c
    under_way = select(columns.cohort_id).where(
        columns.cohort_id == cohort_id, columns.ended_at.is_(None)
    )
    return connection.scalar(under_way) is None


def end_cohort(connection: Connection, cohort_id: int, **values: Any) -> None:
    """A cohort has ended: finished or failed, with these columns."""
    connection.execute(
        update(schema.cohorts)
        .where(schema.cohorts.c.cohort_id == cohort_id)
        .values(ended_at=datetime.now(UTC), **values)
    )


def finished_elsewhere(
    connection: Connection, cohort_id: int, fingerprints: Iterable[str]
) -> dict[str, int]:
    """By fingerprint, the trainings that another cohort has finished."""
    columns = schema.trainings.c
    rows = connection.execute(
        select(columns.fingerprint, columns.training_id)
        .where(columns.fingerprint.in_(tuple(fingerprints)))
        .where(columns.cohort_id != cohort_id, columns.outcome.in_(schema.FINISHED))
    )
    return {row.fingerprint: row.training_id for row in rows}


def refer_instead(connection: Connection, training_id: int, other_id: int) -> None:
    """The trials of a training refer to another one, and it is no more."""
    this = schema.trials.c.training_id == training_id
    connection.execute(update(schema.trials).where(this).values(training_id=other_id))
    remove_trainings(connection, schema.trainings.c.training_id == training_id)


def end_trainings(connection: Connection, ends: Mapping[int, int | None], seconds: float) -> None:
    """Trainings, each with the epoch in which it diverged, if so, have ended after ``seconds``."""
    connection.execute(
        update(schema.trainings).where(schema.trainings.c.training_id == bindparam("end_of")),
        [
            {
                "end_of": training_id,
                "outcome": (Outcome.COMPLETED if at_epoch is None else Outcome.DIVERGED).value,
                "diverged_at_epoch": at_epoch,
                "seconds": seconds,
            }
            for training_id, at_epoch in ends.items()
        ],
    )
    for training_id, at_epoch in ends.items():
        if at_epoch is not None:
            connection.execute(
                delete(schema.epochs)
                .where(schema.epochs.c.training_id == training_id)
                .where(schema.epochs.c.epoch > at_epoch)
            )


def fail_trainings(connection: Connection, cohort_id: int, seconds: float) -> None:
    """All trainings of a cohort have failed after ``seconds``."""
    connection.execute(
        update(schema.trainings)
        .where(schema.trainings.c.cohort_id == cohort_id)
        .values(outcome=Outcome.FAILED.value, seconds=seconds)
    )


def remove_cohort(connection: Connection, cohort_id: int) -> None:
    """A cohort is no more, and its trials were never started."""
    remove_with_trials(connection, schema.trainings.c.cohort_id == cohort_id)
    connection.execute(delete(schema.cohorts).where(schema.cohorts.c.cohort_id == cohort_id))


def remove_leftovers(connection: Connection, study_id: int) -> None:
    """Remove what is under way: trainings without an outcome, cohorts without an end.

    While the study's lock is held, these are a dead run's, or this one's when it ends.
    """
    of_study = select(schema.runs.c.run_id).where(schema.runs.c.study_id == study_id)
    cohorts = select(schema.cohorts.c.cohort_id).where(schema.cohorts.c.run_id.in_(of_study))
    under_way = schema.trainings.c.cohort_id.in_(cohorts) & schema.trainings.c.outcome.is_(None)
    # Mostly there are none, and each of the statements that would remove them looks at all.
    if connection.execute(select(schema.trainings.c.training_id).where(under_way).limit(1)).first():
        remove_with_trials(connection, under_way)
    has_trainings = select(schema.trainings.c.training_id).where(
        schema.trainings.c.cohort_id == schema.cohorts.c.cohort_id
    )
    connection.execute(
        delete(schema.cohorts)
        .where(schema.cohorts.c.run_id.in_(of_study), schema.cohorts.c.ended_at.is_(None))
        .where(~has_trainings.exists())
    )


def remove_with_trials(connection: Connection, which: ColumnElement[bool]) -> None:
    """Trainings are no more, nor are the trials that refer to them."""
    training_ids = select(schema.trainings.c.training_id).where(which)
    trials = schema.trials
    connection.execute(delete(trials).where(trials.c.training_id.in_(training_ids)))
    remove_trainings(connection, which)


def remove_trainings(connection: Connection, which: ColumnElement[bool]) -> None:
    """Trainings, with their epochs and gradients, are no more."""
    training_ids = select(schema.trainings.c.training_id).where(which)
    for table in (schema.epochs, schema.gradients):
        connection.execute(delete(table).where(table.c.training_id.in_(training_ids)))
    connection.execute(delete(schema.trainings).where(which))


def _insert_missing(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows but those whose key is there already."""
    if rows:
        connection.execute(insert_missing(connection, table), rows)
