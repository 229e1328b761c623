"""A file of results as columns: CSV, JSON lines or Parquet, with the line of every row.

The first stop of an import. What the columns mean is said in ``columns``.
"""

import csv
import io
import json
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sweep.errors import MissingError, UsageError
from sweep.util.distribution import installing

DELIMITERS = (",", ";", "\t")
MAX_FIELD_LETTERS = 10_000_000
"""Of one cell: exports of trackers have whole configurations in one."""


@dataclass(frozen=True)
class Problem:
    """What is wrong in a row: its line in the file, the column (None for the row), in words."""

    line: int
    column: str | None
    found: str


@dataclass(frozen=True)
class Table:
    """A file's rows.

    Attributes:
        name: of the file, without its folder.
        content_hash: of its bytes, 32 hexadecimal digits.
        columns: by name, a cell for each row; text from CSV, else JSON values; None is no value.
        lines: of each row, from 1; of Parquet the row's number.
        problems: rows that are none, which are left out of the columns.
    """

    name: str
    content_hash: str
    columns: Mapping[str, Sequence[Any]]
    lines: Sequence[int]
    problems: tuple[Problem, ...] = ()


def read_table(path: Path) -> Table:
    """The table in a file; its ending says how it is written.

    Args:
        path: ``.csv`` or ``.tsv`` (any of comma, semicolon and tab between the cells), ``.jsonl``,
            ``.ndjson`` or ``.json`` (an object a line, or an array of objects), or ``.parquet``.

    Raises:
        UsageError: no such file, another ending, or what is in it is no table.
        MissingError: Parquet needs pyarrow.
    """
    read = READERS.get(path.suffix.lower())
    if read is None:
        raise UsageError(
            f"{path} has another ending than {', '.join(READERS)}",
            remedy="Export the results as CSV, or rename the file.",
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror or error}",
            remedy="Name a file that exists and that you may read.",
        ) from error
    try:
        columns, lines, problems = read(data)
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is no text in UTF-8{_other_text(data)}",
            remedy="Export it as UTF-8, or save it again as such.",
        ) from error
    except (ValueError, OSError) as error:  # what Parquet raises is either
        raise UsageError(f"{path} is no table: {error}", remedy="Export it again.") from error
    if not lines and not problems:
        raise UsageError(f"{path} has no rows", remedy="Export it again.")
    return Table(path.name, sha256(data).hexdigest()[:32], columns, lines, tuple(problems))


def _other_text(data: bytes) -> str:
    return ", but in UTF-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else ""


Read = tuple[Mapping[str, Sequence[Any]], Sequence[int], Sequence[Problem]]


def _csv(data: bytes) -> Read:
    text = data.decode("utf-8-sig")
    head = text.partition("\n")[0]
    csv.field_size_limit(MAX_FIELD_LETTERS)
    delimiter = max(DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [name.strip() for name in next(reader, [])]
        _check_names(names)
        rows, lines, problems = [], [], []
        for row in reader:
            if len(row) == len(names):
                rows.append(row)
                lines.append(reader.line_num)
            elif row:
                found = f"{len(row)} cells, and the head has {len(names)}"
                problems.append(Problem(reader.line_num, None, found))
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num}: {error}") from error
    cells = zip(*rows, strict=True) if rows else ((),) * len(names)
    return dict(zip(names, cells, strict=True)), lines, problems


def _check_names(names: Sequence[str]) -> None:
    repeated = sorted({name for name in names if name and names.count(name) > 1})
    if repeated:
        raise ValueError(f"its head has {', '.join(repeated)} more than once")
    if not any(names):
        raise ValueError("it has no head")


def _json(data: bytes) -> Read:
    text = data.decode("utf-8-sig")
    problems: list[Problem] = []
    objects: list[tuple[int, dict[str, Any]]] = []
    entries = _array(text) if text.lstrip().startswith("[") else _entries(text, problems)
    for line, entry in entries:
        if isinstance(entry, dict):
            objects.append((line, dict(_flat(entry))))
        else:
            problems.append(Problem(line, None, f"{entry!r:.40} is no object"))
    names = dict.fromkeys(name for _, entry in objects for name in entry)
    columns = {name: [entry.get(name) for _, entry in objects] for name in names}
    return columns, [line for line, _ in objects], problems


def _array(text: str) -> Iterator[tuple[int, Any]]:
    """The entries of an array, by their number: they have no lines of their own."""
    yield from enumerate(json.loads(text), 1)


def _entries(text: str, problems: list[Problem]) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                entry = json.loads(line)
            except ValueError as error:
                problems.append(Problem(number, None, f"no JSON: {error}"))
            else:
                yield number, entry


def _flat(entry: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """``{"config": {"lr": 1}}`` as ``config.lr``."""
    for name, value in entry.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def _parquet(data: bytes) -> Read:
    try:
        from pyarrow import BufferReader
        from pyarrow.parquet import read_table as read
    except ImportError:
        raise MissingError(
            "no pyarrow is installed, which Parquet needs", remedy=installing("parquet")
        ) from None
    table = read(BufferReader(data)).flatten()
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    return columns, range(1, table.num_rows + 1), ()


READERS: dict[str, Callable[[bytes], Read]] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".jsonl": _json,
    ".ndjson": _json,
    ".json": _json,
    ".parquet": _parquet,
}
"""By the file's ending."""
