"""The tables: what the store keeps.

    sweep_studies    a study by name, as JSON; its definition is the union of what was ever run
    sweep_runs       each run of a study, with its provenance
    sweep_cohorts    each training of a cohort: its cost, multipliers, provenance, or error; one
                     without points was trained once more, and its provenance has what came out
    sweep_trainings  each attempt at a training; at most one finished per fingerprint
    sweep_trials     each trial of a study, with the training that it refers to
    sweep_epochs     the figures of each training's epochs
    sweep_gradients  of a training, what its gradients were at the steps where they were recorded
    sweep_look_designs    how a study adds seeds until it is decided, fixed before the first look
    sweep_looks      each verdict that was seen: of how many seeds, and by which design
    sweep_schema, sweep_alembic_version    the version of these tables (see ``migrations``)

Trials and trainings are apart: trials of several studies, and those of one study that come to the
same, refer to one training. It is finished when it has completed or diverged; its fingerprint is
that of its trials, except where version 0.1 trained the same twice, in two studies or under two
definitions of one optimizer: then the younger one is kept for its own study's trials, and nothing
else refers to it (see ``planned``).

STRICT tables and the checks keep other programs from writing values that sweep never writes. A
change here is a revision in ``migrations/versions`` too, so that older stores are brought along.
"""

from sqlalchemy import (
    Column,
    ColumnElement,
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

from sweep.results.records import FIGURES, Outcome
from sweep.store.columns import BigInt, CleanText, Json, JsonText, Real, UtcDateTime, text_of
from sweep.store.constraints import check, is_figure, is_json, is_time

FINISHED = (Outcome.COMPLETED.value, Outcome.DIVERGED.value)
REPEATED = "~"
"""In the fingerprint of a training of which an older one has the same: what follows tells it."""

metadata = MetaData()

schema = Table(
    "sweep_schema",
    metadata,
    Column("version", Integer, nullable=False),
    Column("sweep_version", String(64), nullable=False),
)

revisions = Table(
    "sweep_alembic_version",
    metadata,
    Column("version_num", String(32), primary_key=True),
)

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

gradients = Table(
    "sweep_gradients",
    metadata,
    Column("training_id", ForeignKey("sweep_trainings.training_id"), primary_key=True),
    Column("steps", Json, nullable=False),
    Column("shares", LargeBinary, nullable=False),  # see ``encoding.gradient_row``
    Column("figures", LargeBinary, nullable=False),
    *is_json("steps", "array"),
    check("length(shares) > 0 AND length(figures) > 0", "gradients_are_there"),
    sqlite_strict=True,
)

look_designs = Table(
    "sweep_look_designs",
    metadata,
    Column("design_id", Integer, primary_key=True),
    Column("study_id", ForeignKey("sweep_studies.study_id"), nullable=False, unique=True),
    Column("stages", Json, nullable=False),
    Column("margin", Real, nullable=False),
    Column("fixed_at", UtcDateTime, nullable=False),
    *is_json("stages", "array"),
    is_time("fixed_at"),
    check("margin > 0", "margin_is_positive"),
    sqlite_strict=True,
)

looks = Table(
    "sweep_looks",
    metadata,
    Column("look_id", Integer, primary_key=True),
    Column("study_id", ForeignKey("sweep_studies.study_id"), nullable=False),
    Column("seeds", Integer, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("design_id", ForeignKey("sweep_look_designs.design_id")),
    UniqueConstraint("study_id", "seeds"),
    is_time("seen_at"),
    check("seeds >= 1", "seeds_are_counted"),
    sqlite_strict=True,
)


def lacks_parent(key: ForeignKey) -> ColumnElement[bool]:
    """Whether a row has no parent, or one that itself, or whose parent, has none, and so on."""
    parents = key.column.table
    whole = [~lacks_parent(parents_key) for parents_key in parents.foreign_keys]
    is_orphan = key.parent.not_in(select(key.column).where(*whole))
    return is_orphan & key.parent.is_not(None) if key.parent.nullable else is_orphan


def planned(fingerprint: str) -> str:
    """The fingerprint by which a training is planned."""
    return fingerprint.partition(REPEATED)[0]


def all_planned(fingerprints: list[str]) -> list[str]:
    """The same of very many, of which few or none were given a name of their own."""
    if REPEATED not in "".join(fingerprints):
        return fingerprints
    return [*map(planned, fingerprints)]
