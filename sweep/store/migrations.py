"""Older stores' tables, brought to this version's one step at a time.

``database.py`` runs the steps that a store lacks, all in one transaction, after a backup copy.
The step at index i leads from schema i + 1 to i + 2; a new one is appended, never changed.
"""

from collections.abc import Callable

from sqlalchemy import Connection, inspect


def _tell_memory_apart(connection: Connection) -> None:
    """1 → 2: what a cohort's memory was is no longer its process's peak.

    The peak goes where newer cohorts keep it, into the provenance; of its own memory nothing is
    known. Stores of schema 1 were made in both shapes.
    """
    columns = {column["name"] for column in inspect(connection).get_columns("sweep_cohorts")}
    if "peak_memory_bytes" not in columns:
        return
    for statement in (
        "UPDATE sweep_cohorts SET provenance = json_set(coalesce(provenance, '{}'),"
        " '$.process_peak_memory_bytes', peak_memory_bytes) WHERE peak_memory_bytes IS NOT NULL",
        "UPDATE sweep_cohorts SET peak_memory_bytes = NULL",
        "ALTER TABLE sweep_cohorts RENAME COLUMN peak_memory_bytes TO memory_bytes",
    ):
        connection.exec_driver_sql(statement)


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_tell_memory_apart,)
SCHEMA_VERSION = 1 + len(MIGRATIONS)
"""Of the tables in ``schema.py``, which are what all steps together lead to."""
