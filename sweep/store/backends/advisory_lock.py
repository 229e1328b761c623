"""Locks of a PostgreSQL server, which end with the sessions that hold them.

Under ``postgresql.py``. The locks of the studies that a process runs are held by one session,
which is also the one that writes: whoever loses it has lost the locks with it, so nothing is
written without them. A session that is lost on this side may live on at the server (the network
was cut, say); it is ended before its locks are taken again.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from sweep.errors import StoreBusyError

PROBE_SECONDS = 0.5
"""How long a run waits for its lock: that of a killed one ends a moment after it."""
RETAKE_SECONDS = 2.0
"""How long it waits for a lock that its lost session held."""

_LOCK_NOT_AVAILABLE = "55P03"
_MYSELF = "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
_END_SESSION = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid = :process AND backend_start = :since
"""
_IS_HELD = """
SELECT EXISTS (
    SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid = :high AND objid = :low
)
"""
"""A lock of 64 bits is listed as two halves without sign."""


class _Session(NamedTuple):
    """A connection that holds locks, and what tells its session on the server apart."""

    connection: Connection
    process: int
    since: datetime


class Locks:
    """The locks that a store holds in its database, and the session that holds them.

    Not for several threads at once.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._studies: set[str] = set()
        self._session: _Session | None = None

    @property
    def are_held(self) -> bool:
        """Whether there are any."""
        return bool(self._studies)

    def connection(self) -> Connection:
        """The session's, made anew where it was lost, with all its locks.

        Raises:
            StoreBusyError: another run has taken one of them.
            DBAPIError: the server does not answer.
        """
        lost = self._session
        if lost is not None and not lost.connection.invalidated:
            return lost.connection
        session = self._opened()
        try:
            if lost is not None:
                self._take_back(session, lost)
                lost.connection.close()
        except BaseException:
            _drop(session.connection)
            raise
        self._session = session
        return session.connection

    def take(self, study: str, *, wait: bool) -> bool:
        """Take a study's lock; False where another session has it, or this one already."""
        if study in self._studies:
            return False
        is_taken = lock(self.connection(), study, None if wait else PROBE_SECONDS)
        if is_taken:
            self._studies.add(study)
        self._close_if_idle()
        return is_taken

    def release(self, study: str) -> None:
        """Let go of a study's lock, if it is not lost anyway."""
        self._studies.remove(study)
        session = self._session
        if session is not None and not session.connection.invalidated:
            with suppress(DBAPIError):
                unlock(session.connection, study)
        self._close_if_idle()

    def _opened(self) -> _Session:
        connection = self._engine.connect()
        with connection.begin():
            row = connection.execute(text(_MYSELF)).one()
        return _Session(connection, row.pid, row.backend_start)

    def _take_back(self, session: _Session, lost: _Session) -> None:
        with session.connection.begin():
            session.connection.execute(
                text(_END_SESSION), {"process": lost.process, "since": lost.since}
            )
        for study in self._studies:
            if not lock(session.connection, study, RETAKE_SECONDS):
                raise StoreBusyError(
                    f"another run writes to study {study!r}: it began while this one had no "
                    "connection to the store",
                    remedy="Wait for its end with --wait, or stop it; what was finished is kept.",
                )

    def _close_if_idle(self) -> None:
        if self._session is not None and not self._studies:
            _drop(self._session.connection)
            self._session = None


def lock(connection: Connection, name: str, patience_seconds: float | None) -> bool:
    """Take a lock for the session; False where another one keeps it so long (None: waits on)."""
    timeout = 0 if patience_seconds is None else int(1000 * patience_seconds)
    try:
        with connection.begin():
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {timeout}")
            connection.execute(
                text("SELECT pg_advisory_lock(:key)"), {"key": _key(connection, name)}
            )
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            return False
        raise
    return True


def unlock(connection: Connection, name: str) -> None:
    """Let go of a lock of the session."""
    with connection.begin():
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _key(connection, name)})


def is_held(connection: Connection, name: str) -> bool:
    """Whether any session holds a lock."""
    key = _key(connection, name)
    halves = {"high": key >> 32 & 0xFFFFFFFF, "low": key & 0xFFFFFFFF}
    return bool(connection.scalar(text(_IS_HELD), halves))


@contextmanager
def held(connection: Connection, name: str, patience_seconds: float) -> Iterator[bool]:
    """Hold a lock; yields False, without it, where another session keeps it so long.

    It ends with the session, should that be lost.
    """
    is_taken = lock(connection, name, patience_seconds)
    try:
        yield is_taken
    finally:
        if is_taken:
            with suppress(DBAPIError):
                unlock(connection, name)


def _key(connection: Connection, name: str) -> int:
    """Of an advisory lock: 64 bits, others for every schema of the database and every name."""
    here = connection.dialect.default_schema_name
    digest = hashlib.sha256(f"sweep\0{here}\0{name}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def _drop(connection: Connection) -> None:
    """Close it for good, and with it what its session holds."""
    with suppress(DBAPIError):
        connection.invalidate()
    connection.close()
