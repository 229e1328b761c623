"""Reuse: trials that another study in the same store has finished under the same fingerprint."""

from collections.abc import Sequence
from itertools import count

from sqlalchemy import Connection, Table, bindparam, func, insert, select

from sweep.planning.trials import Trial
from sweep.store import schema


def copy_finished(connection: Connection, study_id: int, trials: Sequence[Trial]) -> int:
    """Copy those of the trials that only other studies have finished; returns how many.

    A copy has its own number and label, epochs and logits; its cohort is the one that trained
    it. Of several the oldest is copied, which is the one that was trained.
    """
    mine = schema.trials.c.study_id == study_id
    present = set(
        connection.scalars(
            select(schema.trials.c.fingerprint).where(
                mine, schema.trials.c.outcome.in_(schema.FINISHED)
            )
        )
    )
    finished_elsewhere = connection.execute(
        select(schema.trials.c.fingerprint, func.min(schema.trials.c.trial_id))
        .where(~mine, schema.trials.c.outcome.in_(schema.FINISHED))
        .group_by(schema.trials.c.fingerprint)
    )
    sources: dict[str, int] = {row[0]: row[1] for row in finished_elsewhere}
    wanted = [
        trial
        for trial in trials
        if trial.fingerprint in sources and trial.fingerprint not in present
    ]
    if wanted:
        numbers = set(connection.scalars(select(schema.trials.c.number).where(mine)))
        free = (number for number in count() if number not in numbers)
        rows = [
            {"study": study_id, "number": next(free), "source": sources[trial.fingerprint]}
            | {"label": trial.optimizer, "rate": trial.point["learning_rate"], "seed": trial.seed}
            for trial in wanted
        ]
        _copy(connection, rows)
    return len(wanted)


def _copy(connection: Connection, rows: Sequence[dict]) -> None:
    original = schema.trials.c
    connection.execute(
        insert(schema.trials).from_select(
            [
                *("study_id", "number", "optimizer", "learning_rate", "seed"),
                *("cohort_id", "fingerprint", "outcome", "diverged_at_epoch", "seconds"),
                "copied_from",
            ],
            select(
                *(bindparam(name) for name in ("study", "number", "label", "rate", "seed")),
                original.cohort_id,
                original.fingerprint,
                original.outcome,
                original.diverged_at_epoch,
                original.seconds,
                schema.studies.c.name,
            )
            .join(schema.studies)
            .where(original.trial_id == bindparam("source")),
        ),
        rows,
    )
    for table in (schema.epochs, schema.logits):
        _copy_belongings(connection, table, rows)


def _copy_belongings(connection: Connection, table: Table, rows: Sequence[dict]) -> None:
    values = [column.name for column in table.c if column.name != "trial_id"]
    copies = schema.trials.alias()
    is_copy = (copies.c.study_id == bindparam("study")) & (copies.c.number == bindparam("number"))
    connection.execute(
        insert(table).from_select(
            ["trial_id", *values],
            select(copies.c.trial_id, *(table.c[name] for name in values))
            .select_from(table.join(copies, is_copy))
            .where(table.c.trial_id == bindparam("source")),
        ),
        rows,
    )
