"""The lines of a table's rows, drawn column by column: quick where there are 100,000 rows. Pure.

In the flow: ``console`` draws a table's head with Rich, and its rows from here, as Rich would.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from sweep.cli.spelling import folded
from sweep.cli.tables import EDGE, GAP, is_plain

_EDGE, _GAP = " " * EDGE, " " * GAP


def row_lines(
    columns: Sequence[Sequence[str]], widths: Sequence[int], are_to_the_right: Sequence[bool]
) -> Iterator[str]:
    """The lines of all rows, one below the other.

    Args:
        columns: the cells of each column; what is too wide is folded.
        widths: of the columns.
        are_to_the_right: whether a column's cells stand at its right.

    Example:
        >>> [*row_lines([["adam", "sgd"], ["7", "12"]], [4, 2], [False, True])]
        [' adam   7 ', ' sgd   12 ']
    """
    if all(map(_fits, columns, widths)):
        places = zip(widths, are_to_the_right, strict=True)
        row = _GAP.join(f"%{'' if is_right else '-'}{width}s" for width, is_right in places)
        yield from map(f"{_EDGE}{row}{_EDGE}".__mod__, zip(*columns, strict=True))
        return
    padded = map(_padded, columns, widths, are_to_the_right)
    for cells in zip(*padded, strict=True):
        row = _GAP.join(cells)
        if "\n" not in row:
            yield f"{_EDGE}{row}{_EDGE}"
            continue
        parts = (cell.split("\n") for cell in cells)
        for line in zip_longest(*parts):
            shown = (
                " " * width if it is None else it for it, width in zip(line, widths, strict=True)
            )
            yield f"{_EDGE}{_GAP.join(shown)}{_EDGE}"


def _fits(column: Sequence[str], width: int) -> bool:
    """Whether each of the cells is a line of at most so many letters."""
    return is_plain(column) and max(map(len, column), default=0) <= width


def _padded(column: Sequence[str], width: int, is_to_the_right: bool) -> list[str]:
    """Each cell as wide as its column, in lines where it is too wide for it."""
    if _fits(column, width):
        pad = str.rjust if is_to_the_right else str.ljust
        return [pad(cell, width) for cell in column]
    console = Console()
    wrapped = {cell: _wrapped(console, cell, width, is_to_the_right) for cell in {*column}}
    return [wrapped[cell] for cell in column]


def _wrapped(console: Console, cell: str, width: int, is_to_the_right: bool) -> str:
    side = "right" if is_to_the_right else "left"
    lines = Text(folded(cell, width)).wrap(console, width, justify=side, overflow="fold")
    return "\n".join(line.plain + " " * (width - cell_len(line.plain)) for line in lines)
