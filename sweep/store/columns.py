"""Types of columns: one value, the same in every database, under the names that each knows.

Under ``schema.py``. SQLite's tables are STRICT, so there a column has one of five types and takes
no value of another; what a type says less than PostgreSQL's, a CHECK says (see ``schema.py``).
"""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON as NATIVE_JSON,
)
from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Double,
    Integer,
    String,
    Text,
)
from sqlalchemy.types import REAL, TypeDecorator, TypeEngine

from sweep.util.paths import printable

Real = Double().with_variant(REAL(), "sqlite")
BigInt = BigInteger().with_variant(Integer(), "sqlite")


def text_of(length: int) -> TypeEngine[str]:
    """Text of at most so many characters, where the database counts them."""
    return String(length).with_variant(Text(), "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept as UTC without a zone: the same text in every database."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text where the database has no times."""
        is_text = dialect.name == "sqlite"
        return dialect.type_descriptor(Text()) if is_text else dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To UTC, without its zone."""
        if value is None:
            return None
        moment = value.astimezone(UTC).replace(tzinfo=None)
        return as_text(moment) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """With its zone, UTC."""
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if dialect.name == "sqlite" else value
        return moment.replace(tzinfo=UTC)


class CleanText(TypeDecorator[str]):
    """Any text; what not every database keeps (NUL, halves of surrogate pairs) is escaped."""

    impl = Text
    cache_ok = True

    def process_bind_param(
        self,
        value: str | None,
        dialect: Dialect,  # noqa: ARG002 (its name is SQLAlchemy's)
    ) -> str | None:
        """Escaped."""
        if value is None:
            return None
        return printable(value).replace("\0", "\\x00")


class Json(TypeDecorator[Any]):
    """A JSON value, as text in SQLite; None is NULL."""

    impl = NATIVE_JSON(none_as_null=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine:
        """Text where the database has no JSON."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else self.impl_instance)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """To text, where SQLAlchemy does not do it."""
        if value is None or dialect.name != "sqlite":
            return value
        return json.dumps(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """From text, where SQLAlchemy does not do it."""
        if value is None or dialect.name != "sqlite":
            return value
        return json.loads(value)


class JsonText(TypeDecorator[Any]):
    """A JSON value that is looked for: text everywhere, so that equal values are equal."""

    impl = Text
    cache_ok = True

    def process_bind_param(
        self,
        value: Any,
        dialect: Dialect,  # noqa: ARG002 (its name is SQLAlchemy's)
    ) -> str | None:
        """To text."""
        return None if value is None else json.dumps(value)

    def process_result_value(
        self,
        value: str | None,
        dialect: Dialect,  # noqa: ARG002 (its name is SQLAlchemy's)
    ) -> Any:
        """From text."""
        return None if value is None else json.loads(value)


def as_text(value: Any) -> Any:
    """A time as the text that SQLite keeps for it; all else as it is."""
    return value.isoformat(" ", "microseconds") if isinstance(value, datetime) else value
