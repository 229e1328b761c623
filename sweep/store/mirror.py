"""Optuna's study as a mirror of ours, in the same database, for optuna-dashboard and scripts."""

from collections.abc import Collection

from sweep.store.database import Database
from sweep.study import Study


class Mirror:
    """Keeps the Optuna study of the same name in step with a stored study."""

    def __init__(self, database: Database, study_id: int, study: Study, *, guessing: float) -> None:
        self._database = database

    def catch_up(self) -> None:
        """Bring the whole mirror in step."""

    def follow(self, numbers: Collection[int]) -> None:
        """Bring the trials of these numbers in step."""
