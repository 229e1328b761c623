"""The evidence of a store's studies as they are now: gathered once for all pages that show it."""

from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sweep.analysis.evidence import Evidence, gather
from sweep.results.results import Results
from sweep.store import Store

MAX_STUDIES = 20
"""Kept at once; the one that was asked for longest ago goes."""


@dataclass(frozen=True)
class Gathered:
    """A study's results and evidence.

    Attributes:
        version: of the study in the store; another one when something of it has changed.
        results: all that is stored of it.
        evidence: ``gather(results)``.
    """

    version: Any
    results: Results
    evidence: Evidence


class Studies:
    """The studies of a store, each gathered again when it has changed.

    Args:
        store: where they are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[str, Gathered] = OrderedDict()
        self._locks: defaultdict[str, Lock] = defaultdict(Lock)

    def gathered(self, name: str) -> Gathered:
        """A study as it is now.

        Raises:
            StoreError: there is none of that name.
        """
        with self._locks[name]:
            version = self._store.version(name)
            kept = self._kept.get(name)
            if kept is None or kept.version != version:
                results = self._store.results(name)
                kept = Gathered(version, results, gather(results))
            self._kept[name] = kept
            self._kept.move_to_end(name)
            while len(self._kept) > MAX_STUDIES:
                self._kept.popitem(last=False)
            return kept
