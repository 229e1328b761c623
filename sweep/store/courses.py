"""The epochs of stored trials, read by column: no object for each of them.

Under ``reading.py``.

Legend: K trials, X epochs of their trainings.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Result, select

from sweep.results.trials import Courses
from sweep.store import schema
from sweep.store.encoding import epoch_values

ROWS_AT_ONCE = 10_000
"""Rows fetched together: far fewer calls than one by one, and little memory."""


def courses_of(
    connection: Connection, which: ColumnElement[bool], training_ids: Sequence[int]
) -> Courses:
    """The epochs of trials.

    Args:
        connection: of the transaction.
        which: of the table of trials.
        training_ids: of each of these trials, (K,).
    """
    columns = schema.epochs.c
    wanted = select(schema.trials.c.training_id).where(which)
    rows = connection.execute(
        select(
            columns.training_id,
            columns.epoch,
            *(columns[figure] for figure in schema.FIGURES),
            columns.not_finite,
        )
        .where(columns.training_id.in_(wanted))
        .order_by(columns.training_id, columns.epoch)
    )
    ids, *values = transposed(rows)
    id_X, id_K = np.array(ids, np.int64), np.array(training_ids, np.int64)
    first_K, end_K = (np.searchsorted(id_X, id_K, side=side) for side in ("left", "right"))
    return Courses(epoch_values(values), first_K, end_K)


def transposed(rows: Result) -> list[list[Any]]:
    """All rows of a result as a list for each column."""
    columns: list[list[Any]] = [[] for _ in rows.keys()]  # noqa: SIM118 (of a result, no mapping)
    for some in rows.partitions(ROWS_AT_ONCE):
        for column, more in zip(columns, zip(*some, strict=True), strict=True):
            column += more
    return columns
