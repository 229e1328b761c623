"""Older stores' tables, brought to this version's by Alembic, one revision at a time.

Under ``database.py``, which calls ``upgrade`` in one transaction, after a backup copy. The
revisions are in ``versions``; a new one is added there, with the same change in ``schema.py``, and
never changed afterwards. A revision's name is the version of the schema that it leads to.

What Alembic knows is in a version table of ours: its default one is Optuna's, in the same
database. ``sweep_schema`` says the same number to versions of sweep that know no Alembic.
"""

from sqlalchemy import Connection, insert, select

from sweep.store import schema

SCHEMA_VERSION = 5
"""Of the tables in ``schema.py``, which are what all revisions together lead to."""


def revision(version: int) -> str:
    """Alembic's name of a version."""
    return f"{version:04d}"


def stamp(connection: Connection, version: int) -> None:
    """Record the version of a store whose tables Alembic has not changed yet."""
    schema.revisions.create(connection, checkfirst=True)
    if connection.scalar(select(schema.revisions.c.version_num)) is None:
        connection.execute(insert(schema.revisions).values(version_num=revision(version)))


def upgrade(connection: Connection, found: int) -> None:
    """Bring the tables from the version that was found to ``SCHEMA_VERSION``.

    Args:
        connection: in a transaction, which the caller ends.
        found: what ``sweep_schema`` says.
    """
    from alembic import command
    from alembic.config import Config

    stamp(connection, found)
    config = Config()
    config.set_main_option("script_location", "sweep.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, revision(SCHEMA_VERSION))
