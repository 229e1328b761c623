"""The database: records in, records out."""

from sweep.store.maintenance.flaws import Violation
from sweep.store.maintenance.forget import Forgotten
from sweep.store.removal import Content
from sweep.store.store import Store, check_place, open_store
from sweep.store.summaries import Progress, StudySummary
from sweep.store.writer import RunWriter

__all__ = [
    "Content",
    "Forgotten",
    "Progress",
    "RunWriter",
    "Store",
    "StudySummary",
    "Violation",
    "check_place",
    "open_store",
]
