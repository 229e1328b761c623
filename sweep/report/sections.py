"""The report's tables with their headings: the measures, and all trials."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sweep.analysis.evidence import Evidence
from sweep.analysis.measures import Measures
from sweep.analysis.rounding_words import rounding_rows
from sweep.analysis.sentences import COVERS_PICTURES
from sweep.analysis.tables import measures_table
from sweep.analysis.wording import names_of, number
from sweep.figures.drawing import Table
from sweep.results.records import TrialRecord
from sweep.results.results import Results, Row

NUMBERS = "Trials have the same numbers in optuna-dashboard."
ROUNDING = (
    "Standard deviation of the accuracy, in points: of rounding alone, from trials that were "
    "trained twice, of that over seeds."
)
MAX_ROWS = 2_000
"""A table on the page has at most so many rows; all are in ``sweep results``."""


@dataclass(frozen=True)
class Section:
    """A table with its heading.

    Attributes:
        id: of the element, and of the link to it.
        title: its heading.
        table: what it shows.
        notes: how to read it, and what was left out.
        sortable: whether a click on a column's head sorts by it.
    """

    id: str
    title: str
    table: Table
    notes: tuple[str, ...] = ()
    sortable: bool = False


def sections(evidence: Evidence, results: Results) -> Iterator[Section]:
    """The tables of the report, in the order of the page."""
    measures = evidence.measures
    rows = measures_table(measures)
    columns = ("measure", *measures.optimizers)
    yield Section(
        "table",
        "Measures of robustness",
        Table(columns, tuple(tuple(str(row[column]) for column in columns) for row in rows)),
        notes=(f"In brackets: 95 % intervals over seeds. {_choice_words(measures)}",),
    )
    if rounding := list(rounding_rows(measures)):
        heads = (*(axis.words for axis in measures.axes), *measures.optimizers)
        yield Section("rounding", "Rounding", Table(heads, tuple(rounding)), (ROUNDING,))
    shown = zip(results.trials[:MAX_ROWS], results.rows()[:MAX_ROWS], strict=True)
    yield Section(
        "trials",
        "All trials",
        Table(_trial_heads(results), tuple(_trial_cells(trial, row) for trial, row in shown)),
        notes=_trial_notes(results),
        sortable=True,
    )


def trial_words(trial: TrialRecord) -> str:
    """``trial 7: RAdam, learning rate 0.01, seed 0``."""
    (name,) = names_of([trial.optimizer])
    return f"trial {trial.number}: {name}, {trial.point}, seed {trial.seed}"


def _choice_words(measures: Measures) -> str:
    """What the choice of examples has to do with the intervals."""
    if measures.covers_pictures:
        return COVERS_PICTURES
    return (
        f"Standard error that is due to the choice of {measures.valid_examples} validation "
        f"examples: {_sampling_words(measures)}."
    )


def _sampling_words(measures: Measures) -> str:
    errors = measures.sampling_error_ON[np.isfinite(measures.sampling_error_ON)]
    if not errors.size:
        return "not measured"
    return f"{100 * errors.min():.1f} to {100 * errors.max():.1f} points"


def _trial_heads(results: Results) -> tuple[str, ...]:
    return (
        "trial",
        "optimizer",
        *(axis.words for axis in results.study.axes),
        "seed",
        "outcome",
        "epochs trained",
        "training loss",
        "training accuracy",
        "validation loss",
        "validation accuracy",
        "best validation accuracy",
        "seconds",
    )


def _trial_cells(trial: TrialRecord, row: Row) -> tuple[str, ...]:
    outcome = row["outcome"]
    if trial.diverged_at_epoch is not None:
        outcome = f"diverged in epoch {trial.diverged_at_epoch}"

    def written(name: str, form: str) -> str:
        return "–" if row[name] is None else format(row[name], form)

    return (
        str(trial.number),
        names_of([trial.optimizer])[0],
        *(number(value) for value in trial.point.values()),
        str(trial.seed),
        outcome,
        str(trial.epochs[-1].epoch if trial.epochs else 0),
        written("train_loss", ".4f"),
        written("train_accuracy", ".1%"),
        written("valid_loss", ".4f"),
        written("valid_accuracy", ".1%"),
        written("best_valid_accuracy", ".1%"),
        written("seconds", ".1f"),
    )


def _trial_notes(results: Results) -> tuple[str, ...]:
    count = len(results.trials)
    if count <= MAX_ROWS:
        return (f"{NUMBERS} A click on a column's head sorts by it.",)
    return (
        NUMBERS,
        f"The first {MAX_ROWS:,} of {count:,} trials; all are in the output of "
        f"sweep results {results.study.name} --format csv.",
    )
