"""The database: records in, records out."""

from sweep.store.removal import Content
from sweep.store.store import Store, check_place, open_store
from sweep.store.summaries import Progress, StudySummary
from sweep.store.writer import RunWriter

__all__ = [
    "Content",
    "Progress",
    "RunWriter",
    "Store",
    "StudySummary",
    "check_place",
    "open_store",
]
