"""Looks in the store: when a verdict was seen, and the design by which seeds are added.

Under ``reading.py``, ``writer.py`` and maintenance. A study has one design at most, and one look
for each number of seeds: whoever sees the same verdict twice has looked once. Each function that
writes can be repeated, because it may be.
"""

from datetime import UTC, datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, insert, select, update

from sweep.errors import StoreBusyError
from sweep.results.looks import Look, LookDesign
from sweep.store import schema
from sweep.store.inserting import insert_missing

_STAGES = TypeAdapter(list[int])


def looks(connection: Connection, study_id: int) -> tuple[Look, ...]:
    """The looks of a study, oldest first.

    Raises:
        ValueError: their design is not as sweep wrote it.
    """
    look = schema.looks.c
    rows = connection.execute(
        select(look.seeds, look.seen_at, look.design_id)
        .where(look.study_id == study_id)
        .order_by(look.seen_at, look.seeds)
    ).all()
    design = look_design(connection, study_id) if rows else None
    return tuple(
        Look(seeds, seen_at, None if design_id is None else design)
        for seeds, seen_at, design_id in rows
    )


def look_design(connection: Connection, study_id: int) -> LookDesign | None:
    """The design by which a study adds seeds until it is decided; None where none was fixed.

    Raises:
        ValueError: it is not as sweep wrote it.
    """
    columns = schema.look_designs.c
    row = connection.execute(
        select(columns.stages, columns.margin).where(columns.study_id == study_id)
    ).one_or_none()
    if row is None:
        return None
    stages = tuple(_STAGES.validate_python(row.stages, strict=True))
    if not stages or stages[0] < 1 or list(stages) != sorted({*stages}):
        raise ValueError(f"the stages of a design do not rise: {stages!r:.80}")
    return LookDesign(stages, row.margin)


def add_look(
    connection: Connection, study_id: int, seeds: int, seen_at: datetime, *, by_design: bool
) -> None:
    """Record a look, unless one at as many seeds is on record.

    Args:
        connection: of the transaction.
        study_id: whose.
        seeds: how many whole seeds the verdict rested on.
        seen_at: when.
        by_design: whether it belongs to the study's design; else it is one by hand.
    """
    design_id = _design_id(connection, study_id) if by_design else None
    connection.execute(
        insert_missing(connection, schema.looks).values(
            study_id=study_id, seeds=seeds, seen_at=seen_at, design_id=design_id
        )
    )


def fix_design(connection: Connection, study_id: int, design: LookDesign) -> None:
    """Make this the study's design, in place of one that has no looks.

    Raises:
        StoreBusyError: another run has fixed and used another one meanwhile.
    """
    there = look_design(connection, study_id)
    if there == design:
        return
    if any(look.design for look in looks(connection, study_id)):
        raise StoreBusyError(
            f"another run has fixed stages up to {there and there.max_seeds} seeds meanwhile",
            rule="How a study adds seeds is fixed before its first look.",
            remedy="Run the same command again: it goes on with them.",
        )
    connection.execute(
        delete(schema.look_designs).where(schema.look_designs.c.study_id == study_id)
    )
    connection.execute(
        insert(schema.look_designs).values(
            study_id=study_id,
            stages=list(design.stages),
            margin=design.margin,
            fixed_at=datetime.now(UTC),
        )
    )


def remove_looks(connection: Connection, study_id: int) -> None:
    """What was seen of a study is no more, nor is its design."""
    for table in (schema.looks, schema.look_designs):
        connection.execute(delete(table).where(table.c.study_id == study_id))


def remove_design(connection: Connection, design_id: int) -> None:
    """A design is no more; its looks stay, as looks by hand."""
    looks, designs = schema.looks, schema.look_designs
    connection.execute(update(looks).where(looks.c.design_id == design_id).values(design_id=None))
    connection.execute(delete(designs).where(designs.c.design_id == design_id))


def _design_id(connection: Connection, study_id: int) -> int | None:
    columns = schema.look_designs.c
    return connection.scalar(select(columns.design_id).where(columns.study_id == study_id))
