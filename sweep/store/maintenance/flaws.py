"""What is not whole in the rows of a store, and what must be reset for it.

Under ``check.py``, which tells it, and ``repair.py``, which mends it. What one row must hold is
checked by the tables themselves; here is what several rows must hold together.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Row, Select, case, func, select
from sqlalchemy.exc import DBAPIError

from sweep.results.records import Outcome
from sweep.store import looking, reading, schema
from sweep.store.values import UNREADABLE, planned_epochs, said
from sweep.study.study import Study


@dataclass(frozen=True)
class Violation:
    """Something that does not hold in the store.

    Attributes:
        invariant: ``file``, ``rows``, ``references``, ``trials``, ``fingerprints``, ``cohorts``,
            ``looks`` or ``mirror``.
        study: of which study; None where that cannot be told.
        found: what was found, in words.
    """

    invariant: str
    study: str | None
    found: str


@dataclass(frozen=True)
class Flaw:
    """A violation, and what is to be reset for it.

    Attributes:
        violation: what does not hold.
        cohort_id: a cohort, with all its trainings.
        trial_id: a trial.
        design_id: a design, whose looks then are looks by hand.
        gradients_of: a training, of whose gradients then nothing is known.
    """

    violation: Violation
    cohort_id: int | None = None
    trial_id: int | None = None
    design_id: int | None = None
    gradients_of: int | None = None


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
        found = list(_of_study(connection, study_id, name, study, is_running))
        found += _look_flaws(connection, study_id, name)
        found += _gradient_flaws(connection, study_id, name, all_are_readable=trouble is None)
        if trouble:
            to_reset = {(flaw.cohort_id, flaw.trial_id) for flaw in found}
            found += [
                flaw
                for flaw in _unreadable(connection, study_id, name)
                if (flaw.cohort_id, flaw.trial_id) not in to_reset
            ]
        yield from found
        if trouble and not found:
            yield Flaw(Violation("rows", name, said(trouble)))


def _of_study(
    connection: Connection, study_id: int, name: str, study: Study, is_running: bool
) -> Iterator[Flaw]:
    """What the database can tell, up to where it meets a value that cannot be read."""
    try:
        yield from _training_flaws(connection, study_id, name, study)
        yield from _repeated(connection, study_id, name)
        yield from _astray(connection, study_id, name)
        yield from _cohort_flaws(connection, study_id, name, study, is_running=is_running)
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
    """Trials and cohorts with values that sweep does not write."""
    trial, cohort_id = schema.trials.c, schema.trainings.c.cohort_id
    of_study = select(trial.trial_id, trial.point, cohort_id).select_from(
        schema.trials.join(schema.trainings)
    )
    cohort_ids = set()
    for row in connection.execute(of_study.where(trial.study_id == study_id)).all():
        cohort_ids.add(row.cohort_id)
        what = f"trial (row {row.trial_id})"
        try:
            reading.point_of(row.point)
        except UNREADABLE as error:
            yield _not_read(name, what, error, trial_id=row.trial_id)
            continue
        try:
            reading.trials_where(connection, trial.trial_id == row.trial_id)
        except UNREADABLE as error:
            yield _not_read(name, what, error, cohort_id=row.cohort_id)
    for each in sorted(cohort_ids):
        try:
            reading.cohorts_where(connection, schema.cohorts.c.cohort_id == each)
        except UNREADABLE as error:
            yield _not_read(name, f"cohort (row {each})", error, cohort_id=each)


def _not_read(name: str, what: str, error: Exception, **to_reset: int) -> Flaw:
    return Flaw(Violation("rows", name, f"{what} cannot be read: {said(error)}"), **to_reset)


def _training_flaws(
    connection: Connection, study_id: int, name: str, study: Study
) -> Iterator[Flaw]:
    """Finished trainings of the study's runs that lack epochs up to their end."""
    planned = _planned_epochs(connection, study_id, study)
    training, epoch = schema.trainings.c, schema.epochs.c
    rows = connection.execute(
        select(
            schema.trainings,
            func.count(epoch.epoch).label("stored"),
            func.min(epoch.epoch).label("first"),
            func.max(epoch.epoch).label("last"),
        )
        .select_from(schema.trainings.outerjoin(schema.epochs))
        .where(training.cohort_id.in_(planned), training.outcome.in_(schema.FINISHED))
        .group_by(training.training_id)
        .order_by(training.training_id)
    )
    for row in rows.all():
        end = planned[row.cohort_id] if row.diverged_at_epoch is None else row.diverged_at_epoch
        is_whole = (row.stored, row.first, row.last) == (end + 1, 0, end)
        if study.imported is not None:
            is_whole = row.last == end
        if not is_whole or end > planned[row.cohort_id]:
            which = _called(connection, study_id, row.training_id)
            found = f"{row.stored} of the {end + 1} epochs from 0"
            found = f"{which} {row.outcome} at epoch {end}, but has {found}"
            yield Flaw(Violation("trials", name, found), row.cohort_id)


def _called(connection: Connection, study_id: int, training_id: int) -> str:
    """A training by the number of its study's trial, if there is one."""
    trial = schema.trials.c
    number = connection.scalar(
        select(func.min(trial.number)).where(
            trial.training_id == training_id, trial.study_id == study_id
        )
    )
    return f"training (row {training_id})" if number is None else f"trial {number}"


def _planned_epochs(connection: Connection, study_id: int, study: Study) -> dict[int, int]:
    """How many epochs each cohort of the study's runs trains."""
    cohort = schema.cohorts.c
    rows = connection.execute(
        select(cohort.cohort_id, cohort.optimizer, cohort.points)
        .join(schema.runs)
        .where(schema.runs.c.study_id == study_id)
    )
    return {
        cohort_id: planned_epochs(study, optimizer, reading.point_of(points[0]))
        for cohort_id, optimizer, points in rows
        if points
    }


def _repeated(connection: Connection, study_id: int, name: str) -> Iterator[Flaw]:
    """Finished trainings of which an older one has the same fingerprint, and trials likewise."""
    training, older = schema.trainings.c, schema.trainings.alias().c
    is_finished = training.outcome.in_(schema.FINISHED)
    oldest = select(func.min(older.training_id)).where(
        older.fingerprint == training.fingerprint, older.outcome.in_(schema.FINISHED)
    )
    of_study = training.cohort_id.in_(_cohort_ids(study_id))
    for row in connection.execute(
        select(schema.trainings)
        .where(of_study, is_finished, training.training_id > oldest.scalar_subquery())
        .order_by(training.training_id)
    ):
        found = f"training (row {row.training_id}) was finished before, with fingerprint "
        yield Flaw(Violation("fingerprints", name, found + row.fingerprint), row.cohort_id)
    trial = schema.trials.c
    same = (trial.optimizer, trial.point, trial.seed)
    for row in connection.execute(
        select(func.max(trial.trial_id).label("trial_id"), func.max(trial.number).label("number"))
        .join(schema.trainings)
        .where(trial.study_id == study_id, is_finished)
        .group_by(*same)
        .having(func.count() > 1)
    ):
        found = f"trial {row.number} was finished before, under another number"
        yield Flaw(Violation("fingerprints", name, found), trial_id=row.trial_id)


def _cohort_ids(study_id: int) -> Select[tuple[int]]:
    return (
        select(schema.cohorts.c.cohort_id)
        .join(schema.runs)
        .where(schema.runs.c.study_id == study_id)
    )


def _astray(connection: Connection, study_id: int, name: str) -> Iterator[Flaw]:
    """Trials that refer to what another study's run has not finished."""
    trial, outcome = schema.trials.c, schema.trainings.c.outcome
    is_finished = func.coalesce(outcome, "running").in_(schema.FINISHED)
    for row in connection.execute(
        select(trial.trial_id, trial.number)
        .select_from(schema.trials.join(schema.trainings).join(schema.cohorts).join(schema.runs))
        .where(trial.study_id == study_id, schema.runs.c.study_id != study_id, ~is_finished)
    ):
        found = f"trial {row.number} refers to what another study has not finished"
        yield Flaw(Violation("references", name, found), trial_id=row.trial_id)


def _look_flaws(connection: Connection, study_id: int, name: str) -> Iterator[Flaw]:
    """A design that cannot be read, or to which another study's looks belong."""
    design, look = schema.look_designs.c, schema.looks.c
    for design_id in connection.scalars(
        select(design.design_id).where(design.study_id == study_id)
    ).all():
        try:
            looking.look_design(connection, study_id)
        except UNREADABLE as error:
            yield _not_read(name, "the design of its looks", error, design_id=design_id)
            continue
        others = (look.design_id == design_id) & (look.study_id != study_id)
        if connection.scalar(select(func.count()).where(others)):
            found = "looks at another study belong to its design"
            yield Flaw(Violation("looks", name, found), design_id=design_id)


def _gradient_flaws(
    connection: Connection, study_id: int, name: str, *, all_are_readable: bool
) -> Iterator[Flaw]:
    """Recorded gradients of the study's runs that cannot be read, or are not of what has ended."""
    training, recorded = schema.trainings.c, schema.gradients.c.training_id
    of_study = (
        select(recorded)
        .join(schema.trainings)
        .where(training.cohort_id.in_(_cohort_ids(study_id)))
        .order_by(recorded)
    )
    has_ended = func.coalesce(training.outcome, "running").in_(schema.FINISHED)
    for training_id in connection.scalars(of_study.where(~has_ended)).all():
        found = f"{_called(connection, study_id, training_id)} has gradients, and has not finished"
        yield Flaw(Violation("rows", name, found), gradients_of=training_id)
    if all_are_readable:
        return
    for training_id in connection.scalars(of_study.where(has_ended)).all():
        try:
            reading.gradients_where(connection, recorded == training_id)
        except UNREADABLE as error:
            what = f"the gradients of {_called(connection, study_id, training_id)}"
            yield _not_read(name, what, error, gradients_of=training_id)


def _cohort_flaws(
    connection: Connection, study_id: int, name: str, study: Study, *, is_running: bool
) -> Iterator[Flaw]:
    """Cohorts of which not all trainings ended together, or that a dead run left behind.

    And those of optimizers that look at whole variables, whose trials version 0.1 trained together:
    each saw the others' weights.
    """
    cohort, training = schema.cohorts.c, schema.trainings.c
    has_training = training.training_id.is_not(None)
    outcome = case((has_training, func.coalesce(training.outcome, "running")))
    rows = connection.execute(
        select(
            *(cohort.cohort_id, cohort.optimizer, cohort.seed, cohort.points),
            *(cohort.ended_at, cohort.error),
            func.count(training.training_id).label("trainings"),
            func.aggregate_strings(outcome, ",").label("outcomes"),
        )
        .select_from(
            schema.cohorts.join(schema.runs).outerjoin(
                schema.trainings, training.cohort_id == cohort.cohort_id
            )
        )
        .where(schema.runs.c.study_id == study_id)
        .group_by(cohort.cohort_id)
        .order_by(cohort.cohort_id)
    )
    for row in rows:
        found = _cohort_in_words(row, is_running) or _wrongly_together(row, study)
        if found:
            what = f"cohort {row.optimizer}, seed {row.seed} (row {row.cohort_id}) {found}"
            yield Flaw(Violation("cohorts", name, what), row.cohort_id)


def _cohort_in_words(row: Row, is_running: bool) -> str | None:
    """What is wrong with a cohort, if anything."""
    outcomes = set(row.outcomes.split(",")) if row.outcomes else set()
    if row.ended_at is None:
        if not is_running:
            return f"was under way with {row.trainings} trials when its run died"
        expected = {"running"}
    else:
        expected = {Outcome.FAILED.value} if row.error is not None else {*schema.FINISHED}
    planned = len(row.points)
    if row.trainings != planned or not outcomes <= expected:
        said = f", which are {', '.join(sorted(outcomes))}" if outcomes else ""
        end = "ended" if row.error is None else "failed"
        end = "is under way" if row.ended_at is None else end
        return f"{end} with {row.trainings} of its {planned} trials{said}"
    return None


def _wrongly_together(row: Row, study: Study) -> str | None:
    """What is wrong with a cohort that should have been trained one by one, if anything."""
    if study.imported is not None or len(row.points) < 2:
        return None
    point = reading.point_of(row.points[0])
    because = study.config(study.optimizer(row.optimizer), point).optimizer.alone_because
    if because is None:
        return None
    return f"trained {len(row.points)} trials together, which must train one by one: {because}"
