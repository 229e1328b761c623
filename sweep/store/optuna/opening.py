"""Optuna's own tables in the database: found, made, brought to the version that Optuna reads.

Under ``study.py``, which mirrors trials in them, and ``Store.optuna_storage``. Optuna takes any
tables of these names for its own, makes those that are missing, and then looks at their version;
here nothing is touched before all of it is known. Tables of an older Optuna are upgraded by Optuna
itself, when a run or a repair writes to the mirror.
"""

import logging
import shlex
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import optuna
from alembic.script import ScriptDirectory
from optuna.storages import RDBStorage
from optuna.storages._rdb import models
from sqlalchemy import Connection, Inspector, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from sweep.errors import OptunaTablesError
from sweep.store.database import Database
from sweep.util.paths import as_typed

VERSIONS = "alembic_version"
_TABLES = models.BaseModel.metadata.tables
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Found:
    """What a database has of Optuna's tables.

    Attributes:
        any: whether there are any.
        readable: whether Optuna reads them, once it has made those that are missing.
        upgradable: whether they are of an older Optuna, as far as their version says.
        words: what they are.
    """

    any: bool
    readable: bool
    upgradable: bool
    words: str


def find_tables(connection: Connection) -> Found:
    """Look at the tables; changes nothing."""
    inspector = inspect(connection)
    names = set(inspector.get_table_names())
    revisions = _revisions(connection) if VERSIONS in names else ()
    known = _known_revisions()
    is_head = revisions in ((), known[:1])
    made_by = _made_by(connection, inspector) if "version_info" in names else None
    is_older = (len(revisions) == 1 and revisions[0] in known) or (made_by and not revisions)
    if not names & _TABLES.keys():
        words = "no tables of Optuna" if is_head else _words(None, revisions)
        return Found(False, is_head, False, words)
    is_whole = all(
        set(_TABLES[name].columns.keys())
        <= {column["name"] for column in inspector.get_columns(name)}
        for name in names & _TABLES.keys()
    )
    return Found(
        any=True,
        readable=is_head and is_whole,
        upgradable=bool(is_older) and not (is_head and revisions),
        words=_words(made_by, revisions),
    )


def optuna_storage(database: Database) -> RDBStorage:
    """Optuna's own way to its tables, which it makes where they are missing.

    Raises:
        OptunaTablesError: they are not of this version of Optuna; or missing, where nothing can
            be written.
    """
    with database.reading() as connection:
        found = find_tables(connection)
    if not found.readable:
        raise _unreadable(database, found)
    if database.why_read_only:
        if not found.any:
            raise _missing(database)
        return _storage(database.engine_url, database, make=False)
    with database.schema_lock():
        return _storage(database.engine_url, database)


def make_tables(database: Database) -> None:
    """Let Optuna's tables be there, as it reads them.

    Raises:
        OptunaTablesError: they are another program's, or Optuna cannot upgrade them.
    """
    with database.reading() as connection:
        found = find_tables(connection)
    if not found.readable:
        _upgrade(database, found)
    _close(optuna_storage(database))


def _upgrade(database: Database, found: Found) -> None:
    if not found.upgradable:
        raise _unreadable(database, found)
    with database.throwaway_copy() as copy:
        if copy is not None:  # where half an upgrade could stay
            _upgrade_at(copy, database, found)
    with database.writing() as connection:
        kept = database.back_up(connection, (*_TABLES, VERSIONS))
    _log.warning(
        "%s has %s, which are upgraded now to be read by Optuna %s; as it was it is kept in %s",
        database.shown,
        found.words,
        optuna.__version__,
        kept,
    )
    with database.schema_lock():
        _upgrade_at(database.url, database, found)


def _upgrade_at(url: URL, database: Database, found: Found) -> None:
    """Upgrade the tables at a place, and see whether they are readable then."""
    try:
        with _quiet():
            storage = _storage(url, database)
            try:
                storage.upgrade()
                with storage.engine.connect() as connection:
                    after = find_tables(connection)
            finally:
                _close(storage)
    except Exception as error:  # whatever a migration meets in tables of any kind
        raise _unreadable(database, found) from error
    if not after.readable:
        raise _unreadable(database, found)


def _storage(url: URL, database: Database, *, make: bool = True) -> RDBStorage:
    """Of tables whose version ``find_tables`` has looked at: Optuna's look takes much longer."""
    shown = url.render_as_string(hide_password=False)
    return RDBStorage(
        shown.replace("{", "{{").replace("}", "}}"),  # Optuna takes the URL for a template
        engine_kwargs=dict(database.engine_options),
        skip_compatibility_check=True,
        skip_table_creation=not make,
    )


def _close(storage: RDBStorage) -> None:
    storage.remove_session()
    storage.engine.dispose()


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Optuna's words on old distributions, and with the log as it is.

    Alembic's script sets all loggers anew where the root has no handler.
    """
    root, keeper = logging.getLogger(), logging.NullHandler()
    root.addHandler(keeper)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        root.removeHandler(keeper)


@cache
def _known_revisions() -> tuple[str, ...]:
    """Of Optuna's tables, the newest first; Alembic runs a script each to know them."""
    scripts = ScriptDirectory(str(Path(models.__file__).with_name("alembic")))
    return tuple(script.revision for script in scripts.walk_revisions())


def _revisions(connection: Connection) -> tuple[str, ...]:
    return tuple(connection.scalars(text(f"SELECT version_num FROM {VERSIONS}")).all())


def _made_by(connection: Connection, inspector: Inspector) -> str | None:
    """Which Optuna made the tables; None where the table of its versions is another program's."""
    columns = {column["name"] for column in inspector.get_columns("version_info")}
    if not columns >= {"schema_version", "library_version"}:
        return None
    try:
        found = connection.scalar(text("SELECT library_version FROM version_info"))
    except SQLAlchemyError:
        return None
    return None if found is None else str(found)


def _words(made_by: str | None, revisions: tuple[str, ...]) -> str:
    version = f" (version {', '.join(revisions)})" if revisions else ""
    if made_by:
        return f"tables of Optuna {made_by}{version}"
    return f"tables of another program under the names of Optuna's{version}"


def _unreadable(database: Database, found: Found) -> OptunaTablesError:
    place = "" if "***" in database.shown else f" --store {shlex.quote(database.shown)}"
    repair = f"Upgrade them, after a backup copy, with `sweep store repair{place}`, or keep"
    keep = repair if found.upgradable else "Keep"
    return OptunaTablesError(
        f"Optuna {optuna.__version__} cannot read the {found.words} in {as_typed(database.shown)}",
        remedy=f"{keep} the results in a store of their own: `sweep store export kept{place}`, "
        "then `sweep store import kept --store sqlite:///own.db`. They are whole.",
    )


def _missing(database: Database) -> OptunaTablesError:
    return OptunaTablesError(
        f"no tables of Optuna in {as_typed(database.shown)}, and none can be made: "
        f"{database.why_read_only}",
        rule="What optuna-dashboard shows is in these tables.",
        remedy="Copy the store to a folder of your own, and name it with --store.",
    )
