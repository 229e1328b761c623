"""The tables: what the store keeps, and how numbers and times are written into them.

    sweep_schema    version of these tables, and the sweep version that made them
    sweep_studies   a study by name, as JSON; its definition is the union of what was ever run
    sweep_runs      each run of a study, with its provenance
    sweep_cohorts   each training of a cohort: its cost, multipliers, provenance, or error
    sweep_trials    each attempt at a trial; at most one finished per study and fingerprint
    sweep_epochs    the figures of each trial's epochs
    sweep_logits    each finished trial's validation logits

A change here is a step in ``migrations.py`` too, so that older stores are brought along.

A finished trial is one that completed or diverged. A trial copied from another study keeps the
cohort that trained it, which is the other study's.
"""

import json
import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    select,
)
from sqlalchemy.types import TypeDecorator

from sweep.results.records import EpochRecord, Outcome
from sweep.util.paths import printable

FINISHED = (Outcome.COMPLETED.value, Outcome.DIVERGED.value)
FIGURES = (
    "train_loss",
    "train_accuracy",
    "valid_loss",
    "valid_accuracy",
    "effective_learning_rate",
)
"""The figures of an epoch, in the order in which ``EpochRecord`` has them."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept as UTC without a zone: the same text in every database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 (its name is SQLAlchemy's)
    ) -> datetime | None:
        """To UTC, without its zone."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 (its name is SQLAlchemy's)
    ) -> datetime | None:
        """With its zone, UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


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


metadata = MetaData()

schema = Table(
    "sweep_schema",
    metadata,
    Column("version", Integer, nullable=False),
    Column("sweep_version", String(64), nullable=False),
)

studies = Table(
    "sweep_studies",
    metadata,
    Column("study_id", Integer, primary_key=True),
    Column("name", String(120), nullable=False, unique=True),
    Column("features_key", String(64), nullable=False),
    Column("definition", JSON, nullable=False),
)

runs = Table(
    "sweep_runs",
    metadata,
    Column("run_id", Integer, primary_key=True),
    Column("study_id", ForeignKey("sweep_studies.study_id"), nullable=False, index=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("host", String(255), nullable=False),
    Column("process", Integer, nullable=False),
    Column("command", CleanText, nullable=False),
    Column("provenance", JSON, nullable=False),
)

cohorts = Table(
    "sweep_cohorts",
    metadata,
    Column("cohort_id", Integer, primary_key=True),
    Column("run_id", ForeignKey("sweep_runs.run_id"), nullable=False, index=True),
    Column("optimizer", String(60), nullable=False),
    Column("seed", Integer, nullable=False),
    Column("learning_rates", JSON, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("seconds", Double),
    Column("memory_bytes", BigInteger),
    Column("multipliers", LargeBinary),
    Column("provenance", JSON),
    Column("error", CleanText),
)

trials = Table(
    "sweep_trials",
    metadata,
    Column("trial_id", Integer, primary_key=True),
    Column("study_id", ForeignKey("sweep_studies.study_id"), nullable=False),
    Column("cohort_id", ForeignKey("sweep_cohorts.cohort_id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("fingerprint", String(64), nullable=False, index=True),
    Column("optimizer", String(60), nullable=False),
    Column("learning_rate", Double, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("outcome", String(16)),
    Column("diverged_at_epoch", Integer),
    Column("seconds", Double),
    Column("copied_from", String(120)),
    UniqueConstraint("study_id", "number"),
)
_is_finished = trials.c.outcome.in_(FINISHED)
finished_once = Index(
    "sweep_trials_finished_once",
    trials.c.study_id,
    trials.c.fingerprint,
    unique=True,
    sqlite_where=_is_finished,
    postgresql_where=_is_finished,
)

epochs = Table(
    "sweep_epochs",
    metadata,
    Column("trial_id", ForeignKey("sweep_trials.trial_id"), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    *(Column(figure, Double) for figure in FIGURES),
    Column("not_finite", Text),
)

logits = Table(
    "sweep_logits",
    metadata,
    Column("trial_id", ForeignKey("sweep_trials.trial_id"), primary_key=True),
    Column("valid_logits", LargeBinary, nullable=False),
)


def as_text(value: Any) -> Any:
    """A time as the text that SQLite keeps for it; all else as it is."""
    return value.isoformat(" ", "microseconds") if isinstance(value, datetime) else value


def lacks_parent(key: ForeignKey) -> ColumnElement[bool]:
    """Whether a row has no parent, or one that itself, or whose parent, has none, and so on."""
    parents = key.column.table
    whole = [~lacks_parent(parents_key) for parents_key in parents.foreign_keys]
    return key.parent.not_in(select(key.column).where(*whole))


def epoch_row(trial_id: int, record: EpochRecord) -> dict[str, Any]:
    """A row of ``sweep_epochs``.

    SQLite would turn NaN into NULL, so what is not finite is NULL in its column and said in words
    in ``not_finite``, e.g. ``{"train_loss": "inf"}``.
    """
    figures = {figure: float(getattr(record, figure)) for figure in FIGURES}
    words = {figure: str(x) for figure, x in figures.items() if not math.isfinite(x)}
    return {
        "trial_id": trial_id,
        "epoch": record.epoch,
        **{figure: None if figure in words else x for figure, x in figures.items()},
        "not_finite": json.dumps(words) if words else None,
    }


def epoch_record(row: Any) -> EpochRecord:
    """The record of a row (epoch, the figures, not_finite)."""
    epoch, *figures, not_finite = row
    if {*map(type, figures)} != {float}:
        words = json.loads(not_finite or "{}")
        figures = [
            float(words.get(name, "nan")) if x is None else x
            for name, x in zip(FIGURES, figures, strict=True)
        ]
        if {*map(type, figures)} != {float}:
            raise ValueError(f"an epoch has the figures {figures!r:.80}")
    return EpochRecord(epoch, *figures)


def to_bytes(array: NDArray[np.float32]) -> bytes:
    """Float32, little-endian."""
    return np.asarray(array).astype("<f4").tobytes()


def from_bytes(data: bytes) -> NDArray[np.float32]:
    """What ``to_bytes`` was given, flat."""
    return np.frombuffer(data, "<f4").astype(np.float32)
