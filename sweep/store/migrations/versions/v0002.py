"""What a cohort's memory was is no longer its process's peak.

The peak goes where newer cohorts keep it, into the provenance; of its own memory nothing is
known. Stores of schema 1 were made in both shapes.
"""

from alembic import op
from sqlalchemy import JSON, column, inspect, select, table, update

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Move the peaks, and rename the column."""
    connection = op.get_bind()
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
    op.execute("ALTER TABLE sweep_cohorts RENAME COLUMN peak_memory_bytes TO memory_bytes")
