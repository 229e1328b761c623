"""What must hold in a store, and where it does not; ``repairing.py`` mends what is found here.

A store can stop being whole by a killed run (the next run resets what that left), by another
program that changed its tables, or by a failing disk.
"""

import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, or_, select
from sqlalchemy.exc import DBAPIError

from sweep.results.records import Outcome
from sweep.store import reading, schema
from sweep.store.database import Database
from sweep.store.values import UNREADABLE, said
from sweep.study.study import Study

_WORDS = '^[{]("[a-z_]+": "(nan|inf|-inf)"(, |}$))+$'
"""What ``schema.epoch_row`` writes of figures that are not finite."""


@dataclass(frozen=True)
class Violation:
    """Something that does not hold in the store.

    Attributes:
        invariant: ``file``, ``rows``, ``references``, ``trials``, ``fingerprints``, ``cohorts``
            or ``mirror``.
        study: of which study; None where that cannot be told.
        found: what was found, in words.
    """

    invariant: str
    study: str | None
    found: str


@dataclass(frozen=True)
class Flaw:
    """A violation, and what is to be reset for it: a cohort, or a trial that is a copy."""

    violation: Violation
    cohort_id: int | None = None
    copy_id: int | None = None


def being_run(database: Database) -> frozenset[str]:
    """Names of the studies that a run writes to now."""
    with database.reading() as connection:
        names = connection.scalars(select(schema.studies.c.name)).all()
    return frozenset(name for name in names if database.is_held(name))


def violations(database: Database, running: Collection[str]) -> tuple[Violation, ...]:
    """All that does not hold; changes nothing.

    Args:
        database: the store's.
        running: studies that a run writes to now; what is under way there is as it should be.

    Raises:
        StoreError: the tables cannot be read at all.
    """
    with database.reading() as connection:
        damage = tuple(Violation("file", None, fault) for fault in database.faults(connection))
        if damage:
            return damage
        try:
            found = [*orphans(connection), *(flaw.violation for flaw in flaws(connection, running))]
        except DBAPIError:
            raise
        except UNREADABLE as error:
            return (Violation("rows", None, said(error)),)
    try:
        return (*found, *_mirror_violations(database, running))
    except UNREADABLE as error:
        return (*found, Violation("rows", None, said(error)))


def orphans(connection: Connection) -> Iterator[Violation]:
    """Rows of our tables that belong to a row that is not there, one violation a table."""
    for table in schema.metadata.sorted_tables:
        for key in table.foreign_keys:
            is_orphan = schema.lacks_parent(key)
            count = connection.scalar(select(func.count()).select_from(table).where(is_orphan))
            if count:
                parent = key.column.table.name
                found = f"{count} rows of {table.name} have no row in {parent}"
                yield Violation("references", None, found)


def flaws(connection: Connection, running: Collection[str]) -> Iterator[Flaw]:
    """What is not whole in the trials and cohorts of each study.

    Args:
        connection: reads our tables.
        running: studies that a run writes to now.
    """
    columns = schema.studies.c
    for study_id, name, definition in connection.execute(
        select(columns.study_id, columns.name, columns.definition).order_by(columns.study_id)
    ):
        study, is_running = reading.study_of(definition), name in running
        trouble = None
        try:
            _show(connection, study_id, name, study, is_running)
        except UNREADABLE as error:
            trouble = error
        found = list(_of_study(connection, study_id, name, study.epochs, is_running))
        if trouble:
            to_reset = {(flaw.cohort_id, flaw.copy_id) for flaw in found}
            found += [
                flaw
                for flaw in _unreadable(connection, study_id, name)
                if (flaw.cohort_id, flaw.copy_id) not in to_reset
            ]
        yield from found
        if trouble and not found:
            yield Flaw(Violation("rows", name, said(trouble)))


def _of_study(
    connection: Connection, study_id: int, name: str, epochs: int, is_running: bool
) -> Iterator[Flaw]:
    """What the database can tell, up to where it meets a value that cannot be read."""
    try:
        yield from _trial_flaws(connection, study_id, name, epochs)
        yield from _repeated(connection, study_id, name)
        yield from _cohort_flaws(connection, study_id, name, is_running=is_running)
    except DBAPIError:
        raise
    except UNREADABLE:
        return


def _show(connection: Connection, study_id: int, name: str, study: Study, is_running: bool) -> None:
    """Read all of a study, as whoever shows it does."""
    if study.name != name:
        raise ValueError(f"the study {name!r} calls itself {study.name!r}")
    reading.results(connection, study_id, study, is_running=is_running)


def _unreadable(connection: Connection, study_id: int, name: str) -> Iterator[Flaw]:
    """Cohorts, with their copies, and trials with values that sweep does not write."""
    cohort, trial = schema.cohorts.c, schema.trials.c
    of_study = trial.study_id == study_id
    for row in connection.execute(select(schema.trials).where(of_study)).all():
        try:
            reading.trials_where(connection, trial.trial_id == row.trial_id)
        except UNREADABLE as error:
            found = f"trial (row {row.trial_id}) cannot be read: {said(error)}"
            yield Flaw(Violation("rows", name, found), **_to_reset(row))
    cohort_ids = connection.scalars(select(trial.cohort_id).where(of_study).distinct()).all()
    for cohort_id in cohort_ids:
        try:
            reading.cohorts_where(connection, cohort.cohort_id == cohort_id)
        except UNREADABLE as error:
            found = f"cohort (row {cohort_id}) cannot be read: {said(error)}"
            yield Flaw(Violation("rows", name, found), cohort_id)
            is_copy = (trial.cohort_id == cohort_id) & trial.copied_from.is_not(None)
            for copy_id in connection.scalars(select(trial.trial_id).where(is_copy)).all():
                found = f"trial (row {copy_id}) is a copy out of it"
                yield Flaw(Violation("rows", name, found), copy_id=copy_id)


def _trial_flaws(connection: Connection, study_id: int, name: str, epochs: int) -> Iterator[Flaw]:
    """Finished trials that lack epochs up to their end, or logits."""
    trial, epoch = schema.trials.c, schema.epochs.c
    has_diverged = trial.outcome == Outcome.DIVERGED.value
    end = func.coalesce(case((has_diverged, trial.diverged_at_epoch), else_=epochs), -1)
    has_logits = select(schema.logits).where(schema.logits.c.trial_id == trial.trial_id).exists()
    stored = func.count(epoch.epoch)
    unreadable = func.count(case((or_(*map(_is_no_figure, schema.FIGURES)), 1)))
    rows = connection.execute(
        select(
            schema.trials,
            stored.label("stored"),
            unreadable.label("unreadable"),
            end.label("end"),
            has_logits.label("has_logits"),
        )
        .select_from(schema.trials.outerjoin(schema.epochs))
        .where(trial.study_id == study_id, trial.outcome.in_(schema.FINISHED))
        .group_by(trial.trial_id)
        .having(
            or_(
                stored != end + 1,
                unreadable > 0,
                func.min(epoch.epoch) != 0,
                func.max(epoch.epoch) != end,
                has_diverged & ~end.between(1, epochs),
                ~has_diverged & trial.diverged_at_epoch.is_not(None),
                ~has_logits,
            )
        )
        .order_by(trial.number)
    )
    for row in rows:
        yield Flaw(Violation("trials", name, _trial_in_words(row)), **_to_reset(row))


def _is_no_figure(name: str) -> ColumnElement[bool]:
    """Whether an epoch's figure is neither a number nor said in words not to be finite."""
    figure, words = schema.epochs.c[name], schema.epochs.c.not_finite
    is_number = figure.between(-sys.float_info.max, sys.float_info.max)
    is_said = and_(figure.is_(None), words.regexp_match(_WORDS), words.contains(f'"{name}": "'))
    is_any = func.coalesce(or_(is_number, is_said), False)
    return and_(schema.epochs.c.epoch.is_not(None), ~is_any)


def _trial_in_words(row: Row) -> str:
    end = "no epoch" if row.end < 0 else f"epoch {row.end}"
    found = f"{row.stored} of the {max(row.end, 0) + 1} epochs from 0"
    if row.unreadable:
        found += f", {row.unreadable} epochs without a figure"
    if not row.has_logits:
        found += ", no validation logits"
    return f"trial {row.number} {row.outcome} at {end}, but has {found}"


def _to_reset(row: Row) -> dict[str, int]:
    """A copy alone; else the whole cohort, so that it trains again as it was planned."""
    is_copy = row.copied_from is not None
    return {"copy_id": row.trial_id} if is_copy else {"cohort_id": row.cohort_id}


def _repeated(connection: Connection, study_id: int, name: str) -> Iterator[Flaw]:
    """Finished trials of which an older one has the same fingerprint."""
    trial, older = schema.trials.c, schema.trials.alias().c
    is_finished = trial.outcome.in_(schema.FINISHED)
    first = (
        select(func.min(older.trial_id))
        .where(older.study_id == study_id, older.fingerprint == trial.fingerprint)
        .where(older.outcome.in_(schema.FINISHED))
        .scalar_subquery()
    )
    for row in connection.execute(
        select(schema.trials).where(trial.study_id == study_id, is_finished, trial.trial_id > first)
    ):
        found = f"trial {row.number} was finished before, with fingerprint {row.fingerprint}"
        yield Flaw(Violation("fingerprints", name, found), **_to_reset(row))


def _cohort_flaws(
    connection: Connection, study_id: int, name: str, *, is_running: bool
) -> Iterator[Flaw]:
    """Cohorts of which not all trials ended together, or that a dead run left behind."""
    cohort, trial = schema.cohorts.c, schema.trials.c
    copies = schema.trials.alias().c
    is_copied = select(copies.trial_id).where(
        copies.cohort_id == cohort.cohort_id, copies.copied_from.is_not(None)
    )
    own = and_(
        trial.cohort_id == cohort.cohort_id,
        trial.study_id == study_id,
        trial.copied_from.is_(None),
    )
    outcome = case((trial.trial_id.is_(None), None), else_=func.coalesce(trial.outcome, "running"))
    rows = connection.execute(
        select(
            *(cohort.cohort_id, cohort.optimizer, cohort.seed, cohort.learning_rates),
            *(cohort.ended_at, cohort.error),
            func.count(trial.trial_id).label("trials"),
            func.aggregate_strings(outcome, ",").label("outcomes"),
            is_copied.exists().label("is_copied"),
        )
        .select_from(schema.cohorts.join(schema.runs).outerjoin(schema.trials, own))
        .where(schema.runs.c.study_id == study_id)
        .group_by(cohort.cohort_id)
        .order_by(cohort.cohort_id)
    )
    for row in rows:
        found = _cohort_in_words(row, is_running)
        if found:
            what = f"cohort {row.optimizer}, seed {row.seed} (row {row.cohort_id}) {found}"
            yield Flaw(Violation("cohorts", name, what), row.cohort_id)


def _cohort_in_words(row: Row, is_running: bool) -> str | None:
    """What is wrong with a cohort, if anything."""
    if not row.trials and row.is_copied:
        return None  # its trials were reset; the copies in other studies are whole
    outcomes = set(row.outcomes.split(",")) if row.outcomes else set()
    if row.ended_at is None:
        if not is_running:
            return f"was under way with {row.trials} trials when its run died"
        expected = {"running"}
    else:
        expected = {Outcome.FAILED.value} if row.error is not None else {*schema.FINISHED}
    planned = len(row.learning_rates)
    if row.trials != planned or not outcomes <= expected:
        said = f", which are {', '.join(sorted(outcomes))}" if outcomes else ""
        end = "ended" if row.error is None else "failed"
        end = "is under way" if row.ended_at is None else end
        return f"{end} with {row.trials} of its {planned} trials{said}"
    return None


def _mirror_violations(database: Database, running: Collection[str]) -> Iterator[Violation]:
    """Where Optuna's tables say something else than ours. Imports Optuna."""
    from sweep.store.optuna.study import OptunaStudy, has_tables

    with database.reading() as connection:
        studies = reading.studies(connection)
        is_there = has_tables(connection)
    for study_id, study, guessing in studies:
        if study.name in running:
            continue
        try:
            mirror = OptunaStudy(database, study_id, study, guessing)
            differing = mirror.out_of_step() if is_there else None
        except UNREADABLE as error:  # not ours, or edited into nonsense
            yield Violation("mirror", study.name, str(error))
            continue
        if differing is None:
            yield Violation("mirror", study.name, "Optuna has no study of that name")
        elif differing:
            yield Violation("mirror", study.name, f"Optuna shows {differing} trials otherwise")
