"""From stored trials to a ``Grid``: where each of them stands in the arrays.

Legend: O optimizers, N points, S seeds, E = T + 1 epochs with epoch 0.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from sweep.analysis.arrays import Bools, Floats, Grid, Ints
from sweep.results.records import CohortRecord, Outcome, TrialRecord
from sweep.results.results import Results
from sweep.study.axis import Axis, Point
from sweep.study.study import Study

SERIES = ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy")


def grid_of(results: Results) -> Grid:
    """The finished trials as arrays, for measures and figures.

    Optimizers and seeds are in the study's order, points in the order of its axes. Where failed
    attempts stand beside a finished trial, the finished one counts; what is not finished is NaN.
    """
    study = results.study
    places = Places.of(study)
    last_epoch_ON, training_ON = _trainings(study, places.points)
    finished = finished_trials(results)
    finished_ONS = places.are_among(finished)
    failed = [trial for trial in results.trials if trial.outcome is Outcome.FAILED]
    shares, baseline = _class_shares(results), _baseline(results)
    return Grid(
        optimizers=tuple(optimizer.label for optimizer in study.optimizers),
        axes=_all_values(study),
        points=places.points,
        planned_ON=_planned(study, places.points),
        training_ON=training_ON,
        last_epoch_ON=last_epoch_ON,
        seeds=study.seeds,
        **_series(finished, places, int(last_epoch_ON.max())),
        diverged_at_epoch_ONS=places.numbers(finished, "diverged_at_epoch"),
        finished_ONS=finished_ONS,
        failed_ONS=places.are_among(failed) & ~finished_ONS,
        seconds_ONS=places.numbers(finished, "seconds"),
        memory_bytes_ONS=_memory_bytes(results.cohorts, finished, places),
        baseline=baseline,
        baseline_loss=_entropy(shares) if shares.size else math.nan,
        valid_examples=sum(_valid_counts(results)),
        covers_pictures=_draws_by_seed(results),
        repeated_accuracy_ONS=_repeated_accuracy(results, finished, places, baseline),
    )


def trial_numbers(results: Results) -> Floats:
    """Each finished trial's number in the study, (O, N, S); NaN where there is none."""
    return Places.of(results.study).numbers(finished_trials(results), "number")


@dataclass(frozen=True)
class Places:
    """Where each planned trial of a study stands in arrays (O, N, S).

    Attributes:
        points: N points, all that any optimizer has, in the order of the axes, the last fastest.
        shape: O, N and S.
        known: by optimizer, point and seed.
    """

    points: tuple[Point, ...]
    shape: tuple[int, int, int]
    known: Mapping[tuple[str, Point, int], tuple[int, int, int]]

    @classmethod
    def of(cls, study: Study) -> Self:
        """The places of all trials that a study plans."""
        own = [study.points(optimizer) for optimizer in study.optimizers]
        every = {point for points in own for point in points}
        points = tuple(sorted(every, key=lambda point: tuple(point.values())))
        position = {point: n for n, point in enumerate(points)}
        known = {
            (optimizer.label, point, seed): (o, position[point], s)
            for o, optimizer in enumerate(study.optimizers)
            for point in own[o]
            for s, seed in enumerate(study.seeds)
        }
        return cls(points, (len(study.optimizers), len(points), len(study.seeds)), known)

    def find(self, trial: TrialRecord) -> tuple[int, int, int] | None:
        """A trial's place; None where the study does not plan it."""
        return self.known.get((trial.optimizer, trial.point, trial.seed))

    def numbers(self, trials: Iterable[TrialRecord], field: str) -> Floats:
        """A number of each trial, (O, N, S); NaN where it has none."""
        found = np.full(self.shape, np.nan)
        for trial in trials:
            at, value = self.find(trial), getattr(trial, field)
            if at is not None and value is not None:
                found[at] = value
        return found

    def of_trainings(self, trials: Iterable[TrialRecord], known: Mapping[str, float]) -> Floats:
        """What is known of each trial's training, by fingerprint, (O, N, S); else NaN."""
        found = np.full(self.shape, np.nan)
        for trial in trials:
            at = self.find(trial)
            if at is not None:
                found[at] = known.get(trial.fingerprint, np.nan)
        return found

    def are_among(self, trials: Iterable[TrialRecord]) -> Bools:
        """Which planned trials are among these, (O, N, S)."""
        return ~np.isnan(self.numbers(trials, "number"))


def finished_trials(results: Results) -> list[TrialRecord]:
    """The trials that completed or diverged, by number."""
    return [trial for trial in results.trials if trial.outcome and trial.outcome.is_finished]


def _all_values(study: Study) -> tuple[Axis, ...]:
    """The study's axes, each with every value that any optimizer has."""
    found = []
    for axis in study.axes:
        own = [study.axis_of(optimizer, axis).values for optimizer in study.optimizers]
        values = tuple(sorted({value for values in own for value in values}))
        found.append(Axis(name=axis.name, scale=axis.scale, values=values))
    return tuple(found)


def _planned(study: Study, points: Sequence[Point]) -> Bools:
    own = [{*study.points(optimizer)} for optimizer in study.optimizers]
    return np.array([[point in theirs for point in points] for theirs in own], dtype=bool)


def _trainings(study: Study, points: Sequence[Point]) -> tuple[Ints, Ints]:
    """Of each optimizer and point the last epoch, and the first point with the same training."""
    shape = len(study.optimizers), len(points)
    last_epoch_ON, first_ON = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    if study.imported is not None:  # of their configurations nothing is known
        last_epoch_ON[:] = study.epochs
        first_ON[:] = np.arange(len(points))
        return last_epoch_ON, first_ON
    for o, optimizer in enumerate(study.optimizers):
        seen: dict[str, int] = {}
        for n, point in enumerate(points):
            config = study.config(optimizer, point)
            last_epoch_ON[o, n] = config.epochs
            first_ON[o, n] = seen.setdefault(repr(config.definition()), n)
    return last_epoch_ON, first_ON


def _series(trials: Iterable[TrialRecord], places: Places, epochs: int) -> dict[str, Floats]:
    """Losses and accuracies by epoch (O, N, S, E), by field of the grid."""
    series = {name: np.full((*places.shape, epochs + 1), np.nan) for name in SERIES}
    for trial in trials:
        at = places.find(trial)
        if at is None:
            continue
        there = [epoch.epoch for epoch in trial.epochs]
        for name, values in series.items():
            values[at][there] = [getattr(epoch, name) for epoch in trial.epochs]
    return {f"{name}_ONSE": values for name, values in series.items()}


def _memory_bytes(
    cohorts: Iterable[CohortRecord], trials: Iterable[TrialRecord], places: Places
) -> Floats:
    """Each trial's share of its cohort's memory, (O, N, S); the latest cohort counts."""
    shares = {
        fingerprint: cohort.memory_bytes / len(cohort.points)
        for cohort in cohorts
        if cohort.memory_bytes is not None
        for fingerprint in cohort.fingerprints
    }
    return places.of_trainings(trials, shares)


def _repeated_accuracy(
    results: Results, trials: Iterable[TrialRecord], places: Places, baseline: float
) -> Floats | None:
    """What trials count with that were trained once more, (O, N, S); the latest counts."""
    if not results.repeats:
        return None
    again = {
        it.fingerprint: min(it.valid_accuracy, baseline) if it.has_diverged else it.valid_accuracy
        for it in results.repeats
    }
    return places.of_trainings(trials, again)


def _valid_counts(results: Results) -> tuple[int, ...]:
    """Validation examples of each class, as the last run found them; none where none are known."""
    return results.dataset.valid_counts if results.dataset else ()


def _baseline(results: Results) -> float:
    """The majority-class baseline, or what an import says of it; NaN where it is not known."""
    if results.dataset:
        return results.dataset.baseline
    said = results.study.imported.guessing if results.study.imported else None
    return math.nan if said is None else said


def _draws_by_seed(results: Results) -> bool:
    """Whether each seed drew its own split, as the last run tells."""
    tally = results.dataset.tally if results.dataset else None
    return tally is not None and tally.split == "by-seed"


def _class_shares(results: Results) -> Floats:
    counts = np.array(_valid_counts(results), np.float64)
    return counts / counts.sum() if counts.size else counts


def _entropy(shares: Floats) -> float:
    """Of class shares, in nats."""
    logs = np.log(shares, where=shares > 0, out=np.zeros(len(shares)))
    return float(-np.sum(shares * logs))
