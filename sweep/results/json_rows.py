"""Rows as JSON, by column: one call of Python's encoder for a column, not for each row."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any


def json_rows(table: Mapping[str, Sequence[Any]]) -> str:
    """A JSON array of objects, as ``json.dumps(rows, indent=1)`` writes it.

    Args:
        table: by column, all of one length; NaN and infinities are written as the strings NaN,
            Infinity, -Infinity.

    Example:
        >>> print(json_rows({"seed": [0, 1], "loss": [0.5, float("nan")]}))
        [
         {
          "seed": 0,
          "loss": 0.5
         },
         {
          "seed": 1,
          "loss": "NaN"
         }
        ]
    """
    cells = [_texts(column) for column in table.values()]
    names = (json.dumps(name).replace("%", "%%") for name in table)
    row = " {\n" + ",\n".join(f"  {name}: %s" for name in names) + "\n }"
    rows = [row % texts for texts in zip(*cells, strict=True)]
    return "[\n" + ",\n".join(rows) + "\n]" if rows else "[]"


def _texts(column: Sequence[Any]) -> list[str]:
    """Each value as JSON, in which no text has an end of line."""
    if not column:
        return []
    encoder = json.JSONEncoder(separators=("\n", ": "), allow_nan=False)
    return encoder.encode(list(map(_json_value, column)))[1:-1].split("\n")


def _json_value(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
