"""The way in: what the runner hands over while a run goes on, one event after another.

A cohort's epochs are stored as they come, under running trials; its end is one transaction in
which all its trials finish, or none. What never came to its end is removed without a trace (its
run stays on record, without a ``finished_at``), so its trials are untrained again.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count, islice
from math import isfinite
from typing import Self

from sqlalchemy import Connection

from sweep.errors import StoreError
from sweep.planning.cohorts import Cohort
from sweep.planning.events import CohortFailed, CohortResult, CohortStarted, EpochResult, Event
from sweep.planning.trials import Trial
from sweep.results.provenance import Provenance
from sweep.results.records import EpochRecord
from sweep.store import schema, writing
from sweep.store.copying import copy_finished
from sweep.store.database import Database, Written
from sweep.store.optuna.mirror import Mirror
from sweep.store.values import readable
from sweep.study.study import Study


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
        finished: fingerprints of the study's finished trials when the run last planned.
        copied: how many of them this run copied from other studies.
    """

    finished: frozenset[str]
    copied: int

    @readable()
    def __init__(
        self, database: Database, study: Study, provenance: Provenance, trials: Sequence[Trial]
    ) -> None:
        self._database = database
        self._attempts: dict[tuple[str, ...], _Attempt] = {}

        def admit(connection: Connection) -> tuple[int, Study, int]:
            study_id, union = writing.admit(connection, study, provenance.features_key)
            writing.remove_leftovers(connection, study_id)
            return study_id, union, writing.insert_run(connection, study_id, provenance)

        self._study_id, self._study, self._run_id = database.write(admit)
        self.copied = self._take(trials)
        self._mirror = Mirror(
            database, self._study_id, self._study, guessing=provenance.pictures.baseline
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
                writer._discard_attempts(patience_seconds=0)
            raise
        writer._finish()

    def plan(self, trials: Sequence[Trial]) -> None:
        """Plan more trials: what other studies have finished of them is taken over.

        ``copied`` and ``finished`` count it from now on.

        Args:
            trials: those that are new.
        """
        self.copied += self._take(trials)
        self._mirror.catch_up()

    def _take(self, trials: Sequence[Trial]) -> int:
        """Copy what other studies have finished of the trials; returns how many."""

        def copy(connection: Connection) -> tuple[int, frozenset[str], set[int]]:
            copied = copy_finished(connection, self._study_id, trials)
            return copied, *writing.present(connection, self._study_id)

        copied, self.finished, self._numbers = self._write(copy)
        return copied

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
        # A cohort is started again when a worker died with it, or in parts when it was too big.
        fingerprints = set(_key(cohort))
        replaced = [key for key in self._attempts if fingerprints.intersection(key)]
        removed = {number for key in replaced for number in self._attempts[key].numbers}
        used = self._numbers - removed
        numbers = tuple(islice((n for n in count() if n not in used), len(cohort.trials)))

        def start(connection: Connection) -> _Attempt:
            for key in replaced:
                writing.remove_cohort(connection, self._attempts[key].cohort_id)
            cohort_id = writing.insert_cohort(connection, self._run_id, cohort)
            trial_ids = writing.insert_trials(
                connection, self._study_id, cohort_id, cohort, numbers
            )
            return _Attempt(cohort_id, trial_ids, numbers)

        attempt = self._write(start)
        for key in replaced:
            del self._attempts[key]
        self._numbers = used.union(numbers)
        self._attempts[_key(cohort)] = attempt
        self._mirror.follow(removed.union(numbers))

    def _epoch(self, event: EpochResult) -> None:
        attempt = self._attempts[_key(event.cohort)]
        rows = []
        for p, trial_id in enumerate(attempt.trial_ids):
            if p in attempt.diverged:
                continue
            rows.append((trial_id, _epoch_record(event, p)))
            if event.epoch > 0 and not isfinite(event.train_loss_P[p]):
                attempt.diverged.add(p)
        if rows:
            self._write(lambda connection: writing.insert_epochs(connection, rows))
            self._mirror.follow(attempt.numbers)

    def _end(self, event: CohortResult) -> None:
        attempt = self._attempts[_key(event.cohort)]
        ends = list(zip(attempt.trial_ids, event.diverged_at_epoch_P, strict=True))

        def end(connection: Connection) -> None:
            writing.end_cohort(
                connection,
                attempt.cohort_id,
                seconds=event.seconds,
                memory_bytes=event.memory_bytes,
                multipliers=schema.to_bytes(event.multiplier_PK[0]),
                provenance=event.provenance,
            )
            writing.end_trials(connection, ends, event.seconds / len(ends))
            writing.insert_logits(connection, attempt.trial_ids, event.valid_logits_PV)

        self._write(end)
        del self._attempts[_key(event.cohort)]
        self._mirror.follow(attempt.numbers)

    def _fail(self, event: CohortFailed) -> None:
        attempt = self._attempts[_key(event.cohort)]

        def fail(connection: Connection) -> None:
            writing.end_cohort(
                connection, attempt.cohort_id, seconds=event.seconds, error=event.error
            )
            writing.fail_trials(
                connection, attempt.cohort_id, event.seconds / len(attempt.trial_ids)
            )

        self._write(fail)
        del self._attempts[_key(event.cohort)]
        self._mirror.follow(attempt.numbers)

    def _discard_attempts(self, patience_seconds: float | None = None) -> None:
        self._attempts.clear()
        numbers = self._write(
            lambda connection: writing.remove_leftovers(connection, self._study_id),
            patience_seconds,
        )
        self._mirror.follow(numbers)

    def _finish(self) -> None:
        self._discard_attempts()
        self._write(lambda connection: writing.finish_run(connection, self._run_id))
        self._mirror.follow(())  # what it still owes, if the connection was lost just now

    def _write(
        self, work: Callable[[Connection], Written], patience_seconds: float | None = None
    ) -> Written:
        """Do some work in one transaction, unless a later run has begun: this one lost its lock."""

        def guarded(connection: Connection) -> Written:
            writing.refuse_later_run(connection, self._study_id, self._run_id)
            return work(connection)

        return self._database.write(guarded, patience_seconds=patience_seconds)


def _epoch_record(event: EpochResult, p: int) -> EpochRecord:
    return EpochRecord(
        event.epoch,
        float(event.train_loss_P[p]),
        float(event.train_accuracy_P[p]),
        float(event.valid_loss_P[p]),
        float(event.valid_accuracy_P[p]),
        float(event.effective_learning_rate_P[p]),
    )
