"""Rows in Optuna's tables, compared with what they should say, and put right.

Under ``study.py``. A trial's rows are found by its number, and keep their ids when they change.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from optuna.storages._rdb import models
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    bindparam,
    delete,
    false,
    select,
    type_coerce,
    update,
)
from sqlalchemy.types import NullType

from sweep.store.columns import as_text
from sweep.store.inserting import insert_rows
from sweep.store.optuna.rows import PARTS, Key, MirroredTrial, Part, Values

TRIALS: Table = models.TrialModel.__table__
_BELONGINGS: tuple[Table, ...] = (
    *(part.table for part in PARTS),
    models.TrialSystemAttributeModel.__table__,
    models.TrialHeartbeatModel.__table__,
)


def put_trials(
    connection: Connection,
    optuna_id: int,
    numbers: Sequence[int],
    wanted: Mapping[int, MirroredTrial],
) -> tuple[dict[int, int], bool]:
    """Make the trials' own rows right; returns Optuna's ids by number, and whether all were."""
    kept, changed, unwanted = compare_trials(connection, optuna_id, numbers, wanted)
    remove_trials(connection, unwanted)
    if changed:
        connection.execute(update(TRIALS).where(TRIALS.c.trial_id == bindparam("this")), changed)
    missing = [wanted[number] for number in wanted.keys() - kept]
    were_right = not (unwanted or changed or missing)
    return kept | _insert_trials(connection, optuna_id, missing), were_right


def compare_trials(
    connection: Connection,
    optuna_id: int,
    numbers: Sequence[int],
    wanted: Mapping[int, MirroredTrial],
) -> tuple[dict[int, int], list[dict[str, Any]], list[int]]:
    """Optuna's ids by number, the rows of those that must change, and the ids that must go.

    A row keeps its id when it changes: a running dashboard remembers trials by it.
    """
    columns = ("number", "state", "datetime_start", "datetime_complete")
    found = connection.execute(
        select(TRIALS.c.trial_id, *(_raw(TRIALS.c[name]) for name in columns))
        .where(TRIALS.c.study_id == optuna_id, among(TRIALS.c.number, numbers))
        .order_by(TRIALS.c.trial_id)
    ).all()
    kept: dict[int, int] = {}
    changed, unwanted = [], []
    for trial_id, *values in found:
        number = values[0]
        if number not in wanted or number in kept:
            unwanted.append(trial_id)
            continue
        kept[number] = trial_id
        should = [as_text(wanted[number].row[name]) for name in columns]
        if [as_text(value) for value in values] != should:
            changed.append({"this": trial_id, **wanted[number].row})
    return kept, changed, unwanted


def _raw(column: Column) -> ColumnElement:
    """As the database has it: what somebody edited into nonsense can be read too."""
    return type_coerce(column, NullType())


def _insert_trials(
    connection: Connection, optuna_id: int, new: Iterable[MirroredTrial]
) -> dict[int, int]:
    rows = sorted((trial.row for trial in new), key=lambda row: row["number"])
    if not rows:
        return {}
    is_text = connection.dialect.name == "sqlite"
    insert_rows(
        connection,
        TRIALS,
        ("study_id", *rows[0]),
        [(optuna_id, *(map(as_text, row.values()) if is_text else row.values())) for row in rows],
    )
    numbers = [row["number"] for row in rows]
    found = connection.execute(
        select(TRIALS.c.number, TRIALS.c.trial_id).where(
            TRIALS.c.study_id == optuna_id, among(TRIALS.c.number, numbers)
        )
    )
    return {row.number: row.trial_id for row in found}


def remove_trials(connection: Connection, trial_ids: Sequence[int]) -> None:
    """Trials are no more, nor is what belongs to them."""
    if trial_ids:
        for table in (*_BELONGINGS, TRIALS):
            connection.execute(delete(table).where(table.c.trial_id.in_(trial_ids)))


def put_part(
    connection: Connection, part: Part, wanted: Mapping[int, Mapping[Key, Values]]
) -> bool:
    """Make the rows of one part right, for trials by Optuna's id; returns whether they were."""
    wrong, missing = compare_part(connection, part, wanted)
    if wrong:
        connection.execute(delete(part.table).where(part.table.c[part.row_id].in_(wrong)))
    insert_rows(connection, part.table, ("trial_id", part.key, *part.values), missing)
    return not (wrong or missing)


def compare_part(
    connection: Connection, part: Part, wanted: Mapping[int, Mapping[Key, Values]]
) -> tuple[dict[int, int], list[tuple[Any, ...]]]:
    """The wrong rows, each with its trial's id, and the missing ones: trial's id, key, values."""
    found: dict[int, dict[Key, Values]] = defaultdict(dict)
    wrong: dict[int, int] = {}
    columns = (part.row_id, "trial_id", part.key, *part.values)
    for row in connection.execute(
        select(*(_raw(part.table.c[name]) for name in columns)).where(
            among(part.table.c.trial_id, wanted)
        )
    ):
        row_id, trial_id, key, *rest = list(row)
        values = tuple(rest)
        if wanted[trial_id].get(key) == values:
            found[trial_id][key] = values
        elif part.ours is None or key in part.ours:
            wrong[row_id] = trial_id
    nothing: dict[Key, Values] = {}
    missing = [
        (trial_id, key, *values)
        for trial_id, entries in wanted.items()
        for there in (found.get(trial_id, nothing),)
        for key, values in entries.items()
        if key not in there
    ]
    return wrong, missing


def among(column: ColumnElement[int], numbers: Collection[int]) -> ColumnElement[bool]:
    """Whether a whole number is one of these, in few words where there is no gap."""
    if not numbers:
        return false()
    first, last = min(numbers), max(numbers)
    is_whole = last - first + 1 == len(numbers)
    return column.between(first, last) if is_whole else column.in_(numbers)
