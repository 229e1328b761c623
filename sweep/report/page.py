"""One self-contained HTML file that answers a study's question: verdict first, then figures.

From ``Results`` to a page that opens offline: plotly.js, styles and data are inside it. Loads no
TensorFlow.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from plotly.offline import get_plotlyjs

from sweep.analysis.evidence import Evidence, gather
from sweep.analysis.measures import Measures
from sweep.analysis.tables import measures_table
from sweep.analysis.wording import names_of
from sweep.figures import FIGURES, Drawing
from sweep.figures.family import Table, number, percent, template
from sweep.report.markup import inlined, source, templates
from sweep.results.records import Outcome, TrialRecord
from sweep.results.results import Results
from sweep.util.files import write_bytes

NUMBERS = "Trials have the same numbers in optuna-dashboard."
MAX_ROWS = 2_000
"""A table on the page has at most so many rows; all are in ``sweep results``."""


def write_report(results: Results, path: Path) -> Path:
    """Write the report of ``results`` to ``path``, whole or not at all.

    Args:
        results: a study's, finished or not.
        path: of the HTML file; its folder is made.

    Returns:
        ``path``.

    Raises:
        FileError: the file cannot be written.
    """
    return write_bytes(path, render(results).encode())


def file_name(results: Results) -> str:
    """The report's file name: the study's name, with what file systems dislike replaced."""
    return re.sub(r"[^\w.-]+", "-", results.study.name).strip(".-") + ".html"


def render(results: Results) -> str:
    """The report as one HTML page that loads nothing from outside."""
    return (
        templates()
        .get_template("report.html")
        .render(
            **content(results),
            trials_at="",
            style=source("report.css"),
            script=source("report.js"),
            plotly=get_plotlyjs(),
        )
    )


def content(results: Results) -> dict[str, Any]:
    """What the report's template says and draws, without styles and scripts."""
    evidence = gather(results)
    every = [draw(evidence) for draw in FIGURES.values()]
    drawings = [drawing for drawing in every if not drawing.is_empty]
    tables = list(_tables(results, evidence.measures))
    return {
        "page": _page(results, evidence, drawings, tables),
        "drawings": drawings,
        "tables": tables,
        "figures": inlined(page_content(drawings)),
    }


def page_content(drawings: list[Drawing]) -> dict[str, Any]:
    """What the page's script draws: both themes, and every figure with its frames."""
    return {
        "templates": {"light": template("light"), "dark": template("dark")},
        "figures": {drawing.name: drawing.figure.to_plotly_json() for drawing in drawings},
    }


@dataclass(frozen=True)
class _Section:
    """A table with its heading."""

    id: str
    title: str
    table: Table
    notes: tuple[str, ...] = ()
    sortable: bool = False


def _page(
    results: Results, evidence: Evidence, drawings: list[Drawing], tables: list[_Section]
) -> dict[str, Any]:
    """Everything on the page that is neither figure nor table."""
    said = evidence.verdict
    failures = [trial for trial in results.trials if trial.outcome == Outcome.FAILED]
    provenance = results.runs[-1].provenance if results.runs else None
    entries = [
        *((drawing.name, _ENTRIES[drawing.name]) for drawing in drawings),
        *((section.id, section.title) for section in tables),
        ("provenance", "Where this comes from"),
        ("method", "Method"),
    ]
    return {
        "name": results.study.name,
        "pictures": evidence.pictures,
        "question": results.study.question,
        "progress": _progress(results),
        "headline": said.headline,
        "sentences": said.sentences,
        "warnings": _warnings(results, evidence),
        "entries": [{"id": name, "title": title} for name, title in entries],
        "failures": [{"title": _named(trial), "error": trial.error or ""} for trial in failures],
        "provenance": list(_provenance(results)),
        "skipped": provenance.pictures.skipped if provenance else (),
        "hyperparameter": evidence.grid.hyperparameter,
        "version": version("sweep"),
        "made_at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    }


_ENTRIES = {
    "robustness": "Robustness",
    "measures": "At a glance",
    "curves": "Training curves",
    "heatmap": "Heat map",
    "best-of-k": "Best of k",
    "effective-rate": "Effective learning rate",
    "improvement": "Who beats whom",
}


def _progress(results: Results) -> str:
    study = results.study
    planned = study.planned_trials
    outcomes = [trial.outcome for trial in results.trials]
    finished = sum(outcome in (Outcome.COMPLETED, Outcome.DIVERGED) for outcome in outcomes)
    said = [f"{finished} of {planned} trials finished"]
    for outcome in (Outcome.DIVERGED, Outcome.FAILED):
        count = outcomes.count(outcome)
        if count:
            said.append(f"{count} {outcome}")
    if outcomes.count(None):
        said.append(f"{outcomes.count(None)} running")
    return (
        f"{', '.join(said)} · {len(study.optimizers)} optimizers × "
        f"{len(study.axes[0].values)} learning rates × {len(study.seeds)} seeds, "
        f"{study.epochs} epochs"
    )


def _warnings(results: Results, evidence: Evidence) -> list[str]:
    planned = results.study.planned_trials
    finished = int(evidence.grid.finished_ONS.sum())
    warnings = []
    if finished < planned:
        warnings.append(
            f"This is a part of the study: {planned - finished} of {planned} trials are not "
            "finished. What is shown may change."
        )
    if finished and evidence.measures.dropped:
        warnings.append(" ".join(evidence.measures.dropped))
    return warnings


def _tables(results: Results, measures: Measures) -> Iterator[_Section]:
    rows = measures_table(measures)
    columns = ("measure", *measures.optimizers)
    yield _Section(
        "table",
        "Measures of robustness",
        Table(columns, tuple(tuple(str(row[column]) for column in columns) for row in rows)),
        notes=(
            "In brackets: 95 % intervals over seeds. Standard error that is due to the choice of "
            f"{measures.valid_examples} validation pictures: "
            f"{_sampling_words(measures)}.",
        ),
    )
    yield _Section(
        "trials",
        "All trials",
        Table(_TRIAL_HEADS, tuple(_trial_cells(row) for row in results.rows()[:MAX_ROWS])),
        notes=_trial_notes(results),
        sortable=True,
    )


def _sampling_words(measures: Measures) -> str:
    errors = measures.sampling_error_ON[np.isfinite(measures.sampling_error_ON)]
    if not errors.size:
        return "not measured"
    return f"{100 * errors.min():.1f} to {100 * errors.max():.1f} points"


_TRIAL_HEADS = (
    "trial",
    "optimizer",
    "learning rate",
    "seed",
    "outcome",
    "epochs",
    "training loss",
    "training accuracy",
    "validation loss",
    "validation accuracy",
    "best validation accuracy",
    "seconds",
)


def _trial_cells(row: Any) -> tuple[str, ...]:
    outcome = row["outcome"]
    if row["diverged_at_epoch"] is not None:
        outcome = f"diverged in epoch {row['diverged_at_epoch']}"

    def written(name: str, form: str) -> str:
        return "–" if row[name] is None else format(row[name], form)

    return (
        str(row["trial"]),
        names_of([row["optimizer"]])[0],
        number(row["learning_rate"]),
        str(row["seed"]),
        outcome,
        str(row["epochs"]),
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


def _named(trial: TrialRecord) -> str:
    (name,) = names_of([trial.optimizer])
    return f"trial {trial.number}: {name}, {trial.point}, seed {trial.seed}"


def _provenance(results: Results) -> Iterator[tuple[str, str]]:
    """Terms and what is known of them: the last run's, with the first one's time."""
    study = results.study
    model = study.model
    yield (
        "Model",
        f"{model.backbone} frozen, with {model.weights} weights, {model.image_size} × "
        f"{model.image_size} pixels, {model.precision}; head of {model.hidden_units} hidden units",
    )
    yield "Training", f"{study.epochs} epochs, batches of {study.batch_size}"
    if not results.runs:
        return
    last = results.runs[-1]
    account, weights = last.provenance.pictures, last.provenance.weights
    yield "Pictures", f"{account.name}, from {account.source}"
    for part, counts in (("training", account.train_counts), ("validation", account.valid_counts)):
        said = ", ".join(
            f"{count:,} {name}" for name, count in zip(account.class_names, counts, strict=True)
        )
        yield f"For {part}", f"{sum(counts):,}: {said}"
    yield "Majority-class baseline", percent(account.guessing)
    yield "Pictures' hash", account.content_hash
    yield "Weights", f"{weights.name}, from {weights.source} (hash {weights.content_hash})"
    if len(results.runs) > 1:
        yield "First run", f"{results.runs[0].started_at:%Y-%m-%d %H:%M:%S %Z}"
    ended = f"{last.finished_at:%Y-%m-%d %H:%M:%S %Z}" if last.finished_at else "not finished"
    which = f"Last of {len(results.runs)} runs" if len(results.runs) > 1 else "The run"
    yield which, f"{last.started_at:%Y-%m-%d %H:%M:%S %Z} to {ended}"
    yield "Command", last.provenance.command
    yield "On", f"{last.provenance.host}, {last.provenance.device}, {last.provenance.backend}"
    yield "Versions", ", ".join(f"{name} {it}" for name, it in last.provenance.versions.items())
    copied = sorted({trial.copied_from for trial in results.trials if trial.copied_from})
    if copied:
        yield "Trials copied from", ", ".join(copied)
