"""How a table fits a terminal: which columns, how wide, and what is left out. Pure.

In the flow: ``console.show_table`` asks ``fitted`` and draws; every table of every command comes
that way. Numbers are never broken. What is too wide is made narrower in this order: texts are
wrapped between words; words that take more than a third of the width are folded; then columns that
a table can do without are left out, the least important first, or, where all are alike, the table
goes on below itself. Where even that is too wide, each row becomes lines of their own.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from rich.cells import cell_len

EDGE, GAP = 1, 2
"""Columns of the screen beside a table, and between two of its columns."""
MIN_TEXT = 12
"""A text of several words is not squeezed below this width."""
MIN_FOLDED = 10
"""What is folded is no narrower than this."""

_NUMBER = re.compile(
    r"(?=.)((≥ ?|>= ?)?[+−-]?(\d[\d.,]*(e[+-]?\d+)?|nan|inf)( ?%)?( [(\[][^)\]]*[)\]])?)?[×x!]*",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s")
_NOTHING = ("", "–", "-", "not measured")


@dataclass(frozen=True)
class Column:
    """What is known of a column's width.

    Attributes:
        name: its header.
        is_numeric: all its cells are numbers, if any; they are not wrapped.
        natural: the width at which no cell is wrapped.
        least: the width at which no word is broken.
        folded: the width below which nothing helps: numbers are whole.
    """

    name: str
    is_numeric: bool
    natural: int
    least: int
    folded: int

    def at_least(self, longest_word: int | None) -> int:
        """The least width where words longer than that are folded; None for no word."""
        if longest_word is None:
            return self.least
        return min(self.least, max(longest_word, self.folded))


@dataclass(frozen=True)
class Block:
    """Columns that are shown beside each other.

    Attributes:
        columns: their places in the table.
        widths: of each.
    """

    columns: tuple[int, ...]
    widths: tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """How a table is shown.

    Attributes:
        blocks: below each other; several only where all columns are alike, none where the terminal
            is too narrow for any.
        left_out: names of columns that are not shown.
        full_width: of the narrowest terminal that leaves out nothing.
    """

    blocks: tuple[Block, ...]
    left_out: tuple[str, ...]
    full_width: int


def fitted(
    columns: Sequence[Column], width: int | None, *, keys: int = 1, expendable: Sequence[str] = ()
) -> Layout:
    """The layout of a table on a terminal.

    Args:
        columns: from ``measured``.
        width: of the terminal; None for any.
        keys: so many of the first columns say what a row is, and are shown in every block.
        expendable: names of columns that can be left out, the most important first.
    """
    every = tuple(range(len(columns)))
    width = _outer([column.natural for column in columns]) if width is None else width
    longest_word = None if _fits(columns, every, width, None) else width // 3
    if _fits(columns, every, width, longest_word):
        shown = [every]
    elif expendable:
        shown = [_most_important(columns, width, expendable)]
    else:
        shown = [*_stacked(columns, width, keys)]
    if not all(_fits(columns, block, width, MIN_FOLDED) for block in shown):
        return Layout((), (), width)
    there = {at for block in shown for at in block}
    return Layout(
        blocks=tuple(_block(columns, block, width, longest_word) for block in shown),
        left_out=tuple(columns[at].name for at in every if at not in there),
        full_width=next(it for it in count(width) if _fits(columns, every, it, it // 3)),
    )


def measured(
    names: Sequence[str], rows: Sequence[Sequence[str]], expendable: Sequence[str] = ()
) -> tuple[Column, ...]:
    """The columns of a table, by its texts."""
    by_column = [[row[at] for row in rows] for at in range(len(names))]
    return measured_columns(names, by_column, expendable)


def measured_columns(
    names: Sequence[str], cells: Sequence[Sequence[str]], expendable: Sequence[str] = ()
) -> tuple[Column, ...]:
    """As ``measured``, by the texts of each column."""
    return tuple(
        _measured(name, [*{*column}], name not in expendable)
        for name, column in zip(names, cells, strict=True)
    )


def _measured(name: str, cells: Sequence[str], is_foldable: bool) -> Column:
    """By its different texts."""
    is_numeric = is_number_column(cells)
    words = lines = cells
    if _SPACE.search("".join(cells)):
        words = [word for cell in cells for word in cell.split()]
        lines = [line for cell in cells for line in cell.split("\n")]
    widest = _widest(lines)
    natural = max(widest, cell_len(name))
    longest = max(_widest(words), _widest(name.split()))
    least = max(longest, widest) if is_numeric else max(longest, min(natural, MIN_TEXT))
    folded = max(MIN_FOLDED, widest if is_numeric else 0)
    return Column(name, is_numeric, natural, least, min(least, folded) if is_foldable else least)


def _widest(texts: Sequence[str]) -> int:
    """Columns that the widest text takes."""
    return max(map(len if is_plain(texts) else cell_len, texts), default=0)


def is_plain(texts: Sequence[str]) -> bool:
    """Whether each letter of all texts takes a column, as nearly all do."""
    together = "".join(texts)
    return together.isascii() and (together.isprintable() or not together)


def is_number_column(cells: Sequence[str]) -> bool:
    """Whether the cells are numbers, with or without an interval, a unit or a mark.

    Example:
        >>> is_number_column(["≥ 1.52 [1.2, 1.8]", "not measured"]), is_number_column(["3d pets"])
        (True, False)
    """
    said = [cell for cell in cells if cell not in _NOTHING]
    return bool(said) and all(map(_NUMBER.fullmatch, said))


def _most_important(
    columns: Sequence[Column], width: int, expendable: Sequence[str]
) -> tuple[int, ...]:
    """What can be shown of a table that is too wide, if it can at least one that is expendable."""

    def without(gone: Sequence[str]) -> tuple[int, ...]:
        return tuple(at for at, column in enumerate(columns) if column.name not in gone)

    for kept in range(len(expendable), 0, -1):
        shown = without(expendable[kept:])
        if _fits(columns, shown, width, width // 3):
            return shown
    shown = without(expendable[1:])
    return shown if _fits(columns, shown, width, MIN_FOLDED) else without(expendable)


def _stacked(columns: Sequence[Column], width: int, keys: int) -> Iterator[tuple[int, ...]]:
    """Columns by blocks: the keys in each, with as many of the others as fit, in order."""
    key = tuple(range(keys))
    block = key
    for at in range(keys, len(columns)):
        if block != key and not _fits(columns, (*block, at), width, width // 3):
            yield block
            block = key
        block = (*block, at)
    yield block


def _fits(columns: Sequence[Column], shown: Sequence[int], width: int, longest: int | None) -> bool:
    return _outer([columns[at].at_least(longest) for at in shown]) <= width


def _outer(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1) + 2 * EDGE


def _block(
    columns: Sequence[Column], shown: tuple[int, ...], width: int, longest: int | None
) -> Block:
    """The least widths, and what is left over to those that lack least, the first first."""
    if not _fits(columns, shown, width, longest):
        longest = MIN_FOLDED
    least = [columns[at].at_least(longest) for at in shown]
    wanted = [columns[at].natural for at in shown]
    space = width - _outer(least)
    for at in sorted(range(len(shown)), key=lambda at: wanted[at] - least[at]):
        more = max(0, min(space, wanted[at] - least[at]))
        least[at] += more
        space -= more
    return Block(shown, tuple(least))
