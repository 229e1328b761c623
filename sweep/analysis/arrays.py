"""The results of a study as arrays, and what a diverged trial counts for.

Accuracies here are scores: values of the study's metric, or their negatives where less is better,
so that more is better everywhere (``Metric.score``).

First stop of the way from stored results to measures; ``collect.grid_of`` fills it.

Legend: O optimizers, A axes, N points, S seeds, E = T + 1 epochs with epoch 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sweep.analysis.metric_words import MetricWords
from sweep.study.axis import Axis, Point
from sweep.study.metric import ACCURACY, Metric

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Grid:
    """The results of a study as arrays; what is not there is NaN.

    Attributes:
        optimizers: O labels.
        axes: what was swept, one or two; each with every value that any optimizer has.
        points: N points, all that any optimizer has, in the order of the axes, the last fastest.
        planned_ON: whether the optimizer is to be trained at the point; all, unless optimizers
            have values of their own.
        training_ON: the first point at which the optimizer has the same training: the point
            itself, unless the optimizer does not follow an axis.
        last_epoch_ON: epochs of the optimizer's training at the point; all the same, unless the
            epochs are swept.
        seeds: S seeds.
        train_loss_ONSE, train_accuracy_ONSE, valid_loss_ONSE, valid_accuracy_ONSE: by epoch,
            E = T + 1 for the longest training, with epoch 0 the evaluation before training; NaN
            where a trial is missing, failed, running, after its last epoch, or after it diverged
            (its non-finite loss itself stays).
        diverged_at_epoch_ONS: NaN where the trial did not diverge.
        finished_ONS: whether the trial completed or diverged.
        failed_ONS: whether an exception ended it, and it was not finished since.
        seconds_ONS: of training, its share of its cohort's.
        memory_bytes_ONS: of weights, gradients and optimizer state, its share of its cohort's.
        baseline: score where nothing is learned: of accuracies the share of the largest class among
            the validation examples (the majority-class baseline); NaN where it is not known.
        baseline_loss: cross-entropy, in nats, of always answering with the shares of the classes;
            NaN where they are not known.
        valid_examples: how many examples every validation accuracy is a mean over; 0 where that
            is not known.
        covers_pictures: whether each seed has a split of its own, so that what varies over seeds
            is the choice of examples too.
        metric: what trials are judged by.
        is_imported: whether the results were made elsewhere, so that not all of them is known.
        has_nats: whether losses are cross-entropies, in nats.
        is_guessing_said: whether the study says the baseline itself.
        repeated_accuracy_ONS: what each trial counts with where it was trained once more, rounded
            otherwise (see ``rounding``), else NaN; None where none was.
    """

    optimizers: tuple[str, ...]
    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    planned_ON: Bools
    training_ON: Ints
    last_epoch_ON: Ints
    seeds: tuple[int, ...]
    train_loss_ONSE: Floats
    train_accuracy_ONSE: Floats
    valid_loss_ONSE: Floats
    valid_accuracy_ONSE: Floats
    diverged_at_epoch_ONS: Floats
    finished_ONS: Bools
    failed_ONS: Bools
    seconds_ONS: Floats
    memory_bytes_ONS: Floats
    baseline: float
    baseline_loss: float
    valid_examples: int
    covers_pictures: bool = False
    metric: Metric = ACCURACY
    is_imported: bool = False
    has_nats: bool = True
    is_guessing_said: bool = False
    repeated_accuracy_ONS: Floats | None = None

    @property
    def hyperparameter(self) -> str:
        """What was swept, in words: ``learning rate``, ``batch size and learning rate``."""
        return swept_words(self.axes)

    @property
    def values_N(self) -> Floats:
        """The values of the only axis at the points.

        Raises:
            ValueError: there are two axes.
        """
        (axis,) = self.axes
        return np.array([point[axis.name] for point in self.points], np.float64)

    @property
    def epochs(self) -> int:
        """Epochs of the longest training, T, without epoch 0."""
        return self.valid_accuracy_ONSE.shape[-1] - 1

    @property
    def diverged(self) -> Bools:
        """Which finished trials diverged, (O, N, S)."""
        return self.finished_ONS & ~np.isnan(self.diverged_at_epoch_ONS)

    @property
    def words(self) -> MetricWords:
        """How the metric is said."""
        return MetricWords(self.metric)

    @property
    def shares_of(self) -> int:
        """Of how many examples each score is a share; 0 where it is none, or that is not known."""
        return self.valid_examples if self.metric.is_share else 0

    @property
    def baseline_words(self) -> str:
        """What the baseline is: an import gives a level, and does not say why it is that."""
        if not (self.is_guessing_said or np.isnan(self.baseline_loss)):
            return "the majority-class baseline"
        if np.isnan(self.baseline) and not self.is_imported:
            return f"the {self.metric.name} before training"
        return f"the {self.metric.name} of learning nothing"

    @property
    def baseline_told(self) -> str:
        """What the baseline is, with its value where there is one."""
        if np.isnan(self.baseline) and not self.is_imported:
            return self.baseline_words
        return f"{self.baseline_words} ({self.words.level(self.baseline)})"

    @property
    def diverged_words(self) -> str:
        """What bounds the score that a diverged trial counts with: ``at most the … baseline``."""
        if np.isnan(self.untrained) and not self.is_imported:
            return f"the last {self.metric.name} it had"
        return f"{self.words.at_most} {self.baseline_words}"

    @property
    def diverged_rule(self) -> str:
        """What a diverged trial counts with, in full."""
        last = f"the last {self.metric.name} it had"
        if np.isnan(self.untrained) and not self.is_imported:
            return last
        return f"the {self.words.worse_of} of {self.baseline_words} and {last}"

    @property
    def untrained(self) -> float:
        """The score of the baseline, or else the mean before training; NaN where neither is known.

        What an import says of epoch 0 is not taken for it.
        """
        first = self.valid_accuracy_ONSE[..., 0]
        known = first[np.isfinite(first)]
        if self.is_imported or not np.isnan(self.baseline) or not known.size:
            return self.baseline
        return float(known.mean())

    @property
    def unmoved(self) -> tuple[str, ...]:
        """Optimizers that follow no axis, so that all their points are one training."""
        return tuple(
            label
            for label, training_N in zip(self.optimizers, self.training_ON, strict=True)
            if len(self.points) > 1 and len({*training_N.tolist()}) == 1
        )

    def diverged_by_epoch(self) -> Bools:
        """Which trials have diverged, by epoch (O, N, S, E)."""
        epochs_E = np.arange(self.epochs + 1)
        return self.diverged[..., None] & (epochs_E >= self.diverged_at_epoch_ONS[..., None])

    def counted_accuracy(self) -> Floats:
        """Validation scores by epoch, (O, N, S, E), with what diverged trials count for.

        From its divergence on, a trial counts the smaller of the baseline and the last score it
        had; where the baseline is not known, its own score before training stands for it, and
        where there is nothing of that either, the lowest one of any trial. NaN where a trial is
        not finished, and after its last epoch.
        """
        last_ONS = _last_finite(self.valid_accuracy_ONSE)
        counted_ONS = np.fmin(last_ONS, self._worst_ONS())
        counted_ONSE = np.where(
            self.diverged_by_epoch(), counted_ONS[..., None], self.valid_accuracy_ONSE
        )
        return np.where(self._trained_ON1E(), counted_ONSE, np.nan)

    def capped_loss(self) -> Floats:
        """Training loss by epoch, (O, N, S, E), in nats, at most ℓ0; diverged trials count ℓ0.

        ℓ0 is the lesser of the trial's loss at initialization and the baseline's. NaN where a
        trial is not finished, and after its last epoch.
        """
        limit_ONS1 = np.fmin(self.train_loss_ONSE[..., :1], self.baseline_loss)
        kept_ONSE = np.minimum(self.train_loss_ONSE, limit_ONS1)
        counted_ONSE = np.where(self.diverged_by_epoch(), limit_ONS1, kept_ONSE)
        there_ONSE = self._trained_ON1E() & self.finished_ONS[..., None]
        return np.where(there_ONSE, counted_ONSE, np.nan)

    def final(self, series_ONSE: Floats) -> Floats:
        """A series after each training's own last epoch, (O, N, S)."""
        last_ON11 = self.last_epoch_ON[..., None, None]
        return np.take_along_axis(series_ONSE, last_ON11, axis=-1)[..., 0]

    def final_accuracy(self) -> Floats:
        """What each trial counts with: validation accuracy after its last epoch, (O, N, S)."""
        return self.final(self.counted_accuracy())

    def select(
        self,
        optimizers: Sequence[int] | None = None,
        points: Sequence[int] | None = None,
        seeds: Sequence[int] | None = None,
    ) -> Self:
        """Only these optimizers, points and seeds, by their positions, in this order; None is all.

        The axes keep the values that the points have.
        """
        every = (len(self.optimizers), len(self.points), len(self.seeds))
        chosen = [
            list(range(count) if part is None else part)
            for part, count in zip((optimizers, points, seeds), every, strict=True)
        ]
        kept_points = tuple(self.points[position] for position in chosen[1])
        return replace(
            self,
            optimizers=tuple(self.optimizers[position] for position in chosen[0]),
            axes=tuple(axis_through(axis, kept_points) for axis in self.axes),
            points=kept_points,
            seeds=tuple(self.seeds[position] for position in chosen[2]),
            **self._parts_of_arrays(*chosen),
        )

    def _parts_of_arrays(
        self, optimizers: list[int], points: list[int], seeds: list[int]
    ) -> dict[str, NDArray]:
        by_trial, by_point = np.ix_(optimizers, points, seeds), np.ix_(optimizers, points)
        if [*map(len, (optimizers, points, seeds))] == [*self.finished_ONS.shape] and all(
            part == sorted({*part}) for part in (optimizers, points, seeds)
        ):  # all of them: no copies of very many numbers
            by_trial, by_point = ..., ...
        parts = {
            name: array[by_trial]
            for name, array in vars(self).items()
            if name.endswith(("_ONS", "_ONSE")) and array is not None
        }
        by_optimizer = {
            name: array[by_point] for name, array in vars(self).items() if name.endswith("_ON")
        }
        return parts | by_optimizer | {"training_ON": _renumbered(self.training_ON[by_point])}

    def _worst_ONS(self) -> Floats | float:
        """What a diverged trial counts with at most; NaN of imports that do not say it."""
        if self.is_imported or not np.isnan(self.baseline):
            return self.baseline
        scores_ONSE = self.valid_accuracy_ONSE
        known = scores_ONSE[np.isfinite(scores_ONSE)]
        first_ONS = np.where(np.isfinite(scores_ONSE[..., 0]), scores_ONSE[..., 0], np.nan)
        is_unknown_ONS = np.isnan(_last_finite(scores_ONSE)) & np.isnan(first_ONS)
        return np.where(is_unknown_ONS, known.min() if known.size else np.nan, first_ONS)

    def _trained_ON1E(self) -> Bools:
        """Which epochs belong to a training, (O, N, 1, E)."""
        return np.arange(self.epochs + 1) <= self.last_epoch_ON[..., None, None]


def _renumbered(training_ON: Ints) -> Ints:
    """Each number as the first position in its row that has it."""
    rows = [np.unique(row_N, return_index=True, return_inverse=True) for row_N in training_ON]
    firsts = [first[inverse] for _, first, inverse in rows]
    return np.array(firsts, np.int64).reshape(training_ON.shape)


def axis_through(axis: Axis, points: Sequence[Point]) -> Axis:
    """The axis with only the values that points have on it."""
    return axis.through(point[axis.name] for point in points)


def swept_words(axes: Sequence[Axis]) -> str:
    """What was swept, in words."""
    return " and ".join(axis.words for axis in axes)


def _last_finite(series_XE: Floats) -> Floats:
    """The last finite value of each series (…, E); NaN where it has none."""
    finite_XE = np.isfinite(series_XE)
    last_X = series_XE.shape[-1] - 1 - np.argmax(finite_XE[..., ::-1], axis=-1)
    values_X = np.take_along_axis(series_XE, last_X[..., None], axis=-1)[..., 0]
    return np.where(finite_XE.any(axis=-1), values_X, np.nan)
