"""Reuse: what any study in the store has finished is trained once, and its trials refer to it.

Under ``writer.py``, when a run begins and when a cohort ends.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, Text, cast, func, select

from sweep.planning.trials import Trial
from sweep.store import schema
from sweep.store.reading import Points, fetched
from sweep.store.writing import Identity


def finished_trials(connection: Connection, study_id: int) -> dict[Identity, str]:
    """The study's finished trials, each with the fingerprint that is shown of it."""
    trial, training = schema.trials.c, schema.trainings.c
    rows = connection.execute(
        select(trial.optimizer, cast(trial.point, Text), trial.seed, training.fingerprint)
        .select_from(schema.trials.join(schema.trainings))
        .where(trial.study_id == study_id, training.outcome.in_(schema.FINISHED))
    )
    points = Points()
    return {
        (optimizer, points[point], seed): schema.planned(fingerprint)
        for optimizer, point, seed, fingerprint in fetched(rows)
    }


def numbers(connection: Connection, study_id: int) -> Collection[int]:
    """The numbers of the study's trials; they are read where some in between are free."""
    number, of_study = schema.trials.c.number, schema.trials.c.study_id == study_id
    trials, end = connection.execute(
        select(func.count(), func.coalesce(func.max(number), -1) + 1).where(of_study)
    ).one()
    if trials == end:
        return range(end)
    return connection.scalars(select(number).where(of_study)).all()


def reusable(connection: Connection, missing: Sequence[Trial]) -> list[tuple[Trial, int, int]]:
    """Those of the trials, which a study has not, whose fingerprint is finished.

    Returns:
        Each with the id of the training, and of the study whose run trained it.
    """
    if not missing:
        return []
    training = schema.trainings.c
    rows = connection.execute(
        select(training.fingerprint, training.training_id, schema.runs.c.study_id)
        .select_from(schema.trainings.join(schema.cohorts).join(schema.runs))
        .where(training.outcome.in_(schema.FINISHED))
    )
    finished = {
        fingerprint: (training_id, origin) for fingerprint, training_id, origin in fetched(rows)
    }
    return [
        (trial, *finished[trial.fingerprint]) for trial in missing if trial.fingerprint in finished
    ]
