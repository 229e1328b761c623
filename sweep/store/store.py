"""The store: records out, and the way in (``run``).

Above it stand ``runner`` (the only writer) and everything that shows results; it knows nothing of
how a trial was trained or how it is drawn. Importing it does not import Optuna.
"""

import logging
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sqlalchemy import Connection, select

from sweep.errors import StoreBusyError, StoreError
from sweep.planning.trials import Trial
from sweep.results.provenance import Provenance
from sweep.results.results import Results
from sweep.store import looking, reading, schema
from sweep.store.answer_version import answer_version
from sweep.store.backends.url import backend_of
from sweep.store.counting import counts_by_optimizer
from sweep.store.database import Database
from sweep.store.removal import Content, content_of
from sweep.store.summaries import (
    Progress,
    StudySummary,
    content_version,
    holder,
    summaries,
)
from sweep.store.values import readable
from sweep.store.writer import RunWriter
from sweep.study.study import Study
from sweep.util.collecting import no_cycles
from sweep.util.nearest import did_you_mean
from sweep.util.paths import as_typed

if TYPE_CHECKING:
    from optuna.storages import RDBStorage

    from sweep.store.imports import Arrival, Imports
    from sweep.store.maintenance.flaws import Violation
    from sweep.store.maintenance.forget import Forgotten
    from sweep.store.maintenance.repair import Repair

_log = logging.getLogger(__name__)


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


@readable()
def check_place(url: str) -> str | None:
    """See whether a run can write to the store of this URL, or make it there; writes nothing.

    Returns:
        What is to be feared of the place, in a sentence; None where nothing is.

    Raises:
        StoreError: a bad URL, no such folder or server, or no permission.
    """
    backend = backend_of(url, create=True)
    try:
        backend.check()
        return backend.warning()
    finally:
        backend.close()


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
            found = summaries(connection)
        return tuple(
            replace(summary, running=0)
            if summary.running and not self.is_running(summary.name)
            else summary
            for summary in found
        )

    @readable()
    def progress(self, name: str) -> Progress:
        """How far one study is, by optimizer; counted by the database.

        Raises:
            StoreError: there is no such study; it names those there are.
        """
        is_running = self.is_running(name)
        with self._database.reading() as connection:
            study_id, study = self._find(connection, name)
            counts = counts_by_optimizer(connection, study_id, is_running=is_running)
        return Progress(study, counts)

    @readable()
    def names(self) -> tuple[str, ...]:
        """Of all studies, in the order in which they were first run."""
        with self._database.reading() as connection:
            return tuple(self._ids(connection))

    @readable()
    @no_cycles()
    def results(
        self, name: str, *, known: Results | None = None, rows_only: bool = False
    ) -> Results:
        """Everything stored of one study, by column; about a second for 100,000 trials.

        What a killed run has left under way is left out, as the next run resets it.

        Args:
            name: the study's.
            known: its results, read before; trials that are still the same are not read again.
            rows_only: without cohorts, repeats and gradients, for whoever shows rows of trials.

        Raises:
            StoreError: there is no such study; it names those there are.
        """
        is_running = self.is_running(name)
        with self._database.reading() as connection:
            study_id, study = self._find(connection, name)
            return reading.results(
                connection,
                study_id,
                study,
                is_running=is_running,
                known=known,
                rows_only=rows_only,
            )

    @readable()
    def study(self, name: str) -> Study | None:
        """The study as it stands in the store; None where it was never run."""
        with self._database.reading() as connection:
            definition = connection.scalar(
                select(schema.studies.c.definition).where(schema.studies.c.name == name)
            )
        return None if definition is None else reading.study_of(definition)

    @readable()
    def version(self, name: str) -> str:
        """A text that is another one after anything of the study was stored; some milliseconds.

        Raises:
            StoreError: there is no such study.
        """
        with self._database.reading() as connection:
            study_id, _ = self._find(connection, name)
            row = connection.execute(content_version(study_id)).one()
        return " ".join(map(str, row))

    @readable()
    def answer_version(self, name: str) -> str:
        """A text that is another one once the study's answer may be: runs that train nothing, and
        looks, leave it as it is.

        Raises:
            StoreError: there is no such study.
        """
        with self._database.reading() as connection:
            return answer_version(connection, self._id(connection, name))

    @readable()
    def published(self, name: str, state: str, folder: Path) -> str | None:
        """The page that ``attach`` has put among the study's artifacts, where nothing has changed.

        None where there is none, where it is of another state, or where somebody has changed the
        page, the note, a figure or anything else beside the study in optuna-dashboard.

        Args:
            name: the study's.
            state: what the page is to have been attached with.
            folder: of Optuna's ``FileSystemArtifactStore``.
        """
        from sweep.store.optuna.published import published

        return published(self._database, name, state, folder)

    def warning(self) -> str | None:
        """What is to be feared where the store lies, in a sentence; None where nothing is."""
        return self._database.warning()

    def is_running(self, name: str) -> bool:
        """Whether a run is writing to the study now."""
        return self._database.is_held(name)

    @readable()
    def finished(self, name: str) -> frozenset[str]:
        """Fingerprints of the study's completed and diverged trials; none if it is unknown."""
        with self._database.reading() as connection:
            found = connection.scalars(
                select(schema.trainings.c.fingerprint)
                .select_from(schema.studies.join(schema.trials).join(schema.trainings))
                .where(schema.studies.c.name == name)
                .where(schema.trainings.c.outcome.in_(schema.FINISHED))
            ).all()
        return frozenset(map(schema.planned, found))

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
    def add_look(self, name: str, seeds: int, seen_at: datetime, *, by_design: bool) -> None:
        """Record that a verdict is seen; the first look at as many seeds counts.

        Args:
            name: the study's.
            seeds: how many whole seeds the verdict rests on.
            seen_at: when.
            by_design: whether it belongs to the study's design; else it is one by hand.

        Raises:
            StoreError: there is no such study, or the database cannot be written.
        """
        with self._database.reading() as connection:
            study_id = self._id(connection, name)
        self._database.write(
            lambda connection: looking.add_look(
                connection, study_id, seeds, seen_at, by_design=by_design
            )
        )

    @readable()
    def attach(self, name: str, page: bytes, file_name: str, folder: Path, state: str) -> None:
        """Put a page among the study's Optuna artifacts, in place of the earlier one.

        Args:
            name: the study's.
            page: HTML.
            file_name: by which the dashboard shows it and browsers save it.
            folder: of Optuna's ``FileSystemArtifactStore``; made where it is missing.
            state: of the answer that the page shows; see ``published``.

        Raises:
            StoreError: the mirror has no such study, or database or folder cannot be written.
        """
        from sweep.store.optuna.publishing import attach

        attach(self._database, name, page, file_name, folder, state)

    @readable()
    def mirror_id(self, name: str) -> int | None:
        """The id of the study's mirror, in optuna-dashboard's addresses; None without a mirror."""
        from sweep.store.optuna.study import find_mirror, has_tables

        with self._database.reading() as connection, suppress(ValueError):
            return find_mirror(connection, name) if has_tables(connection) else None
        return None

    @readable()
    def check(self) -> "tuple[Violation, ...]":
        """Where the store is not whole; changes nothing. Some tens of seconds for 100,000 trials.

        Finished trials have all their epochs up to their end, and their fingerprints are unique;
        the trials of a cohort ended together; Optuna's mirror says the same; the database
        itself finds no fault. What a run writes now is as it should be.
        """
        from sweep.store.maintenance.check import being_run, violations

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
    def content(self, name: str) -> Content:
        """What a study has in the store: what ``forget`` would remove, and what would stay.

        Raises:
            StoreError: there is no such study.
        """
        with self._database.reading() as connection:
            return content_of(connection, self._id(connection, name))

    @readable()
    def forget(self, name: str) -> "Forgotten":
        """Remove a study, after a backup copy; what other studies refer to stays.

        Raises:
            StoreBusyError: a run writes to it.
            StoreError: there is no such study, or the copy or the store cannot be written.
        """
        from sweep.store.maintenance.forget import forget

        with self._database.reading() as connection:
            study_id = self._id(connection, name)
        return forget(self._database, name, study_id)

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

    @readable()
    def add_imported(self, arrival: "Arrival") -> "Imports":
        """Store imported trials: all of them, or none. (``import_from`` takes over a whole store.)

        Trials that are stored already with the same values are left as they are.

        Raises:
            UsageError: the study was trained, or a trial is stored with other values.
            StudyChangedError: the stored study differs in more than values, seeds and optimizers.
            StoreBusyError: the study is written to now.
            StoreError: the database cannot be written.
        """
        from sweep.store.imports import add
        from sweep.store.optuna.mirror import Mirror

        name = arrival.study.name
        with self._database.writer_lock(name) as alone:
            if not alone:
                raise StoreBusyError(
                    f"study {name!r} is being written by {self._writer_of(name)}",
                    rule="One run or import at a time writes to a study.",
                    remedy="Wait for its end.",
                )
            with self._database.writing() as connection:
                done = add(connection, arrival)
            baseline = reading.baseline(done.study, arrival.provenance)
            Mirror(self._database, done.study_id, done.study, baseline=baseline).catch_up()
        return done

    @readable()
    def optuna_storage(self) -> "RDBStorage":
        """The database as Optuna opens it, for optuna-dashboard.

        Raises:
            StoreError: its tables there are not such that it reads them.
        """
        from sweep.store.optuna.opening import optuna_storage

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

        Before anything is trained, what a dead run left behind is reset, trials whose fingerprint
        is finished anywhere in the store are there at once, and Optuna's mirror is caught up. At
        the end the run is marked as finished; if it ends by an exception (Ctrl-C too), it is not,
        and what was under way is reset: those trials are untrained again. A new study that an
        error ends before it has a trial is not stored.

        Args:
            study: what is asked; the stored study becomes the union of it and what was stored.
            provenance: of this run.
            trials: all that the study plans, finished ones too.
            wait: where another run writes to this study, is told who, since when, and the run
                begins when that one has ended.

        Raises:
            StoreBusyError: another run writes to this study, and there is no ``wait``.
            StudyChangedError: the stored study of that name has finished trials, and differs in
                more than added or left-out values, seeds or optimizers, or the code of an
                optimizer has changed.
            StoreError: the database cannot be written.
        """
        from sweep.store.maintenance.forget import forgotten_if_empty

        warning = self.warning()
        if warning:
            _log.warning("%s", warning)
        if wait is not None and self.is_running(study.name):
            wait(f"Waiting for the end of another run: {self._writer_of(study.name)}.")
        with self._database.writer_lock(study.name, wait=wait is not None) as alone:
            if not alone:
                raise StoreBusyError(
                    f"another run writes to study {study.name!r}: {self._writer_of(study.name)}",
                    remedy="Wait for its end with --wait, or stop it; what it finishes is kept.",
                )
            with (
                forgotten_if_empty(self._database, study.name),
                RunWriter.begin(self._database, study, provenance, trials) as writer,
            ):
                yield writer

    def _find(self, connection: Connection, name: str) -> tuple[int, Study]:
        study_id = self._id(connection, name)
        study = reading.study_of(
            connection.scalars(
                select(schema.studies.c.definition).where(schema.studies.c.study_id == study_id)
            ).one()
        )
        if study.name != name:
            raise ValueError(f"the study {name!r} calls itself {study.name!r}")
        return study_id, study

    def _id(self, connection: Connection, name: str) -> int:
        ids = self._ids(connection)
        if name in ids:
            return ids[name]
        raise StoreError(
            f"no study {name!r} in {as_typed(self._database.shown)}{did_you_mean(name, ids)} "
            f"(it has {', '.join(ids) or 'no study yet'})",
            remedy=f"Run it first: `sweep run {shlex.quote(name)}`; or name another store with "
            "--store URL.",
        )

    def _ids(self, connection: Connection) -> dict[str, int]:
        columns = schema.studies.c
        rows = connection.execute(select(columns.name, columns.study_id).order_by(columns.study_id))
        return {row.name: row.study_id for row in rows}

    @readable()
    def _writer_of(self, name: str) -> str:
        """Who runs a study that is being run, and since when."""
        with self._database.reading() as connection:
            return holder(connection, name)
