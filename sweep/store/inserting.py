"""Insertions: of rows whose key may be there already, and of very many rows.

Under ``writing.py``, ``looking.py``, ``imports.py`` and the mirror. A dialect is imported where its
database is used.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Insert, Table, insert


def insert_missing(connection: Connection, table: Table) -> Insert:
    """Insert rows into a table but those whose key is there already."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert
    else:
        from sqlalchemy.dialects.postgresql import insert
    return insert(table).on_conflict_do_nothing()


def insert_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert rows into a table, in their order.

    SQLite's driver gets them as they are: what SQLAlchemy does for each value takes longer than
    the insertion itself.

    Args:
        connection: of the transaction.
        table: which.
        columns: whose values the rows have.
        rows: numbers, texts and None, as the database keeps them.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        quoted = connection.dialect.identifier_preparer.quote
        names = ", ".join(map(quoted, columns))
        marks = ", ".join("?" for _ in columns)
        statement = f"INSERT INTO {quoted(table.name)} ({names}) VALUES ({marks})"
        connection.exec_driver_sql(statement, [tuple(row) for row in rows])
    else:
        values = [dict(zip(columns, row, strict=True)) for row in rows]
        connection.execute(insert(table), values)
