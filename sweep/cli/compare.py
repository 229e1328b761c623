"""``sweep compare``: two studies beside each other, as a gate for CI."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sweep.cli.console import show_json, show_text
from sweep.cli.options import OpenOption, StoreOption
from sweep.settings import from_environment

if TYPE_CHECKING:
    from sweep.analysis.comparison import Comparison

WORSE, UNDECIDED = 4, 5
"""Exit statuses beside 0, not worse."""


def compare(
    base: Annotated[
        str,
        typer.Argument(
            metavar="BASE",
            help="NAME of a stored study, NAME:LABEL for one of its optimizers, or URL#NAME in "
            "another store.",
        ),
    ],
    head: Annotated[str, typer.Argument(metavar="HEAD", help="The same, of what is judged.")],
    margin: Annotated[
        float | None,
        typer.Option(
            "--margin",
            metavar="POINTS",
            help="Closer than this they are equivalent, e.g. 0.5; in points of accuracy, or in the "
            "metric's unit. (default: HEAD's, 1)",
            show_default=False,
        ),
    ] = None,
    format: Annotated[
        Literal["text", "markdown", "json", "html"],
        typer.Option("--format", "-f", help="What is written; html is a page with both curves."),
    ] = "text",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write to this file. (default: the screen, and of html reports/compare.html)",
            show_default=False,
        ),
    ] = None,
    open_it: OpenOption = False,
    store: StoreOption = None,
) -> None:
    """Compare two studies: is each optimizer of HEAD better, worse or as good as in BASE?

    Paired by seed, at the values that both have. Exit status: 0 not worse (better or equivalent), 4
    worse, 5 undecided.

    Example: sweep compare lr-robustness wider

    Example: sweep compare lr-robustness:adam lr-robustness:radam --margin 0.5

    Example: sweep compare sqlite:///main.db#nightly nightly --format markdown
    """
    from sweep.comparing import compare_studies

    settings = from_environment(store)
    found = compare_studies(base, head, settings.store_url, margin=margin, in_points=True)
    if format == "html":
        _write_page(found, output or settings.reports / "compare.html", open_it=open_it)
    elif format == "json" and output is None:
        from sweep.analysis.comparison_words import as_json

        show_json(as_json(found))
    else:
        _write(found, format, output)
    status = exit_status(found)
    if status:
        raise typer.Exit(status)


def exit_status(found: "Comparison") -> int:
    """0 not worse, 4 worse, 5 undecided."""
    return {"worse": WORSE, "undecided": UNDECIDED}.get(str(found.standing), 0)


def _write_page(found: "Comparison", path: Path, *, open_it: bool) -> None:
    from sweep.analysis.comparison_words import headline
    from sweep.report.comparison import render
    from sweep.report.writing import write_report

    written = write_report(render(found), path)
    show_text(f"{headline(found)}\n{written}")
    if open_it:
        typer.launch(str(written))


def _write(found: "Comparison", format: str, output: Path | None) -> None:
    from json import dumps

    from sweep.analysis.comparison_words import as_json, text
    from sweep.util.files import write_bytes

    if format == "markdown":
        from sweep.report.comparison import markdown

        said = markdown(found)
    else:
        said = dumps(as_json(found), indent=1) if format == "json" else text(found)
    if output is None:
        show_text(said)
    else:
        write_bytes(output, f"{said}\n".encode())
