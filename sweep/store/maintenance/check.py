"""Whether a store is whole: its file, its references, its rows (``flaws.py``) and the mirror.

A store can stop being whole by a killed run (the next run resets what that left), by another
program that changed its tables, or by a failing disk. ``repair.py`` mends what is found.
"""

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from sweep.store import reading, schema
from sweep.store.database import Database
from sweep.store.maintenance.flaws import Violation, flaws
from sweep.store.values import UNREADABLE, said


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


def _mirror_violations(database: Database, running: Collection[str]) -> Iterator[Violation]:
    """Where Optuna's tables say something else than ours. Imports Optuna."""
    from sweep.store.optuna.opening import find_tables
    from sweep.store.optuna.study import OptunaStudy

    with database.reading() as connection:
        studies = reading.studies(connection)
        tables = find_tables(connection)
    if not tables.readable:
        yield Violation("mirror", None, f"there are {tables.words}, which Optuna does not read")
        return
    for study_id, study, baseline in studies:
        if study.name in running:
            continue
        try:
            mirror = OptunaStudy(database, study_id, study, baseline)
            differing = mirror.out_of_step() if tables.any else None
        except UNREADABLE as error:  # not ours, or edited into nonsense
            yield Violation("mirror", study.name, str(error))
            continue
        if differing is None:
            yield Violation("mirror", study.name, "Optuna has no study of that name")
        elif differing:
            yield Violation("mirror", study.name, f"Optuna shows {differing} trials otherwise")
