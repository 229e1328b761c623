"""Older stores' tables, brought to this version's one step at a time.

``database.py`` runs the steps that a store lacks, all in one transaction, after a backup copy.
The step at index i leads from schema i + 1 to i + 2; a new one is appended, never changed.
"""

from collections.abc import Callable

from sqlalchemy import JSON, Connection, column, inspect, select, table, update


def _tell_memory_apart(connection: Connection) -> None:
    """1 → 2: what a cohort's memory was is no longer its process's peak.

    The peak goes where newer cohorts keep it, into the provenance; of its own memory nothing is
    known. Stores of schema 1 were made in both shapes.
    """
    columns = {column["name"] for column in inspect(connection).get_columns("sweep_cohorts")}
    if "peak_memory_bytes" not in columns:
        return
    cohorts = table(
        "sweep_cohorts",
        column("cohort_id"),
        column("peak_memory_bytes"),
        column("provenance", JSON),
    )
    for row in connection.execute(
        select(cohorts).where(cohorts.c.peak_memory_bytes.is_not(None))
    ).all():
        provenance = (row.provenance or {}) | {"process_peak_memory_bytes": row.peak_memory_bytes}
        connection.execute(
            update(cohorts)
            .where(cohorts.c.cohort_id == row.cohort_id)
            .values(provenance=provenance, peak_memory_bytes=None)
        )
    connection.exec_driver_sql(
        "ALTER TABLE sweep_cohorts RENAME COLUMN peak_memory_bytes TO memory_bytes"
    )


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_tell_memory_apart,)
SCHEMA_VERSION = 1 + len(MIGRATIONS)
"""Of the tables in ``schema.py``, which are what all steps together lead to."""
