"""``sweep results`` and ``sweep report``: what is stored of a study, as rows, files and pages."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sweep.cli.axes import value_text
from sweep.cli.collection import show_collection
from sweep.cli.console import show_columns, show_note
from sweep.cli.options import JsonOption, OpenOption, OutputOption, StoreOption, StudyArgument
from sweep.cli.output import output_errors, write_or_show
from sweep.errors import UsageError
from sweep.settings import Settings, from_environment
from sweep.util.collecting import no_cycles
from sweep.util.nearest import did_you_mean
from sweep.util.paths import as_typed

if TYPE_CHECKING:
    from sweep.results.results import Results

FORMATS = ("table", "csv", "json", "parquet")
EXPENDABLE = (
    *("epoch", "valid_accuracy", "outcome", "trial", "valid_loss", "train_accuracy", "train_loss"),
    *("epochs", "seconds", "diverged_at_epoch", "best_valid_accuracy", "effective_learning_rate"),
    "fingerprint",
)
"""Columns that a narrow terminal can do without, the most important first."""


def results(
    study: StudyArgument,
    format: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            metavar="table|csv|json|parquet",
            help="Format of the rows, e.g. csv.",
            show_default=True,
        ),
    ] = "table",
    epochs: Annotated[
        bool, typer.Option("--epochs", help="One row for each epoch of a trial.")
    ] = False,
    gradients: Annotated[
        bool,
        typer.Option(
            "--gradients",
            help="One row for each step of a trial whose gradients are recorded: their histogram, "
            "and mean and variance of the adaptive rate.",
        ),
    ] = False,
    robustness: Annotated[
        bool, typer.Option("--robustness", help="The measures of robustness instead of the trials.")
    ] = False,
    published: Annotated[
        bool,
        typer.Option(
            "--published", help="Published numbers beside the measured ones instead of the trials."
        ),
    ] = False,
    output: OutputOption = None,
    store: StoreOption = None,
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Show the results of a study: one row for each trial, with a column for each axis.

    Example: sweep results lr-robustness --format csv > trials.csv

    Example: sweep results lr-robustness --robustness --json

    Example: sweep results lr-robustness --gradients --format csv > gradients.csv
    """
    from sweep.cli.stored import stored_results

    format = "json" if json else format
    _check_format(format, output)
    are_rows = not (gradients or robustness or published)
    found = stored_results(from_environment(store), study, rows_only=are_rows)
    _one_table(
        {
            "--epochs": epochs,
            "--robustness": robustness,
            "--published": published,
            "--gradients": gradients,
        }
    )
    if gradients:
        _show_gradients(found, format, output)
    elif robustness:
        _show_robustness(found, format, output)
    elif published:
        _show_published(found, format, output)
    elif format == "table":
        _show_rows(found, epochs=epochs)
    elif format == "parquet":
        _write_parquet(found, output, lambda it, path: it.write_parquet(path, epochs=epochs))
    else:
        text = found.to_csv(epochs=epochs) if format == "csv" else found.to_json(epochs=epochs)
        write_or_show(text, output)


def report(
    study: StudyArgument,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write to this file, e.g. page.html. (default: reports/STUDY.html)",
            show_default=False,
        ),
    ] = None,
    figure: Annotated[
        str | None,
        typer.Option("--figure", metavar="NAME", help="Write one figure alone, e.g. robustness."),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format", "-f", metavar="json|png|svg", help="Format of the figure. (default: json)"
        ),
    ] = None,
    open_it: OpenOption = False,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Show the measures and the verdict, and write the interactive report; or one figure of it.

    The report is one HTML file that opens without a network.

    Example: sweep report lr-robustness --open

    Example: sweep report lr-robustness --figure robustness --format svg

    Example: sweep report paper
    """
    if figure and json:
        raise typer.BadParameter("--json is for the report, not for a figure: pass --format json")
    if format and not figure:
        raise typer.BadParameter("--format is for a figure: pass --figure NAME too")
    from sweep.study.catalog import find_collection

    settings = from_environment(store)
    if collection := find_collection(study):
        if figure:
            raise typer.BadParameter(f"{study} is a collection: name one of its studies")
        written = show_collection(collection, settings, output, as_json=json)
    else:
        written = _report(study, settings, output, figure, format, as_json=json)
    if open_it:
        typer.launch(str(written))


@no_cycles()
def _report(
    study: str,
    settings: Settings,
    output: Path | None,
    figure: str | None,
    format: str | None,
    *,
    as_json: bool,
) -> Path:
    """Write a study's report or one figure of it; returns where it is."""
    from sweep.analysis.evidence import gather
    from sweep.cli.answer import show_report
    from sweep.cli.stored import stored_results
    from sweep.figures.export import write_figure
    from sweep.report.page import render
    from sweep.report.writing import file_name, write_report

    found = stored_results(settings, study)
    page = settings.reports / file_name(found)
    evidence = gather(found)
    if figure:
        format = format or "json"
        place = output or page.with_name(f"{page.stem}-{figure}.{format}")
        written = write_figure(evidence, figure, format, place)
        typer.echo(written)
    else:
        written = write_report(render(evidence, found), output or page)
        show_report(found, evidence, written, as_json=as_json)
    return written


def _check_format(format: str, output: Path | None) -> None:
    if format not in FORMATS:
        raise UsageError(
            f"no format {format!r}{did_you_mean(format, FORMATS)}",
            remedy=f"Pass --format with one of {', '.join(FORMATS)}.",
        )
    if format == "table" and output is not None:
        raise UsageError(
            f"a table is for the screen, not for --output {as_typed(output)}",
            remedy="Pass --format csv, json or parquet too.",
        )


def _show_rows(results: "Results", *, epochs: bool) -> None:
    from sweep.results.pictures import pictures_name

    table = results.table(epochs=epochs)
    expendable = [results.column(name) for name in EXPENDABLE]
    axes = {axis.name for axis in results.study.axes}
    show_columns(
        f"{results.study.name} on {pictures_name(results)}",
        {name: _cells(values, is_axis=name in axes) for name, values in table.items()},
        expendable=[column for column in expendable if column in table and column not in axes],
        all_in="--format csv",
    )


def _one_table(asked: Mapping[str, bool]) -> None:
    """Refuse two tables at once: each has rows of its own."""
    given = [option for option, is_given in asked.items() if is_given]
    if len(given) > 1:
        raise UsageError(f"{given[0]} and {given[1]} are two tables", remedy="Pass one of them.")


def _show_gradients(results: "Results", format: str, output: Path | None) -> None:
    from sweep.results.gradient_rows import (
        gradient_columns,
        gradient_rows,
        gradients_csv,
        gradients_json,
        write_gradients_parquet,
    )

    if not any(gradient_rows(results)):
        show_note(
            f"No gradients are recorded of {results.study.name}: its trainings need --gradients."
        )
    if format == "table":
        rows = [*gradient_rows(results)]
        if not rows:
            return
        axes = {axis.name for axis in results.study.axes}
        names = [name for name in gradient_columns(results) if not name.startswith("from_")]
        show_columns(
            f"Gradients of {results.study.name}",
            {name: _cells([row[name] for row in rows], is_axis=name in axes) for name in names},
            expendable=["step", "zero", "rate_variance", "rate_mean", "not_finite", "trial"],
            all_in="--format csv, with the histograms",
        )
    elif format == "parquet":
        _write_parquet(results, output, write_gradients_parquet)
    else:
        text = gradients_csv(results) if format == "csv" else gradients_json(results)
        write_or_show(text, output)


def _show_robustness(results: "Results", format: str, output: Path | None) -> None:
    from json import dumps

    from sweep.analysis.evidence import gather
    from sweep.analysis.tables import measures_rows
    from sweep.cli.answer import show_measures

    _check_table_format(format, "measures")
    evidence = gather(results)
    if format == "table":
        show_measures(results, evidence)
    else:
        write_or_show(dumps(measures_rows(evidence.labelled_measures), indent=1), output)


def _show_published(results: "Results", format: str, output: Path | None) -> None:
    from json import dumps

    from sweep.analysis.evidence import gather
    from sweep.analysis.ledger import claims, claims_csv, claims_rows
    from sweep.cli.answer import show_published

    _check_table_format(format, "published numbers", ("json", "csv"))
    evidence = gather(results)
    if format == "table" or not results.study.published:
        show_published(results, evidence)
    if format != "table":
        found = claims(evidence, results.study.published)
        text = claims_csv(found) if format == "csv" else dumps(claims_rows(found), indent=1)
        write_or_show(text, output)


def _check_table_format(format: str, what: str, known: Sequence[str] = ("json",)) -> None:
    if format not in ("table", *known):
        raise UsageError(
            f"{what} have no format {format!r}",
            remedy=f"Pass --format {' or '.join(known)}, or leave it out for a table.",
        )


def _write_parquet(
    results: "Results", output: Path | None, write: Callable[["Results", Path], None]
) -> None:
    if output is None:
        raise UsageError(
            "--format parquet without --output: it is for files", remedy="Pass --output FILE."
        )
    with output_errors(output):
        write(results, output)


def _cells(values: Sequence[Any], *, is_axis: bool) -> Sequence[Any]:
    """As a table shows them: very many at once, and of an axis each different value once."""
    kinds = {*map(type, values)}
    if float not in kinds:
        return values
    if is_axis:
        texts = {value: value_text(value) for value in {*values} if isinstance(value, float)}
        return [texts.get(value, value) for value in values]
    if kinds == {float}:
        return ("%.4g\n" * len(values) % tuple(values)).splitlines()
    return [f"{value:.4g}" if isinstance(value, float) else value for value in values]
