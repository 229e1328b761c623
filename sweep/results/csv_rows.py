"""Rows as CSV, by column: what a column holds is looked at once, not in each of its cells."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_MAY_NEED_QUOTES = re.compile(r"[^\w.~ +-]")


def csv_rows(table: Mapping[str, Sequence[Any]]) -> str:
    r"""The text of a file with a header, as ``csv.writer`` writes it.

    Args:
        table: by column, at least two, all of one length; None is written as nothing.

    Example:
        >>> csv_rows({"name": ["adam", 'a "b", c'], "loss": [0.5, None]})
        'name,loss\nadam,0.5\n"a ""b"", c",\n'
    """
    header = ",".join(_texts([*table]))
    rows = map(",".join, zip(*map(_texts, table.values()), strict=True))
    return "\n".join((header, *rows, ""))


def _texts(column: Sequence[Any]) -> Iterable[str]:
    """Each value as CSV has it."""
    kinds = {*map(type, column)}
    if kinds <= {int, float}:
        return map(str, column)
    if kinds <= {str} and not _MAY_NEED_QUOTES.search("".join(column)):
        return column
    return ["" if value is None else _written(value) for value in column]


def _written(value: Any) -> str:
    """Number or text, in quotes where it needs them."""
    text = str(value)
    if not _MAY_NEED_QUOTES.search(text):
        return text
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow((text, ""))  # alone, nothing is quoted too
    return written.getvalue().removesuffix(",\n")
