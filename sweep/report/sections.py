"""The report's tables with their headings: the measures, the pairs, and all trials."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from sweep.analysis.evidence import Evidence
from sweep.analysis.measures import Measures
from sweep.analysis.pairs import TABLE_COLUMNS, pair_table
from sweep.analysis.rounding_words import rounding_rows
from sweep.analysis.sentences import COVERS_PICTURES
from sweep.analysis.tables import has_row_an_optimizer, measures_table
from sweep.analysis.wording import names_of, number, points
from sweep.figures.drawing import Table
from sweep.figures.marks import no_width_notes
from sweep.results.records import TrialRecord
from sweep.results.results import Results, Row

NUMBERS = "Trials have the same numbers in optuna-dashboard."
_SORTED = "A click on a column's head sorts by it."
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
    columns = tuple(rows[0]) if rows else ("measure",)
    yield Section(
        "table",
        "Measures of robustness",
        Table(columns, tuple(tuple(str(row[column]) for column in columns) for row in rows)),
        notes=(
            f"In brackets: 95 % intervals over seeds. {_choice_words(measures)}",
            *((_SORTED,) if has_row_an_optimizer(measures) else ()),
            *no_width_notes(measures.accuracy_ON),
        ),
        sortable=has_row_an_optimizer(measures),
    )
    if measures.decision.pairs and measures.has_intervals:
        yield _pairs(measures)
    if rounding := list(rounding_rows(measures)):
        heads = (*(axis.words for axis in measures.axes), *measures.optimizers)
        yield Section("rounding", "Rounding", Table(heads, tuple(rounding)), (ROUNDING,))
    first = replace(results, trials=results.trials[:MAX_ROWS])
    shown = zip(first.trials, first.rows(), strict=True)
    yield Section(
        "trials",
        "All trials",
        Table(_trial_heads(results), tuple(_trial_cells(trial, row) for trial, row in shown)),
        notes=_trial_notes(results),
        sortable=True,
    )


def _pairs(measures: Measures) -> Section:
    rows = pair_table(measures)
    left_out = len(rows) - MAX_ROWS
    return Section(
        "pairs",
        "Pairs of optimizers",
        Table(TABLE_COLUMNS, tuple(tuple(row) for row in rows[:MAX_ROWS])),
        notes=(
            "Mean accuracy over all that was swept. In brackets: 95 % intervals, corrected for "
            "the number of pairs and for earlier looks. Two optimizers are equivalent where the "
            f"interval lies within {points(measures.decision.margin)} of zero. What could be "
            "shown, and what would settle a pair, is so with a chance of 80 %.",
            *([f"{left_out:,} more pairs are left out here."] if left_out > 0 else []),
        ),
    )


def trial_words(trial: TrialRecord) -> str:
    """``trial 7: RAdam, learning rate 0.01, seed 0``."""
    (name,) = names_of([trial.optimizer])
    return f"trial {trial.number}: {name}, {trial.point}, seed {trial.seed}"


def _choice_words(measures: Measures) -> str:
    """What the choice of examples has to do with the intervals."""
    if measures.covers_pictures:
        return COVERS_PICTURES
    return f"{_sampling_words(measures)}."


def _sampling_words(measures: Measures) -> str:
    examples = measures.valid_examples
    if not examples:
        return "How many validation examples there are is not known, nor what their choice adds"
    what = f"Standard error that is due to the choice of {examples} validation examples"
    errors = measures.sampling_error_ON[np.isfinite(measures.sampling_error_ON)]
    if not errors.size:
        return f"{what}: not measured"
    return f"{what}: {100 * errors.min():.1f} to {100 * errors.max():.1f} points"


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
    if row["diverged_at_epoch"] is not None:
        outcome = f"diverged in epoch {trial.diverged_at_epoch}"

    def written(name: str, form: str) -> str:
        return "–" if row[name] is None else format(row[name], form)

    return (
        str(trial.number),
        names_of([trial.optimizer])[0],
        *(number(value) for value in trial.point.values()),
        str(trial.seed),
        outcome,
        "–" if row["epochs"] is None else str(trial.epochs[-1].epoch if trial.epochs else 0),
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
        return (f"{NUMBERS} {_SORTED}",)
    return (
        NUMBERS,
        f"The first {MAX_ROWS:,} of {count:,} trials; all are in the output of "
        f"sweep results {results.study.name} --format csv.",
    )
