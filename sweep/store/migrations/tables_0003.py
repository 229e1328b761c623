"""The tables of schema 3, as revision 3 makes them: a copy that never changes.

Under ``versions/v0003.py``; what they are for is in ``store/schema.py``, of which they are a copy.
"""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from sweep.results.records import Outcome
from sweep.store.columns import BigInt, CleanText, Json, JsonText, Real, UtcDateTime, text_of
from sweep.store.constraints import check, is_figure, is_json, is_time

FINISHED = (Outcome.COMPLETED.value, Outcome.DIVERGED.value)
FIGURES = (
    "train_loss",
    "train_accuracy",
    "valid_loss",
    "valid_accuracy",
    "effective_learning_rate",
)
REPEATED = "~"

metadata = MetaData()

studies = Table(
    "sweep_studies",
    metadata,
    Column("study_id", Integer, primary_key=True),
    Column("name", text_of(120), nullable=False, unique=True),
    Column("features_key", text_of(64), nullable=False),
    Column("definition", Json, nullable=False),
    *is_json("definition", "object"),
    sqlite_strict=True,
)

runs = Table(
    "sweep_runs",
    metadata,
    Column("run_id", Integer, primary_key=True),
    Column("study_id", ForeignKey("sweep_studies.study_id"), nullable=False, index=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("host", text_of(255), nullable=False),
    Column("process", Integer, nullable=False),
    Column("command", CleanText, nullable=False),
    Column("provenance", Json, nullable=False),
    is_time("started_at"),
    is_time("finished_at"),
    *is_json("provenance", "object"),
    sqlite_strict=True,
)

cohorts = Table(
    "sweep_cohorts",
    metadata,
    Column("cohort_id", Integer, primary_key=True),
    Column("run_id", ForeignKey("sweep_runs.run_id"), nullable=False),
    Column("number", Integer, nullable=False),  # within its run
    Column("optimizer", text_of(60), nullable=False),
    Column("seed", Integer, nullable=False),
    Column("points", Json, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("seconds", Real),
    Column("memory_bytes", BigInt),
    Column("multipliers", LargeBinary),
    Column("multiplier_rows", Integer),
    Column("provenance", Json),
    Column("error", CleanText),
    UniqueConstraint("run_id", "number"),
    is_time("started_at"),
    is_time("ended_at"),
    *is_json("points", "array"),
    *is_json("provenance", "object"),
    check("multiplier_rows >= 1 AND length(multipliers) > 0", "multipliers_have_rows"),
    check("(multipliers IS NULL) = (multiplier_rows IS NULL)", "multipliers_are_counted"),
    sqlite_strict=True,
)

trainings = Table(
    "sweep_trainings",
    metadata,
    Column("training_id", Integer, primary_key=True),
    Column("cohort_id", ForeignKey("sweep_cohorts.cohort_id"), nullable=False),
    Column("fingerprint", text_of(64), nullable=False, index=True),
    Column("outcome", text_of(16)),
    Column("diverged_at_epoch", Integer),
    Column("seconds", Real),
    UniqueConstraint("cohort_id", "fingerprint"),
    check("outcome IN ('completed', 'diverged', 'failed')", "outcome_is_known"),
    check(
        "CASE WHEN outcome = 'diverged' THEN coalesce(diverged_at_epoch, 0) >= 1 "
        "ELSE diverged_at_epoch IS NULL END",
        "diverged_at_an_epoch",
    ),
    sqlite_strict=True,
)
_is_finished = trainings.c.outcome.in_(FINISHED)
finished_once = Index(
    "sweep_trainings_finished_once",
    trainings.c.fingerprint,
    unique=True,
    sqlite_where=_is_finished,
    postgresql_where=_is_finished,
)

trials = Table(
    "sweep_trials",
    metadata,
    Column("trial_id", Integer, primary_key=True),
    Column("study_id", ForeignKey("sweep_studies.study_id"), nullable=False),
    Column("number", Integer, nullable=False),  # within its study
    Column("training_id", ForeignKey("sweep_trainings.training_id"), nullable=False, index=True),
    Column("optimizer", text_of(60), nullable=False),
    Column("point", JsonText, nullable=False),
    Column("seed", Integer, nullable=False),
    UniqueConstraint("study_id", "number"),
    UniqueConstraint("study_id", "optimizer", "point", "seed", "training_id"),
    *is_json("point", "object"),
    sqlite_strict=True,
)

epochs = Table(
    "sweep_epochs",
    metadata,
    Column("training_id", ForeignKey("sweep_trainings.training_id"), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    *(Column(figure, Real) for figure in FIGURES),
    Column("not_finite", Text),
    check("epoch >= 0", "epoch_is_counted"),
    check("not_finite IS NULL OR json_valid(not_finite)", "not_finite_is_json", "sqlite"),
    *(constraint for figure in FIGURES for constraint in is_figure(figure)),
    sqlite_strict=True,
)
