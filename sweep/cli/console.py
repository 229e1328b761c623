"""How commands print: tables, notes, errors, text and JSON. With ``progress`` all that uses Rich.

Notes go to the error stream, results to the output stream, so that results can be piped.
"""

import errno
import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from sweep.errors import SweepError

WIDTH_ELSEWHERE = 200
"""Columns of what is piped or kept in a file: no table is squeezed there."""
PANEL_WIDTH = 100


class _Console(Console):
    """One that leaves it to ``exit`` what a reader's going away means."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


output = _Console()
notes = _Console(stderr=True)
if not output.is_terminal:
    output.width = WIDTH_ELSEWHERE


def show_error(error: SweepError) -> None:
    """One message: the rule, the value got, the remedy."""
    notes.print(Text("error: ", style="bold red") + Text(str(error)), soft_wrap=True)


def show_note(text: str) -> None:
    """A line beside the results."""
    notes.print(Text(text), soft_wrap=True)


def show_text(text: str) -> None:
    """Results as they are: no wrapping, no colours."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def show_json(value: Any) -> None:
    """Results for programs."""
    show_text(json.dumps(value, indent=1))


def show_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], note: str | None = None
) -> None:
    """A table of text; the first column is to the left, numbers are to the right."""
    table = Table(
        title=Text(title, style="bold"),
        title_justify="left",
        caption=note,
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    rows = [["" if cell is None else str(cell) for cell in row] for row in rows]
    for index, column in enumerate(columns):
        numeric = all(_starts_like_a_number(row[index]) for row in rows if row[index])
        justify = "right" if index and numeric else "left"
        table.add_column(Text(column), justify=justify, overflow="fold", no_wrap=not index)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    output.print(table)


def _starts_like_a_number(text: str) -> bool:
    return text.lstrip("≥-+ ")[:1].isdigit()


def show_verdict(headline: str, sentences: Sequence[str]) -> None:
    """The answer, set off from the rest."""
    body = Text(headline, style="bold") + Text("".join(f"\n{line}" for line in sentences))
    width = min(PANEL_WIDTH, output.width)
    output.print(Panel(body, title="Verdict", title_align="left", width=width))
