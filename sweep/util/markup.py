"""Small pieces of HTML for what shows itself in a notebook. Pure; all text is escaped."""

from collections.abc import Iterable, Sequence
from html import escape


def paragraph(text: str, *, strong: bool = False) -> str:
    """A paragraph.

    Example:
        >>> paragraph("a < b", strong=True)
        '<p><strong>a &lt; b</strong></p>'
    """
    shown = escape(text)
    return f"<p><strong>{shown}</strong></p>" if strong else f"<p>{shown}</p>"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the first cell of a row says what it is about."""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(f"<tr>{''.join(_cells(row))}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(row: Sequence[str]) -> Iterable[str]:
    for at, cell in enumerate(row):
        yield f"<td>{escape(cell)}</td>" if at else f"<th>{escape(cell)}</th>"
