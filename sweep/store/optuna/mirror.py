"""Optuna's study as a mirror of ours, in the same database, for optuna-dashboard and scripts.

Our tables are the truth; the writer calls this module after each of its transactions. Whatever
goes wrong with the mirror (somebody deletes the study in the dashboard, say) is logged and never
reaches the run, and the next call tries again. Optuna is imported here, when a run writes.
"""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sweep.store.database import Database
from sweep.study.study import Study
from sweep.util.interrupts import raise_if_interrupted

if TYPE_CHECKING:
    from sweep.store.optuna.study import OptunaStudy

_log = logging.getLogger(__name__)


class Mirror:
    """Keeps the Optuna study of the same name in step with a stored study.

    Args:
        database: where both are.
        study_id: our row.
        study: as it is stored.
        guessing: accuracy of always answering the larger class; bounds a diverged trial's value.
    """

    def __init__(self, database: Database, study_id: int, study: Study, *, guessing: float) -> None:
        self._database = database
        self._study_id = study_id
        self._study = study
        self._guessing = guessing
        self._optuna_study: OptunaStudy | None = None
        self._owed: set[int] | None = None
        """Numbers of the trials that are not known to be in step; None means all."""
        self._last_trouble = ""

    def catch_up(self) -> None:
        """Bring the whole mirror in step; makes it where it is missing."""
        self._owed = None
        self._pay()

    def follow(self, numbers: Iterable[int]) -> None:
        """Bring the trials of these numbers in step, those that are no more included."""
        if self._owed is not None:
            self._owed.update(numbers)
        self._pay()

    def _pay(self) -> None:
        try:
            if self._optuna_study is None:
                self._optuna_study = self._open()
            if self._owed is None:
                self._optuna_study.catch_up()
            else:
                self._optuna_study.follow(self._owed)
            self._owed = set()
        except Exception as error:  # whatever it is, training goes on and our tables are whole
            raise_if_interrupted(error)
            self._tell(f"{type(error).__name__}: {error}")

    def _open(self) -> "OptunaStudy":
        from sweep.store.optuna.study import OptunaStudy

        return OptunaStudy(self._database, self._study_id, self._study, self._guessing)

    def _tell(self, trouble: str) -> None:
        if trouble != self._last_trouble:
            _log.warning(
                "Optuna's view of %s is not up to date (the results are): %s",
                self._study.name,
                trouble,
            )
        self._last_trouble = trouble
