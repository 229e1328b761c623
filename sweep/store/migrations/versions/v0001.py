"""The tables of sweep 0.0.9: nothing to do."""

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Every store that is upgraded has them."""
