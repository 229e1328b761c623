"""Gradients, at the steps of a training where they were recorded."""

from alembic import op

# This is the table that this revision makes, as long as nothing changes it. Whoever adds a revision
# that does puts a copy of it here first.
from sweep.store import schema

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table. Of older trainings nothing was recorded."""
    schema.gradients.create(op.get_bind())
