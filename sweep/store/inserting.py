"""An insertion that passes over rows whose key is there already, as each database says it.

Under ``writing.py`` and ``looking.py``. A dialect is imported where its database is used.
"""

from sqlalchemy import Connection, Insert, Table


def insert_missing(connection: Connection, table: Table) -> Insert:
    """Insert rows into a table but those whose key is there already."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert
    else:
        from sqlalchemy.dialects.postgresql import insert
    return insert(table).on_conflict_do_nothing()
