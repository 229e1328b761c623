"""What the tables say, as records.

Between ``schema.py`` and whatever reads: ``store.py``, the mirror, check and transfer.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, Connection, Result, Row, Text, case, cast, func, select

from sweep.errors import StoreError
from sweep.results.gradients import GradientRecord
from sweep.results.guessing import guessing_of
from sweep.results.provenance import Provenance
from sweep.results.records import CohortRecord, FailedRepeat, Outcome, RepeatRecord, RunRecord
from sweep.results.results import Results
from sweep.results.trials import COLUMNS, Trials
from sweep.store import looking, schema, values
from sweep.store.counting import are_same
from sweep.store.courses import ROWS_AT_ONCE, courses_of, transposed
from sweep.store.encoding import FAILED_REPEATS, REPEATS, gradient_record, multiplier_of
from sweep.study.axis import Point
from sweep.study.study import Study

_PROVENANCE = TypeAdapter(Provenance)
_POINT = TypeAdapter(dict[str, float | int])
_REPEATS = TypeAdapter(list[RepeatRecord])
_FINGERPRINTS = TypeAdapter(list[str])


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
    """The majority-class baseline, or what the study says of it; NaN if nothing is known."""
    return guessing_of(study, provenance.pictures)


def results(
    connection: Connection,
    study_id: int,
    study: Study,
    *,
    is_running: bool,
    known: Results | None = None,
    rows_only: bool = False,
) -> Results:
    """All of a study; what a dead run has left under way is left out.

    Args:
        connection: of the transaction.
        study_id: its row.
        study: as it is stored.
        is_running: whether a run writes to it.
        known: read before; trials and cohorts are taken from there where they are the same.
        rows_only: without cohorts, repeats and gradients, for whoever shows rows of trials.

    Raises:
        ValueError: rows are not as sweep wrote them; other values raise other errors, all of them
            ``values.UNREADABLE``.
    """
    if known and (is_running or not are_same(connection, study_id, known.trials)):
        known = None
    found = Trials.of(known.trials) if known else trials(connection, study_id)
    if not is_running:
        found = _ended(found)
    if not known:
        values.check_epochs(study, found)
    recorded = runs(connection, study_id)
    if not recorded:
        raise ValueError("no run of it is on record")
    if rows_only:
        return Results(study, recorded, found, cohorts=())
    repeated = repeats(connection, study_id)
    return Results(
        study,
        recorded,
        found,
        known.cohorts if known else cohorts(connection, study_id),
        looks=looking.looks(connection, study_id),
        look_design=looking.look_design(connection, study_id),
        repeats=repeated,
        failed_repeats=failed_repeats(connection, study_id, repeated),
        gradients=known.gradients if known else gradients(connection, study_id),
    )


def _ended(found: Trials) -> Trials:
    """Those that have an outcome."""
    outcomes = found.column("outcome")
    if None not in outcomes:
        return found
    return found.taken([k for k, outcome in enumerate(outcomes) if outcome is not None])


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


def trials(connection: Connection, study_id: int, numbers: Collection[int] | None = None) -> Trials:
    """The study's trials by number: all, or those of the given numbers."""
    which = schema.trials.c.study_id == study_id
    if numbers is not None:
        which &= schema.trials.c.number.in_(numbers)
    return trials_where(connection, which)


def trials_where(connection: Connection, which: ColumnElement[bool]) -> Trials:
    """Trials of any studies by number.

    Few points are different ones, and those are the same objects.
    """
    trial, training, origin = schema.trials.c, schema.trainings.c, schema.studies.c
    rows = connection.execute(
        select(
            *(training.training_id, trial.number, trial.optimizer, cast(trial.point, Text)),
            *(trial.seed, training.fingerprint, training.outcome),
            *(training.diverged_at_epoch, training.seconds),
            case((training.outcome == Outcome.FAILED.value, schema.cohorts.c.error)),
            case((origin.study_id != trial.study_id, origin.name)),
        )
        .select_from(schema.trials.join(schema.trainings).join(schema.cohorts).join(schema.runs))
        .join(schema.studies, origin.study_id == schema.runs.c.study_id)
        .where(which)
        .order_by(trial.number)
    )
    training_ids, *columns = transposed(rows)
    values = dict(zip(COLUMNS, columns, strict=True))
    points, outcomes = Points(), {None: None} | {str(each): each for each in Outcome}
    values["point"] = [points[stored] for stored in values["point"]]
    values["fingerprint"] = schema.all_planned(values["fingerprint"])
    values["outcome"] = [outcomes[stored] for stored in values["outcome"]]
    return Trials(values, courses_of(connection, which, training_ids))


def fetched(rows: Result) -> Iterator[Any]:
    """The rows of a result, fetched many at once."""
    for some in rows.partitions(ROWS_AT_ONCE):
        yield from some


class Points(dict[str, Point]):
    """Points by their JSON text: each text that is asked for is parsed once."""

    def __missing__(self, stored: str) -> Point:
        self[stored] = found = point_of(json.loads(stored))
        return found


def point_of(stored: Any) -> Point:
    """The point of its JSON object."""
    return Point.of(_POINT.validate_python(stored, strict=True))


def cohorts(connection: Connection, study_id: int) -> tuple[CohortRecord, ...]:
    """The cohorts that trained the study's finished trials, other studies' cohorts too."""
    has_trained = (
        select(schema.trainings.c.training_id)
        .join(schema.trials)
        .where(schema.trainings.c.cohort_id == schema.cohorts.c.cohort_id)
        .where(_is_of(study_id))
        .where(schema.trainings.c.outcome.in_(schema.FINISHED))
    )
    return cohorts_where(connection, has_trained.exists())


def _is_of(study_id: int) -> ColumnElement[bool]:
    """Whether a trial that is looked up by its training is of a study.

    The sum keeps SQLite from going through all trials of the study each time.
    """
    return schema.trials.c.study_id + 0 == study_id


def gradients(connection: Connection, study_id: int) -> tuple[GradientRecord, ...]:
    """What was recorded of the gradients of the study's finished trials, in their order."""
    has_trial = (
        select(schema.trials.c.trial_id)
        .where(schema.trials.c.training_id == schema.gradients.c.training_id)
        .where(_is_of(study_id))
    )
    return gradients_where(connection, has_trial.exists())


def gradients_where(
    connection: Connection, which: ColumnElement[bool]
) -> tuple[GradientRecord, ...]:
    """The same of any trainings."""
    columns, training = schema.gradients.c, schema.trainings.c
    rows = connection.execute(
        select(training.fingerprint, columns.steps, columns.shares, columns.figures)
        .join(schema.trainings)
        .where(which, training.outcome.in_(schema.FINISHED))
        .order_by(columns.training_id)
    )
    return tuple(
        gradient_record(schema.planned(fingerprint), *rest) for fingerprint, *rest in fetched(rows)
    )


def repeats(connection: Connection, study_id: int) -> tuple[RepeatRecord, ...]:
    """What was trained once more, oldest first (see ``writing.insert_repeat``)."""
    found = (
        _REPEATS.validate_python(row.provenance.get(REPEATS, []))
        for row in _repeated_cohorts(connection, study_id)
    )
    return tuple(record for records in found for record in records)


def failed_repeats(
    connection: Connection, study_id: int, repeated: Iterable[RepeatRecord]
) -> tuple[FailedRepeat, ...]:
    """Of the trials that failed as they were trained once more those that still have no repeat.

    Each counts once, with its last error.

    Args:
        connection, study_id: of which study.
        repeated: those that came to their end, at any time.
    """
    ended, found = {record.fingerprint for record in repeated}, []
    for row in reversed(_repeated_cohorts(connection, study_id)):
        failed = _FINGERPRINTS.validate_python(row.provenance.get(FAILED_REPEATS, []))
        left = tuple(each for each in failed if each not in ended)
        ended.update(left)
        if left:
            found.append(FailedRepeat(left, row.error or ""))
    return tuple(reversed(found))


def _repeated_cohorts(connection: Connection, study_id: int) -> Sequence[Row]:
    """Those that ended and have no trainings, oldest first."""
    cohort = schema.cohorts.c
    has_trainings = select(schema.trainings.c.training_id).where(
        schema.trainings.c.cohort_id == cohort.cohort_id
    )
    return connection.execute(
        select(cohort.provenance, cohort.error)
        .join(schema.runs)
        .where(schema.runs.c.study_id == study_id, cohort.ended_at.is_not(None))
        .where(cohort.provenance.is_not(None), ~has_trainings.exists())
        .order_by(cohort.cohort_id)
    ).all()


def cohorts_where(connection: Connection, which: ColumnElement[bool]) -> tuple[CohortRecord, ...]:
    """Cohorts of any studies, oldest first."""
    columns = schema.cohorts.c
    fingerprints = _fingerprints_by_cohort(connection, which)
    points = _PointLists()
    rows = connection.execute(
        select(
            columns.cohort_id,
            *(columns.optimizer, columns.seed, columns.seconds),
            cast(columns.points, Text).label("points"),
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
            points=points[row.points],
            fingerprints=fingerprints.get(row.cohort_id, ()),
            seconds=row.seconds,
            memory_bytes=row.memory_bytes,
            multiplier_PK=multiplier_of(row.multipliers, row.multiplier_rows),
            provenance=row.provenance,
        )
        for row in fetched(rows)
    )


class _PointLists(dict[str, tuple[Point, ...]]):
    """As ``Points``, of lists of them."""

    def __missing__(self, stored: str) -> tuple[Point, ...]:
        self[stored] = found = tuple(map(point_of, json.loads(stored)))
        return found


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
    ids, fingerprints = transposed(rows)
    found = iter(schema.all_planned(fingerprints))
    return {cohort_id: tuple(islice(found, count)) for cohort_id, count in Counter(ids).items()}
