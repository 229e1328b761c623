"""From stored trials to a ``Grid``: where each of them stands in the arrays.

Legend: O optimizers, N points, S seeds, E = T + 1 epochs with epoch 0, K trials, X stored epochs
of all of them, F fields of each.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from sweep.analysis.arrays import Bools, Floats, Grid, Ints
from sweep.results.guessing import guessing_of
from sweep.results.records import CohortRecord, EpochRecord, Outcome
from sweep.results.results import Results
from sweep.results.trials import Trials
from sweep.study.axis import Axis, Point
from sweep.study.metric import Metric
from sweep.study.networks import Network
from sweep.study.study import Study

SERIES = ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy")


def grid_of(results: Results) -> Grid:
    """The finished trials as arrays, for measures and figures; see ``collected``."""
    grid, _ = collected(results)
    return grid


def collected(results: Results) -> tuple[Grid, "Placed"]:
    """The finished trials as arrays, and which they are.

    Optimizers and seeds are in the study's order, points in the order of its axes. Where failed
    attempts stand beside a finished trial, the finished one counts; what is not finished is NaN.
    """
    study = results.study
    places = Places.of(study)
    last_epoch_ON, training_ON = _trainings(study, places.points)
    trials = Trials.of(results.trials)
    finished = places.placed(trials.ended_as(Outcome.COMPLETED, Outcome.DIVERGED))
    finished_ONS = finished.are_there()
    failed = trials.ended_as(Outcome.FAILED)
    shares, baseline = (
        _class_shares(results),
        study.metric.score(guessing_of(study, results.dataset)),
    )
    grid = Grid(
        optimizers=tuple(optimizer.label for optimizer in study.optimizers),
        axes=_all_values(study),
        points=places.points,
        planned_ON=_planned(study, places.points),
        training_ON=training_ON,
        last_epoch_ON=last_epoch_ON,
        seeds=study.seeds,
        **_series(finished, int(last_epoch_ON.max()), study.metric),
        diverged_at_epoch_ONS=finished.numbers("diverged_at_epoch"),
        finished_ONS=finished_ONS,
        failed_ONS=places.placed(failed).are_there() & ~finished_ONS,
        seconds_ONS=finished.numbers("seconds"),
        memory_bytes_ONS=_memory_bytes(results.cohorts, finished),
        baseline=baseline,
        baseline_loss=_entropy(shares) if shares.size else math.nan,
        valid_examples=sum(_valid_counts(results)),
        covers_pictures=_draws_by_seed(results),
        metric=study.metric,
        is_imported=study.imported is not None,
        has_nats=_has_nats(study),
        is_guessing_said=study.guessing is not None,
        repeated_accuracy_ONS=_repeated_accuracy(results, finished, baseline),
    )
    return grid, finished


@dataclass(frozen=True)
class Places:
    """Where each planned trial of a study stands in arrays (O, N, S).

    Attributes:
        points: N points, all that any optimizer has, in the order of the axes, the last fastest.
        shape: O, N and S.
        optimizers: by label, the position of each, and those of its points.
        seeds: the position of each.
    """

    points: tuple[Point, ...]
    shape: tuple[int, int, int]
    optimizers: Mapping[str, tuple[int, Mapping[Point, int]]]
    seeds: Mapping[int, int]

    @classmethod
    def of(cls, study: Study) -> Self:
        """The places of all trials that a study plans."""
        own = [study.points(optimizer) for optimizer in study.optimizers]
        every = {point for points in own for point in points}
        points = tuple(sorted(every, key=lambda point: tuple(point.values())))
        position = {point: n for n, point in enumerate(points)}
        optimizers = {
            optimizer.label: (o, {point: position[point] for point in own[o]})
            for o, optimizer in enumerate(study.optimizers)
        }
        seeds = {seed: s for s, seed in enumerate(study.seeds)}
        return cls(points, (len(optimizers), len(points), len(seeds)), optimizers, seeds)

    def row(self, optimizer: str, point: Point) -> int | None:
        """Where the flattened arrays have a point of an optimizer; None if it is not planned."""
        o, positions = self.optimizers.get(optimizer, (0, {}))
        n = positions.get(point)
        return None if n is None else (o * self.shape[1] + n) * self.shape[2]

    def placed(self, trials: Trials) -> "Placed":
        """Those of the trials that the study plans, each with its place."""
        # Trials share the objects of their points, so few of them have to be looked up.
        rows: dict[tuple[str, int], int | None] = {}
        there, at_K = [], []
        columns = map(trials.column, ("optimizer", "point", "seed"))
        for k, (optimizer, point, seed) in enumerate(zip(*columns, strict=True)):
            key = optimizer, id(point)
            if key not in rows:
                rows[key] = self.row(optimizer, point)
            row, s = rows[key], self.seeds.get(seed)
            if row is not None and s is not None:
                there.append(k)
                at_K.append(row + s)
        return Placed(self.shape, trials.taken(there), np.array(at_K, np.int64))


@dataclass(frozen=True)
class Placed:
    """Trials with their places; of several in one place the last one counts.

    Attributes:
        shape: O, N and S.
        trials: K trials.
        at_K: the place of each in the flattened arrays.
    """

    shape: tuple[int, int, int]
    trials: Trials
    at_K: Ints

    def numbers(self, field: str) -> Floats:
        """A number of each trial, (O, N, S); NaN where it has none."""
        number_K = np.array(self.trials.column(field), np.float64)  # in which None is NaN
        is_known_K = ~np.isnan(number_K)
        return self._laid(number_K[is_known_K], self.at_K[is_known_K])

    def of_trainings(self, known: Mapping[str, float]) -> Floats:
        """What is known of each trial's training, by fingerprint, (O, N, S); else NaN."""
        nothing = np.nan
        found = [known.get(it, nothing) for it in self.trials.column("fingerprint")]
        return self._laid(np.array(found, np.float64), self.at_K)

    def are_there(self) -> Bools:
        """Where there is one, (O, N, S)."""
        there = np.zeros(self.shape, bool)
        there.reshape(-1)[self.at_K] = True
        return there

    def _laid(self, number_K: Floats, at_K: Ints) -> Floats:
        found = np.full(self.shape, np.nan)
        found.reshape(-1)[at_K] = number_K
        return found


def _all_values(study: Study) -> tuple[Axis, ...]:
    """The study's axes, each with every value that any optimizer has."""
    found = []
    for axis in study.axes:
        own = [study.axis_of(optimizer, axis).values for optimizer in study.optimizers]
        found.append(axis.through(value for values in own for value in values))
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


def _series(finished: Placed, epochs: int, metric: Metric) -> dict[str, Floats]:
    """Losses and scores by epoch (O, N, S, E), by field of the grid."""
    trial_X, values_XF = finished.trials.courses.laid()
    at_X, epoch_X = finished.at_K[trial_X], values_XF[:, 0].astype(np.int64)
    series = {}
    for name in SERIES:
        found = np.full((*finished.shape, epochs + 1), np.nan)
        values_X = values_XF[:, EpochRecord._fields.index(name)]
        is_score = name.endswith("accuracy")
        found.reshape(-1, epochs + 1)[at_X, epoch_X] = (
            metric.score(values_X) if is_score else values_X
        )
        series[f"{name}_ONSE"] = found
    return series


def _memory_bytes(cohorts: Iterable[CohortRecord], finished: Placed) -> Floats:
    """Each trial's share of its cohort's memory, (O, N, S); the latest cohort counts."""
    shares = {
        fingerprint: cohort.memory_bytes / len(cohort.points)
        for cohort in cohorts
        if cohort.memory_bytes is not None
        for fingerprint in cohort.fingerprints
    }
    return finished.of_trainings(shares)


def _repeated_accuracy(results: Results, finished: Placed, baseline: float) -> Floats | None:
    """What trials count with that were trained once more, (O, N, S); the latest counts."""
    if not results.repeats:
        return None
    score = results.study.metric.score
    again = {
        it.fingerprint: (
            min(score(it.valid_accuracy), baseline) if it.has_diverged else score(it.valid_accuracy)
        )
        for it in results.repeats
    }
    return finished.of_trainings(again)


def _valid_counts(results: Results) -> tuple[int, ...]:
    """Validation examples of each class, as the last run found them; none where none are known."""
    return results.dataset.valid_counts if results.dataset else ()


def _has_nats(study: Study) -> bool:
    """Whether losses are cross-entropies; of the user's own programs they may be anything."""
    if isinstance(study.task, Network):
        return study.task.loss is None or study.task.loss.lower().endswith("crossentropy")
    return study.task is None and study.metric.is_share


def _draws_by_seed(results: Results) -> bool:
    """Whether each seed drew its own split, as the last run tells."""
    tally = results.dataset.tally if results.dataset else None
    return tally is not None and tally.split == "by-seed"


def _class_shares(results: Results) -> Floats:
    has_classes = results.dataset is not None and results.dataset.class_names
    counts = np.array(_valid_counts(results) if has_classes else (), np.float64)
    return counts / counts.sum() if counts.size else counts


def _entropy(shares: Floats) -> float:
    """Of class shares, in nats."""
    logs = np.log(shares, where=shares > 0, out=np.zeros(len(shares)))
    return float(-np.sum(shares * logs))
