"""A store in a SQLite file.

It runs in WAL mode, so readers (a dashboard) and the writer never wait for each other, with
``synchronous=NORMAL``: a killed process loses nothing, a power cut at most the last commits, which
are then trained again, and the file stays whole either way.
"""

import sqlite3
import warnings
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote, urlsplit
from weakref import WeakSet

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, SAWarning
from sqlalchemy.pool import NullPool

from sweep.errors import StoreError
from sweep.store.backends import file_lock as lock
from sweep.store.backends.backend import no_store, shown_url
from sweep.store.backends.drives import DRIVE_REMEDY, drive_of
from sweep.store.backends.sqlite_errors import (
    DAMAGE_REMEDY,
    FOLDER_REMEDY,
    FOLDER_RULE,
    READABLE_REMEDY,
    WRITABLE_REMEDY,
    explained,
)
from sweep.store.backends.sqlite_reading import (
    BUSY_SECONDS,
    ReadOnlyFile,
    unreadable,
    unwritable,
    without_space,
)
from sweep.util.paths import as_typed, is_there


class SQLite:
    """A file; see ``Backend``.

    Attributes:
        path: the file.

    Raises:
        StoreError: it is not there (unless ``create``), or its folder is not; it cannot be read;
            or, with ``create``, not be written.
    """

    def __init__(self, url: URL, *, create: bool) -> None:
        self.url = self.engine_url = url
        self.path = _file(url)
        self._check_place(create=create)
        self.why_read_only = None if create else self._why_read_only()
        self._source = ReadOnlyFile(self.path) if self.why_read_only else None
        self.engine_options: Mapping[str, Any] = {"connect_args": {"timeout": BUSY_SECONDS}}
        if self._source:
            # Each connection looks anew what lies beside the file.
            self.engine_url = URL.create("sqlite")
            self.engine_options = {"creator": self._source.connect, "poolclass": NullPool}
        self.engine = self._engine()

    def _check_place(self, *, create: bool) -> None:
        why = unreadable(self.path)
        if why:
            raise StoreError(f"{self._shown} cannot be read: {why}", remedy=READABLE_REMEDY)
        if not create and not is_there(self.path):
            raise no_store(self.url)
        if not is_there(self.path.parent):
            raise StoreError(
                f"no folder {as_typed(self.path.parent)} for {self._shown}", remedy=FOLDER_REMEDY
            )
        if create:
            self._refuse_writing(_asked_to_read(self.url) or unwritable(self.path))

    def _why_read_only(self) -> str | None:
        return _asked_to_read(self.url) or unwritable(self.path) or without_space(self.path)

    def _engine(self) -> Engine:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", SAWarning)  # of an option that nothing knows
                engine = create_engine(self.engine_url, **self.engine_options)
        except (ArgumentError, ValueError, SAWarning) as error:
            raise StoreError(
                f"SQLite does not take what follows the ? in {self._shown}: {error}",
                remedy="Leave it out: sqlite:///sweep.db is enough.",
            ) from error
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", _begin)
        event.listen(engine, "after_cursor_execute", _remember)
        event.listen(engine, "reset", _end_reading)
        return engine

    def close(self) -> None:
        """Close all connections, and remove a private copy."""
        self.engine.dispose()
        if self._source:
            self._source.close()

    def check(self) -> None:
        """Nothing more: what cannot be written is refused where it is opened to be written."""

    def prepare(self) -> None:
        """Let readers and a writer not wait for each other."""
        # A transaction would refuse it.
        with self.engine.execution_options(sweep_begin=None).connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")

    @contextmanager
    def reader(self) -> Iterator[Connection]:
        """Its transactions see the moment of their first statement."""
        around = self._source.undisturbed() if self._source else nullcontext()
        with around, self.engine.connect() as connection:
            yield connection

    def writer(self) -> AbstractContextManager[Connection]:
        """Its transactions wait for other writers where they begin."""
        if not (self._source and self._source.copy):
            self._refuse_writing(self.why_read_only)
        return self.engine.execution_options(sweep_begin="BEGIN IMMEDIATE").connect()

    def read_copy(self) -> None:
        """Read a private copy from now on, in which an older store can be upgraded."""
        assert self._source is not None
        self._source.copy_aside()

    def writer_lock(self, study: str, *, wait: bool) -> AbstractContextManager[bool]:
        """A lock file beside the database."""
        self._refuse_writing(self.why_read_only)
        return lock.writer_lock(self.path, study, wait=wait)

    def is_held(self, study: str) -> bool:
        """Whether the lock file is locked."""
        return lock.is_held(self.path, study)

    def schema_lock(self) -> AbstractContextManager[None]:
        """Another lock file beside the database."""
        self._refuse_writing(self.why_read_only)
        return lock.schema_lock(self.path)

    def back_up(self, connection: Connection, also: Collection[str] = ()) -> str:  # noqa: ARG002
        """Copy what is committed into a new file beside the database; returns its path."""
        self._refuse_writing(self.why_read_only)
        copy = next(
            path
            for number in count(1)
            if not (path := self.path.with_name(f"{self.path.name}.backup-{number}")).exists()
        )
        unfinished = copy.with_name(f"{copy.name}.partial")
        try:
            for left in (unfinished, unfinished.with_name(f"{unfinished.name}-journal")):
                left.unlink(missing_ok=True)  # by a process that died
            with closing(sqlite3.connect(unfinished)) as target:
                source: Any = self.engine.raw_connection()
                with closing(source):
                    source.driver_connection.backup(target)
            unfinished.replace(copy)
        except sqlite3.Error as error:
            raise self._explained(str(error)) from error
        except OSError as error:
            raise StoreError(
                f"the backup copy of {self._shown} cannot be written: {error}",
                rule=FOLDER_RULE,
                remedy=FOLDER_REMEDY,
            ) from error
        finally:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
        return str(copy)

    @contextmanager
    def throwaway_copy(self) -> Iterator[URL | None]:
        """A file in the folder for temporary ones."""
        with TemporaryDirectory(prefix="sweep-store-", ignore_cleanup_errors=True) as folder:
            copy = Path(folder, "copy.db")
            with closing(sqlite3.connect(self.path)) as source:
                source.execute("VACUUM INTO ?", (str(copy),))
            yield URL.create("sqlite", database=str(copy))

    def faults(self, connection: Connection) -> Iterator[str]:
        """What SQLite finds wrong with the file."""
        for (found,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if found != "ok":
                yield " ".join(str(found).split())

    def continue_numbering(self, connection: Connection, table: Table) -> None:
        """Nothing to do: SQLite numbers after the largest."""

    def is_lost(self, error: DBAPIError) -> bool:  # noqa: ARG002 (the name is ``Backend``'s)
        """Never: there is no server."""
        return False

    def explained(self, error: DBAPIError) -> StoreError:
        """By SQLite's words."""
        return self._explained(str(error.orig))

    def damaged(self, found: str) -> StoreError:
        """The file is not whole."""
        return StoreError(f"{self._shown} is damaged: {found}", remedy=DAMAGE_REMEDY)

    def _refuse_writing(self, why: str | None) -> None:
        if why:
            raise StoreError(f"{self._shown} cannot be written: {why}", remedy=WRITABLE_REMEDY)

    def warning(self) -> str | None:
        """What is to be feared where the file lies, in a sentence."""
        drive = drive_of(self.path)
        if drive is None:
            return None
        return (
            f"{self.path} lies on {drive}, where locks may not hold, and where SQLite's programs "
            "must all run on one machine: runs may end with 'locking protocol' or 'disk I/O "
            f"error', and the store may be damaged. {DRIVE_REMEDY}"
        )

    def _explained(self, reason: str) -> StoreError:
        return explained(reason, self._shown, self.path)

    @property
    def _shown(self) -> str:
        """Its URL, as messages have it."""
        return as_typed(shown_url(self.url))


def _file(url: URL) -> Path:
    database = url.database or ""
    if not database or ":memory:" in database or "mode=memory" in str(url):
        raise StoreError(
            f"{shown_url(url)} is a database in memory, not in a file",
            rule="A store is a file, so that it is kept.",
            remedy="Give a URL such as sqlite:///sweep.db (relative) or sqlite:////full/path.",
        )
    if database.startswith("file:"):
        return Path(unquote(urlsplit(database).path)).absolute()
    return Path(database).absolute()


def _asked_to_read(url: URL) -> str | None:
    """The option of a URL by which a store is only read."""
    options = {("mode", "ro"), ("immutable", "1"), ("immutable", "true")}
    asked = options.intersection((name, str(value)) for name, value in url.query.items())
    return next((f"{name}={value} is asked for" for name, value in asked), None)


def _configure(connection: sqlite3.Connection, _record: Any) -> None:
    # Python's own transactions begin too late for a consistent view; see "begin".
    connection.isolation_level = None
    try:
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=NORMAL")
    except sqlite3.Error:  # no database: SQLAlchemy would leave it open
        connection.close()
        raise


def _begin(connection: Connection) -> None:
    # A transaction that first reads and then writes could fail at once; one that says at its
    # start that it writes waits for its turn.
    statement = connection.get_execution_options().get("sweep_begin", "BEGIN")
    if statement is not None:
        connection.exec_driver_sql(statement)


def _remember(connection: Connection, cursor: sqlite3.Cursor, *_: Any) -> None:
    connection.connection.info.setdefault("cursors", WeakSet()).add(cursor)


def _end_reading(_connection: sqlite3.Connection, record: Any, _state: Any) -> None:
    # A cursor that an exception keeps alive half read holds its moment of the database beyond the
    # rollback: whoever has the connection next would see that moment, not now.
    for cursor in record.info.pop("cursors", ()):
        cursor.close()
