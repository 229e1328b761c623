"""``sweep simulate``: the variance of Adam's adaptive rate with normal gradients, and RAdam's r."""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sweep.cli.console import show_table, show_text
from sweep.cli.numbers import numbers
from sweep.cli.options import OpenOption
from sweep.cli.output import write_or_show
from sweep.errors import UsageError
from sweep.settings import from_environment
from sweep.util.paths import as_typed, printable

if TYPE_CHECKING:
    from sweep.analysis.adaptive_rate import Theory

FORMATS = ("table", "csv", "json", "html")
LARGEST = 1_000_000
"""Steps and draws are at most so many: a bound for typing errors."""


def simulate(
    beta_2: Annotated[
        str,
        typer.Option("--beta-2", metavar="VALUES", help="β₂, one or several, e.g. 0.99,0.999."),
    ] = "0.999",
    steps: Annotated[
        int, typer.Option("--steps", min=3, max=LARGEST, help="The last training step.")
    ] = 6_000,
    draws: Annotated[
        int, typer.Option("--draws", min=100, max=LARGEST, help="Simulated weights.")
    ] = 5_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the gradients.")] = 0,
    mean: Annotated[
        float,
        typer.Option("--mean", help="Mean of the gradients, whose variance is 1, e.g. 0.1."),
    ] = 0.0,
    format: Annotated[
        Literal["table", "csv", "json", "html"] | None,
        typer.Option(
            "--format",
            "-f",
            help="What is written; html is a page with the figure. (default: what FILE's name "
            "ends in, else table)",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write to this file, e.g. page.html. (default: the screen, and of html "
            "reports/simulation.html)",
            show_default=False,
        ),
    ] = None,
    open_it: OpenOption = False,
) -> None:
    """Simulate the variance of Adam's adaptive rate with normal gradients: why RAdam rectifies it.

    Figures 8 and 9 of Liu et al. 2020 (arXiv 1908.03265): at each step the exact variance of
    Theorem 1, its approximation, the simulated one, and RAdam's ρ and r. Nothing is trained.

    Example: sweep simulate

    Example: sweep simulate --beta-2 0.9,0.99,0.999 --open

    Example: sweep simulate --steps 1000 --draws 20000 --format csv > variance.csv
    """
    from sweep.analysis.adaptive_rate import ladder, theory

    written_as = _format(format, output, open_it=open_it)
    if not isfinite(mean):
        raise UsageError(f"--mean {mean} is not finite", remedy="Pass a number, e.g. --mean 0.1.")
    found = [
        theory(value, ladder(steps), draws=draws, seed=seed, mean=mean)
        for value in betas_of(beta_2)
    ]
    if written_as == "html":
        _write_page(found, draws, seed, output, open_it=open_it)
    elif written_as == "table":
        _show(found, draws, seed)
    else:
        write_or_show(_text(found, draws, seed, written_as), output)


def betas_of(text: str) -> tuple[float, ...]:
    """The values of β₂ that ``0.99,0.999`` names.

    Raises:
        UsageError: they are no numbers between 0 and 1, each once.
    """
    try:
        values = tuple(map(float, numbers(text)))
        outside = [value for value in values if not 0 < value < 1]
        if outside:
            raise ValueError(f"{outside[0]:g} is not between 0 and 1")
        if len({*values}) < len(values):
            raise ValueError("a value is said twice")
    except ValueError as error:
        raise UsageError(
            f"--beta-2 {printable(text)}: {printable(str(error))}",
            rule="A β₂ is above 0 and below 1.",
            remedy="For example: --beta-2 0.999, --beta-2 0.9,0.99,0.999.",
        ) from None
    return values


def _format(format: str | None, output: Path | None, *, open_it: bool) -> str:
    """What is asked for, by name or by the file's ending."""
    ending = "" if output is None else output.suffix.removeprefix(".").lower()
    guessed = ending if ending in FORMATS[1:] else "html" if open_it else "table"
    format = format or guessed
    if open_it and format != "html":
        raise UsageError(
            f"--open is for a page, not for {format}",
            remedy="Leave it out, or pass --format html.",
        )
    if format == "table" and output is not None:
        raise UsageError(
            f"a table is for the screen, not for --output {as_typed(output)}",
            remedy="Pass --format csv, json or html too.",
        )
    return format


def _write_page(
    found: "Sequence[Theory]", draws: int, seed: int, output: Path | None, *, open_it: bool
) -> None:
    from sweep.report.simulation import render
    from sweep.report.writing import write_report

    path = output or from_environment(None).reports / "simulation.html"
    written = write_report(render(found, draws, seed), path)
    show_text(str(written))
    if open_it:
        typer.launch(str(written))


def _show(found: "Sequence[Theory]", draws: int, seed: int) -> None:
    from sweep.analysis.adaptive_rate import theory_sentences
    from sweep.figures.simulation import COLUMNS, NOTES, table_cells

    several = len(found) > 1
    said = [
        f"β₂ = {each.beta_2:.12g}: {line}" if several else line
        for each in found
        for line in theory_sentences(each)
    ]
    show_table(
        f"Relative variance of the adaptive rate with normal gradients of mean {found[0].mean:g}, "
        f"{draws:,} draws, seed {seed}",
        COLUMNS,
        [cells for each in found for cells in table_cells(each)],
        note="\n".join((*said, *NOTES)),
        keys=2,
        expendable=("exact", "simulated", "standard error", "approximate", "RAdam's r"),
        all_in="--format csv, which has more steps",
    )


def _text(found: "Sequence[Theory]", draws: int, seed: int, format: str) -> str:
    from csv import DictWriter
    from io import StringIO
    from json import dumps

    from sweep.analysis.adaptive_rate import theory_rows

    rows = [row for each in found for row in theory_rows(each)]
    if format == "json":
        about = {"draws": draws, "seed": seed, "mean": found[0].mean}
        return dumps(about | {"rows": rows}, indent=1) + "\n"
    text = StringIO()
    writer = DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
