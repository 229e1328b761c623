"""The epochs of stored trials, read by column: no object for each of them.

Under ``reading.py``.

Legend: K trials, X epochs of their trainings.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Result, select

from sweep.results.records import EpochRecord
from sweep.results.trials import Courses
from sweep.store import schema
from sweep.store.encoding import epoch_values

ROWS_AT_ONCE = 1_000
"""Rows fetched together: far fewer calls than one by one, and they fit a processor's cache."""


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
    lowest, highest = min(training_ids, default=0), max(training_ids, default=0)
    if len({*training_ids}) == highest - lowest + 1:  # as they mostly are, and a range is quicker
        are_wanted = columns.training_id.between(lowest, highest)
    else:
        are_wanted = columns.training_id.in_(select(schema.trials.c.training_id).where(which))
    rows = connection.execute(
        select(
            columns.training_id,
            columns.epoch,
            *(columns[figure] for figure in schema.FIGURES),
            columns.not_finite,
        )
        .where(are_wanted)
        .order_by(columns.training_id, columns.epoch)
    )
    # Numbers at once, since objects that are kept take longer to make.
    parts = [(np.array(ids, np.int64), epoch_values(rest)) for ids, *rest in _by_column(rows)]
    nothing = np.empty(0, np.int64), np.empty((0, len(EpochRecord._fields)))
    id_X, values_XF = map(np.concatenate, zip(nothing, *parts, strict=True))
    id_K = np.array(training_ids, np.int64)
    first_K, end_K = (np.searchsorted(id_X, id_K, side=side) for side in ("left", "right"))
    return Courses(values_XF, first_K, end_K)


def transposed(rows: Result) -> list[list[Any]]:
    """All rows of a result as a list for each column."""
    columns: list[list[Any]] = [[] for _ in rows.keys()]  # noqa: SIM118 (of a result, no mapping)
    for some in _by_column(rows):
        for column, more in zip(columns, some, strict=True):
            column += more
    return columns


def _by_column(rows: Result) -> Iterator[Iterator[tuple[Any, ...]]]:
    """Some rows after others, as a tuple for each column."""
    for some in rows.partitions(ROWS_AT_ONCE):
        yield zip(*some, strict=True)
