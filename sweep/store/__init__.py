"""The database: records in, records out."""

from sweep.store.maintenance.flaws import Violation
from sweep.store.store import Store, open_store
from sweep.store.summaries import StudySummary
from sweep.store.writer import RunWriter

__all__ = ["RunWriter", "Store", "StudySummary", "Violation", "open_store"]
