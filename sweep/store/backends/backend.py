"""The kinds of databases that a store can be in, and what differs between them.

Under ``database.py``, which does with each kind what is the same for all.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from sweep.errors import NoStoreError, StoreError
from sweep.settings import without_password
from sweep.util.paths import as_typed


class Backend(Protocol):
    """A place for a store, in a database of one kind.

    Attributes:
        url: the SQLAlchemy URL; it may hold a password.
        engine: its connections.
        engine_url: of any engine for this place, Optuna's too; with
        engine_options: its options.
        why_read_only: why nothing can be written here, in words; None if it can, or if that
            shows only when something is written.
    """

    url: URL
    engine: Engine
    engine_url: URL
    engine_options: Mapping[str, Any]
    why_read_only: str | None

    def close(self) -> None:
        """Close all connections."""
        ...

    def warning(self) -> str | None:
        """What is to be feared of this place, in a sentence; None where nothing is."""
        ...

    def check(self) -> None:
        """See whether there can be tables here; changes nothing.

        Raises:
            StoreError: there cannot.
        """
        ...

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

    def read_copy(self) -> None:
        """Where nothing can be written: read a private copy from now on, which can be upgraded."""
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

    def back_up(self, connection: Connection, also: Collection[str] = ()) -> str:
        """Copy our tables, and those of these names, as committed; returns where, in words."""
        ...

    def throwaway_copy(self) -> AbstractContextManager[URL | None]:
        """A copy to try on what could stay half done; None where such a change is all or nothing.

        It is gone afterwards.
        """
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

    def explained(self, error: DBAPIError) -> StoreError:
        """The error with its remedy."""
        ...

    def damaged(self, found: str) -> StoreError:
        """What is kept is not whole: what to do about it."""
        ...


def shown_url(url: URL) -> str:
    """The URL as messages show it, without a password."""
    return without_password(url.render_as_string(hide_password=True))


def no_store(url: URL) -> NoStoreError:
    """There is none at the place that the URL names."""
    return NoStoreError(
        f"there is no store at {as_typed(shown_url(url))} yet",
        remedy="Start one with `sweep run lr-robustness`, or name another with --store URL.",
    )
