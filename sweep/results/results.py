"""The stored results of one study, as rows, as frames and as files.

What ``sweep.run`` and ``sweep.results`` return, and what tables, figures and reports start from.
"""

import csv
import importlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweep.errors import MissingError
from sweep.results.gradients import GradientRecord
from sweep.results.json_rows import json_rows
from sweep.results.looks import Look, LookDesign
from sweep.results.provenance import DatasetInfo
from sweep.results.records import (
    CohortRecord,
    FailedRepeat,
    RepeatRecord,
    RunRecord,
    TrialRecord,
)
from sweep.results.table import Columns, epoch_columns, names_of_columns, told, trial_columns
from sweep.results.trials import Trials
from sweep.study.study import Study
from sweep.util.collecting import no_cycles
from sweep.util.distribution import installing

if TYPE_CHECKING:
    import pandas
    import polars


Row = Mapping[str, Any]


@dataclass(frozen=True)
class Results:
    """Everything stored of one study.

    Attributes:
        study: the question, as it stands in the store.
        runs: the runs that filled it, oldest first.
        trials: by number; running and failed ones too; by column (``Trials``) as they are read.
        cohorts: those that finished, oldest first.
        looks: when a verdict was seen, oldest first.
        look_design: by which seeds are added until the study is decided; None where none was
            fixed.
        repeats: trainings that tell what rounding does; no measure counts them as trials.
        failed_repeats: those that failed, and were not made up for since; oldest first.
        gradients: what was recorded of them, by training, of which trials tell the fingerprint.
    """

    study: Study
    runs: tuple[RunRecord, ...]
    trials: Sequence[TrialRecord]
    cohorts: tuple[CohortRecord, ...]
    looks: tuple[Look, ...] = ()
    look_design: LookDesign | None = None
    repeats: tuple[RepeatRecord, ...] = ()
    gradients: tuple[GradientRecord, ...] = ()
    failed_repeats: tuple[FailedRepeat, ...] = ()

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
        return names_of_columns(self.study, epochs=epochs)

    def column(self, figure: str) -> str:
        """What the rows call a figure that is of the accuracy, or of the study's own metric.

        Args:
            figure: by its name of accuracies, such as ``valid_accuracy``.
        """
        return told(self.study.metric, figure)

    def table(self, *, epochs: bool = False) -> Columns:
        """The rows by column, in the order of ``columns``: quick for very many."""
        make = epoch_columns if epochs else trial_columns
        return make(self.study, Trials.of(self.trials))

    def rows(self) -> list[Row]:
        """One row a trial, with ``columns``; its figures are those of its last epoch."""
        return self._rows(epochs=False)

    def epoch_rows(self) -> list[Row]:
        """One row an epoch and trial, with ``columns(epochs=True)``."""
        return self._rows(epochs=True)

    def to_pandas(self, *, epochs: bool = False) -> "pandas.DataFrame":
        """The rows as a pandas frame (extra ``pandas``)."""
        frames = _needed("pandas")
        return frames.DataFrame(
            self._rows(epochs=epochs), columns=list(self.columns(epochs=epochs))
        )

    def to_polars(self, *, epochs: bool = False) -> "polars.DataFrame":
        """The rows as a polars frame (extra ``polars``)."""
        frames = _needed("polars")
        return frames.DataFrame(
            self._rows(epochs=epochs),
            schema=list(self.columns(epochs=epochs)),
            infer_schema_length=None,
        )

    @no_cycles()
    def to_csv(self, *, epochs: bool = False) -> str:
        """The rows as CSV with a header; what is missing is empty, NaN is ``nan``."""
        text = io.StringIO()
        table = self.table(epochs=epochs)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(table)
        writer.writerows(zip(*table.values(), strict=True))
        return text.getvalue()

    def write_parquet(self, path: Path, *, epochs: bool = False) -> None:
        """The rows as a Parquet file (extra ``parquet``)."""
        arrow = _needed("pyarrow", extra="parquet")
        from_parquet = _needed("pyarrow.parquet", extra="parquet")
        from_parquet.write_table(arrow.table(dict(self.table(epochs=epochs))), path)

    @no_cycles()
    def to_json(self, *, epochs: bool = False) -> str:
        """The rows as a JSON array; NaN and infinities are the strings NaN, Infinity, -Infinity."""
        return json_rows(self.table(epochs=epochs))

    def _rows(self, *, epochs: bool) -> list[Row]:
        table = self.table(epochs=epochs)
        return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


def _needed(library: str, extra: str | None = None) -> Any:
    try:
        return importlib.import_module(library)
    except ImportError:
        raise MissingError(
            f"{library} is not installed, and this needs it",
            remedy=f"Install it with `{installing(extra or library)}`.",
        ) from None
