"""A store in a PostgreSQL database (14 or newer), through psycopg.

Readers see one moment (``REPEATABLE READ``); a run writes on the connection that holds its lock
(see ``advisory_lock.py``), which must lead to the server itself or through a pool that keeps
sessions whole. Users, passwords and TLS are libpq's: what is not in the URL comes from PGPASSWORD,
PGPASSFILE, a service file and the like.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import count
from typing import Any

from sqlalchemy import Connection, Table, create_engine, event, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError

from sweep.errors import MissingError, StoreError
from sweep.store.backends import advisory_lock as advisory
from sweep.store.backends.backend import shown_url
from sweep.util.distribution import installing

MAKING_SECONDS = 60.0
"""How long to wait for another process that makes the tables; it takes a second at most."""

_PARAMETERS = {
    "application_name": "sweep",
    "client_encoding": "utf8",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
"""libpq's, where the URL does not say otherwise: a server that vanished is noticed in a minute."""
_MAY_HAVE_TABLES = """
SELECT to_regclass('sweep_schema') IS NOT NULL
OR has_schema_privilege(current_schema()::text, 'CREATE')
"""
_SETTINGS = """
SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3;
SET idle_session_timeout = 0
"""
"""The server's, for each session: so is a host that vanished; and a run may train for hours."""


class PostgreSQL:
    """A database, or a schema of one; see ``Backend``.

    Raises:
        MissingError: psycopg is not installed.
    """

    def __init__(self, url: URL) -> None:
        _need_psycopg()
        self.url = self.engine_url = url
        self.why_read_only: str | None = None
        parameters = {name: value for name, value in _PARAMETERS.items() if name not in url.query}
        self.engine_options: Mapping[str, Any] = {
            "pool_pre_ping": True,
            "connect_args": parameters,
        }
        self.engine = create_engine(url, **self.engine_options)
        event.listen(self.engine, "connect", _configure)
        self._read_only = self.engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._locks = advisory.Locks(self.engine)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def warning(self) -> str | None:
        """None: the server keeps its own drive."""
        return None

    def check(self) -> None:
        """The database keeps every text, and has our tables or lets its user make them."""
        try:
            self.prepare()
            with self.engine.connect() as connection:
                may = connection.scalar(text(_MAY_HAVE_TABLES))
        except DBAPIError as error:
            raise self.explained(error) from error
        if not may:
            raise StoreError(
                f"the user may make no tables in {shown_url(self.url)}", remedy=_RIGHTS_REMEDY
            )

    def prepare(self) -> None:
        """Refuse a database that cannot keep every text."""
        with self.engine.connect() as connection:
            encoding = connection.scalar(text("SHOW server_encoding"))
        if encoding != "UTF8":
            raise StoreError(
                f"{shown_url(self.url)} keeps its text in {encoding}, not in UTF-8",
                remedy="Make one with `createdb --encoding UTF8 --template template0 NAME`.",
            )

    def reader(self) -> AbstractContextManager[Connection]:
        """Its transactions see the moment of their first statement."""
        return self._read_only.connect()

    @contextmanager
    def writer(self) -> Iterator[Connection]:
        """The connection that holds the locks, made anew where it was lost; else any."""
        if self._locks.are_held:
            yield self._locks.connection()
        else:
            with self.engine.connect() as connection:
                yield connection

    def read_copy(self) -> None:
        """Never: what a user may not write shows when it is written."""
        raise NotImplementedError

    @contextmanager
    def writer_lock(self, study: str, *, wait: bool) -> Iterator[bool]:
        """An advisory lock of the session that writes."""
        try:
            is_alone = self._locks.take(study, wait=wait)
        except DBAPIError as error:
            raise self.explained(error) from error
        try:
            yield is_alone
        finally:
            if is_alone:
                self._locks.release(study)

    def is_held(self, study: str) -> bool:
        """Whether any session holds the study's lock."""
        with self.engine.connect() as connection:
            return advisory.is_held(connection, study)

    @contextmanager
    def schema_lock(self) -> Iterator[None]:
        """An advisory lock of a session of its own."""
        with (
            self.engine.connect() as connection,
            advisory.held(connection, "", MAKING_SECONDS) as is_alone,
        ):
            if not is_alone:
                raise StoreError(
                    f"another program has been making the tables of {shown_url(self.url)} for "
                    f"{MAKING_SECONDS:.0f} seconds",
                    remedy="Stop it, or wait for its end, and run the same command again.",
                )
            yield

    def back_up(self, connection: Connection, also: Collection[str] = ()) -> str:
        """Copy the tables into a new schema, in the same transaction; returns its name."""
        inspector = inspect(connection)
        taken = inspector.get_schema_names()
        here = inspector.default_schema_name
        copy = next(name for n in count(1) if (name := f"{here}_backup_{n}") not in taken)
        quoted = connection.dialect.identifier_preparer.quote(copy)
        connection.exec_driver_sql(f"CREATE SCHEMA {quoted}")
        for name in inspector.get_table_names():
            if name.startswith("sweep_") or name in also:
                connection.exec_driver_sql(
                    f"CREATE TABLE {quoted}.{name} (LIKE {name} INCLUDING ALL);"
                    f"INSERT INTO {quoted}.{name} SELECT * FROM {name}"
                )
        return f"the schema {copy} of {shown_url(self.url)}"

    def throwaway_copy(self) -> AbstractContextManager[URL | None]:
        """None: what changes tables is one transaction too."""
        return nullcontext()

    def faults(self, connection: Connection) -> Iterator[str]:  # noqa: ARG002 (``Backend``'s name)
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
        """Whether the session was ended, or could not begin."""
        state = _state(error)
        could_not_begin = isinstance(error, OperationalError) and state is None
        was_ended = state is not None and state.startswith(_SESSION_ENDED)
        return error.connection_invalidated or could_not_begin or was_ended

    def explained(self, error: DBAPIError) -> StoreError:
        """By the state that the server reports, or by the words of a session that cannot begin."""
        reason = " ".join(str(error.orig).split())
        place = shown_url(self.url)
        state = _state(error)
        for sign, wrong, remedy in _EXPLANATIONS:
            if sign == state or (state is None and sign in reason):
                return StoreError(f"{wrong}: {place} ({reason})", remedy=remedy)
        if self.is_lost(error):
            return StoreError(
                f"the database server does not answer: {place} ({reason})", remedy=_REACH_REMEDY
            )
        return StoreError(
            f"the database refused a statement: {place} ({reason})",
            remedy="See the server's log, mend what it names, and run the same command again.",
        )

    def damaged(self, found: str) -> StoreError:
        """Our tables are not as sweep makes them."""
        return StoreError(
            f"{shown_url(self.url)} is damaged: {found}",
            remedy="Restore a copy, or choose another store with --store.",
        )


def _state(error: DBAPIError) -> str | None:
    """The server's code; None where the words are libpq's."""
    return getattr(error.orig, "sqlstate", None)


def _configure(connection: Any, _record: Any) -> None:
    try:
        connection.autocommit = True
        connection.execute(_SETTINGS)
        connection.autocommit = False
    except BaseException:
        connection.close()
        raise


def _need_psycopg() -> None:
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise MissingError(
            f"psycopg cannot be loaded: {error}",
            rule="A store in PostgreSQL needs it.",
            remedy=f"Install it with `{installing('postgres')}`.",
        ) from None


_SESSION_ENDED = ("08", "57P0")
"""States: the connection failed; the server shuts down, has crashed, or starts up."""
_REACH_REMEDY = (
    "Look at the server and its address, then run the same command again; "
    "what was finished is kept."
)
_NO_LOGIN = "the database server does not know the user, or got another password"
_LOGIN_REMEDY = (
    "Mend the URL; a password can also come from PGPASSWORD, PGPASSFILE or SWEEP_STORE_FILE."
)
_NO_RIGHT = "the user has no right to do this in the database"
_RIGHTS_REMEDY = "Let the database's owner do it, or grant the right."
_EXPLANATIONS = (
    ("authentication failed", _NO_LOGIN, _LOGIN_REMEDY),
    ("no password supplied", _NO_LOGIN, _LOGIN_REMEDY),
    ("no pg_hba.conf entry", _NO_LOGIN, _LOGIN_REMEDY),
    ('FATAL: role "', _NO_LOGIN, _LOGIN_REMEDY),
    (
        'FATAL: database "',
        "there is no such database",
        "Make it with `createdb --encoding UTF8 NAME`, or choose another with --store.",
    ),
    (
        "invalid connection option",
        "the URL has a parameter that libpq does not know",
        "See https://www.postgresql.org/docs/current/libpq-connect.html for their names.",
    ),
    ("42501", _NO_RIGHT, _RIGHTS_REMEDY),
    ("25006", _NO_RIGHT, _RIGHTS_REMEDY),
    (
        "53100",
        "the disk of the database server is full",
        "Free some space and run the same command again; what was finished is kept.",
    ),
)
"""Sign (the server's state, or words of a session that cannot begin), what is wrong, remedy."""
