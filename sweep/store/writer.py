"""The way in: what the runner hands over while a run goes on, one event after another.

A cohort's epochs are stored as they come, under running trials; its end is one transaction in
which all its trials finish, or none. What never came to its end is removed without a trace (its
run stays on record, without a ``finished_at``), so its trials are untrained again.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, islice
from math import isfinite
from typing import Any, Self

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, select, update

from sweep.errors import StoreError
from sweep.plan import Cohort, Trial
from sweep.records import (
    CohortFailed,
    CohortResult,
    CohortStarted,
    EpochRecord,
    EpochResult,
    Event,
    Outcome,
    Provenance,
)
from sweep.store import schema
from sweep.store.copying import copy_finished
from sweep.store.database import Database
from sweep.store.extension import extended
from sweep.store.mirror import Mirror
from sweep.study import Study

_PROVENANCE = TypeAdapter(Provenance)


@dataclass
class _Attempt:
    """A cohort under way: its row, and by trial the row, the number, and whether it diverged."""

    cohort_id: int
    trial_ids: tuple[int, ...]
    numbers: tuple[int, ...]
    diverged: set[int] = field(default_factory=set)


def _key(cohort: Cohort) -> tuple[str, ...]:
    return tuple(trial.fingerprint for trial in cohort.trials)


class RunWriter:
    """Writes one run. Made by ``Store.run``; not for use after it.

    Attributes:
        finished: fingerprints of the study's finished trials when the run began.
        copied: how many of them this run copied from other studies.
    """

    finished: frozenset[str]
    copied: int

    def __init__(
        self, database: Database, study: Study, provenance: Provenance, trials: Sequence[Trial]
    ) -> None:
        self._database = database
        self._attempts: dict[tuple[str, ...], _Attempt] = {}
        with database.writing() as connection:
            self._study_id, self._study = _admitted(connection, study, provenance.features_key)
            _remove_leftovers(connection, self._study_id)
            self._run_id = _insert_run(connection, self._study_id, provenance)
        with database.writing() as connection:
            self.copied = copy_finished(connection, self._study_id, trials)
            self.finished, self._numbers = _present(connection, self._study_id)
        self._mirror = Mirror(
            database, self._study_id, self._study, guessing=provenance.pictures.guessing
        )
        self._mirror.catch_up()

    @classmethod
    @contextmanager
    def begin(
        cls, database: Database, study: Study, provenance: Provenance, trials: Sequence[Trial]
    ) -> Iterator[Self]:
        """Record a run from its beginning to its end; the caller holds the study's lock."""
        writer = cls(database, study, provenance, trials)
        try:
            yield writer
        except BaseException:
            # What stopped the run matters more than a failure to tidy up, which the next run does.
            with suppress(StoreError):
                writer._discard_attempts()
            raise
        writer._finish()

    def write(self, event: Event) -> None:
        """Store an event; when this returns, it is committed."""
        match event:
            case CohortStarted():
                self._start(event.cohort)
            case EpochResult():
                self._epoch(event)
            case CohortResult():
                self._end(event)
            case CohortFailed():
                self._fail(event)

    def _start(self, cohort: Cohort) -> None:
        fingerprints = set(_key(cohort))
        # A cohort is started again when a worker died with it, or in parts when it was too big.
        replaced = [key for key in self._attempts if fingerprints.intersection(key)]
        removed = [number for key in replaced for number in self._attempts[key].numbers]
        free = (number for number in count() if number not in self._numbers.difference(removed))
        numbers = tuple(islice(free, len(cohort.trials)))
        with self._database.writing() as connection:
            for key in replaced:
                _remove_attempt(connection, self._attempts[key])
            attempt = self._insert_attempt(connection, cohort, numbers)
        for key in replaced:
            del self._attempts[key]
        self._attempts[_key(cohort)] = attempt
        self._numbers = self._numbers.difference(removed).union(numbers)
        self._mirror.follow({*removed, *numbers})

    def _insert_attempt(
        self, connection: Connection, cohort: Cohort, numbers: tuple[int, ...]
    ) -> _Attempt:
        cohort_id = connection.scalar(
            insert(schema.cohorts)
            .values(
                run_id=self._run_id,
                optimizer=cohort.optimizer.label,
                seed=cohort.seed,
                learning_rates=list(cohort.learning_rates),
                started_at=datetime.now(UTC),
            )
            .returning(schema.cohorts.c.cohort_id)
        )
        rows = [
            {
                "study_id": self._study_id,
                "cohort_id": cohort_id,
                "number": number,
                "fingerprint": trial.fingerprint,
                "optimizer": trial.optimizer,
                "learning_rate": trial.learning_rate,
                "seed": trial.seed,
            }
            for trial, number in zip(cohort.trials, numbers, strict=True)
        ]
        trial_ids = connection.scalars(
            insert(schema.trials).returning(schema.trials.c.trial_id, sort_by_parameter_order=True),
            rows,
        ).all()
        assert cohort_id is not None
        return _Attempt(cohort_id, tuple(trial_ids), numbers)

    def _epoch(self, event: EpochResult) -> None:
        attempt = self._attempts[_key(event.cohort)]
        rows = []
        for p, trial_id in enumerate(attempt.trial_ids):
            if p in attempt.diverged:
                continue
            rows.append(schema.epoch_row(trial_id, _epoch_record(event, p)))
            if event.epoch > 0 and not isfinite(event.train_loss_P[p]):
                attempt.diverged.add(p)
        if rows:
            with self._database.writing() as connection:
                connection.execute(insert(schema.epochs), rows)
            self._mirror.follow(attempt.numbers)

    def _end(self, event: CohortResult) -> None:
        attempt = self._attempts[_key(event.cohort)]
        ends = list(zip(attempt.trial_ids, event.diverged_at_epoch_P, strict=True))
        with self._database.writing() as connection:
            _end_cohort(
                connection,
                attempt,
                seconds=event.seconds,
                peak_memory_bytes=event.peak_memory_bytes,
                multipliers=schema.to_bytes(event.multiplier_K),
                provenance=event.provenance,
            )
            _end_trials(connection, ends, event.seconds / len(ends))
            connection.execute(
                insert(schema.logits),
                [
                    {"trial_id": trial_id, "valid_logits": schema.to_bytes(logits_V)}
                    for trial_id, logits_V in zip(
                        attempt.trial_ids, event.valid_logits_PV, strict=True
                    )
                ],
            )
        del self._attempts[_key(event.cohort)]
        self._mirror.follow(attempt.numbers)

    def _fail(self, event: CohortFailed) -> None:
        attempt = self._attempts[_key(event.cohort)]
        with self._database.writing() as connection:
            _end_cohort(connection, attempt, seconds=event.seconds, error=event.error)
            connection.execute(
                update(schema.trials)
                .where(schema.trials.c.cohort_id == attempt.cohort_id)
                .values(
                    outcome=Outcome.FAILED.value,
                    seconds=event.seconds / len(attempt.trial_ids),
                )
            )
        del self._attempts[_key(event.cohort)]
        self._mirror.follow(attempt.numbers)

    def _discard_attempts(self) -> None:
        self._attempts.clear()
        with self._database.writing() as connection:
            numbers = _remove_leftovers(connection, self._study_id)
        self._mirror.follow(numbers)

    def _finish(self) -> None:
        self._discard_attempts()
        with self._database.writing() as connection:
            connection.execute(
                update(schema.runs)
                .where(schema.runs.c.run_id == self._run_id)
                .values(finished_at=datetime.now(UTC))
            )


def _admitted(connection: Connection, study: Study, features_key: str) -> tuple[int, Study]:
    """The study's row, new or extended by what is asked, and the study as it now stands there."""
    columns = schema.studies.c
    row = connection.execute(
        select(columns.study_id, columns.features_key, columns.definition).where(
            columns.name == study.name
        )
    ).one_or_none()
    if row is None:
        statement = insert(schema.studies).values(
            name=study.name, features_key=features_key, definition=study.model_dump(mode="json")
        )
        return connection.execute(statement.returning(columns.study_id)).scalar_one(), study
    stored = Study.model_validate(row.definition)
    union = extended(stored, row.features_key, study, features_key)
    if union != stored:
        connection.execute(
            update(schema.studies)
            .where(columns.study_id == row.study_id)
            .values(definition=union.model_dump(mode="json"))
        )
    return row.study_id, union


def _insert_run(connection: Connection, study_id: int, provenance: Provenance) -> int:
    statement = insert(schema.runs).values(
        study_id=study_id,
        started_at=datetime.now(UTC),
        host=provenance.host,
        process=provenance.process,
        command=provenance.command,
        provenance=_PROVENANCE.dump_python(provenance, mode="json"),
    )
    return connection.execute(statement.returning(schema.runs.c.run_id)).scalar_one()


def _present(connection: Connection, study_id: int) -> tuple[frozenset[str], frozenset[int]]:
    """Fingerprints of the finished trials, and the numbers in use."""
    rows = connection.execute(
        select(schema.trials.c.number, schema.trials.c.fingerprint, schema.trials.c.outcome).where(
            schema.trials.c.study_id == study_id
        )
    ).all()
    return (
        frozenset(row.fingerprint for row in rows if row.outcome in schema.FINISHED),
        frozenset(row.number for row in rows),
    )


def _epoch_record(event: EpochResult, p: int) -> EpochRecord:
    return EpochRecord(
        event.epoch,
        float(event.train_loss_P[p]),
        float(event.train_accuracy_P[p]),
        float(event.valid_loss_P[p]),
        float(event.valid_accuracy_P[p]),
        float(event.effective_learning_rate_P[p]),
    )


def _end_cohort(connection: Connection, attempt: _Attempt, **values: Any) -> None:
    connection.execute(
        update(schema.cohorts)
        .where(schema.cohorts.c.cohort_id == attempt.cohort_id)
        .values(ended_at=datetime.now(UTC), **values)
    )


def _end_trials(
    connection: Connection, ends: Sequence[tuple[int, int | None]], seconds: float
) -> None:
    connection.execute(
        update(schema.trials).where(schema.trials.c.trial_id == bindparam("end_of")),
        [
            {
                "end_of": trial_id,
                "outcome": (Outcome.COMPLETED if at_epoch is None else Outcome.DIVERGED).value,
                "diverged_at_epoch": at_epoch,
                "seconds": seconds,
            }
            for trial_id, at_epoch in ends
        ],
    )
    for trial_id, at_epoch in ends:
        if at_epoch is not None:
            connection.execute(
                delete(schema.epochs)
                .where(schema.epochs.c.trial_id == trial_id)
                .where(schema.epochs.c.epoch > at_epoch)
            )


def _remove_attempt(connection: Connection, attempt: _Attempt) -> None:
    _remove_trials(connection, schema.trials.c.cohort_id == attempt.cohort_id)
    connection.execute(
        delete(schema.cohorts).where(schema.cohorts.c.cohort_id == attempt.cohort_id)
    )


def _remove_leftovers(connection: Connection, study_id: int) -> Sequence[int]:
    """Remove what is under way: trials without an outcome, cohorts without an end.

    While the study's lock is held, these are a dead run's, or this one's when it ends. Returns
    the numbers of the trials.
    """
    under_way = (schema.trials.c.study_id == study_id) & schema.trials.c.outcome.is_(None)
    numbers = connection.scalars(select(schema.trials.c.number).where(under_way)).all()
    _remove_trials(connection, under_way)
    of_study = select(schema.runs.c.run_id).where(schema.runs.c.study_id == study_id)
    connection.execute(
        delete(schema.cohorts)
        .where(schema.cohorts.c.run_id.in_(of_study))
        .where(schema.cohorts.c.ended_at.is_(None))
    )
    return numbers


def _remove_trials(connection: Connection, which: ColumnElement[bool]) -> None:
    trial_ids = select(schema.trials.c.trial_id).where(which)
    connection.execute(delete(schema.epochs).where(schema.epochs.c.trial_id.in_(trial_ids)))
    connection.execute(delete(schema.trials).where(which))
