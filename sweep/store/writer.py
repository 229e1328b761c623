"""The way in: what the runner hands over while a run goes on, one event after another.

A cohort's epochs are stored as they come, under running trainings; its end is one transaction in
which all its trainings finish, or none. What never came to its end is removed without a trace (its
run stays on record, without a ``finished_at``), so its trials are untrained again.

Every transaction may be done twice, where a connection is lost: see ``Database.write``.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from math import isfinite
from typing import Self

from sqlalchemy import Connection

from sweep.errors import StoreError
from sweep.planning.cohorts import Cohort
from sweep.planning.events import CohortFailed, CohortResult, CohortStarted, EpochResult, Event
from sweep.planning.repeats import Repeat
from sweep.planning.trials import Trial
from sweep.results.looks import LookDesign
from sweep.results.provenance import Provenance
from sweep.results.records import EpochRecord
from sweep.store import admission, looking, reading, reuse, writing
from sweep.store.attempts import Attempt, Numbers
from sweep.store.database import Database, Written
from sweep.store.encoding import multiplier_columns
from sweep.store.optuna.mirror import Mirror
from sweep.store.values import readable
from sweep.store.writing import TrialRow
from sweep.study.extension import grown
from sweep.study.study import Study
from sweep.util.collecting import no_cycles

_log = logging.getLogger(__name__)


def _key(cohort: Cohort) -> tuple[str, ...]:
    return tuple(trial.fingerprint for trial in cohort.trials)


class RunWriter:
    """Writes one run. Made by ``Store.run``; not for use after it.

    Attributes:
        finished: fingerprints of the study's finished trials when the run last planned.
        copied: how many of the trials were trained by other studies' runs, and are new here.
    """

    finished: frozenset[str]
    copied: int

    @readable()
    def __init__(
        self, database: Database, study: Study, provenance: Provenance, trials: Sequence[Trial]
    ) -> None:
        self._database = database
        self._attempts: dict[tuple[str, ...], Attempt] = {}
        self._cohorts_started = count()
        started_at = datetime.now(UTC)

        def admit(connection: Connection) -> tuple[admission.Admitted, int]:
            admitted = admission.admit(connection, study, provenance)
            writing.remove_leftovers(connection, admitted.study_id)
            run_id = admission.insert_run(connection, admitted.study_id, provenance, started_at)
            return admitted, run_id

        admitted, self._run_id = database.write(admit)
        if admitted.replaced:
            _log.warning("%s", admitted.replaced)
        self._study_id, self._study = admitted.study_id, admitted.study
        self._planned: dict[str, list[Trial]] = defaultdict(list)
        self.finished, self.copied = frozenset(), 0
        self._baseline = reading.baseline(self._study, provenance)
        self._mirror = self._new_mirror()
        is_looking = self._mirror.begin()
        if self._plan(trials) or not is_looking:
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
        """Plan more trials: those whose training the store has already are there at once.

        ``copied`` and ``finished`` count them from now on. Values and seeds that the study has not
        are the study's from now on.

        Args:
            trials: those that are new.
        """
        self._plan(trials)
        self._mirror.catch_up()

    @readable()
    def fix_design(self, design: LookDesign) -> None:
        """Fix by which seeds are added, before the first look; takes the place of one unused.

        Raises:
            StoreBusyError: another run has fixed and used another one meanwhile.
        """
        self._write(lambda connection: looking.fix_design(connection, self._study_id, design))

    @readable()
    def look(self, seeds: int, seen_at: datetime, *, by_design: bool) -> None:
        """Record that a verdict was seen; the first look at as many seeds counts.

        Args:
            seeds: how many whole seeds it rested on.
            seen_at: when.
            by_design: whether it belongs to the study's design; else it is one by hand.
        """
        self._write(
            lambda connection: looking.add_look(
                connection, self._study_id, seeds, seen_at, by_design=by_design
            )
        )

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

    def keep(self, repeat: Repeat | CohortFailed) -> None:
        """Store what was trained once more; when this returns, it is committed."""
        ended = repeat.result if isinstance(repeat, Repeat) else repeat
        started_at = datetime.now(UTC) - timedelta(seconds=ended.seconds)
        place = next(self._cohorts_started)
        self._write(
            lambda connection: writing.insert_repeat(
                connection, self._run_id, place, repeat, started_at
            )
        )

    def _new_mirror(self) -> Mirror:
        return Mirror(self._database, self._study_id, self._study, baseline=self._baseline)

    @no_cycles()
    def _plan(self, trials: Sequence[Trial]) -> bool:
        """Plan trials; returns whether that has changed what is stored of the study."""
        seeds = {trial.seed for trial in trials}
        # Trials share the objects of their points, so few of them are compared.
        points = {(trial.optimizer, id(trial.point)): trial.point for trial in trials}
        asked = [(label, point) for (label, _), point in points.items()]
        is_grown = grown(self._study, asked, seeds) != self._study
        if is_grown:
            self._study = self._write(
                lambda connection: admission.grow(connection, self._study_id, asked, seeds)
            )
            self._mirror = self._new_mirror()

        def refer(connection: Connection) -> tuple[reuse.FinishedTrials, list, Numbers, list]:
            # In one transaction, for somebody may forget the study that has trained it.
            present = reuse.finished_trials(connection, self._study_id)
            at_points = present.of(trials, self._study)
            missing = [
                trial
                for trial, at_point in zip(trials, at_points, strict=True)
                if trial.seed not in at_point
            ]
            found = reuse.reusable(connection, missing)
            numbers = Numbers(reuse.numbers(connection, self._study_id))
            rows = [
                TrialRow(trial, number, training_id)
                for (trial, training_id, _), number in zip(
                    found, numbers.take(len(found)), strict=True
                )
            ]
            writing.insert_trials(connection, self._study_id, self._study, rows)
            return present, at_points, numbers, found

        present, at_points, self._numbers, found = self._write(refer)
        taken_over = [trial for trial, *_ in found]
        for trial, at_point in zip(taken_over, present.of(taken_over, self._study), strict=True):
            at_point[trial.seed] = trial.fingerprint
        self._present = present
        self.copied += sum(origin != self._study_id for _, _, origin in found)
        finished = present.fingerprints()
        for trial, at_point in zip(trials, at_points, strict=True):
            if trial.seed in at_point:
                finished.add(trial.fingerprint)
            else:
                self._planned[trial.fingerprint].append(trial)
        self.finished |= finished
        return is_grown or bool(found)

    def _start(self, cohort: Cohort) -> None:
        # A cohort is started again when a worker died with it, or in parts when it was too big.
        fingerprints = set(_key(cohort))
        replaced = [key for key in self._attempts if fingerprints.intersection(key)]
        removed = {n for key in replaced for n in self._attempts[key].all_numbers}
        self._numbers.give_back(removed)
        trials = [self._referring(trial) for trial in cohort.trials]
        numbers = tuple(self._numbers.take(len(some)) for some in trials)
        place = next(self._cohorts_started)

        def start(connection: Connection) -> Attempt:
            cohort_id = writing.find_cohort(connection, self._run_id, place)
            if cohort_id is None:
                for key in replaced:
                    writing.remove_cohort(connection, self._attempts[key].cohort_id)
                cohort_id = writing.insert_cohort(connection, self._run_id, place, cohort)
                writing.insert_trainings(connection, cohort_id, cohort)
            known = writing.training_ids(connection, cohort_id)
            training_ids = tuple(known[trial.fingerprint] for trial in cohort.trials)
            rows = [
                TrialRow(trial, number, training_id)
                for training_id, some, of in zip(training_ids, trials, numbers, strict=True)
                for trial, number in zip(some, of, strict=True)
            ]
            writing.insert_trials(connection, self._study_id, self._study, rows)
            return Attempt(cohort_id, training_ids, numbers)

        attempt = self._write(start)
        for key in replaced:
            del self._attempts[key]
        self._attempts[_key(cohort)] = attempt
        self._mirror.follow(removed | attempt.all_numbers)

    def _referring(self, trial: Trial) -> list[Trial]:
        """The trials that are to refer to the training of one of them."""
        planned = self._planned.get(trial.fingerprint, [trial])
        return [
            each for each in planned if not self._present.has(writing.identity(each, self._study))
        ]

    def _epoch(self, event: EpochResult) -> None:
        attempt = self._attempts[_key(event.cohort)]
        records = {
            p: _epoch_record(event, p)
            for p in range(len(attempt.training_ids))
            if p not in attempt.diverged
        }
        if not records:
            return
        rows = [(attempt.training_ids[p], record) for p, record in records.items()]
        self._write(lambda connection: writing.insert_epochs(connection, rows))
        self._mirror.append(
            {number: record for p, record in records.items() for number in attempt.numbers[p]}
        )
        attempt.diverged.update(
            p for p, x in records.items() if x.epoch > 0 and not isfinite(x.train_loss)
        )

    def _end(self, event: CohortResult) -> None:
        attempt = self._attempts[_key(event.cohort)]

        def end(connection: Connection) -> None:
            if not writing.has_ended(connection, attempt.cohort_id):
                self._end_cohort(connection, attempt, event)

        self._write(end)
        del self._attempts[_key(event.cohort)]
        self._mirror.follow(attempt.all_numbers)

    def _end_cohort(self, connection: Connection, attempt: Attempt, event: CohortResult) -> None:
        """Finish the cohort's trainings, but those that another study's run has finished first."""
        known = writing.finished_elsewhere(connection, attempt.cohort_id, _key(event.cohort))
        kept = []
        for p, trial in enumerate(event.cohort.trials):
            if trial.fingerprint in known:
                other = known[trial.fingerprint]
                writing.refer_instead(connection, attempt.training_ids[p], other)
            else:
                kept.append(p)
        if not kept:
            writing.remove_cohort(connection, attempt.cohort_id)
            return
        # In one order for all runs, so that none waits for one that waits for it.
        in_order = sorted(kept, key=lambda p: event.cohort.trials[p].fingerprint)
        ends = {attempt.training_ids[p]: event.diverged_at_epoch_P[p] for p in in_order}
        writing.end_trainings(connection, ends, event.seconds / len(event.cohort.trials))
        recorded = {attempt.training_ids[p]: (p, event.diverged_at_epoch_P[p]) for p in in_order}
        writing.insert_gradients(connection, recorded, event.gradients)
        multiplier_PK = event.multiplier_PK
        if multiplier_PK is not None and len(multiplier_PK) > 1:
            multiplier_PK = multiplier_PK[kept]
        writing.end_cohort(
            connection,
            attempt.cohort_id,
            points=[dict(event.cohort.points[p]) for p in kept],
            seconds=event.seconds,
            memory_bytes=event.memory_bytes,
            provenance=event.provenance,
            **multiplier_columns(multiplier_PK),
        )

    def _fail(self, event: CohortFailed) -> None:
        attempt = self._attempts[_key(event.cohort)]

        def fail(connection: Connection) -> None:
            if not writing.has_ended(connection, attempt.cohort_id):
                writing.end_cohort(
                    connection, attempt.cohort_id, seconds=event.seconds, error=event.error
                )
                each = event.seconds / len(attempt.training_ids)
                writing.fail_trainings(connection, attempt.cohort_id, each)

        self._write(fail)
        del self._attempts[_key(event.cohort)]
        self._mirror.follow(attempt.all_numbers)

    def _discard_attempts(self, patience_seconds: float | None = None) -> None:
        under_way = {n for attempt in self._attempts.values() for n in attempt.all_numbers}
        self._attempts.clear()
        self._write(
            lambda connection: writing.remove_leftovers(connection, self._study_id),
            patience_seconds,
        )
        self._mirror.follow(under_way)

    def _finish(self) -> None:
        self._discard_attempts()
        self._write(lambda connection: admission.finish_run(connection, self._run_id))
        self._mirror.finish()

    def _write(
        self, work: Callable[[Connection], Written], patience_seconds: float | None = None
    ) -> Written:
        """Do some work in one transaction, unless a later run has begun: this one lost its lock."""

        def guarded(connection: Connection) -> Written:
            admission.refuse_later_run(connection, self._study_id, self._run_id)
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
