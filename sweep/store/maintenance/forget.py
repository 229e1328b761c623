"""Forgetting a study: it is removed, after a backup copy, from our tables and from Optuna's.

Under ``store.py``. Trainings to which other studies refer stay (see ``removal.py``).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from sqlalchemy import Connection, delete, select

from sweep.errors import StoreBusyError, StoreError, SweepError
from sweep.store import reading, schema
from sweep.store.database import Database
from sweep.store.maintenance.transfer import export_tables
from sweep.store.optuna.mirror import Mirror
from sweep.store.removal import Content, content_of, remove_content


@dataclass(frozen=True)
class Forgotten:
    """What was done.

    Attributes:
        study: its name.
        content: what it had.
        backup: where the store is kept as it was, in words.
        way_back: how to have it again, in a sentence.
    """

    study: str
    content: Content
    backup: str
    way_back: str


def forget(database: Database, name: str, study_id: int) -> Forgotten:
    """Remove a study.

    Args:
        database: the store's.
        name, study_id: the study's.

    Raises:
        StoreBusyError: a run writes to it.
        StoreError: the copy or the store cannot be written.
    """
    with database.writer_lock(name) as is_alone:
        if not is_alone:
            raise StoreBusyError(
                f"a run of {name!r} is under way",
                rule="A study is forgotten while nothing runs in it.",
                remedy="Wait until it has ended, or stop it; what it finishes is kept.",
            )
        with database.writing() as connection:
            content = content_of(connection, study_id)
            backup, way_back = _back_up(database, connection)
            _remove(connection, name, study_id)
        _catch_up(database, content.sharing)
    return Forgotten(name, content, backup, way_back)


@contextmanager
def forgotten_if_empty(database: Database, name: str) -> Iterator[None]:
    """A study that is new, and that an error ends before it has a trial, leaves nothing behind.

    Only for errors that are told to the user: what an interrupted run left behind is reset by the
    next one. The caller holds the study's lock.

    Args:
        database: the store's; where it is at fault itself, nothing more is asked of it.
        name: the study's.
    """
    was_there = _id_of(database, name) is not None
    try:
        yield
    except SweepError as error:
        if not was_there and not isinstance(error, StoreError):
            with suppress(StoreError):
                _remove_empty(database, name)
        raise


def _remove_empty(database: Database, name: str) -> None:
    study_id = _id_of(database, name)
    if study_id is None:
        return
    with database.writing() as connection:
        if not content_of(connection, study_id).trials:
            _remove(connection, name, study_id)


def _id_of(database: Database, name: str) -> int | None:
    with database.reading() as connection:
        return connection.scalar(
            select(schema.studies.c.study_id).where(schema.studies.c.name == name)
        )


def _remove(connection: Connection, name: str, study_id: int) -> None:
    remove_content(connection, study_id)
    connection.execute(delete(schema.studies).where(schema.studies.c.study_id == study_id))
    _remove_mirror(connection, name)


def _back_up(database: Database, connection: Connection) -> tuple[str, str]:
    """Where the copy is, and how to go back to it."""
    if database.url.get_backend_name() == "sqlite":
        copy = database.back_up(connection)
        return copy, (
            f"It is a store as well: `--store 'sqlite:///{copy}'`; or put it in the place of "
            f"{database.url.database}, while no program has that open."
        )
    folder = next(
        path for number in count(1) if not (path := Path(f"sweep-backup-{number}")).exists()
    ).absolute()
    export_tables(database, folder, "csv")
    return str(folder), (
        f"Import it into an empty database or file: `sweep store import '{folder}' --store URL`."
    )


def _remove_mirror(connection: Connection, name: str) -> None:
    from sweep.store.optuna.study import remove_mirror

    remove_mirror(connection, name)


def _catch_up(database: Database, names: Sequence[str]) -> None:
    """Let Optuna say of other studies' trials that nobody else has trained them.

    A run that goes on brings its own study in step.
    """
    if not names:
        return
    with database.reading() as connection:
        ids = connection.scalars(
            select(schema.studies.c.study_id).where(schema.studies.c.name.in_(names))
        ).all()
        studies = [found for found in reading.studies(connection) if found[0] in ids]
    for study_id, study, baseline in studies:
        if not database.is_held(study.name):
            Mirror(database, study_id, study, baseline=baseline).catch_up()
