"""The way in: what the runner hands over while a run goes on, one event after another.

A cohort's epochs are stored as they come, under running trials; its end is one transaction in
which all its trials finish, or none. What never came to its end is removed without a trace (its
run stays on record, without a ``finished_at``), so its trials are untrained again.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count, islice
from math import isfinite
from typing import Self

from sweep.errors import StoreError
from sweep.plan import Cohort, Trial
from sweep.records import (
    CohortFailed,
    CohortResult,
    CohortStarted,
    EpochRecord,
    EpochResult,
    Event,
    Provenance,
)
from sweep.store import schema, writing
from sweep.store.copying import copy_finished
from sweep.store.database import Database
from sweep.store.mirror import Mirror
from sweep.study import Study


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
            self._study_id, self._study = writing.admit(connection, study, provenance.features_key)
            writing.remove_leftovers(connection, self._study_id)
            self._run_id = writing.insert_run(connection, self._study_id, provenance)
        with database.writing() as connection:
            self.copied = copy_finished(connection, self._study_id, trials)
            self.finished, self._numbers = writing.present(connection, self._study_id)
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
        # A cohort is started again when a worker died with it, or in parts when it was too big.
        fingerprints = set(_key(cohort))
        replaced = [key for key in self._attempts if fingerprints.intersection(key)]
        with self._database.writing() as connection:
            for key in replaced:
                writing.remove_cohort(connection, self._attempts[key].cohort_id)
            removed = {n for key in replaced for n in self._attempts.pop(key).numbers}
            self._numbers -= removed
            free = (number for number in count() if number not in self._numbers)
            numbers = tuple(islice(free, len(cohort.trials)))
            cohort_id = writing.insert_cohort(connection, self._run_id, cohort)
            trial_ids = writing.insert_trials(
                connection, self._study_id, cohort_id, cohort, numbers
            )
        self._numbers.update(numbers)
        self._attempts[_key(cohort)] = _Attempt(cohort_id, trial_ids, numbers)
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
            with self._database.writing() as connection:
                writing.insert_epochs(connection, rows)
            self._mirror.follow(attempt.numbers)

    def _end(self, event: CohortResult) -> None:
        attempt = self._attempts[_key(event.cohort)]
        ends = list(zip(attempt.trial_ids, event.diverged_at_epoch_P, strict=True))
        with self._database.writing() as connection:
            writing.end_cohort(
                connection,
                attempt.cohort_id,
                seconds=event.seconds,
                memory_bytes=event.memory_bytes,
                multipliers=schema.to_bytes(event.multiplier_K),
                provenance=event.provenance,
            )
            writing.end_trials(connection, ends, event.seconds / len(ends))
            writing.insert_logits(connection, attempt.trial_ids, event.valid_logits_PV)
        del self._attempts[_key(event.cohort)]
        self._mirror.follow(attempt.numbers)

    def _fail(self, event: CohortFailed) -> None:
        attempt = self._attempts[_key(event.cohort)]
        with self._database.writing() as connection:
            writing.end_cohort(
                connection, attempt.cohort_id, seconds=event.seconds, error=event.error
            )
            writing.fail_trials(
                connection, attempt.cohort_id, event.seconds / len(attempt.trial_ids)
            )
        del self._attempts[_key(event.cohort)]
        self._mirror.follow(attempt.numbers)

    def _discard_attempts(self) -> None:
        self._attempts.clear()
        with self._database.writing() as connection:
            numbers = writing.remove_leftovers(connection, self._study_id)
        self._mirror.follow(numbers)

    def _finish(self) -> None:
        self._discard_attempts()
        with self._database.writing() as connection:
            writing.finish_run(connection, self._run_id)


def _epoch_record(event: EpochResult, p: int) -> EpochRecord:
    return EpochRecord(
        event.epoch,
        float(event.train_loss_P[p]),
        float(event.train_accuracy_P[p]),
        float(event.valid_loss_P[p]),
        float(event.valid_accuracy_P[p]),
        float(event.effective_learning_rate_P[p]),
    )
