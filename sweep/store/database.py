"""The connection to the database: opened with a clear word on what is wrong, and its transactions.

Under ``store.py`` and ``writer.py``; knows nothing of what the tables mean. What differs between
kinds of databases is behind ``backends``.
"""

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, insert, inspect, select, update
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError

from sweep.errors import StoreBusyError, StoreError
from sweep.store import schema
from sweep.store.backends.backend import no_store, shown_url
from sweep.store.backends.url import backend_of
from sweep.store.migrations import SCHEMA_VERSION, stamp, upgrade
from sweep.store.values import VALUE_ERRORS, said
from sweep.util.distribution import __version__
from sweep.util.paths import as_typed

_log = logging.getLogger(__name__)

PATIENCE_SECONDS = 300.0
"""How long a run tries to reach a server again that it has lost."""
LONGEST_PAUSE_SECONDS = 5.0
MAX_COLLISIONS = 3
"""How often a write is done again that met what another run has just written."""

Written = TypeVar("Written")


class Database:
    """A database with our tables in it.

    A store that an older sweep made is upgraded when it is opened, after a backup copy; where it
    cannot be written, it is read from a private copy that is upgraded.

    Raises:
        StoreBusyError: it must be upgraded while a run of the older sweep writes to it.
        StoreError: it cannot be opened, is not a database, has no store (unless ``create``), or
            was written by a newer sweep.
    """

    def __init__(self, url: str, *, create: bool) -> None:
        self._backend = backend_of(url, create=create)
        try:
            if create:
                self._create()
            found = self._version()
            if found < SCHEMA_VERSION and self.why_read_only:
                self._upgrade_copy(found)
            elif found < SCHEMA_VERSION:
                self._upgrade()
        except BaseException:
            self.close()
            raise

    @property
    def url(self) -> URL:
        """The SQLAlchemy URL; it may hold a password."""
        return self._backend.url

    @property
    def shown(self) -> str:
        """The URL as messages show it, without a password."""
        return shown_url(self.url)

    @property
    def why_read_only(self) -> str | None:
        """Why nothing can be written here, in words; None if it can, as far as is known."""
        return self._backend.why_read_only

    def warning(self) -> str | None:
        """What is to be feared of this place, in a sentence; None where nothing is."""
        return self._backend.warning()

    @property
    def engine_url(self) -> URL:
        """Of any engine for this database, Optuna's too; it may hold a password."""
        return self._backend.engine_url

    @property
    def engine_options(self) -> Mapping[str, Any]:
        """Of any engine for this database, Optuna's too."""
        return self._backend.engine_options

    def close(self) -> None:
        """Close all connections."""
        self._backend.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the database, whatever is written meanwhile."""
        with self._told(), self._backend.reader() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it is stored, or nothing."""
        with self._told(), self._backend.writer() as connection, connection.begin():
            yield connection

    def write(
        self, work: Callable[[Connection], Written], *, patience_seconds: float | None = None
    ) -> Written:
        """Do some work in one transaction; again, where the connection is lost.

        Whether a transaction went through whose connection was lost is not known. So what is
        written has keys, and work that is done a second time changes nothing.

        Args:
            work: changes nothing but the database.
            patience_seconds: how long to try; None for ``PATIENCE_SECONDS``.

        Returns:
            What the work returned.

        Raises:
            StoreBusyError: another run took the lock meanwhile.
            StoreError: the server did not answer in time, or refuses.
        """
        outage = _Outage(PATIENCE_SECONDS if patience_seconds is None else patience_seconds)
        collisions = 0
        while True:
            try:
                with self._backend.writer() as connection, connection.begin():
                    return work(connection)
            except IntegrityError as error:
                collisions += 1
                if collisions > MAX_COLLISIONS:
                    raise self._backend.explained(error) from error
            except DBAPIError as error:
                told = self._backend.explained(error)
                if not self._backend.is_lost(error) or outage.is_too_long():
                    raise told from error
                outage.wait(told)

    def writer_lock(self, study: str, *, wait: bool = False) -> AbstractContextManager[bool]:
        """Hold the study's lock; yields False, without it, where another run holds it.

        With ``wait`` it yields True, as soon as no other run holds it.
        """
        return self._backend.writer_lock(study, wait=wait)

    def is_held(self, study: str) -> bool:
        """Whether a run holds the study's lock; False where that cannot be told."""
        with self._told():
            return self._backend.is_held(study)

    def schema_lock(self) -> AbstractContextManager[None]:
        """Hold the lock under which tables are made, after whoever is making them."""
        return self._backend.schema_lock()

    def back_up(self, connection: Connection, also: Collection[str] = ()) -> str:
        """Copy our tables, and those of these names, as committed; returns where, in words."""
        return self._backend.back_up(connection, also)

    def throwaway_copy(self) -> AbstractContextManager[URL | None]:
        """A copy to try on what could stay half done; None where such a change is all or nothing.

        It is gone afterwards.
        """
        return self._backend.throwaway_copy()

    def faults(self, connection: Connection) -> Iterator[str]:
        """What the database itself finds wrong with what it keeps."""
        return self._backend.faults(connection)

    def continue_numbering(self, connection: Connection, table: Table) -> None:
        """Let new rows be numbered after those that were inserted with their numbers."""
        self._backend.continue_numbering(connection, table)

    def damaged(self, found: str) -> StoreError:
        """What is kept is not whole: what to do about it."""
        return self._backend.damaged(found)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self._backend.explained(error) from error

    def _create(self) -> None:
        with self._told(), self._backend.schema_lock():
            self._backend.prepare()
            with self.writing() as connection:
                if not inspect(connection).has_table(schema.schema.name):
                    schema.metadata.create_all(connection)
                    connection.execute(insert(schema.schema).values(_made_by()))
                    stamp(connection, SCHEMA_VERSION)

    def _version(self) -> int:
        with self.reading() as connection:
            if not inspect(connection).has_table(schema.schema.name):
                raise no_store(self.url)
            rows = connection.execute(select(schema.schema)).all()
        if len(rows) != 1 or not isinstance(rows[0].version, int) or rows[0].version < 1:
            raise self.damaged("its schema's version is missing")
        found, made_by = rows[0]
        if found > SCHEMA_VERSION:
            raise StoreError(
                f"{as_typed(self.shown)} is of schema {found}, made by sweep {made_by}",
                rule=f"This sweep reads stores up to schema {SCHEMA_VERSION}.",
                remedy=f"Install sweep {made_by} or newer, or choose another store with --store.",
            )
        return found

    def _upgrade(self) -> None:
        with self._told(), self._backend.schema_lock():
            found = self._version()
            if found == SCHEMA_VERSION:  # another process has just done it
                return
            with self.writing() as connection:
                self._refuse_while_run(connection.scalars(select(schema.studies.c.name)).all())
                copy = self.back_up(connection)
                self._migrate(connection, found)
        _log.warning(
            "%s was upgraded from schema %d to %d, which older versions of sweep do not read; "
            "as it was it is kept in %s",
            self.shown,
            found,
            SCHEMA_VERSION,
            copy,
        )

    def _upgrade_copy(self, found: int) -> None:
        self._backend.read_copy()
        with self.writing() as connection:
            self._migrate(connection, found)
        _log.warning(
            "%s is of schema %d and cannot be written (%s): it is read from a copy of schema %d",
            self.shown,
            found,
            self.why_read_only,
            SCHEMA_VERSION,
        )

    def _migrate(self, connection: Connection, found: int) -> None:
        try:
            upgrade(connection, found)
        except (IntegrityError, *VALUE_ERRORS) as error:
            raise StoreError(
                f"{as_typed(self.shown)} cannot be upgraded, since its rows are not as sweep wrote "
                f"them: {said(error)}",
                remedy="Mend it with the sweep that made it (`sweep store repair`), or restore a "
                "copy.",
            ) from error
        connection.execute(update(schema.schema).values(_made_by()))
        for table in schema.metadata.sorted_tables:
            self.continue_numbering(connection, table)

    def _refuse_while_run(self, studies: Sequence[str]) -> None:
        busy = [study for study in studies if self.is_held(study)]
        if busy:
            raise StoreBusyError(
                f"runs of {', '.join(busy)} are under way in {as_typed(self.shown)}",
                rule=f"A store is upgraded to schema {SCHEMA_VERSION} while nothing runs in it.",
                remedy="Wait until they have ended, or stop them; what they finish is kept.",
            )


class _Outage:
    """The time in which a server cannot be reached, from its first failure on."""

    def __init__(self, patience_seconds: float) -> None:
        self._patience_seconds = patience_seconds
        self._began_at: float | None = None
        self._pause_seconds = 0.05

    def is_too_long(self) -> bool:
        began_at = time.monotonic() if self._began_at is None else self._began_at
        return time.monotonic() - began_at >= self._patience_seconds

    def wait(self, told: StoreError) -> None:
        """Sleep, longer each time."""
        if self._began_at is None:
            self._began_at = time.monotonic()
            _log.warning(
                "The connection to the store is lost (%s); trying again for %.0f seconds",
                told.wrong,
                self._patience_seconds,
            )
        time.sleep(self._pause_seconds)
        self._pause_seconds = min(2 * self._pause_seconds, LONGEST_PAUSE_SECONDS)


def _made_by() -> dict[str, Any]:
    return {"version": SCHEMA_VERSION, "sweep_version": __version__}
