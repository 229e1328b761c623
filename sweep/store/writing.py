"""What a run writes into the tables, a statement or two at a time; ``writer.py`` says when."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, select, update

from sweep.errors import StoreBusyError
from sweep.planning.cohorts import Cohort
from sweep.results.provenance import Provenance
from sweep.results.records import EpochRecord, Outcome
from sweep.store import schema
from sweep.store.reading import study_of
from sweep.study.extension import extended
from sweep.study.study import Study

_PROVENANCE = TypeAdapter(Provenance)


def admit(connection: Connection, study: Study, features_key: str) -> tuple[int, Study]:
    """The study's row, new or extended by what is asked: its id, and the study that it now holds.

    Raises:
        StudyChangedError: the stored study of that name asks something else.
    """
    columns = schema.studies.c
    row = connection.execute(
        select(columns.study_id, columns.features_key, columns.definition).where(
            columns.name == study.name
        )
    ).one_or_none()
    if row is None:
        statement = insert(schema.studies).values(
            name=study.name, features_key=features_key, definition=study.model_dump(mode="json")
        )
        return connection.execute(statement.returning(columns.study_id)).scalar_one(), study
    stored = study_of(row.definition)
    union = extended(stored, row.features_key, study, features_key)
    if union != stored:
        connection.execute(
            update(schema.studies)
            .where(columns.study_id == row.study_id)
            .values(definition=union.model_dump(mode="json"))
        )
    return row.study_id, union


def insert_run(connection: Connection, study_id: int, provenance: Provenance) -> int:
    """A run's row, as it begins; returns its id."""
    statement = insert(schema.runs).values(
        study_id=study_id,
        started_at=datetime.now(UTC),
        host=provenance.host,
        process=provenance.process,
        command=provenance.command,
        provenance=_PROVENANCE.dump_python(provenance, mode="json"),
    )
    return connection.execute(statement.returning(schema.runs.c.run_id)).scalar_one()


def refuse_later_run(connection: Connection, study_id: int, run_id: int) -> None:
    """Let a run write only as long as it is the study's last.

    Raises:
        StoreBusyError: a later one has begun.
    """
    later = connection.execute(
        select(schema.runs.c.host, schema.runs.c.process)
        .where(schema.runs.c.study_id == study_id, schema.runs.c.run_id > run_id)
        .limit(1)
    ).one_or_none()
    if later is not None:
        raise StoreBusyError(
            "A study is written by one run at a time.",
            got=f"a run of process {later.process} on {later.host}, which began while this one "
            "had lost the store's lock",
            remedy="Run it again, with --wait if that one goes on; what was finished is kept.",
        )


def finish_run(connection: Connection, run_id: int) -> None:
    """A run has come to its end."""
    connection.execute(
        update(schema.runs)
        .where(schema.runs.c.run_id == run_id)
        .values(finished_at=datetime.now(UTC))
    )


def present(connection: Connection, study_id: int) -> tuple[frozenset[str], set[int]]:
    """Fingerprints of the finished trials, and the numbers in use."""
    rows = connection.execute(
        select(schema.trials.c.number, schema.trials.c.fingerprint, schema.trials.c.outcome).where(
            schema.trials.c.study_id == study_id
        )
    ).all()
    return (
        frozenset(row.fingerprint for row in rows if row.outcome in schema.FINISHED),
        {row.number for row in rows},
    )


def insert_cohort(connection: Connection, run_id: int, cohort: Cohort) -> int:
    """A cohort's row, as it begins; returns its id."""
    statement = insert(schema.cohorts).values(
        run_id=run_id,
        optimizer=cohort.optimizer,
        seed=cohort.seed,
        learning_rates=[point["learning_rate"] for point in cohort.points],
        started_at=datetime.now(UTC),
    )
    return connection.execute(statement.returning(schema.cohorts.c.cohort_id)).scalar_one()


def insert_trials(
    connection: Connection, study_id: int, cohort_id: int, cohort: Cohort, numbers: Sequence[int]
) -> tuple[int, ...]:
    """The rows of a cohort's trials, as they begin; returns their ids."""
    rows = [
        {
            "study_id": study_id,
            "cohort_id": cohort_id,
            "number": number,
            "fingerprint": trial.fingerprint,
            "optimizer": trial.optimizer,
            "learning_rate": trial.point["learning_rate"],
            "seed": trial.seed,
        }
        for trial, number in zip(cohort.trials, numbers, strict=True)
    ]
    statement = insert(schema.trials).returning(
        schema.trials.c.trial_id, sort_by_parameter_order=True
    )
    return tuple(connection.scalars(statement, rows))


def insert_epochs(connection: Connection, records: Iterable[tuple[int, EpochRecord]]) -> None:
    """Epochs, each with the id of its trial."""
    rows = [schema.epoch_row(trial_id, record) for trial_id, record in records]
    connection.execute(insert(schema.epochs), rows)


def insert_logits(
    connection: Connection, trial_ids: Sequence[int], valid_logits_PV: NDArray[np.float32]
) -> None:
    """The validation logits of trials."""
    rows = [
        {"trial_id": trial_id, "valid_logits": schema.to_bytes(logits_V)}
        for trial_id, logits_V in zip(trial_ids, valid_logits_PV, strict=True)
    ]
    connection.execute(insert(schema.logits), rows)


def end_cohort(connection: Connection, cohort_id: int, **values: Any) -> None:
    """A cohort has ended: finished or failed, with these columns."""
    connection.execute(
        update(schema.cohorts)
        .where(schema.cohorts.c.cohort_id == cohort_id)
        .values(ended_at=datetime.now(UTC), **values)
    )


def end_trials(
    connection: Connection, ends: Sequence[tuple[int, int | None]], seconds: float
) -> None:
    """Trials, each with the epoch in which it diverged, if so, have ended after ``seconds``."""
    connection.execute(
        update(schema.trials).where(schema.trials.c.trial_id == bindparam("end_of")),
        [
            {
                "end_of": trial_id,
                "outcome": (Outcome.COMPLETED if at_epoch is None else Outcome.DIVERGED).value,
                "diverged_at_epoch": at_epoch,
                "seconds": seconds,
            }
            for trial_id, at_epoch in ends
        ],
    )
    for trial_id, at_epoch in ends:
        if at_epoch is not None:
            connection.execute(
                delete(schema.epochs)
                .where(schema.epochs.c.trial_id == trial_id)
                .where(schema.epochs.c.epoch > at_epoch)
            )


def fail_trials(connection: Connection, cohort_id: int, seconds: float) -> None:
    """All trials of a cohort have failed after ``seconds``."""
    connection.execute(
        update(schema.trials)
        .where(schema.trials.c.cohort_id == cohort_id)
        .values(outcome=Outcome.FAILED.value, seconds=seconds)
    )


def remove_cohort(connection: Connection, cohort_id: int) -> None:
    """A cohort under way is no more, and its trials were never started."""
    remove_trials(connection, schema.trials.c.cohort_id == cohort_id)
    connection.execute(delete(schema.cohorts).where(schema.cohorts.c.cohort_id == cohort_id))


def remove_leftovers(connection: Connection, study_id: int) -> Sequence[int]:
    """Remove what is under way: trials without an outcome, cohorts without an end.

    While the study's lock is held, these are a dead run's, or this one's when it ends. Returns
    the numbers of the trials.
    """
    under_way = (schema.trials.c.study_id == study_id) & schema.trials.c.outcome.is_(None)
    numbers = connection.scalars(select(schema.trials.c.number).where(under_way)).all()
    remove_trials(connection, under_way)
    in_cohort = schema.trials.c.cohort_id == schema.cohorts.c.cohort_id
    of_study = select(schema.runs.c.run_id).where(schema.runs.c.study_id == study_id)
    connection.execute(
        delete(schema.cohorts)
        .where(schema.cohorts.c.run_id.in_(of_study))
        .where(schema.cohorts.c.ended_at.is_(None))
        .where(~select(schema.trials).where(in_cohort).exists())
    )
    return numbers


def remove_trials(connection: Connection, which: ColumnElement[bool]) -> None:
    """Trials, with all that belongs to them, are no more."""
    trial_ids = select(schema.trials.c.trial_id).where(which)
    for table in (schema.logits, schema.epochs):
        connection.execute(delete(table).where(table.c.trial_id.in_(trial_ids)))
    connection.execute(delete(schema.trials).where(which))
