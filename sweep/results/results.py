"""The stored results of one study, as rows, as frames and as files.

What ``sweep.run`` and ``sweep.results`` return, and what tables, figures and reports start from.
"""

import csv
import importlib
import io
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isnan
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweep.errors import MissingError
from sweep.results.gradients import GradientRecord
from sweep.results.looks import Look, LookDesign
from sweep.results.provenance import DatasetInfo
from sweep.results.records import CohortRecord, EpochRecord, RepeatRecord, RunRecord, TrialRecord
from sweep.study.programs import Command, Function
from sweep.study.study import Study
from sweep.util.collecting import no_cycles
from sweep.util.distribution import installing

if TYPE_CHECKING:
    import pandas
    import polars


Row = Mapping[str, Any]


_TRIAL_COLUMNS = (
    *("seed", "outcome", "diverged_at_epoch", "epochs"),
    *("train_loss", "train_accuracy", "valid_loss", "valid_accuracy", "best_valid_accuracy"),
    *("seconds", "fingerprint"),
)
FIGURES = (
    *("train_loss", "train_accuracy", "valid_loss", "valid_accuracy"),
    "effective_learning_rate",
)
"""The figures of an epoch, as ``EpochRecord`` has them and in its order."""
_EPOCH_COLUMNS = (
    *("seed", "epoch", "train_loss", "train_accuracy", "valid_loss", "valid_accuracy"),
    "effective_learning_rate",
)


@dataclass(frozen=True)
class Results:
    """Everything stored of one study.

    Attributes:
        study: the question, as it stands in the store.
        runs: the runs that filled it, oldest first.
        trials: by number; running and failed ones too.
        cohorts: those that finished, oldest first.
        looks: when a verdict was seen, oldest first.
        look_design: by which seeds are added until the study is decided; None where none was
            fixed.
        repeats: trainings that tell what rounding does; no measure counts them as trials.
        gradients: what was recorded of them, by training, of which trials tell the fingerprint.
    """

    study: Study
    runs: tuple[RunRecord, ...]
    trials: tuple[TrialRecord, ...]
    cohorts: tuple[CohortRecord, ...]
    looks: tuple[Look, ...] = ()
    look_design: LookDesign | None = None
    repeats: tuple[RepeatRecord, ...] = ()
    gradients: tuple[GradientRecord, ...] = ()

    @property
    def dataset(self) -> DatasetInfo | None:
        """What the last run found; None where no run is on record, or the study was imported."""
        return self.runs[-1].provenance.pictures if self.runs else None

    @property
    def margin(self) -> float:
        """Optimizers closer than this are equivalent: as the design has it, else the study."""
        return self.study.margin if self.look_design is None else self.look_design.margin

    def columns(self, *, epochs: bool = False) -> tuple[str, ...]:
        """Names of the rows' columns: trial, optimizer, each axis, seed, and the rest."""
        axes = [axis.name for axis in self.study.axes]
        rest = [self.column(name) for name in (_EPOCH_COLUMNS if epochs else _TRIAL_COLUMNS)]
        return ("trial", "optimizer", *axes, *(name for name in rest if name not in axes))

    def column(self, figure: str) -> str:
        """What the rows call a figure that is of the accuracy, or of the study's own metric.

        Args:
            figure: by its name of accuracies, such as ``valid_accuracy``.
        """
        return figure.replace("accuracy", self._metric_name)

    def rows(self) -> list[Row]:
        """One row a trial, with ``columns``; its figures are those of its last epoch."""
        best = max if self.study.metric.more_is_better else min
        never = self._never_reported()
        return [self._known(_trial_row(trial, best), never) for trial in self.trials]

    def epoch_rows(self) -> list[Row]:
        """One row an epoch and trial, with ``columns(epochs=True)``."""
        never = self._never_reported()
        return [
            self._known(_epoch_row(trial, epoch), never)
            for trial in self.trials
            for epoch in trial.epochs
        ]

    def to_pandas(self, *, epochs: bool = False) -> "pandas.DataFrame":
        """The rows as a pandas frame (extra ``pandas``)."""
        frames = _needed("pandas")
        return frames.DataFrame(self._chosen(epochs), columns=list(self.columns(epochs=epochs)))

    def to_polars(self, *, epochs: bool = False) -> "polars.DataFrame":
        """The rows as a polars frame (extra ``polars``)."""
        frames = _needed("polars")
        return frames.DataFrame(
            self._chosen(epochs), schema=list(self.columns(epochs=epochs)), infer_schema_length=None
        )

    @no_cycles()
    def to_csv(self, *, epochs: bool = False) -> str:
        """The rows as CSV with a header; what is missing is empty, NaN is ``nan``."""
        text = io.StringIO()
        columns = self.columns(epochs=epochs)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(map(itemgetter(*columns), self._chosen(epochs)))
        return text.getvalue()

    def write_parquet(self, path: Path, *, epochs: bool = False) -> None:
        """The rows as a Parquet file (extra ``parquet``)."""
        arrow = _needed("pyarrow", extra="parquet")
        from_parquet = _needed("pyarrow.parquet", extra="parquet")
        rows = self._chosen(epochs)
        columns = {name: [row[name] for row in rows] for name in self.columns(epochs=epochs)}
        from_parquet.write_table(arrow.table(columns), path)

    @no_cycles()
    def to_json(self, *, epochs: bool = False) -> str:
        """The rows as a JSON array; NaN and infinities are the strings NaN, Infinity, -Infinity."""
        rows = self._chosen(epochs)
        if not rows:
            return "[]"
        # As json.dumps(…, indent=1) writes them, which does it in Python, and slowly.
        encoder = json.JSONEncoder(separators=(",\n  ", ": "), allow_nan=False)
        texts = (
            encoder.encode({name: _json_value(value) for name, value in row.items()})
            for row in rows
        )
        return "[\n " + ",\n ".join(f"{{\n  {text[1:-1]}\n }}" for text in texts) + "\n]"

    def _known(self, row: dict[str, Any], never_reported: frozenset[str]) -> Row:
        """In the study's own words, without what it does not know.

        An imported study does not know a figure that was not in its file, a program of the user's
        one that it never reports.
        """
        imported = self.study.imported
        if imported is None:
            row = row | dict.fromkeys(never_reported & row.keys())
            return {self.column(name): value for name, value in row.items()}
        unknown = {*FIGURES} - {*imported.figures}
        if not imported.has_epochs:
            unknown |= {"epoch", "epochs", "diverged_at_epoch", "best_valid_accuracy"}
        unknown -= {axis.name for axis in self.study.axes}
        return row | dict.fromkeys(unknown & row.keys())

    @property
    def _metric_name(self) -> str:
        """The metric's name in those of columns; a plain one where that would be taken."""
        name = re.sub(r"\W+", "_", self.study.metric.name.lower()).strip("_")
        return "metric" if name in ("", "loss") else name

    def _never_reported(self) -> frozenset[str]:
        """Figures that a program of the user's reports in no epoch of any trial."""
        if not isinstance(self.study.task, Function | Command):
            return frozenset()
        figures = {
            name
            for name in FIGURES
            if all(isnan(getattr(it, name)) for trial in self.trials for it in trial.epochs)
        }
        return frozenset(figures)

    def _chosen(self, epochs: bool) -> list[Row]:
        return self.epoch_rows() if epochs else self.rows()


def _trial_row(trial: TrialRecord, best: Callable[..., float | None] = max) -> dict[str, Any]:
    last = trial.epochs[-1] if trial.epochs else None
    accuracies = [
        accuracy for epoch in trial.epochs if (accuracy := epoch.valid_accuracy) == accuracy
    ]  # without NaN
    row = {
        "trial": trial.number,
        "optimizer": trial.optimizer,
        **dict(trial.point.pairs),
        "seed": trial.seed,
        "outcome": str(trial.outcome) if trial.outcome else "running",
        "diverged_at_epoch": trial.diverged_at_epoch,
        "epochs": last.epoch if last else 0,
        "train_loss": last.train_loss if last else None,
        "train_accuracy": last.train_accuracy if last else None,
        "valid_loss": last.valid_loss if last else None,
        "valid_accuracy": last.valid_accuracy if last else None,
        "best_valid_accuracy": best(accuracies, default=None),
        "seconds": trial.seconds,
        "fingerprint": trial.fingerprint,
    }
    row.update(trial.point.pairs)  # swept epochs are those of the point, also where it diverged
    return row


def _epoch_row(trial: TrialRecord, epoch: EpochRecord) -> dict[str, Any]:
    return {
        "trial": trial.number,
        "optimizer": trial.optimizer,
        **dict(trial.point.pairs),
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
            f"{library} is not installed, and this needs it",
            remedy=f"Install it with `{installing(extra or library)}`.",
        ) from None
