"""From a store's URL to its database backend.

Under ``database.py``; a backend's driver is imported where a URL asks for it.
"""

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from sweep.errors import StoreError
from sweep.store.backends.backend import Backend, shown_url
from sweep.util.nearest import did_you_mean
from sweep.util.paths import as_typed


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
        raise StoreError(f"{as_typed(shown)} is no database URL", remedy=_REMEDY)
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        from sweep.store.backends.sqlite import SQLite

        return SQLite(parsed, create=create)
    if parsed.drivername in ("postgresql", "postgresql+psycopg"):
        from sweep.store.backends.postgresql import PostgreSQL

        return PostgreSQL(parsed.set(drivername="postgresql+psycopg"))
    raise StoreError(
        f"{as_typed(shown_url(parsed))} is no database of a known kind"
        f"{did_you_mean(parsed.drivername, ('sqlite', 'postgresql'))}",
        rule="A store is a SQLite or PostgreSQL database.",
        remedy=_REMEDY,
    )


_REMEDY = (
    "Give a SQLAlchemy URL such as sqlite:///sweep.db (relative), sqlite:////full/path or "
    "postgresql+psycopg://user@host/database; a ? in a path is %3F, a % is %25."
)
