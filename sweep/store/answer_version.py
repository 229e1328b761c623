"""Whether the answer of a study may be another one, told by the database without reading it all.

Under ``store.py``.
"""

from sqlalchemy import Connection, func, select

from sweep.store import schema


def answer_version(connection: Connection, study_id: int) -> str:
    """A text that is another one once the study's answer may be.

    Other than ``summaries.content_version`` it leaves out runs that trained nothing, and what was
    seen; figures that somebody has edited tell in their sums.
    """
    trials, cohorts, epochs = schema.trials.c, schema.cohorts.c, schema.epochs.c
    of_study = trials.study_id == study_id
    runs = select(schema.runs.c.run_id).where(schema.runs.c.study_id == study_id)
    trainings = select(trials.training_id).where(of_study)
    sums = (func.sum(epochs[figure]) for figure in schema.FIGURES)
    parts = (
        select(func.max(trials.trial_id), func.count(), func.count(schema.trainings.c.outcome))
        .select_from(schema.trials.join(schema.trainings))
        .where(of_study),
        select(func.max(cohorts.cohort_id), func.count(cohorts.ended_at)).where(
            cohorts.run_id.in_(runs)
        ),
        select(func.count(), *sums).where(epochs.training_id.in_(trainings)),
    )
    return " ".join(str(value) for part in parts for value in connection.execute(part).one())
