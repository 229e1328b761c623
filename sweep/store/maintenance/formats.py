"""One table as one file, CSV or Parquet, with every value as the database has it.

A column holds integers, floats, text or bytes, or None among them. In CSV, None is ``\\N``; text
that begins with a backslash gets another one before it; bytes are in base 64; floats have all the
digits that tell them apart.
"""

import base64
import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from sweep.errors import MissingError
from sweep.util.distribution import installing

ROWS_AT_ONCE = 2_000
"""Bounds the memory: a row of multipliers may have some MB."""
MAX_CHARACTERS_A_CELL = 2**31 - 1
_NONE = "\\N"

T = TypeVar("T")
Row = tuple[Any, ...]
Columns = Mapping[str, type]
"""What each column holds: int, float, str or bytes."""


class Format(NamedTuple):
    """How a table is written, which returns the number of its rows, and read.

    Reading raises ValueError, TypeError or ``csv.Error`` for what is no such table.
    """

    write: Callable[[Path, Columns, Iterable[Row]], int]
    read: Callable[[Path, Columns], Iterator[Row]]


def in_batches(rows: Iterable[T]) -> Iterator[list[T]]:
    """The rows, some at a time."""
    iterator = iter(rows)
    while batch := list(islice(iterator, ROWS_AT_ONCE)):
        yield batch


def _write_csv(path: Path, columns: Columns, rows: Iterable[Row]) -> int:
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow(map(_to_cell, row))
            written += 1
    return written


def _read_csv(path: Path, columns: Columns) -> Iterator[Row]:
    csv.field_size_limit(MAX_CHARACTERS_A_CELL)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, strict=True)
        _check_columns(path, columns, next(reader, []))
        for cells in reader:
            yield tuple(
                _from_cell(cell, kind) for cell, kind in zip(cells, columns.values(), strict=True)
            )


def _to_cell(value: Any) -> str:
    if value is None:
        return _NONE
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, str):
        return f"\\{value}" if value.startswith("\\") else value
    return repr(value)


def _from_cell(cell: str, kind: type) -> Any:
    if cell == _NONE:
        return None
    if kind is bytes:
        return base64.b64decode(cell, validate=True)
    if kind is str:
        return cell.removeprefix("\\")
    return kind(cell)


def _write_parquet(path: Path, columns: Columns, rows: Iterable[Row]) -> int:
    arrow, parquet = _arrow()
    types = _arrow_schema(arrow, columns)
    written = 0
    with parquet.ParquetWriter(path, types) as writer:
        for batch in in_batches(rows):
            values = [arrow.array(column, field.type) for column, field in _paired(batch, types)]
            writer.write_batch(arrow.record_batch(values, schema=types))
            written += len(batch)
    return written


def _read_parquet(path: Path, columns: Columns) -> Iterator[Row]:
    arrow, parquet = _arrow()
    types = _arrow_schema(arrow, columns)
    with parquet.ParquetFile(path) as file:
        _check_columns(path, columns, file.schema_arrow.names)
        for batch in file.iter_batches(ROWS_AT_ONCE):
            table = arrow.Table.from_batches([batch]).cast(types)
            yield from zip(*(column.to_pylist() for column in table.columns), strict=True)


def _paired(batch: list[Row], types: Any) -> Iterator[tuple[Any, Any]]:
    return zip(zip(*batch, strict=True), types, strict=True)


def _arrow_schema(arrow: Any, columns: Columns) -> Any:
    types = {int: arrow.int64(), float: arrow.float64(), str: arrow.string(), bytes: arrow.binary()}
    return arrow.schema([(name, types[kind]) for name, kind in columns.items()])


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingError(
            "pyarrow is not installed: it reads and writes Parquet",
            remedy=f"Install it with `{installing('parquet')}`, or use --format csv.",
        ) from None
    return pyarrow, pyarrow.parquet


def _check_columns(path: Path, columns: Columns, found: list[str]) -> None:
    if found != list(columns):
        raise ValueError(f"{path.name} has the columns {found}, not {list(columns)}")


FORMATS = {"csv": Format(_write_csv, _read_csv), "parquet": Format(_write_parquet, _read_parquet)}
