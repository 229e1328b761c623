"""Cells of a table as numbers and labels, and what is wrong with those that are neither. Pure."""

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sweep.importing.table import Problem, Table
from sweep.study.hyperparameters import Hyperparameter
from sweep.util.decimals import POINT, has_decimal_comma

MAX_SEED = 2**31
MAX_LABEL = 60
"""Letters of an optimizer's label."""
_Value = TypeVar("_Value")


class Cells:
    """Reads the cells of some rows of a table, and collects what is wrong with them.

    Args:
        table: whose cells.
        rows: positions of the rows that are read.
    """

    def __init__(self, table: Table, rows: Sequence[int]) -> None:
        self._table = table
        self.rows = rows
        self.problems: list[Problem] = []

    def read(self, column: str, as_value: Callable[[Any], _Value]) -> list[_Value | None]:
        """The values of a column; None where there is none, or it is wrong."""
        cells, known = self._table.columns[column], {}
        values: list[_Value | None] = []
        for row in self.rows:
            cell = cells[row]
            try:
                if cell not in known:
                    known[cell] = None if is_nothing(cell) else as_value(cell)
                values.append(known[cell])
            except (ValueError, TypeError, OverflowError) as error:
                self.tell(row, column, str(error))
                values.append(None)
        return values

    def needed(self, column: str, as_value: Callable[[Any], _Value]) -> list[_Value | None]:
        """As ``read``; an empty cell is wrong too."""
        values = self.read(column, as_value)
        cells = self._table.columns[column]
        for row in self.rows:
            if is_nothing(cells[row]):
                self.tell(row, column, "there is nothing")
        return values

    def tell(self, row: int, column: str | None, found: str) -> None:
        """Something is wrong in a row."""
        self.problems.append(Problem(self._table.lines[row], column, found))

    def line(self, at: int) -> int:
        """The line in the file of the row that is read at this position."""
        return self._table.lines[self.rows[at]]


def is_nothing(cell: Any) -> bool:
    """Whether a cell has no value."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def number(cell: Any) -> float:
    """A number, NaN and the infinities included.

    Raises:
        ValueError: it is none.

    Example:
        >>> number(" 1e-3 "), number("NaN")
        (0.001, nan)
    """
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise ValueError(f"{cell!r:.40} is no number")
    try:
        return float(cell)
    except ValueError:
        hint = POINT if has_decimal_comma(str(cell)) else ""
        raise ValueError(f"{cell!r:.40} is no number{hint}") from None


def label(cell: Any) -> str:
    """An optimizer's label.

    Raises:
        ValueError: it is empty or too long.
    """
    text = " ".join(str(cell).split())
    if len(text) > MAX_LABEL or not text.isprintable():
        raise ValueError(f"{text!r:.40} is no label of at most {MAX_LABEL} letters")
    return text


def seed(cell: Any) -> int:
    """A seed.

    Raises:
        ValueError: it is no whole number, 0 or more.
    """
    value = number(cell)
    if not (math.isfinite(value) and value == int(value) and 0 <= value < MAX_SEED):
        raise ValueError(f"{cell!r:.40} is no whole number from 0")
    return int(value)


def epoch(cell: Any) -> float:
    """An epoch or step.

    Raises:
        ValueError: it is not finite.
    """
    value = number(cell)
    if not math.isfinite(value):
        raise ValueError(f"{cell!r:.40} is no epoch")
    return value


def value_of(known: Hyperparameter) -> Callable[[Any], int | float]:
    """Reads values of a hyperparameter, within its rule and its usual scale."""

    def read(cell: Any) -> int | float:
        value = known.checked(number(cell))
        if not math.isfinite(value) or (known.scale == "log" and value <= 0):
            raise ValueError(f"{known.words} {cell!r:.40} has no place on its scale")
        return value

    return read
