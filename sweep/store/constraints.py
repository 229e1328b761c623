"""Checks that keep other programs from writing values that sweep never writes.

Under ``schema.py``. What they say is kept in the tables of stores: a change is a migration.
"""

from collections.abc import Iterator

from sqlalchemy import CheckConstraint

MAX_FLOAT = "1.7976931348623157e308"


def check(sql: str, name: str, dialect: str | None = None) -> CheckConstraint:
    """A check, of one kind of database or of all."""
    constraint = CheckConstraint(sql, name=name)
    if dialect is not None:
        constraint.ddl_if(dialect=dialect)
    return constraint


def is_json(column: str, kind: str) -> Iterator[CheckConstraint]:
    """A column of JSON is an array or an object."""
    name = f"{column}_is_an_{kind}"
    as_json = f"json_valid({column}) AND json_type({column}) = '{kind}'"
    yield check(f"{column} IS NULL OR ({as_json})", name, "sqlite")
    yield check(f"json_typeof(CAST({column} AS json)) = '{kind}'", name, "postgresql")


def is_time(column: str) -> CheckConstraint:
    """SQLite keeps times as text of 26 characters."""
    is_text = f"length({column}) = 26 AND datetime({column}) IS NOT NULL"
    return check(f"{column} IS NULL OR ({is_text})", f"{column}_is_a_time", "sqlite")


def is_figure(column: str) -> Iterator[CheckConstraint]:
    """A finite number, or NULL and said in words."""
    words = {
        "sqlite": f"json_extract(not_finite, '$.{column}')",
        "postgresql": f"CAST(not_finite AS json) ->> '{column}'",
    }
    for dialect, word in words.items():
        is_said = f"coalesce({word}, '') IN ('nan', 'inf', '-inf')"
        is_finite = f"abs({column}) <= {MAX_FLOAT}"
        yield check(
            f"CASE WHEN {column} IS NULL THEN {is_said} ELSE {is_finite} END",
            f"{column}_is_a_figure",
            dialect,
        )
