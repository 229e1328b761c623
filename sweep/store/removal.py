"""Removing what a study has: its trials, its runs, and the trainings that only it has.

Under ``admission.py``, where a study without a finished trial is defined anew, and
``maintenance/forget.py``. A training to which another study's trials refer stays, with its cohort
and its run: they are handed over to the first of those studies, as if it had trained them.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from sweep.results.records import Outcome
from sweep.store import looking, schema, writing
from sweep.store.encoding import multiplier_columns, multiplier_of


@dataclass(frozen=True)
class Content:
    """What a study has in the store.

    Attributes:
        runs: on record.
        trials: all of them, failed attempts included.
        finished, failed: trials.
        trainings: those that only this study has: they go with it.
        shared: trainings of its runs to which other studies refer: they stay.
        sharing: names of these studies.
    """

    runs: int
    trials: int
    finished: int
    failed: int
    trainings: int
    shared: int
    sharing: tuple[str, ...]


def has_finished(connection: Connection, study_id: int) -> bool:
    """Whether a study has a finished trial; as soon as one is found, no more are looked at."""
    finished = (
        select(schema.trials.c.number)
        .join(schema.trainings)
        .where(schema.trials.c.study_id == study_id)
        .where(schema.trainings.c.outcome.in_(schema.FINISHED))
    )
    return connection.execute(finished.limit(1)).first() is not None


def content_of(connection: Connection, study_id: int) -> Content:
    """What a study has, and what would stay of it."""
    trial, training = schema.trials.c, schema.trainings.c
    counted = connection.execute(
        select(training.outcome, func.count().label("trials"))
        .join(schema.trials)
        .where(trial.study_id == study_id)
        .group_by(training.outcome)
    )
    outcomes = {row.outcome: row.trials for row in counted}
    trained = connection.scalar(
        select(func.count()).where(training.cohort_id.in_(_cohort_ids(study_id)))
    )
    sharers = connection.execute(
        select(schema.studies.c.study_id, schema.studies.c.name, trial.training_id)
        .select_from(schema.trials.join(schema.trainings).join(schema.studies))
        .where(trial.study_id != study_id, training.cohort_id.in_(_cohort_ids(study_id)))
        .order_by(schema.studies.c.study_id)
    ).all()
    shared = len({row.training_id for row in sharers})
    return Content(
        runs=connection.scalar(select(func.count()).where(schema.runs.c.study_id == study_id)) or 0,
        trials=sum(outcomes.values()),
        finished=sum(outcomes.get(outcome, 0) for outcome in schema.FINISHED),
        failed=outcomes.get(Outcome.FAILED.value, 0),
        trainings=(trained or 0) - shared,
        shared=shared,
        sharing=tuple(dict.fromkeys(row.name for row in sharers)),
    )


def remove_content(connection: Connection, study_id: int) -> None:
    """All that a study has is no more; its own row stays, without anything that refers to it."""
    trials, runs = schema.trials, schema.runs
    looking.remove_looks(connection, study_id)
    connection.execute(delete(trials).where(trials.c.study_id == study_id))
    _hand_over(connection, study_id)
    cohort_ids = connection.scalars(_cohort_ids(study_id)).all()
    writing.remove_trainings(connection, schema.trainings.c.cohort_id.in_(cohort_ids))
    connection.execute(delete(schema.cohorts).where(schema.cohorts.c.cohort_id.in_(cohort_ids)))
    connection.execute(delete(runs).where(runs.c.study_id == study_id))


def _cohort_ids(study_id: int) -> Select[tuple[int]]:
    return (
        select(schema.cohorts.c.cohort_id)
        .join(schema.runs)
        .where(schema.runs.c.study_id == study_id)
    )


def _hand_over(connection: Connection, study_id: int) -> None:
    """Give what others refer to, with its run, to the first study that refers to it."""
    cohort, training, trial = schema.cohorts.c, schema.trainings.c, schema.trials.c
    first = (
        select(func.min(trial.trial_id))
        .where(trial.training_id.in_(_trained_by(study_id)))
        .group_by(trial.training_id)
    )
    referring = connection.execute(
        select(
            *(cohort.run_id, cohort.cohort_id, training.training_id),
            *(trial.study_id, trial.optimizer, trial.point),
        )
        .select_from(schema.trials.join(schema.trainings).join(schema.cohorts))
        .where(trial.trial_id.in_(first))
        .order_by(training.training_id)
    ).all()
    by_heir = defaultdict(lambda: defaultdict(list))
    for row in referring:
        by_heir[row.run_id, row.study_id][row.cohort_id].append(row)
    # The last first, so that each gets a number below all others: what a study takes over is no
    # later run of it, which would keep out one that goes on.
    for (run_id, heir), cohorts in sorted(by_heir.items(), reverse=True):
        new_run_id = _copy_run(connection, run_id, heir)
        for cohort_id, rows in cohorts.items():
            _split_off(connection, cohort_id, new_run_id, rows)


def _trained_by(study_id: int) -> Select[tuple[int]]:
    training = schema.trainings.c
    return select(training.training_id).where(training.cohort_id.in_(_cohort_ids(study_id)))


def _copy_run(connection: Connection, run_id: int, study_id: int) -> int:
    """The same run once more, as another study's; returns its id, lower than all."""
    runs = schema.runs
    row = connection.execute(select(runs).where(runs.c.run_id == run_id)).one()
    lowest = connection.scalars(select(func.min(runs.c.run_id))).one()
    values = dict(row._mapping) | {"run_id": lowest - 1, "study_id": study_id}
    connection.execute(insert(runs).values(values))
    return lowest - 1


def _split_off(connection: Connection, cohort_id: int, run_id: int, kept: Sequence[Row]) -> None:
    """Some trainings of a cohort become one of another run, at their points in its study."""
    cohorts, trainings = schema.cohorts, schema.trainings
    members = connection.scalars(
        select(trainings.c.training_id)
        .where(trainings.c.cohort_id == cohort_id)
        .order_by(trainings.c.training_id)
    ).all()
    row = connection.execute(select(cohorts).where(cohorts.c.cohort_id == cohort_id)).one()
    training_ids = [one.training_id for one in kept]
    values = dict(row._mapping) | {
        "run_id": run_id,
        "optimizer": kept[0].optimizer,
        "points": [one.point for one in kept],
        **_multipliers(row, [members.index(training_id) for training_id in training_ids]),
    }
    del values["cohort_id"]
    statement = insert(cohorts).values(values).returning(cohorts.c.cohort_id)
    connection.execute(
        update(trainings)
        .where(trainings.c.training_id.in_(training_ids))
        .values(cohort_id=connection.execute(statement).scalar_one())
    )


def _multipliers(cohort: Row, members: Sequence[int]) -> dict[str, object]:
    """Those of some members of a cohort; one row where all are the same."""
    multiplier_PK = multiplier_of(cohort.multipliers, cohort.multiplier_rows)
    if multiplier_PK is None or len(multiplier_PK) == 1:
        return {}
    return multiplier_columns(multiplier_PK[members])
