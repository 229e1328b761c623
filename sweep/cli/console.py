"""How commands print: tables, notes, errors, text and JSON. With ``progress`` all that uses Rich.

Notes go to the error stream, results to the output stream, so that results can be piped. What is
piped has lines of any length; on a terminal lines end where words do.
"""

import errno
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console, ConsoleDimensions
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from sweep.cli.spelling import folded, spelt, wrap
from sweep.cli.table_lines import row_lines
from sweep.cli.tables import Block, Column, Layout, fitted, is_plain, measured_columns
from sweep.cli.terminal import Terminal, terminal_of
from sweep.errors import SweepError

UNLIMITED = 100_000
"""Columns where lines may have any length."""
PANEL_WIDTH, FRAME = 100, 4
"""Columns of a frame at most, and of its two sides."""


class _Console(Console):
    """One that knows its stream by ``terminal``'s rules, and breaks lines between words alone.

    It leaves it to ``exit`` what a reader's going away means.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        here = terminal_of(sys.stderr if stderr else sys.stdout)
        super().__init__(
            stderr=stderr,
            force_terminal=here.is_coloured or here.is_watched,
            color_system=here.colours,
            no_color=False,
            force_interactive=here.is_watched,
        )

    @property
    def terminal(self) -> Terminal:
        """Where its stream leads, as things are now: terminals change their width."""
        return terminal_of(self.file)

    @property
    def size(self) -> ConsoleDimensions:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Columns, and lines, of which nothing here needs to know."""
        return ConsoleDimensions(self.terminal.width or UNLIMITED, super().size.height)

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    def lines(self, text: str, start: str = "", style: str = "") -> None:
        """Print a text in lines that end where words do; words too long for it stay whole.

        Args:
            text: each of its lines keeps its indentation.
            start: its first words, which are in ``style``; without them all is.
            style: Rich's.
        """
        wrapped = wrap(self.spelt(text), self.width)
        shown = Text(wrapped, style="" if start else style)
        shown.stylize(style, 0, len(start))
        self.print(shown, soft_wrap=True)

    def spelt(self, text: str) -> str:
        """The text in letters that its stream has."""
        return spelt(text, self.encoding)


output = _Console()
notes = _Console(stderr=True)


def show_error(error: SweepError) -> None:
    """One message: what is wrong, the rule, the remedy."""
    notes.lines(f"error: {error}", "error: ", "bold red")


def show_note(text: str) -> None:
    """A line beside the results."""
    notes.lines(text)


def show_text(text: str) -> None:
    """Results as they are: no wrapping, no colours."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def show_json(value: Any) -> None:
    """Results for programs."""
    show_text(json.dumps(value, indent=1))


def show_table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    note: str | None = None,
    *,
    keys: int = 1,
    expendable: Sequence[str] = (),
    all_in: str = "",
) -> None:
    """A table of text; the first column is to the left, numbers are to the right.

    Args:
        title: above it.
        columns: their headers.
        rows: cells, in the columns' order; None is shown as nothing.
        note: below it.
        keys: so many of the first columns say what a row is.
        expendable: columns that a narrow terminal can do without, the most important first; of a
            table without them the other columns go on below.
        all_in: the option that shows all columns anywhere, e.g. ``--json``.
    """
    found = [*rows]
    by_column = [[row[at] for row in found] for at in range(len(columns))]
    _show(title, columns, by_column, note, keys=keys, expendable=expendable, all_in=all_in)


def show_columns(
    title: str, columns: Mapping[str, Sequence[Any]], *, expendable: Sequence[str], all_in: str
) -> None:
    """As ``show_table``, with the cells by header: quick for very many rows."""
    _show(title, tuple(columns), [*columns.values()], expendable=expendable, all_in=all_in)


def _show(
    title: str,
    columns: Sequence[str],
    cells: Sequence[Sequence[Any]],
    note: str | None = None,
    *,
    keys: int = 1,
    expendable: Sequence[str] = (),
    all_in: str = "",
) -> None:
    header = [output.spelt(column) for column in columns]
    texts = [_spelt(column) for column in cells]
    found = measured_columns(header, texts, expendable)
    layout = fitted(found, output.terminal.width, keys=keys, expendable=expendable)
    output.lines(folded(title, output.width), style="bold")
    for block in layout.blocks:
        _draw(block, found, texts)
    if not layout.blocks:
        output.lines("\n".join(_as_lines(header, texts)))
    left_out = _left_out(layout, all_in)
    if note or left_out:
        output.lines("\n".join(filter(None, (note, left_out))), style="dim italic")
        output.print()


def _spelt(cells: Sequence[Any]) -> list[str]:
    if {*map(type, cells)} <= {str}:
        texts = [*cells]
    else:
        texts = ["" if it is None else str(it) for it in cells]
    return texts if is_plain(texts) else [output.spelt(text) for text in texts]


def _left_out(layout: Layout, all_in: str) -> str | None:
    if not layout.left_out:
        return None
    return (
        f"Left out here: {', '.join(layout.left_out)}. All columns: {all_in}, or a terminal of "
        f"{layout.full_width} columns."
    )


def _as_lines(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> Iterator[str]:
    """Each row as lines, one for a column, where the terminal is too narrow for a table."""
    for row in zip(*cells, strict=True):
        yield ""
        yield from (f"{name}: {cell}" for name, cell in zip(columns, row, strict=True))


def _draw(block: Block, columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> None:
    """The head by Rich, and the rows between it and the table's last line."""
    are_to_the_right = [bool(at) and columns[at].is_numeric for at in block.columns]
    with output.capture() as capture:
        output.print(_head(block, columns, are_to_the_right))
    *head, last = capture.get().splitlines()
    shown = [cells[at] for at in block.columns]
    rows = row_lines(shown, block.widths, are_to_the_right)
    output.file.write("\n".join((*head, *rows, last, "")))


def _head(block: Block, columns: Sequence[Column], are_to_the_right: Sequence[bool]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for at, width, is_to_the_right in zip(
        block.columns, block.widths, are_to_the_right, strict=True
    ):
        table.add_column(
            Text(folded(columns[at].name, width)),
            justify="right" if is_to_the_right else "left",
            overflow="fold",
            width=width,
        )
    return table


def clear_if_watched() -> None:
    """Clear a terminal for what is shown anew; elsewhere it goes on below."""
    if output.terminal.is_watched:
        output.clear()


def show_verdict(headline: str, sentences: Sequence[str]) -> None:
    """The answer, set off from the rest."""
    body = Text(headline, style="bold") + Text("".join(f"\n{line}" for line in sentences))
    show_panel(output, "Verdict", body)


def show_panel(console: _Console, title: str, body: Text, style: str = "none") -> None:
    """Something in a frame."""
    width = min(PANEL_WIDTH, console.width)
    body.plain = wrap(console.spelt(body.plain), width - FRAME)
    console.print(Panel(body, title=title, title_align="left", border_style=style, width=width))
