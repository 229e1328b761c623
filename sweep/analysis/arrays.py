"""The results of a study as arrays, and what a diverged trial counts for.

First stop of the way from stored results to measures.

Legend: O optimizers, N values of the swept hyperparameter, S seeds, E = T + 1 epochs with epoch 0.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sweep.results.records import CohortRecord, Outcome, TrialRecord
from sweep.results.results import Results
from sweep.study.axis import Point, grid_points
from sweep.study.study import Study

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


_Key = tuple[str, Point, int]


_Place = tuple[int, int, int]


_SERIES = ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy")


@dataclass(frozen=True)
class Grid:
    """The results of a study as arrays; what is not there is NaN.

    Attributes:
        optimizers: O labels.
        hyperparameter: what was swept, in words: ``learning rate``.
        values_N: its values, ascending.
        seeds: S seeds.
        train_loss_ONSE, train_accuracy_ONSE, valid_loss_ONSE, valid_accuracy_ONSE: by epoch,
            E = T + 1 with epoch 0 the evaluation before training; NaN where a trial is missing,
            failed, running, or after it diverged (its non-finite loss itself stays).
        diverged_at_epoch_ONS: NaN where the trial did not diverge.
        finished_ONS: whether the trial completed or diverged.
        seconds_ONS: of training, its share of its cohort's.
        memory_bytes_ONS: of weights, gradients and optimizer state, its share of its cohort's.
        guessing: the share of the larger class among the validation pictures.
        valid_pictures: how many pictures every validation accuracy is a mean over.
    """

    optimizers: tuple[str, ...]
    hyperparameter: str
    values_N: Floats
    seeds: tuple[int, ...]
    train_loss_ONSE: Floats
    train_accuracy_ONSE: Floats
    valid_loss_ONSE: Floats
    valid_accuracy_ONSE: Floats
    diverged_at_epoch_ONS: Floats
    finished_ONS: Bools
    seconds_ONS: Floats
    memory_bytes_ONS: Floats
    guessing: float
    valid_pictures: int

    @property
    def epochs(self) -> int:
        """Epochs trained, T, without epoch 0."""
        return self.valid_accuracy_ONSE.shape[-1] - 1

    @property
    def diverged(self) -> Bools:
        """Which finished trials diverged, (O, N, S)."""
        return self.finished_ONS & ~np.isnan(self.diverged_at_epoch_ONS)

    @property
    def guessing_loss(self) -> float:
        """Cross-entropy, in nats, of always answering with the shares of the classes."""
        shares = np.array([self.guessing, 1 - self.guessing])
        return float(-np.sum(shares * np.log(shares, where=shares > 0, out=np.zeros(2))))

    def counted_accuracy(self) -> Floats:
        """Validation accuracy by epoch, (O, N, S, E), with what diverged trials count for.

        From its divergence on, a trial counts the smaller of guessing and the last accuracy it
        had. NaN where a trial is not finished.
        """
        last_ONS = _last_finite(self.valid_accuracy_ONSE)
        counted_ONS = np.fmin(last_ONS, self.guessing)
        epochs_E = np.arange(self.epochs + 1)
        after_ONSE = self.diverged[..., None] & (epochs_E >= self.diverged_at_epoch_ONS[..., None])
        return np.where(after_ONSE, counted_ONS[..., None], self.valid_accuracy_ONSE)

    def capped_loss(self) -> Floats:
        """Training loss of the last epoch in nats, (O, N, S), at most ℓ0; diverged trials count ℓ0.

        ℓ0 is the lesser of the loss at initialization and that of guessing. NaN where a trial is
        not finished.
        """
        limit_ONS = np.fmin(self.train_loss_ONSE[..., 0], self.guessing_loss)
        loss_ONS = np.minimum(self.train_loss_ONSE[..., -1], limit_ONS)
        return np.where(self.diverged, limit_ONS, loss_ONS)

    def select(self, optimizers: list[int], seeds: list[int]) -> Self:
        """Only these optimizers and seeds, by their positions, in this order."""
        part = np.ix_(optimizers, range(len(self.values_N)), seeds)
        arrays = {
            name: getattr(self, name)[part]
            for name in vars(self)
            if name.endswith(("_ONS", "_ONSE"))
        }
        return replace(
            self,
            optimizers=tuple(self.optimizers[position] for position in optimizers),
            seeds=tuple(self.seeds[position] for position in seeds),
            **arrays,
        )


def _last_finite(series_XE: Floats) -> Floats:
    """The last finite value of each series (…, E); NaN where it has none."""
    finite_XE = np.isfinite(series_XE)
    last_X = series_XE.shape[-1] - 1 - np.argmax(finite_XE[..., ::-1], axis=-1)
    values_X = np.take_along_axis(series_XE, last_X[..., None], axis=-1)[..., 0]
    return np.where(finite_XE.any(axis=-1), values_X, np.nan)


def grid_of(results: Results) -> Grid:
    """The finished trials as arrays, for measures and figures.

    Optimizers, learning rates and seeds are in the study's order. Where failed attempts stand
    beside a finished trial, the finished one counts; what is not finished is NaN.
    """
    study = results.study
    places = _places(study)
    series, diverged, seconds, finished = _finished_trials(results.trials, study, places)
    pictures = results.runs[-1].provenance.pictures if results.runs else None
    return Grid(
        optimizers=tuple(optimizer.label for optimizer in study.optimizers),
        hyperparameter="learning rate",
        values_N=np.array(study.axes[0].values),
        seeds=study.seeds,
        train_loss_ONSE=series["train_loss"],
        train_accuracy_ONSE=series["train_accuracy"],
        valid_loss_ONSE=series["valid_loss"],
        valid_accuracy_ONSE=series["valid_accuracy"],
        diverged_at_epoch_ONS=diverged,
        finished_ONS=finished,
        seconds_ONS=seconds,
        memory_bytes_ONS=_memory_bytes(results.cohorts, study, places),
        guessing=pictures.guessing if pictures else math.nan,
        valid_pictures=sum(pictures.valid_counts) if pictures else 0,
    )


def _places(study: Study) -> dict[_Key, _Place]:
    """Where each trial of the study stands in arrays (O, N, S)."""
    return {
        (optimizer.label, point, seed): (o, n, s)
        for o, optimizer in enumerate(study.optimizers)
        for n, point in enumerate(grid_points(study.axes))
        for s, seed in enumerate(study.seeds)
    }


def _shape(study: Study) -> _Place:
    return len(study.optimizers), len(grid_points(study.axes)), len(study.seeds)


def _finished_trials(
    trials: Sequence[TrialRecord], study: Study, places: Mapping[_Key, _Place]
) -> tuple[dict[str, Floats], Floats, Floats, Bools]:
    """Series by epoch (O, N, S, E); epoch of divergence, seconds and whether finished (O, N, S)."""
    shape = _shape(study)
    series = {name: np.full((*shape, study.epochs + 1), np.nan) for name in _SERIES}
    diverged, seconds = np.full(shape, np.nan), np.full(shape, np.nan)
    finished = np.zeros(shape, dtype=bool)
    for trial in trials:
        at = places.get((trial.optimizer, trial.point, trial.seed))
        if at is None or trial.outcome not in (Outcome.COMPLETED, Outcome.DIVERGED):
            continue
        finished[at] = True
        if trial.diverged_at_epoch is not None:
            diverged[at] = trial.diverged_at_epoch
        if trial.seconds is not None:
            seconds[at] = trial.seconds
        epochs = [epoch.epoch for epoch in trial.epochs]
        for name, values in series.items():
            values[at][epochs] = [getattr(epoch, name) for epoch in trial.epochs]
    return series, diverged, seconds, finished


def _memory_bytes(
    cohorts: Sequence[CohortRecord], study: Study, places: Mapping[_Key, _Place]
) -> Floats:
    """Each trial's share of its cohort's peak memory, (O, N, S); the latest cohort counts."""
    memory = np.full(_shape(study), np.nan)
    for cohort in cohorts:
        for point in cohort.points:
            at = places.get((cohort.optimizer, point, cohort.seed))
            if at is not None and cohort.memory_bytes is not None:
                memory[at] = cohort.memory_bytes / len(cohort.points)
    return memory
