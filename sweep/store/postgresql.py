"""A store in a PostgreSQL database (14 or newer), through psycopg.

Readers see one moment (``REPEATABLE READ``). A run writes on one connection of its own, which
holds the study's advisory lock: whoever loses the connection loses the lock with it, and no write
without the lock can go through. So the connection must lead to the server itself, or through a
pool that keeps sessions whole.

Users, passwords and TLS are libpq's: what is not in the URL comes from PGPASSWORD, PGPASSFILE, a
service file and the like.
"""

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, create_engine, event, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from sweep.errors import MissingError, StoreBusyError, StoreError
from sweep.store.kinds import shown_url

_CONNECTION = {
    "application_name": "sweep",
    "client_encoding": "utf8",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
"""libpq's parameters, where the URL does not say otherwise; a server that has vanished is noticed
within a minute."""
MAKING_SECONDS = 60.0
"""How long to wait for another process that makes the tables; it takes a second at most."""
PROBE_SECONDS = 0.5
"""How long a run waits for its lock: that of a killed one ends a moment after it."""
RETAKE_SECONDS = 5.0
"""How long to wait for a lock that a lost connection held; its session is ended first."""
SETTLE_SECONDS = 10.0
"""How long a transaction may be in progress whose session has ended."""

_SETTINGS = """
SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3;
SET idle_session_timeout = 0
"""
"""The server ends the session of a host that has vanished within a minute, and no idle one."""


_IS_HELD = """
SELECT EXISTS (
    SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid = :high AND objid = :low
)
"""
"""A lock of 64 bits is listed as two halves without sign."""
_MYSELF = "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
_END_SESSION = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid = :process AND backend_start = :since
"""
_LOCK_NOT_AVAILABLE = "55P03"
_REACH_RULE = "The store's database server must answer."
_REACH_REMEDY = (
    "Look at the server and its address, then run the same command again; "
    "what was finished is kept."
)
_LOGIN_RULE = "The database server must know the user, and get the right password."
_LOGIN_REMEDY = (
    "Mend the URL; a password can also come from PGPASSWORD, PGPASSFILE or SWEEP_STORE_FILE."
)
_RIGHTS_RULE = "The user must have the right to do this in the store's database."
_RIGHTS_REMEDY = "Let the database's owner run it, or grant the right."
_EXPLANATIONS = (
    ("authentication failed", _LOGIN_RULE, _LOGIN_REMEDY),
    ("no password supplied", _LOGIN_RULE, _LOGIN_REMEDY),
    ("no pg_hba.conf entry", _LOGIN_RULE, _LOGIN_REMEDY),
    ('role "', _LOGIN_RULE, _LOGIN_REMEDY),
    (
        'database "',
        "The store's database must exist.",
        "Make it with: createdb --encoding UTF8 NAME; or choose another with --store.",
    ),
    ("42501", _RIGHTS_RULE, _RIGHTS_REMEDY),
    ("25006", _RIGHTS_RULE, _RIGHTS_REMEDY),
    (
        "53100",
        "The disk of the database server is full.",
        "Make room and run the same command again; what was finished is kept.",
    ),
)
"""Sign (the server's state, or words of a connection that failed), rule and remedy."""


class _Session(NamedTuple):
    """A connection that holds locks, and what tells its session on the server apart."""

    connection: Connection
    process: int
    since: Any


class PostgreSQL:
    """A schema of a database; see ``Kind``.

    Raises:
        MissingError: psycopg is not installed.
        StoreError: the database cannot be reached.
    """

    def __init__(self, url: URL) -> None:
        _need_psycopg()
        self.url = url
        wanted = {name: value for name, value in _CONNECTION.items() if name not in url.query}
        self.engine_options: Mapping[str, Any] = {"pool_pre_ping": True, "connect_args": wanted}
        self.engine = create_engine(url, **self.engine_options)
        event.listen(self.engine, "connect", _configure)
        self._read_only = self.engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._studies: set[str] = set()
        """Whose locks this object holds."""
        self._session: _Session | None = None

    def prepare(self) -> None:
        """Refuse a database that cannot keep every text."""
        with self.engine.connect() as connection:
            encoding = connection.scalar(text("SHOW server_encoding"))
        if encoding != "UTF8":
            raise StoreError(
                "The store's database keeps its text in UTF-8.",
                got=f"{encoding}, in {shown_url(self.url)}",
                remedy="Make one with: createdb --encoding UTF8 --template template0 NAME",
            )

    def reader(self) -> AbstractContextManager[Connection]:
        """Its transactions see the moment of their first statement."""
        return self._read_only.connect()

    @contextmanager
    def writer(self) -> Iterator[Connection]:
        """The connection that holds the locks, opened again where it was lost; else any."""
        if not self._studies:
            with self.engine.connect() as connection:
                yield connection
            return
        yield self._connection()

    @contextmanager
    def only_writer(self, study: str, *, wait: bool) -> Iterator[bool]:
        """An advisory lock of the session that writes."""
        if study in self._studies:
            yield False
            return
        try:
            is_alone = self._take(study, 0 if wait else PROBE_SECONDS)
        except DBAPIError as error:
            raise self.explained(error) from error
        try:
            yield is_alone
        finally:
            if is_alone:
                self._release(study)

    def is_held(self, study: str) -> bool:
        """Whether a session holds the study's lock."""
        with self.engine.connect() as connection:
            key = self._key(connection, study)
            halves = {"high": key >> 32 & 0xFFFFFFFF, "low": key & 0xFFFFFFFF}
            return bool(connection.scalar(text(_IS_HELD), halves))

    @contextmanager
    def only_maker(self) -> Iterator[None]:
        """An advisory lock of a session of its own."""
        with self.engine.connect() as connection:
            key = self._key(connection, "")
            if not _lock(connection, key, MAKING_SECONDS):
                raise StoreError(
                    f"Another program has been making the tables for {MAKING_SECONDS:.0f} seconds.",
                    got=shown_url(self.url),
                    remedy="Stop it, or wait for its end, and run the same command again.",
                )
            try:
                yield
            finally:
                _unlock(connection, key)

    def back_up(self, connection: Connection) -> str:
        """Copy our tables into a new schema, in the same transaction."""
        inspector = inspect(connection)
        here, taken = inspector.default_schema_name, inspector.get_schema_names()
        copy = next(name for n in count(1) if (name := f"{here}_backup_{n}") not in taken)
        quoted = connection.dialect.identifier_preparer.quote(copy)
        connection.exec_driver_sql(f"CREATE SCHEMA {quoted}")
        for name in inspector.get_table_names():
            if name.startswith("sweep_"):
                connection.exec_driver_sql(
                    f"CREATE TABLE {quoted}.{name} (LIKE {name} INCLUDING ALL);"
                    f"INSERT INTO {quoted}.{name} SELECT * FROM {name}"
                )
        return f"the schema {copy}"

    def faults(self, connection: Connection) -> Iterator[str]:  # noqa: ARG002 (``Kind``'s name)
        """None: the server checks what it reads."""
        return iter(())

    def continue_numbering(self, connection: Connection, table: Table) -> None:
        """Set the table's sequence behind its largest number."""
        column = table.autoincrement_column
        if column is not None:
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'),"
                f" max({column.name})) FROM {table.name}"
            )

    def is_lost(self, error: DBAPIError) -> bool:
        """Whether the server ended the session, or there is none."""
        never_made = error.statement is None and getattr(error.orig, "sqlstate", None) is None
        return error.connection_invalidated or never_made

    def transaction_id(self, connection: Connection) -> str | None:
        """The server's number of it."""
        return connection.scalar(text("SELECT pg_current_xact_id_if_assigned()::text"))

    def has_committed(self, connection: Connection, transaction_id: str | None) -> bool:
        """What the server says; its session has been ended before."""
        if transaction_id is None:
            return False
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            with connection.begin():
                status = connection.scalar(
                    text("SELECT pg_xact_status(CAST(:id AS xid8))"), {"id": transaction_id}
                )
            if status != "in progress":
                return status == "committed"
            if time.monotonic() > deadline:
                raise StoreError(
                    "The database server must end the transactions of sessions that it ended.",
                    got=f"transaction {transaction_id} in {shown_url(self.url)}",
                    remedy="Look at the server, then run the same command again; "
                    "what was finished is kept.",
                )
            time.sleep(0.1)

    def explained(self, error: DBAPIError) -> StoreError:
        """By the state that the server reports, or by the words of a connection that failed."""
        reason = " ".join(str(error.orig).split())
        got = f"{shown_url(self.url)} ({reason})"
        state = getattr(error.orig, "sqlstate", None)
        for sign, rule, remedy in _EXPLANATIONS:
            if sign == state or (state is None and sign in reason):
                return StoreError(rule, got=got, remedy=remedy)
        if self.is_lost(error):
            return StoreError(_REACH_RULE, got=got, remedy=_REACH_REMEDY)
        return StoreError("The database refused a statement.", got=got)

    def damaged(self, found: str) -> StoreError:
        """Our tables are not as sweep makes them."""
        return StoreError(
            "The store is damaged.",
            got=f"{shown_url(self.url)} ({found})",
            remedy="Restore a copy, or choose another store with --store.",
        )

    def _connection(self) -> Connection:
        """The session's, made anew where it was lost, with all its locks."""
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

    def _opened(self) -> _Session:
        connection = self.engine.connect()
        with connection.begin():
            row = connection.execute(text(_MYSELF)).one()
        return _Session(connection, row.pid, row.backend_start)

    def _take_back(self, session: _Session, lost: _Session) -> None:
        """Take the locks of a lost session, which the server may not know to be lost."""
        with session.connection.begin():
            session.connection.execute(
                text(_END_SESSION), {"process": lost.process, "since": lost.since}
            )
        for study in self._studies:
            key = self._key(session.connection, study)
            if not _lock(session.connection, key, RETAKE_SECONDS):
                raise StoreBusyError(
                    f"Study {study!r} is written by one run at a time.",
                    got="another run, which began while this one had no connection to the store",
                    remedy="Wait for its end with --wait, or stop it; what was finished is kept.",
                )

    def _take(self, study: str, patience_seconds: float) -> bool:
        connection = self._connection()
        is_alone = _lock(connection, self._key(connection, study), patience_seconds)
        if is_alone:
            self._studies.add(study)
        else:
            self._close_session()
        return is_alone

    def _release(self, study: str) -> None:
        self._studies.remove(study)
        connection = None if self._session is None else self._session.connection
        if connection is not None and not connection.invalidated:
            with suppress(DBAPIError):
                _unlock(connection, self._key(connection, study))
        self._close_session()

    def _close_session(self) -> None:
        """Close it unless it holds a lock."""
        if self._session is not None and not self._studies:
            _drop(self._session.connection)
            self._session = None

    def _key(self, connection: Connection, study: str) -> int:
        """Of an advisory lock: 64 bits, another one for every schema and study."""
        here = connection.dialect.default_schema_name
        digest = hashlib.sha256(f"sweep\0{here}\0{study}".encode()).digest()
        return int.from_bytes(digest[:8], signed=True)


def _lock(connection: Connection, key: int, patience_seconds: float) -> bool:
    """Take a lock for the session; False where another one keeps it so long (0: wait for ever)."""
    try:
        with connection.begin():
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(1000 * patience_seconds)}")
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": key})
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            return False
        raise
    return True


def _unlock(connection: Connection, key: int) -> None:
    with connection.begin():
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})


def _drop(connection: Connection) -> None:
    """Close it for good, and with it what its session holds."""
    with suppress(DBAPIError):
        connection.invalidate()
    connection.close()


def _configure(connection: Any, _record: Any) -> None:
    connection.autocommit = True
    connection.execute(_SETTINGS)
    connection.autocommit = False


def _need_psycopg() -> None:
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise MissingError(
            "A store in PostgreSQL needs psycopg.",
            got=str(error),
            remedy="pip install 'sweep[postgres]'",
        ) from None
