"""The connection to the database: opened with a clear word on what is wrong, and its transactions.

Under ``store.py`` and ``writer.py``; knows nothing of what the tables mean.
"""

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError

from sweep.errors import StoreBusyError, StoreError
from sweep.store import schema
from sweep.store.lock import is_held, only_maker
from sweep.store.migrations import MIGRATIONS, SCHEMA_VERSION

_log = logging.getLogger(__name__)

BUSY_SECONDS = 30
"""How long a statement waits for another program's transaction; all of ours last milliseconds."""


class Database:
    """A database with our tables in it.

    SQLite runs in WAL mode, so readers (a dashboard) and the writer never wait for each other,
    with ``synchronous=NORMAL``: a killed process loses nothing, a power cut at most the last
    commits, which are then trained again, and the file stays whole either way.

    A store that an older sweep made is upgraded when it is opened, after a backup copy.

    Attributes:
        url: the SQLAlchemy URL.
        path: the SQLite file.

    Raises:
        StoreBusyError: it must be upgraded while a run of the older sweep writes to it.
        StoreError: it cannot be opened, is not a database, has no store (unless ``create``), or
            was written by a newer sweep.
    """

    def __init__(self, url: str, *, create: bool) -> None:
        self.url = _parsed(url)
        self.path = _file(self.url)
        if not create and not self.path.exists():
            raise _no_store(self.shown)
        if not self.path.parent.is_dir():
            raise StoreError(_FOLDER_RULE, got=self.shown, remedy=_FOLDER_REMEDY)
        self._engine = create_engine(self.url, connect_args={"timeout": BUSY_SECONDS})
        event.listen(self._engine, "connect", _configure)
        event.listen(self._engine, "begin", _begin)
        try:
            if create:
                self._create()
            if self._version() < SCHEMA_VERSION:
                self._upgrade()
        except BaseException:
            self._engine.dispose()
            raise

    @property
    def shown(self) -> str:
        """The URL as messages show it, without a password."""
        return self.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the database, whatever is written meanwhile."""
        with self._told(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it is stored, or nothing."""
        engine = self._engine.execution_options(sweep_begin="BEGIN IMMEDIATE")
        with self._told(), engine.begin() as connection:
            yield connection

    def back_up(self) -> Path:
        """Copy what is committed into a new file beside the database; returns its path."""
        copy = next(
            path
            for number in count(1)
            if not (path := self.path.with_name(f"{self.path.name}.backup-{number}")).exists()
        )
        unfinished = copy.with_name(f"{copy.name}.partial")
        try:
            with self._told(), closing(sqlite3.connect(unfinished)) as target:
                source: Any = self._engine.raw_connection()
                with closing(source):
                    source.driver_connection.backup(target)
            unfinished.replace(copy)
        finally:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
        return copy

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DatabaseError as error:
            raise _explained(str(error.orig), self.shown) from error
        except sqlite3.Error as error:
            raise _explained(str(error), self.shown) from error

    def _create(self) -> None:
        with only_maker(self.path), self._told():
            _use_wal(self._engine)
            self._make_tables()

    def _make_tables(self) -> None:
        with self.writing() as connection:
            if not inspect(connection).has_table(schema.schema.name):
                schema.metadata.create_all(connection)
                connection.execute(insert(schema.schema).values(_made_by()))

    def _version(self) -> int:
        with self.reading() as connection:
            if not inspect(connection).has_table(schema.schema.name):
                raise _no_store(self.shown)
            rows = connection.execute(select(schema.schema)).all()
        if len(rows) != 1 or not isinstance(rows[0].version, int) or rows[0].version < 1:
            raise damaged(self.shown, "its schema's version is missing")
        found, made_by = rows[0]
        if found > SCHEMA_VERSION:
            raise StoreError(
                f"This sweep reads stores up to schema {SCHEMA_VERSION}.",
                got=f"schema {found}, made by sweep {made_by}, in {self.shown}",
                remedy=f"Install sweep {made_by} or newer, or choose another store with --store.",
            )
        return found

    def _upgrade(self) -> None:
        with only_maker(self.path):
            found = self._version()
            if found == SCHEMA_VERSION:  # another process has just done it
                return
            with self.writing() as connection:
                self._refuse_while_run(connection.scalars(select(schema.studies.c.name)).all())
                copy = self.back_up()
                for migrate in MIGRATIONS[found - 1 :]:
                    migrate(connection)
                connection.execute(update(schema.schema).values(_made_by()))
        _log.warning(
            "%s was upgraded from schema %d to %d, which older versions of sweep do not read; "
            "as it was it is kept in %s",
            *(self.shown, found, SCHEMA_VERSION, copy),
        )

    def _refuse_while_run(self, studies: Sequence[str]) -> None:
        busy = [study for study in studies if is_held(self.path, study)]
        if busy:
            raise StoreBusyError(
                f"A store is upgraded to schema {SCHEMA_VERSION} while nothing runs in it.",
                got=f"runs of {', '.join(busy)} in {self.shown}",
                remedy="Wait until they have ended, or stop them; what they finish is kept.",
            )


def damaged(shown: str, found: str) -> StoreError:
    """The file is not whole: what to do about it."""
    return StoreError(_DAMAGE_RULE, got=f"{shown} ({found})", remedy=_DAMAGE_REMEDY)


def _made_by() -> dict[str, Any]:
    return {"version": SCHEMA_VERSION, "sweep_version": version("sweep")}


def _parsed(url: str) -> URL:
    remedy = "Give a SQLAlchemy URL such as sqlite:///sweep.db (relative) or sqlite:////full/path."
    try:
        parsed = make_url(url)
    except ArgumentError:
        # What comes before an @ may be a password.
        raise StoreError(
            "The store is a database URL.", got=url.rpartition("@")[2], remedy=remedy
        ) from None
    shown = parsed.render_as_string(hide_password=True)
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise StoreError("The store is a SQLite database.", got=shown, remedy=remedy)
    if not parsed.database or ":memory:" in parsed.database or "mode=memory" in str(parsed):
        raise StoreError("The store is a file, so that it is kept.", got=shown, remedy=remedy)
    return parsed


def _file(url: URL) -> Path:
    database = url.database or ""
    if database.startswith("file:"):
        return Path(unquote(urlsplit(database).path)).absolute()
    return Path(database).absolute()


def _configure(connection: sqlite3.Connection, _record: Any) -> None:
    # Python's own transactions begin too late for a consistent view; see "begin".
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=NORMAL")


def _begin(connection: Connection) -> None:
    # A transaction that first reads and then writes could fail at once; one that says at its
    # start that it writes waits for its turn.
    statement = connection.get_execution_options().get("sweep_begin", "BEGIN")
    if statement is not None:
        connection.exec_driver_sql(statement)


def _use_wal(engine: Engine) -> None:
    # A transaction would refuse it.
    with engine.execution_options(sweep_begin=None).connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")


def _no_store(shown: str) -> StoreError:
    return StoreError(
        "There is no store here yet.",
        got=shown,
        remedy="Start one with: sweep run lr-robustness; or name another with --store URL.",
    )


_DAMAGE_RULE = "The database is damaged."
_DAMAGE_REMEDY = "Restore a copy, or save what can be saved with: sqlite3 FILE .recover"
_FOLDER_RULE = "The store's folder must exist, and SQLite must be able to write in it."
_FOLDER_REMEDY = "Create the folder, mend its permissions, or choose another with --store."
_EXPLANATIONS = (
    (
        "file is not a database",
        "The store is a SQLite database; this file is something else.",
        "Choose another file with --store.",
    ),
    (
        "malformed",
        _DAMAGE_RULE,
        _DAMAGE_REMEDY,
    ),
    (
        "unable to open database file",
        _FOLDER_RULE,
        _FOLDER_REMEDY,
    ),
    (
        "readonly database",
        "The store must be writable.",
        "Mend the permissions of the file and its folder, or choose another with --store.",
    ),
    (
        "disk is full",
        "The disk that holds the store is full.",
        "Make room and run the same command again; what was finished is kept.",
    ),
    (
        "disk I/O error",
        "The disk that holds the store refuses to be read or written.",
        "Look at its room, its limits and its health, then run the same command again; "
        "what was finished is kept.",
    ),
    (
        "is locked",
        f"Another program has kept the store locked for {BUSY_SECONDS} seconds.",
        "Close it, and run the same command again; what was finished is kept.",
    ),
)


def _explained(reason: str, shown: str) -> StoreError:
    for text, rule, remedy in _EXPLANATIONS:
        if text in reason:
            return StoreError(rule, got=f"{shown} ({reason})", remedy=remedy)
    return StoreError("The database refused a statement.", got=f"{shown} ({reason})")
