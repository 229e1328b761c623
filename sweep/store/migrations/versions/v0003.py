"""Trainings apart from the trials that refer to them; STRICT tables with checks; any axis.

The old tables are moved aside, the new ones made, and filled. What an old trial was is now a
training and a trial that refers to it; a copy refers to the training that it was a copy of. The
validation logits, which nothing read, go.

Fingerprints are those that the stored definition has today, where settings that say an
optimizer's defaults are left out. So two trainings may come to have the same fingerprint, and so
may two that were trained at the same time in two studies. Where all their numbers are the same,
the older one is kept for both. Where they are not, the younger one gets a fingerprint by which
nothing is reused, so that no number that was ever shown becomes another one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from alembic import op
from sqlalchemy import JSON, Column, Connection, Double, MetaData, Row, Table, Text, delete, select
from sqlalchemy import update as change

from sweep.store.maintenance.formats import in_batches
from sweep.store.migrations import tables_0003 as schema
from sweep.study.axis import Point
from sweep.study.fingerprint import fingerprint
from sweep.study.study import Study

revision = "0003"
down_revision = "0002"

_OLD = ("studies", "runs", "cohorts", "trials", "epochs")
_FINISHED = ("completed", "diverged")


def _old(table: str, *columns: str, **typed: type) -> Table:
    kinds = [Column(name, kind) for name, kind in typed.items()]
    return Table(f"old_{table}", MetaData(), *map(Column, columns), *kinds)


_STUDIES = _old("studies", "study_id", "features_key", definition=JSON)
_COHORTS = _old("cohorts", "cohort_id", learning_rates=JSON)
_TRIALS = _old(
    "trials",
    *("trial_id", "study_id", "cohort_id", "number", "fingerprint", "optimizer", "seed"),
    *("outcome", "diverged_at_epoch", "copied_from"),
    learning_rate=Double,
    seconds=Double,
)
_FIGURES = (
    *("train_loss", "train_accuracy", "valid_loss", "valid_accuracy"),
    "effective_learning_rate",
)
_EPOCHS = _old("epochs", "trial_id", "epoch", **dict.fromkeys(_FIGURES, Double), not_finite=Text)


def upgrade() -> None:
    """Move the old tables aside, make the new ones, and fill them."""
    connection = op.get_bind()
    for table in _OLD:
        op.execute(f"CREATE TEMPORARY TABLE old_{table} AS SELECT * FROM sweep_{table}")
    for table in ("logits", *reversed(_OLD)):
        op.drop_table(f"sweep_{table}")
    schema.metadata.create_all(connection)
    trainings = _Trainings(connection)
    _fill_studies_to_cohorts(connection, trainings)
    _fill(connection, schema.trainings, trainings.rows)
    _fill(connection, schema.trials, _trials(connection, trainings))
    values = ", ".join(("epoch", *_FIGURES, "not_finite"))
    op.execute(
        f"INSERT INTO sweep_epochs (training_id, {values}) SELECT trial_id, {values}"
        " FROM old_epochs WHERE trial_id IN (SELECT training_id FROM sweep_trainings)"
    )
    for table in _OLD:
        op.drop_table(f"old_{table}")


class _Trainings:
    """The trainings that the old trials come to.

    Attributes:
        rows: of the new table; a training has the id of the trial that it was.
        ids: of the training of each old trial.
        taken: of each cohort, the learning rates whose training is now an older one.
    """

    def __init__(self, connection: Connection) -> None:
        self.rows: list[dict[str, Any]] = []
        self.ids: dict[int, int] = {}
        self.taken: dict[int, set[float]] = defaultdict(set)
        self._connection = connection
        self._oldest: dict[str, Row] = {}
        self._studies = {
            study_id: (Study.stored(definition), features_key)
            for study_id, features_key, definition in connection.execute(select(_STUDIES))
        }
        in_cohort: dict[tuple[int, str], int] = {}
        for row in _copies_last(connection):
            key = (row.cohort_id, row.fingerprint)
            if key not in in_cohort:
                in_cohort[key] = self._training_of(row)
            self.ids[row.trial_id] = in_cohort[key]

    def _training_of(self, row: Row) -> int:
        """The training of a trial that is no copy: an older one with the same numbers, or new."""
        name = self._fingerprint(row)
        if row.outcome in _FINISHED:
            oldest = self._oldest.setdefault(name, row)
            if oldest is not row and self._shown(oldest) == self._shown(row):
                self.taken[row.cohort_id].add(row.learning_rate)
                return oldest.trial_id
            if oldest is not row:
                name = f"{row.fingerprint}{schema.REPEATED}{row.trial_id}"
        self.rows.append(
            {
                "training_id": row.trial_id,
                "cohort_id": row.cohort_id,
                "fingerprint": name,
                "outcome": row.outcome,
                "diverged_at_epoch": row.diverged_at_epoch,
                "seconds": row.seconds,
            }
        )
        return row.trial_id

    def _fingerprint(self, row: Row) -> str:
        study, features_key = self._studies[row.study_id]
        optimizer = study.optimizer(row.optimizer)
        config = study.config(optimizer, Point.of({"learning_rate": row.learning_rate}))
        return fingerprint(config, row.seed, features_key)

    def _shown(self, row: Row) -> tuple:
        """All numbers of an old trial that were shown."""
        epochs = self._connection.execute(
            select(*(column for column in _EPOCHS.c if column.name != "trial_id"))
            .where(_EPOCHS.c.trial_id == row.trial_id)
            .order_by(_EPOCHS.c.epoch)
        )
        return (row.outcome, row.diverged_at_epoch, row.seconds, *map(tuple, epochs))


def _copies_last(connection: Connection) -> Iterator[Row]:
    """The old trials, oldest first, so that a copy finds what it is a copy of."""
    is_copy = _TRIALS.c.copied_from.is_not(None)
    yield from connection.execute(select(_TRIALS).order_by(is_copy, _TRIALS.c.trial_id)).all()


def _fill_studies_to_cohorts(connection: Connection, trainings: _Trainings) -> None:
    op.execute("INSERT INTO sweep_studies SELECT * FROM old_studies")
    op.execute("INSERT INTO sweep_runs SELECT * FROM old_runs")
    values = "cohort_id, run_id, optimizer, seed, started_at, ended_at, seconds, memory_bytes"
    values += ", multipliers, provenance, error"
    op.execute(
        f"INSERT INTO sweep_cohorts ({values}, points, number, multiplier_rows)"
        f" SELECT {values}, learning_rates,"
        " row_number() OVER (PARTITION BY run_id ORDER BY cohort_id) - 1,"
        " CASE WHEN multipliers IS NOT NULL THEN 1 END FROM old_cohorts"
    )
    for cohort_id, rates in connection.execute(select(_COHORTS)).all():
        kept = [rate for rate in rates if rate not in trainings.taken[cohort_id]]
        points = [{"learning_rate": float(rate)} for rate in kept]
        this = schema.cohorts.c.cohort_id == cohort_id
        connection.execute(
            change(schema.cohorts).where(this).values(points=points)
            if points
            else delete(schema.cohorts).where(this)
        )


def _trials(connection: Connection, trainings: _Trainings) -> Iterator[dict[str, Any]]:
    for row in connection.execute(select(_TRIALS).order_by(_TRIALS.c.trial_id)).all():
        yield {
            "trial_id": row.trial_id,
            "study_id": row.study_id,
            "number": row.number,
            "training_id": trainings.ids[row.trial_id],
            "optimizer": row.optimizer,
            "point": {"learning_rate": row.learning_rate},
            "seed": row.seed,
        }


def _fill(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    for batch in in_batches(rows):
        connection.execute(table.insert(), batch)
