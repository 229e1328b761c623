"""The kinds of databases that a store can be in, and what differs between them.

Under ``database.py``, which does with each kind what is the same for all.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from sweep.errors import NoStoreError, StoreError
from sweep.settings import without_password


class Backend(Protocol):
    """A place for a store, in a database of one kind.

    Attributes:
        url: the SQLAlchemy URL; it may hold a password.
        engine: its connections.
        engine_options: of any engine for this place, Optuna's too.
    """

    url: URL
    engine: Engine
    engine_options: Mapping[str, Any]

    def prepare(self) -> None:
        """Make the place ready for tables; called under ``schema_lock``."""
        ...

    def reader(self) -> AbstractContextManager[Connection]:
        """A connection whose transactions each see one moment."""
        ...

    def writer(self) -> AbstractContextManager[Connection]:
        """A connection to write on: all of a transaction is stored, or nothing.

        Raises:
            StoreBusyError: locks that this process held were lost, and another run has one.
        """
        ...

    def writer_lock(self, study: str, *, wait: bool) -> AbstractContextManager[bool]:
        """Hold the study's lock, which ends with its owner; yields False where another run has it.

        With ``wait`` it yields True, as soon as no other run holds it.
        """
        ...

    def is_held(self, study: str) -> bool:
        """Whether a run holds the study's lock; False where that cannot be told."""
        ...

    def schema_lock(self) -> AbstractContextManager[None]:
        """Hold the lock under which tables are made, after whoever is making them."""
        ...

    def back_up(self, connection: Connection) -> str:
        """Copy what is committed; returns where, in words."""
        ...

    def faults(self, connection: Connection) -> Iterator[str]:
        """What the database itself finds wrong with what it keeps."""
        ...

    def continue_numbering(self, connection: Connection, table: Table) -> None:
        """Let new rows be numbered after those that were inserted with their numbers."""
        ...

    def is_lost(self, error: DBAPIError) -> bool:
        """Whether the connection is gone or cannot be made, so that another may do better."""
        ...

    def transaction_id(self, connection: Connection) -> str | None:
        """What ``has_committed`` needs to know of the transaction; None if it wrote nothing."""
        ...

    def has_committed(self, connection: Connection, transaction_id: str | None) -> bool:
        """Whether a transaction went through whose end was not heard of."""
        ...

    def explained(self, error: DBAPIError) -> StoreError:
        """The error with its remedy."""
        ...

    def damaged(self, found: str) -> StoreError:
        """What is kept is not whole: what to do about it."""
        ...


def backend_of(url: str, *, create: bool) -> Backend:
    """The place that a URL names.

    Raises:
        StoreError: it is no URL of a kind that is known, or the place is not there.
    """
    try:
        url.encode()  # a path that is no text would fail later
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is None or ("?" in url and not parsed.query):  # it would be another file's name
        # What comes before an @ may be a password.
        shown = url.rpartition("@")[2]
        raise StoreError("The store is a database URL.", got=shown, remedy=_REMEDY)
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        from sweep.store.backends.sqlite import SQLite

        return SQLite(parsed, create=create)
    if parsed.drivername in ("postgresql", "postgresql+psycopg"):
        from sweep.store.backends.postgresql import PostgreSQL

        return PostgreSQL(parsed.set(drivername="postgresql+psycopg"))
    rule = "The store is a SQLite or PostgreSQL database."
    raise StoreError(rule, got=shown_url(parsed), remedy=_REMEDY)


def shown_url(url: URL) -> str:
    """The URL as messages show it, without a password."""
    return without_password(url.render_as_string(hide_password=True))


def no_store(url: URL) -> NoStoreError:
    """There is none at the place that the URL names."""
    return NoStoreError(
        "There is no store here yet.",
        got=shown_url(url),
        remedy="Start one with: sweep run lr-robustness; or name another with --store URL.",
    )


_REMEDY = (
    "Give a SQLAlchemy URL such as sqlite:///sweep.db (relative), sqlite:////full/path or "
    "postgresql+psycopg://user@host/database; a ? in a path is %3F, a % is %25."
)
