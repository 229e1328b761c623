"""Looks: when a verdict was seen, with how many seeds, and by which design."""

from alembic import op

# These are the tables that this revision makes, as long as nothing changes them. Whoever adds a
# revision that does puts a copy of them here first.
from sweep.store import schema

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the two tables. Of older studies it is not known what was seen."""
    for table in (schema.look_designs, schema.looks):
        table.create(op.get_bind())
