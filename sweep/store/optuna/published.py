"""The report that is among a study's artifacts, if all is as it was when it was put there.

Under ``Store.published``. Reads what ``publishing`` has written, without Optuna: a run that finds
nothing to train need not load it for that.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, select

from sweep.errors import StoreError
from sweep.store.database import Database
from sweep.store.optuna.named_tables import SHOWN_ATTRIBUTES, STUDIES

ARTIFACT = "artifacts:"
SHOWN = (ARTIFACT, "dashboard:")
"""How the names begin of the system attributes that the dashboard shows."""
MADE_BY = {"made_by": "sweep"}
"""Tells our artifact from those that somebody uploads."""

Attribute = tuple[str, str]
"""Of a study of Optuna's: its name, and its value as JSON."""


def published(database: Database, name: str, state: str, folder: Path) -> str | None:
    """The report; see ``Store.published``."""
    rows: list[Attribute] = []
    with suppress(StoreError), database.reading() as connection:  # tables of another program
        rows = _attributes(connection, name)
    artifact_id, about = attached(rows) or ("", {})
    if about.get("state") != state or about.get("beside") != beside(rows):
        return None
    content = _read(folder / artifact_id)
    is_whole = hashlib.sha256(content).hexdigest() == about.get("sha256")
    return content.decode() if is_whole else None


def attached(rows: list[Attribute]) -> tuple[str, Mapping[str, Any]] | None:
    """The id of the report that is attached, and what is said of it; None where there is none."""
    for key, value_json in rows:
        about = _ours(key, value_json)
        with suppress(ValueError):  # the id becomes a file's name, and may have been edited
            if about:
                return str(uuid.UUID(key.removeprefix(ARTIFACT))), about
    return None


def _ours(key: str, value_json: str) -> Mapping[str, Any] | None:
    """What a system attribute says of our artifact; None where it is another."""
    with suppress(TypeError, ValueError):  # somebody may have written anything there
        # Optuna's attribute is a text, which is JSON itself.
        about = json.loads(json.loads(value_json)) if key.startswith(ARTIFACT) else None
        if isinstance(about, dict) and about.items() >= MADE_BY.items():
            return about
    return None


def beside(rows: list[Attribute]) -> str:
    """A hash of what the dashboard shows beside our artifact: note, figures, what others added."""
    shown = (row for row in rows if row[0].startswith(SHOWN) and not _ours(*row))
    return hashlib.sha256(repr(sorted(shown)).encode()).hexdigest()


def attributes_of(connection: Connection, optuna_id: int) -> list[Attribute]:
    """The system attributes of a study of Optuna's."""
    columns = SHOWN_ATTRIBUTES.c
    rows = connection.execute(
        select(columns.key, columns.value_json).where(columns.study_id == optuna_id)
    )
    return [(str(key), value_json) for key, value_json in rows]


def _attributes(connection: Connection, name: str) -> list[Attribute]:
    """Those of the study of this name; none where there is no such study."""
    there = inspect(connection)
    if not (there.has_table(STUDIES.name) and there.has_table(SHOWN_ATTRIBUTES.name)):
        return []
    ids = connection.scalars(select(STUDIES.c.study_id).where(STUDIES.c.study_name == name))
    return [row for optuna_id in ids for row in attributes_of(connection, optuna_id)]


def _read(path: Path) -> bytes:
    with suppress(OSError):
        return path.read_bytes()
    return b""
