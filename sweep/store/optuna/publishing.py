"""What optuna-dashboard shows beside a study: its note, figures of our own, and the report.

All are attributes of Optuna's study, under the names that the dashboard reads, and are replaced
in one transaction: a dashboard that reads meanwhile sees the old or the new ones, whole. The
report is an Optuna artifact: a file in a folder, under an id that the attribute names.
"""

import hashlib
import json
import shlex
import uuid
from collections.abc import Mapping
from pathlib import Path

from optuna.storages._rdb import models
from sqlalchemy import Connection, Table, delete, insert, select

from sweep.errors import StoreError
from sweep.store.database import Database
from sweep.store.optuna.opening import find_tables
from sweep.store.optuna.published import ARTIFACT, MADE_BY, attached, attributes_of, beside
from sweep.store.optuna.study import find_mirror
from sweep.util.files import write_bytes

NOTE_VERSION = "dashboard:note_ver"
NOTE_TEXT = "dashboard:note_str:"
FIGURE = "dashboard:plot_data:"
BORDER = "\n\n---\n\n*Above this line sweep writes at the end of each run; below it is yours.*\n"

_ATTRIBUTES: Table = models.StudySystemAttributeModel.__table__


def publish(database: Database, name: str, note: str, figures: Mapping[str, str]) -> None:
    """Put a note and figures beside the mirrored study; see ``Store.publish``."""
    with database.writing() as connection:
        if not find_tables(connection).readable:  # which the run has told
            return
        optuna_id = _mirror(connection, name)
        _put_note(connection, optuna_id, note)
        for figure_id, figure in figures.items():
            prefix = f"{FIGURE}{figure_id}:"
            _replace(connection, optuna_id, prefix, {f"{prefix}0": figure})


def attach(
    database: Database, name: str, page: bytes, file_name: str, folder: Path, state: str
) -> None:
    """Put the report among the study's artifacts; see ``Store.attach``."""
    with database.writing() as connection:
        if not find_tables(connection).readable:
            return
        optuna_id = _mirror(connection, name)
        before = attached(attributes_of(connection, optuna_id))
        artifact_id = before[0] if before else str(uuid.uuid4())
        write_bytes(folder / artifact_id, page)
        about = {
            "artifact_id": artifact_id,
            "filename": file_name,
            "mimetype": "text/html",
            "encoding": None,
            "state": state,
            "sha256": hashlib.sha256(page).hexdigest(),
            "beside": beside(attributes_of(connection, optuna_id)),
        }
        key = f"{ARTIFACT}{artifact_id}"
        _replace(connection, optuna_id, key, {key: json.dumps(about | MADE_BY)})


def _mirror(connection: Connection, name: str) -> int:
    optuna_id = find_mirror(connection, name)
    if optuna_id is None:
        raise StoreError(
            f"no study {name!r} in Optuna's tables",
            remedy=f"Run it again with `sweep run {shlex.quote(name)}`: that mirrors it anew.",
        )
    return optuna_id


def _put_note(connection: Connection, optuna_id: int, note: str) -> None:
    """Write our part of the note, and count its version up, which the dashboard's editor checks."""
    written = _read(connection, optuna_id, NOTE_TEXT)
    before = "".join(written[key] for key in sorted(written, key=_part))
    theirs = before.rpartition(BORDER)[2]
    after = f"{note}{BORDER}{theirs}"
    if after != before:
        version = _read(connection, optuna_id, NOTE_VERSION).get(NOTE_VERSION, 0)
        _replace(connection, optuna_id, NOTE_VERSION, {NOTE_VERSION: version + 1})
        _replace(connection, optuna_id, NOTE_TEXT, {f"{NOTE_TEXT}0": after})


def _part(key: str) -> int:
    return int(key.removeprefix(NOTE_TEXT))


def _read(connection: Connection, optuna_id: int, prefix: str) -> dict:
    rows = connection.execute(
        select(_ATTRIBUTES.c.key, _ATTRIBUTES.c.value_json)
        .where(_ATTRIBUTES.c.study_id == optuna_id)
        .where(_ATTRIBUTES.c.key.startswith(prefix, autoescape=True))
    )
    return {key: json.loads(value) for key, value in rows}


def _replace(connection: Connection, optuna_id: int, prefix: str, values: Mapping) -> None:
    connection.execute(
        delete(_ATTRIBUTES)
        .where(_ATTRIBUTES.c.study_id == optuna_id)
        .where(_ATTRIBUTES.c.key.startswith(prefix, autoescape=True))
    )
    rows = [
        {"study_id": optuna_id, "key": key, "value_json": json.dumps(value)}
        for key, value in values.items()
    ]
    connection.execute(insert(_ATTRIBUTES), rows)
