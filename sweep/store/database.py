"""The connection to the database: opened with a clear word on what is wrong, and its transactions.

Under ``store.py`` and ``writer.py``; knows nothing of what the tables mean.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError

from sweep.errors import StoreError
from sweep.store import schema
from sweep.store.lock import only_maker

BUSY_SECONDS = 30
"""How long a statement waits for another program's transaction; all of ours last milliseconds."""


class Database:
    """A database with our tables in it.

    SQLite runs in WAL mode, so readers (a dashboard) and the writer never wait for each other,
    with ``synchronous=NORMAL``: a killed process loses nothing, a power cut at most the last
    commits, which are then trained again, and the file stays whole either way.

    Attributes:
        url: the SQLAlchemy URL.
        path: the SQLite file.

    Raises:
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
            self._check_version()
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

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DatabaseError as error:
            raise _explained(error, self.shown) from error

    def _create(self) -> None:
        with only_maker(self.path), self._told():
            _use_wal(self._engine)
            self._make_tables()

    def _make_tables(self) -> None:
        with self.writing() as connection:
            if not inspect(connection).has_table(schema.schema.name):
                schema.metadata.create_all(connection)
                made_by = {"version": schema.SCHEMA_VERSION, "sweep_version": version("sweep")}
                connection.execute(insert(schema.schema).values(made_by))

    def _check_version(self) -> None:
        with self.reading() as connection:
            if not inspect(connection).has_table(schema.schema.name):
                raise _no_store(self.shown)
            found, made_by = connection.execute(
                select(schema.schema.c.version, schema.schema.c.sweep_version)
            ).one()
        if found > schema.SCHEMA_VERSION:
            raise StoreError(
                f"This sweep reads stores up to schema {schema.SCHEMA_VERSION}.",
                got=f"schema {found}, made by sweep {made_by}, in {self.shown}",
                remedy=f"Install sweep {made_by} or newer, or choose another store with --store.",
            )


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
        "The database is damaged.",
        "Restore a copy, or save what can be saved with: sqlite3 FILE .recover",
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


def _explained(error: DatabaseError, shown: str) -> StoreError:
    reason = str(error.orig)
    for text, rule, remedy in _EXPLANATIONS:
        if text in reason:
            return StoreError(rule, got=f"{shown} ({reason})", remedy=remedy)
    return StoreError("The database refused a statement.", got=f"{shown} ({reason})")
