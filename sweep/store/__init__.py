"""The database: records in, records out."""

from sweep.store.maintenance.check import Violation
from sweep.store.store import Store, StudySummary, open_store
from sweep.store.writer import RunWriter

__all__ = ["RunWriter", "Store", "StudySummary", "Violation", "open_store"]
