"""The report's tables with their headings: the measures, the pairs, and all trials."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from sweep.analysis.evidence import Evidence
from sweep.analysis.ledger import NOTES, claims, ledger_columns, ledger_rows
from sweep.analysis.measures import Measures
from sweep.analysis.metric_words import MetricWords
from sweep.analysis.pairs import pair_table, table_columns
from sweep.analysis.rounding_words import rounding_rows
from sweep.analysis.sentences import COVERS_PICTURES
from sweep.analysis.tables import has_row_an_optimizer, measures_table
from sweep.analysis.wording import capitalised, names_of, number
from sweep.figures.drawing import Table
from sweep.figures.marks import no_width_notes
from sweep.results.records import TrialRecord
from sweep.results.results import Results, Row

NUMBERS = "Trials have the same numbers in optuna-dashboard."
_SORTED = "A click on a column's head sorts by it."
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
    if results.study.published:
        yield _ledger(evidence, results)
    if rounding := list(rounding_rows(measures)):
        heads = (*(axis.words for axis in measures.axes), *measures.optimizers)
        yield Section("rounding", "Rounding", Table(heads, tuple(rounding)), (_rounding(measures),))
    first = replace(results, trials=results.trials[:MAX_ROWS])
    shown = zip(first.trials, first.rows(), strict=True)
    yield Section(
        "trials",
        "All trials",
        Table(
            _trial_heads(results), tuple(_trial_cells(results, trial, row) for trial, row in shown)
        ),
        notes=_trial_notes(results),
        sortable=True,
    )


def _ledger(evidence: Evidence, results: Results) -> Section:
    """Numbers that were published for the study's question, and those that were measured."""
    words = evidence.grid.words
    rows = ledger_rows(claims(evidence, results.study.published), words)
    return Section(
        "published", "Published and measured", Table(ledger_columns(words), tuple(rows)), NOTES
    )


def _pairs(measures: Measures) -> Section:
    rows = pair_table(measures)
    left_out = len(rows) - MAX_ROWS
    margin = measures.words.size(measures.decision.margin)
    return Section(
        "pairs",
        "Pairs of optimizers",
        Table(table_columns(measures), tuple(tuple(row) for row in rows[:MAX_ROWS])),
        notes=(
            f"{capitalised(measures.words.mean)} over all that was swept. In brackets: 95 % "
            "intervals, corrected for the number of pairs and for earlier looks. Two optimizers "
            f"are equivalent where the interval lies within {margin} of zero. What could be shown, "
            "and what would settle a pair, is so with a chance of 80 %.",
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
    examples, words = measures.valid_examples, measures.words
    if not measures.metric.is_share:
        return f"What the choice of examples adds to the {words.name} is not known"
    if not examples:
        return "How many validation examples there are is not known, nor what their choice adds"
    what = f"Standard error that is due to the choice of {examples} validation examples"
    errors = measures.sampling_error_ON[np.isfinite(measures.sampling_error_ON)]
    if not errors.size:
        return f"{what}: not measured"
    ends = f"{words.bare(errors.min())} to {words.bare(errors.max())}"
    return f"{what}: {words.in_unit(ends)}"


def _rounding(measures: Measures) -> str:
    words, unit = measures.words, measures.words.difference_unit
    return (
        f"Standard deviation of the {words.name}{f', in {unit}' if unit else ''}: of rounding "
        "alone, from trials that were trained twice, of that over seeds."
    )


def _trial_heads(results: Results) -> tuple[str, ...]:
    return (
        "trial",
        "optimizer",
        *(axis.words for axis in results.study.axes),
        "seed",
        "outcome",
        "epochs trained",
        "training loss",
        f"training {results.study.metric.name}",
        "validation loss",
        f"validation {results.study.metric.name}",
        f"best validation {results.study.metric.name}",
        "seconds",
    )


def _trial_cells(results: Results, trial: TrialRecord, row: Row) -> tuple[str, ...]:
    outcome = row["outcome"]
    if row["diverged_at_epoch"] is not None:
        outcome = f"diverged in epoch {trial.diverged_at_epoch}"

    words = MetricWords(results.study.metric)

    def metric(name: str) -> str:
        name = results.column(name)
        return written(name, f".{words.digits}{'%' if words.metric.is_share else 'f'}")

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
        metric("train_accuracy"),
        written("valid_loss", ".4f"),
        metric("valid_accuracy"),
        metric("best_valid_accuracy"),
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
