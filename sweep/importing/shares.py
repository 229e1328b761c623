"""Accuracies as shares from 0 to 1, also where a table has them in percent. Pure."""

import math
from collections.abc import Sequence
from statistics import median

from sweep.importing.cells import Cells

ROUNDING = 1e-6
"""By so much a share may be above 1 or below 0."""

Numbers = Sequence[float | None]


def is_percent(values: Numbers) -> bool:
    """Whether accuracies are in percent: most are above 1.

    Example:
        >>> is_percent([93.1, 0.5, 88.0]), is_percent([0.93, 1.0]), is_percent([0.93, 0.95, 93.1])
        (True, False, False)
    """
    finite = [value for value in values if value is not None and math.isfinite(value)]
    return bool(finite) and median(finite) > 1 + ROUNDING


def shares(cells: Cells, column: str, values: Numbers, in_percent: bool) -> list[float | None]:
    """The values as shares; what is not from 0 to 1 then is wrong.

    Args:
        cells: is told what is wrong.
        column: of the values.
        values: one of each of the rows that ``cells`` reads; what is not finite stays.
        in_percent: whether they are from 0 to 100.
    """
    scale = 100 if in_percent else 1
    return [
        _share(cells, column, row, value, scale)
        for row, value in zip(cells.rows, values, strict=True)
    ]


def _share(cells: Cells, column: str, row: int, value: float | None, scale: int) -> float | None:
    if value is None or not math.isfinite(value):
        return value
    if -ROUNDING <= value / scale <= 1 + ROUNDING:
        return min(max(value / scale, 0.0), 1.0)
    meant = "" if scale == 100 else "; if accuracies are in percent, say --percent"
    cells.tell(row, column, f"{value:g} is not from 0 to {scale}{meant}")
    return None
