"""Mending a store that is not whole: what is not whole is reset, and so trains again.

Nothing is invented. A cohort with any flaw is reset as a whole, with the trials of all studies
that refer to it, so that its trainings train together as they were planned and end with the
numbers of an undisturbed run. Of a design that cannot be read the looks stay, as looks by hand;
recorded gradients that cannot be read are removed, and nothing else for them.
"""

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select

from sweep.errors import OptunaTablesError, StoreBusyError
from sweep.store import looking, reading, schema, writing
from sweep.store.database import Database
from sweep.store.maintenance.check import violations
from sweep.store.maintenance.flaws import Flaw, Violation, flaws
from sweep.store.optuna.mirror import Mirror


@dataclass(frozen=True)
class Repair:
    """What was done.

    Attributes:
        found: all that did not hold before.
        left: what does not hold now, and cannot be mended here.
        backup: where a copy of the database is as it was, in words; None if nothing was changed.
        reset: by study, how many finished or started trials are no more, and train again.
    """

    found: tuple[Violation, ...]
    left: tuple[Violation, ...]
    backup: str | None
    reset: dict[str, int]


def repair(database: Database) -> Repair:
    """Mend all that can be mended, after a backup copy.

    Raises:
        StoreBusyError: a run writes to one of the studies.
        StoreError: the file itself is damaged, or cannot be written.
    """
    with database.reading() as connection:
        names = connection.scalars(select(schema.studies.c.name)).all()
    with ExitStack() as locks:
        for name in names:
            if not locks.enter_context(database.writer_lock(name)):
                raise StoreBusyError(
                    f"a run of {name!r} is under way",
                    rule="A store is repaired while nothing runs in it.",
                    remedy="Wait until it has ended, or stop it; what it finishes is kept.",
                )
        return _repair(database)


def _repair(database: Database) -> Repair:
    found = violations(database, running=())
    for violation in found:
        if violation.invariant == "file":
            raise database.damaged(violation.found)
    if not found:
        return Repair((), (), None, {})
    with database.writing() as connection:
        backup = database.back_up(connection)
        before = _trials_by_study(connection)
        _remove_orphans(connection)
        for _ in range(2):  # what cannot be read hides what else is not whole
            _reset(connection, list(flaws(connection, running=())))
        schema.finished_once.create(connection, checkfirst=True)
        after = _trials_by_study(connection)
    _upgrade_mirror(database)
    catch_up(database, in_full=True)
    reset = {name: trials - after.get(name, 0) for name, trials in before.items()}
    return Repair(
        found,
        violations(database, running=()),
        backup,
        {name: trials for name, trials in reset.items() if trials},
    )


def _upgrade_mirror(database: Database) -> None:
    """Bring Optuna's tables to the version that it reads; what cannot be, is left, and told."""
    from sweep.store.optuna.opening import make_tables

    with suppress(OptunaTablesError):
        make_tables(database)


def catch_up(database: Database, *, in_full: bool = False) -> None:
    """Bring the mirror of every study in step; what goes wrong with one is logged.

    Args:
        database: whose.
        in_full: compare all, also what is known to have been in step.
    """
    with database.reading() as connection:
        studies = reading.studies(connection)
    for study_id, study, baseline in studies:
        Mirror(database, study_id, study, baseline=baseline).catch_up(in_full=in_full)


def _trials_by_study(connection: Connection) -> dict[str, int]:
    rows = connection.execute(
        select(schema.studies.c.name, func.count().label("trials"))
        .join(schema.trials)
        .group_by(schema.studies.c.study_id)
    )
    return {row.name: row.trials for row in rows}


def _remove_orphans(connection: Connection) -> None:
    """Remove rows whose parents are not there, and what then has none: children first."""
    for table in reversed(schema.metadata.sorted_tables):
        for key in table.foreign_keys:
            connection.execute(delete(table).where(schema.lacks_parent(key)))


def _reset(connection: Connection, found: Sequence[Flaw]) -> None:
    for trial_id in {flaw.trial_id for flaw in found if flaw.trial_id is not None}:
        connection.execute(delete(schema.trials).where(schema.trials.c.trial_id == trial_id))
    for cohort_id in {flaw.cohort_id for flaw in found if flaw.cohort_id is not None}:
        writing.remove_cohort(connection, cohort_id)
    for design_id in {flaw.design_id for flaw in found if flaw.design_id is not None}:
        looking.remove_design(connection, design_id)
    for training_id in {flaw.gradients_of for flaw in found if flaw.gradients_of is not None}:
        gradients = schema.gradients
        connection.execute(delete(gradients).where(gradients.c.training_id == training_id))
