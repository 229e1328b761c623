"""The store: records out, and the way in (``run``).

Above it stand ``runner`` (the only writer) and everything that shows results; it knows nothing of
how a trial was trained or how it is drawn. Importing it does not import Optuna.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from sweep.errors import StoreBusyError, StoreError
from sweep.planning.trials import Trial
from sweep.results.provenance import Provenance
from sweep.results.results import Results
from sweep.store import reading, schema
from sweep.store.database import Database
from sweep.store.maintenance.check import Violation, being_run, violations
from sweep.store.values import readable
from sweep.store.writer import RunWriter
from sweep.study.study import Study

if TYPE_CHECKING:
    from optuna.storages import RDBStorage

    from sweep.store.maintenance.repair import Repair


@dataclass(frozen=True)
class StudySummary:
    """How far a stored study is.

    Attributes:
        name, question: the study's.
        planned: trials of the stored study: optimizers × learning rates × seeds.
        completed, diverged: trials.
        running: trials that a run trains now.
        failed: trials whose last attempt failed and that no attempt has finished.
        started_at: when its last run began.
        finished_at: when that run came to its end; None while it runs, or if it was interrupted.
    """

    name: str
    question: str
    planned: int
    completed: int
    diverged: int
    failed: int
    running: int
    started_at: datetime | None
    finished_at: datetime | None


@readable()
def open_store(url: str, *, create: bool = False) -> "Store":
    """Open the store at a SQLAlchemy URL.

    Args:
        url: e.g. ``sqlite:///sweep.db``, relative to the current folder.
        create: make it where there is none.

    Raises:
        StoreError: a bad URL, no store there, not a database, a newer schema, or no permission.
    """
    return Store(Database(url, create=create))


class Store:
    """An open store; a context manager that closes it.

    Every method reads one consistent view, also while a run writes; each raises StoreError if
    the database fails.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    @readable()
    def studies(self) -> tuple[StudySummary, ...]:
        """All studies, in the order in which they were first run."""
        with self._database.reading() as connection:
            counts = {study_id: rest for study_id, *rest in connection.execute(reading.counts())}
            last_runs = {
                study_id: rest for study_id, *rest in connection.execute(reading.last_runs())
            }
            rows = connection.execute(
                select(schema.studies.c.study_id, schema.studies.c.definition).order_by(
                    schema.studies.c.study_id
                )
            ).all()
        return tuple(
            self._summary(
                reading.study_of(definition),
                counts.get(study_id, (0, 0, 0, 0)),
                *last_runs.get(study_id, ()),
            )
            for study_id, definition in rows
        )

    @readable()
    def results(self, name: str) -> Results:
        """Everything stored of one study; some seconds for 100,000 trials.

        What a killed run has left under way is left out, as the next run resets it.

        Raises:
            StoreError: there is no such study; it names those there are.
        """
        is_running = self.is_running(name)
        with self._database.reading() as connection:
            study_id, study = self._find(connection, name)
            return reading.results(connection, study_id, study, is_running=is_running)

    @readable()
    def version(self, name: str) -> str:
        """A text that is another one after anything of the study was stored; some milliseconds.

        Raises:
            StoreError: there is no such study.
        """
        with self._database.reading() as connection:
            study_id, _ = self._find(connection, name)
            row = connection.execute(reading.version(study_id)).one()
        return " ".join(map(str, row))

    def is_running(self, name: str) -> bool:
        """Whether a run is writing to the study now."""
        return self._database.is_held(name)

    @readable()
    def finished(self, name: str) -> frozenset[str]:
        """Fingerprints of the study's completed and diverged trials; none if it is unknown."""
        with self._database.reading() as connection:
            return frozenset(
                connection.scalars(
                    select(schema.trials.c.fingerprint)
                    .join(schema.studies)
                    .where(schema.studies.c.name == name)
                    .where(schema.trials.c.outcome.in_(schema.FINISHED))
                )
            )

    @readable()
    def valid_logits(self, name: str, fingerprint: str) -> NDArray[np.float32]:
        """Validation logits, shape (V,), of a finished trial after its last epoch.

        Raises:
            StoreError: the study has no such finished trial.
        """
        with self._database.reading() as connection:
            study_id, _ = self._find(connection, name)
            data = connection.scalar(
                select(schema.logits.c.valid_logits)
                .join(schema.trials)
                .where(schema.trials.c.study_id == study_id)
                .where(schema.trials.c.fingerprint == fingerprint)
                .where(schema.trials.c.outcome.in_(schema.FINISHED))
            )
        if data is None:
            raise StoreError(
                f"Study {name!r} has no finished trial of that fingerprint.",
                got=fingerprint,
                remedy="See the fingerprints with sweep results.",
            )
        return schema.from_bytes(data)

    @readable()
    def publish(self, name: str, note: str, figures: Mapping[str, str]) -> None:
        """Show a note and figures beside the study in optuna-dashboard, in place of earlier ones.

        Args:
            name: the study's.
            note: Markdown; what somebody wrote below it in the dashboard stays.
            figures: by an id of letters, digits and hyphens, each as Plotly's JSON.

        Raises:
            StoreError: the mirror has no such study, or the database fails.
        """
        from sweep.store.optuna.publishing import publish

        publish(self._database, name, note, figures)

    @readable()
    def attach(self, name: str, page: bytes, file_name: str, folder: Path) -> None:
        """Put a page among the study's Optuna artifacts, in place of the earlier one.

        Args:
            name: the study's.
            page: HTML.
            file_name: by which the dashboard shows it and browsers save it.
            folder: of Optuna's ``FileSystemArtifactStore``; made where it is missing.

        Raises:
            StoreError: the mirror has no such study, or database or folder cannot be written.
        """
        from sweep.store.optuna.publishing import attach

        attach(self._database, name, page, file_name, folder)

    @readable()
    def mirror_id(self, name: str) -> int | None:
        """The id of the study's mirror, in optuna-dashboard's addresses; None without a mirror."""
        from sweep.store.optuna.study import find_mirror, has_tables

        with self._database.reading() as connection, suppress(ValueError):
            return find_mirror(connection, name) if has_tables(connection) else None
        return None

    @readable()
    def check(self) -> tuple[Violation, ...]:
        """Where the store is not whole; changes nothing. Some tens of seconds for 100,000 trials.

        Finished trials have all their epochs up to their end, and their fingerprints are unique;
        the trials of a cohort ended together; Optuna's mirror says the same; the database
        itself finds no fault. What a run writes now is as it should be.
        """
        return violations(self._database, being_run(self._database))

    @readable()
    def repair(self) -> "Repair":
        """Reset what is not whole, after a backup copy; the next run trains it again.

        Raises:
            StoreBusyError: a run writes to one of the studies.
            StoreError: the file itself is damaged, or cannot be written.
        """
        from sweep.store.maintenance.repair import repair

        return repair(self._database)

    @readable()
    def export(self, folder: Path, format: str) -> dict[str, int]:
        """Write all tables, as they are at one moment, into a new or empty folder.

        Args:
            folder: made where it is missing.
            format: ``csv`` or ``parquet``.

        Returns:
            Rows by table.

        Raises:
            UsageError: another format.
            StoreError: the folder is not empty or cannot be written.
            MissingError: Parquet needs pyarrow.
        """
        from sweep.store.maintenance.transfer import export_tables

        return export_tables(self._database, folder, format)

    def import_from(self, folder: Path) -> dict[str, int]:
        """Take over an export into this store, which has no studies yet: all of it, or nothing.

        Returns:
            Rows by table.

        Raises:
            StoreError: the store has studies, or the folder is not a whole export.
            MissingError: Parquet needs pyarrow.
        """
        from sweep.store.maintenance.transfer import import_tables

        return import_tables(self._database, folder)

    def optuna_storage(self) -> "RDBStorage":
        """The database as Optuna opens it, for optuna-dashboard."""
        from sweep.store.optuna.study import optuna_storage

        return optuna_storage(self._database)

    @contextmanager
    def run(
        self,
        study: Study,
        provenance: Provenance,
        trials: Sequence[Trial],
        *,
        wait: Callable[[str], None] | None = None,
    ) -> Iterator[RunWriter]:
        """Record a run: the only way to write.

        Before anything is trained, what a dead run left behind is reset, finished trials of the
        same fingerprints are copied from the store's other studies, and Optuna's mirror is
        caught up. At the end the run is marked as finished; if it ends by an exception (Ctrl-C
        too), it is not, and what was under way is reset: those trials are untrained again.

        Args:
            study: what is asked; the stored study becomes the union of it and what was stored.
            provenance: of this run.
            trials: all that the study plans, finished ones too.
            wait: where another run writes to this study, is told who, since when, and the run
                begins when that one has ended.

        Raises:
            StoreBusyError: another run writes to this study, and there is no ``wait``.
            StudyChangedError: the stored study of that name differs in more than added or
                left-out learning rates, seeds or optimizers.
            StoreError: the database cannot be written.
        """
        if wait is not None and self.is_running(study.name):
            wait(f"Waiting for the end of another run: {self._writer_of(study.name)}.")
        with self._database.writer_lock(study.name, wait=wait is not None) as alone:
            if not alone:
                raise StoreBusyError(
                    f"Study {study.name!r} is written by one run at a time.",
                    got=self._writer_of(study.name),
                    remedy="Wait for its end with --wait, or stop it; what it finishes is kept.",
                )
            with RunWriter.begin(self._database, study, provenance, trials) as writer:
                yield writer

    def _find(self, connection: Connection, name: str) -> tuple[int, Study]:
        row = connection.execute(
            select(schema.studies.c.study_id, schema.studies.c.definition).where(
                schema.studies.c.name == name
            )
        ).one_or_none()
        if row is None:
            names = connection.scalars(
                select(schema.studies.c.name).order_by(schema.studies.c.study_id)
            ).all()
            raise StoreError(
                "The study must have been run into this store.",
                got=f"{name!r}; {self._database.shown} has {', '.join(names) or 'no study yet'}",
                remedy=f"Run it with: sweep run {name}; or name another store with --store URL.",
            )
        study = reading.study_of(row.definition)
        if study.name != name:
            raise ValueError(f"the study {name!r} calls itself {study.name!r}")
        return row.study_id, study

    @readable()
    def _writer_of(self, name: str) -> str:
        """Who runs a study that is being run, and since when."""
        with self._database.reading() as connection:
            holder = connection.execute(
                select(schema.runs.c.host, schema.runs.c.process, schema.runs.c.started_at)
                .join(schema.studies)
                .where(schema.studies.c.name == name, schema.runs.c.finished_at.is_(None))
                .order_by(schema.runs.c.run_id.desc())
                .limit(1)
            ).one_or_none()
        if holder is None:
            return "a run that is just starting"
        since = holder.started_at.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
        return f"process {holder.process} on {holder.host}, since {since}"

    def _summary(
        self,
        study: Study,
        counts: Sequence[int],
        started_at: datetime | None = None,
        finished_at: datetime | None = None,
    ) -> StudySummary:
        completed, diverged, failed, under_way = counts
        is_running = under_way > 0 and self.is_running(study.name)
        return StudySummary(
            study.name,
            study.question,
            planned=study.planned_trials,
            completed=completed,
            diverged=diverged,
            failed=failed,
            running=under_way if is_running else 0,
            started_at=started_at,
            finished_at=finished_at,
        )
