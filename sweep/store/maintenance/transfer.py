"""All our tables as a folder of files, and back: for other programs, and for other places.

    sweep.json          schema, sweep version, format, and how many rows each table has
    sweep_studies.csv   (or .parquet) one file a table, with the values as the database has them
    …

``sweep.json`` is written last: it says that the folder is whole. Optuna's tables are not
exported; they are made anew from ours.
"""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Double,
    Integer,
    LargeBinary,
    Table,
    Text,
    cast,
    func,
    select,
    text,
    type_coerce,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import NULLTYPE

from sweep.errors import StoreError, UsageError
from sweep.store import looking, reading, schema
from sweep.store.columns import Json, as_text
from sweep.store.database import Database
from sweep.store.maintenance.formats import FORMATS, ROWS_AT_ONCE, Columns, Format, Row, in_batches
from sweep.store.maintenance.repair import catch_up
from sweep.store.migrations import SCHEMA_VERSION
from sweep.util.distribution import __version__
from sweep.util.nearest import did_you_mean
from sweep.util.paths import as_typed

MANIFEST = "sweep.json"

_TABLES = tuple(
    table
    for table in schema.metadata.sorted_tables
    if table not in (schema.schema, schema.revisions)
)
"""Parents before children."""
_UNREADABLE = (
    *(ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError),
    *(NotImplementedError, csv.Error, IntegrityError),
)
"""What reading files of any content raises, in Python and in Arrow."""


def export_tables(database: Database, folder: Path, format: str) -> dict[str, int]:
    """Write all tables, as they are at one moment; see ``Store.export``."""
    write = _format(format).write
    with _told(folder), database.reading() as connection:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise StoreError(
                f"{as_typed(folder)} has files in it",
                rule="A store is exported into a new or empty folder.",
                remedy="Name another folder.",
            )
        rows = {
            table.name: write(
                _file(folder, table, format), _columns(table), _rows(connection, table)
            )
            for table in _TABLES
        }
        manifest = {"schema": SCHEMA_VERSION, "sweep": __version__, "format": format}
        said = json.dumps(manifest | {"rows": rows}, indent=1)
        (folder / MANIFEST).write_text(said, encoding="utf-8")
    return rows


def import_tables(database: Database, folder: Path) -> dict[str, int]:
    """Read what ``export_tables`` wrote into a store without studies; see ``import_store``."""
    with _told(folder):
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        found, made_by = manifest["schema"], manifest["sweep"]
        format = manifest["format"]
        if found != SCHEMA_VERSION:
            raise StoreError(
                f"{as_typed(folder)} is an export of schema {found}, made by sweep {made_by}",
                rule=f"This sweep imports exports of schema {SCHEMA_VERSION}.",
                remedy=f"Import it with sweep {made_by} into a new store, and open that store with "
                "this one, which upgrades it.",
            )
        with database.writing() as connection, _told(folder):
            _refuse_studies(connection, database.shown)
            rows = {
                table.name: _insert(
                    database, connection, table, _file(folder, table, format), _format(format)
                )
                for table in _TABLES
            }
            if rows != manifest["rows"]:
                raise ValueError(f"there are {rows} rows, and were {manifest['rows']}")
            _read_all(connection)
    catch_up(database)
    return rows


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Turn what files and their contents can do into one error."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{as_typed(error.filename or folder)} cannot be written or read: "
            f"{error.strerror or error}",
            remedy="Name another folder, mend its permissions, or free some space.",
        ) from error
    except _UNREADABLE as error:
        raise StoreError(
            f"{as_typed(folder)} does not hold all tables of a store: {error!r}",
            rule="They are as `sweep store export` writes them.",
            remedy="Export the store again, or import a folder that was not changed.",
        ) from error


def _format(name: str) -> Format:
    if name not in FORMATS:
        raise UsageError(
            f"no format {name!r} of an export{did_you_mean(name, FORMATS)}",
            remedy=f"Name one of {', '.join(FORMATS)}.",
        )
    return FORMATS[name]


def _file(folder: Path, table: Table, format: str) -> Path:
    return folder / f"{table.name}.{format}"


def _columns(table: Table) -> Columns:
    return {column.name: _kind(column.type) for column in table.c}


def _kind(type_: Any) -> type:
    kinds = ((Integer, int), (Double, float), (LargeBinary, bytes))
    return next((kind for known, kind in kinds if isinstance(type_, known)), str)


def _rows(connection: Connection, table: Table) -> Iterator[Row]:
    values = (
        cast(c, Text) if isinstance(c.type, Json) else type_coerce(c, NULLTYPE) for c in table.c
    )
    for row in connection.execute(select(*values).order_by(*table.primary_key.columns)):
        yield tuple(map(as_text, row))


def _insert(
    database: Database, connection: Connection, table: Table, file: Path, format: Format
) -> int:
    columns = _columns(table)
    values = ", ".join(f":{name}" for name in columns)
    statement = text(f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({values})")
    inserted = 0
    for batch in in_batches(format.read(file, columns)):
        connection.execute(statement, [dict(zip(columns, row, strict=True)) for row in batch])
        inserted += len(batch)
    database.continue_numbering(connection, table)
    return inserted


def _refuse_studies(connection: Connection, shown: str) -> None:
    if connection.scalar(select(func.count()).select_from(schema.studies)):
        raise StoreError(
            f"{as_typed(shown)} has studies already",
            rule="An export is imported into a store without studies.",
            remedy="Name a new one, for instance `--store sqlite:///imported.db`.",
        )


def _read_all(connection: Connection) -> None:
    """Read every record once, so that nothing is imported that could not be read later."""
    for study_id, _, _ in reading.studies(connection):
        reading.runs(connection, study_id)
        reading.cohorts(connection, study_id)
        looking.looks(connection, study_id)
        looking.look_design(connection, study_id)
        reading.failed_repeats(connection, study_id, reading.repeats(connection, study_id))
        reading.gradients(connection, study_id)
        numbers = connection.scalars(
            select(schema.trials.c.number).where(schema.trials.c.study_id == study_id)
        ).all()
        for start in range(0, len(numbers), ROWS_AT_ONCE):
            reading.trials(connection, study_id, numbers[start : start + ROWS_AT_ONCE])
