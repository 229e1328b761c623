"""The stored results of one study, as rows, as frames and as files.

What ``sweep.run`` and ``sweep.results`` return, and what tables, figures and reports start from.
"""

import csv
import importlib
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sweep.errors import MissingError
from sweep.records import CohortRecord, EpochRecord, Outcome, RunRecord, TrialRecord
from sweep.robustness import Bools, Floats, Grid
from sweep.study import Study

if TYPE_CHECKING:
    import pandas
    import polars

Row = Mapping[str, Any]

TRIAL_COLUMNS = (
    "trial",
    "optimizer",
    "learning_rate",
    "seed",
    "outcome",
    "diverged_at_epoch",
    "epochs",
    "train_loss",
    "train_accuracy",
    "valid_loss",
    "valid_accuracy",
    "best_valid_accuracy",
    "seconds",
    "fingerprint",
)
EPOCH_COLUMNS = (
    "trial",
    "optimizer",
    "learning_rate",
    "seed",
    "epoch",
    "train_loss",
    "train_accuracy",
    "valid_loss",
    "valid_accuracy",
    "effective_learning_rate",
)

_Key = tuple[str, float, int]
_Place = tuple[int, int, int]
_SERIES = ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy")


@dataclass(frozen=True)
class Results:
    """Everything stored of one study.

    Attributes:
        study: the question, as it stands in the store.
        runs: the runs that filled it, oldest first.
        trials: by number; running and failed ones too.
        cohorts: those that finished, oldest first.
    """

    study: Study
    runs: tuple[RunRecord, ...]
    trials: tuple[TrialRecord, ...]
    cohorts: tuple[CohortRecord, ...]

    def rows(self) -> list[Row]:
        """One row a trial, with ``TRIAL_COLUMNS``; its figures are those of its last epoch."""
        return [_trial_row(trial) for trial in self.trials]

    def epoch_rows(self) -> list[Row]:
        """One row an epoch and trial, with ``EPOCH_COLUMNS``."""
        return [_epoch_row(trial, epoch) for trial in self.trials for epoch in trial.epochs]

    def to_pandas(self, *, epochs: bool = False) -> "pandas.DataFrame":
        """The rows as a pandas frame (extra ``pandas``)."""
        frames = _needed("pandas")
        return frames.DataFrame(self._chosen(epochs), columns=list(_columns(epochs)))

    def to_polars(self, *, epochs: bool = False) -> "polars.DataFrame":
        """The rows as a polars frame (extra ``polars``)."""
        frames = _needed("polars")
        return frames.DataFrame(
            self._chosen(epochs), schema=list(_columns(epochs)), infer_schema_length=None
        )

    def to_csv(self, *, epochs: bool = False) -> str:
        """The rows as CSV with a header; what is missing is empty, NaN is ``nan``."""
        text = io.StringIO()
        writer = csv.DictWriter(text, _columns(epochs), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self._chosen(epochs))
        return text.getvalue()

    def write_parquet(self, path: Path, *, epochs: bool = False) -> None:
        """The rows as a Parquet file (extra ``parquet``)."""
        arrow = _needed("pyarrow", extra="parquet")
        from_parquet = _needed("pyarrow.parquet", extra="parquet")
        rows = self._chosen(epochs)
        columns = {name: [row[name] for row in rows] for name in _columns(epochs)}
        from_parquet.write_table(arrow.table(columns), path)

    def to_json(self, *, epochs: bool = False) -> str:
        """The rows as a JSON array; NaN and infinities are the strings NaN, Infinity, -Infinity."""
        rows = [
            {name: _json_value(value) for name, value in row.items()}
            for row in self._chosen(epochs)
        ]
        return json.dumps(rows, indent=1, allow_nan=False)

    def grid(self) -> Grid:
        """The finished trials as arrays, for measures and figures.

        Optimizers, learning rates and seeds are in the study's order. Where failed attempts stand
        beside a finished trial, the finished one counts; what is not finished is NaN.
        """
        study = self.study
        places = _places(study)
        series, diverged, seconds, finished = _finished_trials(self.trials, study, places)
        pictures = self.runs[-1].provenance.pictures if self.runs else None
        return Grid(
            optimizers=tuple(optimizer.label for optimizer in study.optimizers),
            hyperparameter="learning rate",
            values_N=np.array(study.learning_rates),
            seeds=study.seeds,
            train_loss_ONSE=series["train_loss"],
            train_accuracy_ONSE=series["train_accuracy"],
            valid_loss_ONSE=series["valid_loss"],
            valid_accuracy_ONSE=series["valid_accuracy"],
            diverged_at_epoch_ONS=diverged,
            finished_ONS=finished,
            seconds_ONS=seconds,
            memory_bytes_ONS=_memory_bytes(self.cohorts, study, places),
            guessing=pictures.guessing if pictures else math.nan,
            valid_pictures=sum(pictures.valid_counts) if pictures else 0,
        )

    def _chosen(self, epochs: bool) -> list[Row]:
        return self.epoch_rows() if epochs else self.rows()


def _places(study: Study) -> dict[_Key, _Place]:
    """Where each trial of the study stands in arrays (O, N, S)."""
    return {
        (optimizer.label, rate, seed): (o, n, s)
        for o, optimizer in enumerate(study.optimizers)
        for n, rate in enumerate(study.learning_rates)
        for s, seed in enumerate(study.seeds)
    }


def _shape(study: Study) -> _Place:
    return len(study.optimizers), len(study.learning_rates), len(study.seeds)


def _finished_trials(
    trials: Sequence[TrialRecord], study: Study, places: Mapping[_Key, _Place]
) -> tuple[dict[str, Floats], Floats, Floats, Bools]:
    """Series by epoch (O, N, S, E); epoch of divergence, seconds and whether finished (O, N, S)."""
    shape = _shape(study)
    series = {name: np.full((*shape, study.epochs + 1), np.nan) for name in _SERIES}
    diverged, seconds = np.full(shape, np.nan), np.full(shape, np.nan)
    finished = np.zeros(shape, dtype=bool)
    for trial in trials:
        at = places.get((trial.optimizer, trial.learning_rate, trial.seed))
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
        for rate in cohort.learning_rates:
            at = places.get((cohort.optimizer, rate, cohort.seed))
            if at is not None and cohort.memory_bytes is not None:
                memory[at] = cohort.memory_bytes / len(cohort.learning_rates)
    return memory


def _columns(epochs: bool) -> Sequence[str]:
    return EPOCH_COLUMNS if epochs else TRIAL_COLUMNS


def _trial_row(trial: TrialRecord) -> Row:
    last = trial.epochs[-1] if trial.epochs else None
    accuracies = [
        epoch.valid_accuracy for epoch in trial.epochs if not math.isnan(epoch.valid_accuracy)
    ]
    return {
        "trial": trial.number,
        "optimizer": trial.optimizer,
        "learning_rate": trial.learning_rate,
        "seed": trial.seed,
        "outcome": str(trial.outcome) if trial.outcome else "running",
        "diverged_at_epoch": trial.diverged_at_epoch,
        "epochs": last.epoch if last else 0,
        "train_loss": last.train_loss if last else None,
        "train_accuracy": last.train_accuracy if last else None,
        "valid_loss": last.valid_loss if last else None,
        "valid_accuracy": last.valid_accuracy if last else None,
        "best_valid_accuracy": max(accuracies, default=None),
        "seconds": trial.seconds,
        "fingerprint": trial.fingerprint,
    }


def _epoch_row(trial: TrialRecord, epoch: EpochRecord) -> Row:
    return {
        "trial": trial.number,
        "optimizer": trial.optimizer,
        "learning_rate": trial.learning_rate,
        "seed": trial.seed,
        "epoch": epoch.epoch,
        "train_loss": epoch.train_loss,
        "train_accuracy": epoch.train_accuracy,
        "valid_loss": epoch.valid_loss,
        "valid_accuracy": epoch.valid_accuracy,
        "effective_learning_rate": epoch.effective_learning_rate,
    }


def _json_value(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _needed(library: str, extra: str | None = None) -> Any:
    try:
        return importlib.import_module(library)
    except ImportError:
        raise MissingError(
            f"This needs {library}, which is not installed.",
            remedy=f"pip install 'sweep[{extra or library}]'",
        ) from None
