"""What each command prints: from the store and the plan to tables, JSON and files.

In the flow: ``cli`` calls one function a command; ``display`` draws. Nothing here trains.
"""

import json as json_module
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sweep.analysis.collect import grid_of
from sweep.analysis.measures import measure
from sweep.analysis.tables import measures_rows, measures_table
from sweep.analysis.verdict import verdict
from sweep.cli import console as display
from sweep.errors import UsageError
from sweep.figures.export import write_figure
from sweep.report.page import file_name, write_report
from sweep.results.records import Outcome
from sweep.results.results import Results, Row
from sweep.runner import RunOutcome
from sweep.settings import Settings
from sweep.store import open_store
from sweep.study import catalog
from sweep.study.tasks import RENDERED_PETS

FORMATS = ("table", "csv", "json", "parquet")
LEFT_OUT_OF_TABLES = ("fingerprint", "diverged_at_epoch", "best_valid_accuracy")
"""Columns that only files have room for."""


def stored_results(settings: Settings, target: str) -> Results:
    """The results of the study of this name, or of the study file at this path.

    A study that was run on rendered pets for want of data is found by its plain name too.
    """
    name = catalog.load(target).name if target.endswith(".py") else target
    with closing(open_store(settings.store_url)) as store:
        names = [summary.name for summary in store.studies()]
        on_pets = f"{name}-{RENDERED_PETS}"
        if name not in names and on_pets in names:
            display.show_note(f"{name} is in the store as {on_pets}.")
            name = on_pets
        return store.results(name)


def show_run(outcome: RunOutcome, report: Path, *, as_json: bool) -> None:
    """The accuracies, the measures, the verdict, and where the report is."""
    results = outcome.results
    if as_json:
        show_json(_run_summary(outcome, report))
        return
    pictures = results.runs[-1].provenance.pictures.name
    display.show_table(
        f"Validation accuracy on {pictures} after {results.study.epochs} epochs, in %: "
        "mean over seeds (lowest–highest)",
        ("learning rate", *(optimizer.label for optimizer in results.study.optimizers)),
        _accuracy_rows(results),
        note="× marks trials that diverged, ! trials that failed" if _marked(results) else None,
    )
    _show_answer(results)
    if not outcome.trained and not outcome.failed:
        display.show_note("Nothing was left to train.")
    _show_place(report)


def show_report(results: Results, report: Path, *, as_json: bool) -> None:
    """The measures, the verdict, and where the report is."""
    if as_json:
        show_json(_summary(results, report))
        return
    _show_answer(results)
    _show_place(report)


def show_results(
    results: Results, format: str, *, epochs: bool, robustness: bool, output: Path | None
) -> None:
    """The rows in a format, on the screen or in a file."""
    if format not in FORMATS:
        raise UsageError(f"The format is one of {', '.join(FORMATS)}.", got=format)
    if format == "table" and output is not None:
        raise UsageError(
            "A table is for the screen.",
            got=f"--output {output}",
            remedy="Pass --format csv, json or parquet.",
        )
    if robustness:
        _show_robustness(results, format, output)
    elif format == "parquet":
        _write_parquet(results, output, epochs=epochs)
    elif format == "table":
        columns = results.columns(epochs=epochs)
        rows = results.epoch_rows() if epochs else results.rows()
        shown = [column for column in columns if column not in LEFT_OUT_OF_TABLES]
        display.show_table(
            _title(results), shown, [[_short(row[column]) for column in shown] for row in rows]
        )
    else:
        text = results.to_csv(epochs=epochs) if format == "csv" else results.to_json(epochs=epochs)
        _write_or_show(text, output)


def report_file(results: Results, reports: Path, output: Path | None) -> Path:
    """Write the report; returns the file's path."""
    return write_report(results, output or reports / file_name(results))


def figure_file(
    results: Results, reports: Path, output: Path | None, figure: str, format: str
) -> Path:
    """Write one figure of the report; returns the file's path."""
    page = reports / file_name(results)
    return write_figure(
        results, figure, format, output or page.with_name(f"{page.stem}-{figure}.{format}")
    )


def _show_robustness(results: Results, format: str, output: Path | None) -> None:
    measures = measure(grid_of(results))
    if format == "table":
        _show_measures(results, measures_table(measures))
        return
    if format != "json":
        raise UsageError(
            "Measures are shown as a table or as JSON.", got=format, remedy="Pass --format json."
        )
    _write_or_show(json_module.dumps(measures_rows(measures), indent=1), output)


def _show_answer(results: Results) -> None:
    grid = grid_of(results)
    measures = measure(grid)
    _show_measures(results, measures_table(measures))
    found = verdict(grid, measures)
    display.show_verdict(found.headline, found.sentences)


def _show_place(report: Path) -> None:
    display.output.print(f"Report: {report}", soft_wrap=True, highlight=False)


def _show_measures(results: Results, rows: Sequence[Row]) -> None:
    if rows:
        display.show_table(
            f"{_title(results)}: robustness, with 95 % intervals over seeds",
            tuple(rows[0]),
            [tuple(row.values()) for row in rows],
        )


def _write_parquet(results: Results, output: Path | None, *, epochs: bool) -> None:
    if output is None:
        raise UsageError(
            "Parquet is written to a file.", got="no --output", remedy="Pass --output FILE."
        )
    with _output_errors(output):
        results.write_parquet(output, epochs=epochs)


def _write_or_show(text: str, output: Path | None) -> None:
    if output is None:
        display.show_text(text)
        return
    with _output_errors(output):
        output.write_text(text, encoding="utf-8")


@contextmanager
def _output_errors(output: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            "The output file can be written.",
            got=f"{output}: {error.strerror or error}",
            remedy="Name a file in a folder that exists.",
        ) from error


def show_json(value: Any) -> None:
    """For machines."""
    display.show_text(json_module.dumps(value, indent=1))


def _title(results: Results) -> str:
    return f"{results.study.name} on {results.runs[-1].provenance.pictures.name}"


def _run_summary(outcome: RunOutcome, report: Path) -> dict[str, Any]:
    counts = {name: getattr(outcome, name) for name in ("trained", "copied", "failed")}
    return counts | _summary(outcome.results, report)


def _summary(results: Results, report: Path) -> dict[str, Any]:
    grid = grid_of(results)
    measures = measure(grid)
    found = verdict(grid, measures)
    return {
        "study": results.study.name,
        "pictures": results.runs[-1].provenance.pictures.name,
        "outcomes": dict(Counter(row["outcome"] for row in results.rows())),
        "verdict": [found.headline, *found.sentences],
        "measures": measures_rows(measures),
        "report": str(report),
    }


def _accuracy_rows(results: Results) -> list[list[str]]:
    return [
        [
            f"{rate:g}",
            *(_cell(results, label.label, rate) for label in results.study.optimizers),
        ]
        for rate in results.study.axes[0].values
    ]


def _cell(results: Results, optimizer: str, learning_rate: float) -> str:
    trials = [
        trial
        for trial in results.trials
        if trial.optimizer == optimizer and trial.point["learning_rate"] == learning_rate
    ]
    marks = "×" * sum(trial.outcome is Outcome.DIVERGED for trial in trials)
    marks += "!" * sum(trial.outcome is Outcome.FAILED for trial in trials)
    final = [
        100 * trial.epochs[-1].valid_accuracy
        for trial in trials
        if trial.outcome is Outcome.COMPLETED
    ]
    if not final:
        return marks or "–"
    mean = sum(final) / len(final)
    return f"{mean:.1f} ({min(final):.1f}–{max(final):.1f}){marks}"


def _marked(results: Results) -> bool:
    return any(trial.outcome in (Outcome.DIVERGED, Outcome.FAILED) for trial in results.trials)


def _short(value: Any) -> Any:
    return f"{value:.4g}" if isinstance(value, float) else value
