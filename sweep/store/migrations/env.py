"""What Alembic runs for a migration: on the connection that ``upgrade`` was given, and in its
transaction, with a version table of our own."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"], version_table="sweep_alembic_version"
)
context.run_migrations()
