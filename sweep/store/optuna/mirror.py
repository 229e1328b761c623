"""Optuna's study as a mirror of ours, in the same database, for optuna-dashboard and scripts.

Our tables are the truth; the writer calls this module after each of its transactions. An epoch is
only added to what is there; trials are compared in full where a run or a cohort begins or ends,
and after trouble. Whether all of very many trials is as it was is looked at in a thread, beside
what a run does until it has something to write: it is the database that does the work. Whatever
goes wrong with the mirror (somebody deletes the study in the dashboard, say) is logged and never
reaches the run, and a later call tries again. Optuna is imported here, when there is anything to
write.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from sweep.errors import OptunaTablesError
from sweep.results.records import EpochRecord
from sweep.store.database import Database
from sweep.store.optuna.mark import has_mark, is_marked, said
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
        baseline: the majority-class baseline; bounds a diverged trial's value.
    """

    def __init__(self, database: Database, study_id: int, study: Study, *, baseline: float) -> None:
        self._database = database
        self._study_id = study_id
        self._study = study
        self._baseline = baseline
        self._optuna_study: OptunaStudy | None = None
        self._owed: set[int] | None = None
        """Numbers of the trials that are not known to be in step; None means all."""
        self._look: Future[bool] | None = None
        """Whether all was in step when ``begin`` was called, until it is asked."""
        self._last_trouble = ""
        self._has_no_place = False
        """Whether Optuna does not read its tables here: only a repair helps."""
        self._appends_to_skip = 0
        """How many epochs are only owed before the next try, while there is trouble."""
        self._skipped = 0

    def begin(self) -> bool:
        """Begin to look whether all is as it was when it was in step; False where it cannot be.

        Where something is found, the next call of another method brings it in step.
        """
        if not self._asked(lambda connection: has_mark(connection, *self._names)):
            return False
        thread = ThreadPoolExecutor(1, "sweep-mirror")
        self._look, self._owed = thread.submit(self._is_marked), set()
        thread.shutdown(wait=False)
        return True

    def catch_up(self, *, in_full: bool = False) -> None:
        """Bring the whole mirror in step; makes it where it is missing.

        What is known to have been in step, and has not changed, is compared ``in_full`` only.
        """
        self._look, self._owed = None, None
        if not in_full and self._optuna_study is None and self._is_marked():
            self._owed = set()
        else:
            self._pay(in_full=in_full)

    def finish(self) -> None:
        """What is owed at the end of a run; and all of it, where the run has changed anything.

        The next run finds it marked then, and compares nothing.
        """
        self._end_look()
        if self._optuna_study is None:
            self.follow(())
        else:
            self.catch_up()

    def follow(self, numbers: Iterable[int]) -> None:
        """Compare the trials of these numbers in full, those that are no more included."""
        self._end_look()
        if self._owed is not None:
            self._owed.update(numbers)
        self._pay()

    def append(self, epochs: Mapping[int, EpochRecord]) -> None:
        """Add an epoch to each trial of these numbers, as long as nothing is owed.

        After trouble all is compared again; where it lasts, after 1, 2, 4, … epochs, so that it
        costs no more than twice as much as all epochs together.
        """
        self._end_look()
        is_in_step = self._owed is not None and not self._owed
        if is_in_step and self._tried(lambda study: study.append(epochs)):
            return
        if self._owed is not None:
            self._owed.update(epochs)
        if self._skipped < self._appends_to_skip:
            self._skipped += 1
        elif not is_in_step:
            self._pay()

    def _end_look(self) -> None:
        """Compare all where the look that was begun has found anything."""
        look, self._look = self._look, None
        if look is not None and not look.result():
            self._owed = None
            self._pay()

    def _pay(self, *, in_full: bool = False) -> None:
        owed = self._owed
        if owed is not None and not owed and self._optuna_study is None:
            return

        def pay(study: "OptunaStudy") -> None:
            if owed is None:
                study.catch_up(in_full=in_full)
            else:
                study.follow(owed)

        if self._tried(pay):
            self._owed = set()
            self._appends_to_skip = self._skipped = 0
        else:
            self._appends_to_skip, self._skipped = 2 * self._skipped + 1, 0

    def _tried(self, work: Callable[["OptunaStudy"], None]) -> bool:
        """Whether some work on Optuna's study went well."""
        if self._has_no_place:
            return False
        try:
            if self._optuna_study is None:
                self._optuna_study = self._open()
            work(self._optuna_study)
        except OptunaTablesError as error:
            self._has_no_place = True
            self._tell(f"{error.wrong}. {error.remedy}")
            return False
        except Exception as error:  # whatever it is, training goes on and our tables are whole
            raise_if_interrupted(error)
            self._tell(f"{type(error).__name__}: {error}")
            return False
        return True

    @property
    def _names(self) -> tuple[int, str]:
        return self._study_id, self._study.name

    def _is_marked(self) -> bool:
        """Whether all is as it was when it was in step."""
        what = said(self._study, self._baseline)
        return self._asked(lambda connection: is_marked(connection, *self._names, what))

    def _asked(self, question: Callable[[Connection], bool]) -> bool:
        """What the database says; whoever cannot tell compares."""
        try:
            with self._database.reading() as connection:
                return question(connection)
        except Exception as error:
            raise_if_interrupted(error)
            return False

    def _open(self) -> "OptunaStudy":
        from sweep.store.optuna.study import OptunaStudy

        return OptunaStudy(self._database, self._study_id, self._study, self._baseline)

    def _tell(self, trouble: str) -> None:
        if trouble != self._last_trouble:
            _log.warning(
                "Optuna's view of %s is not up to date (the results are): %s",
                self._study.name,
                trouble,
            )
        self._last_trouble = trouble
