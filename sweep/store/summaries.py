"""How far the stored studies are, counted by the database: quick, however much is stored.

Under ``store.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, Select, Text, and_, case, cast, func, select

from sweep.results.records import Outcome
from sweep.store import schema
from sweep.store.reading import study_of
from sweep.study.study import Study
from sweep.util.times import local_time


@dataclass(frozen=True)
class StudySummary:
    """How far a stored study is.

    Attributes:
        name, question: the study's.
        optimizers: their labels.
        planned: trials of the stored study: optimizers × points × seeds.
        completed, diverged: trials.
        running: trials that a run trains now.
        failed: trials whose last attempt failed and that no attempt has finished.
        started_at: when its last run began.
        finished_at: when that run came to its end; None while it runs, or if it was interrupted.
    """

    name: str
    question: str
    optimizers: tuple[str, ...]
    planned: int
    completed: int
    diverged: int
    failed: int
    running: int
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True)
class Progress:
    """How far a stored study is, by optimizer.

    Attributes:
        study: as it is stored.
        trials: how many there are, by optimizer and outcome; every failed attempt counts, and
            ``running`` is what a run trains now.
    """

    study: Study
    trials: Mapping[tuple[str, str], int]


def summaries(connection: Connection) -> list[StudySummary]:
    """Of all studies, in the order of their first runs; a dead run's trials count as running."""
    counts = {row.study_id: row for row in connection.execute(_counts())}
    last_runs = {row.study_id: row for row in connection.execute(_last_runs())}
    columns = schema.studies.c
    rows = connection.execute(
        select(columns.study_id, columns.definition).order_by(columns.study_id)
    ).all()
    return [
        _summary(study_of(definition), counts.get(study_id), last_runs.get(study_id))
        for study_id, definition in rows
    ]


def _summary(study: Study, counted: Row | None, last_run: Row | None) -> StudySummary:
    return StudySummary(
        study.name,
        study.question,
        optimizers=tuple(optimizer.label for optimizer in study.optimizers),
        planned=study.planned_trials,
        completed=counted.completed if counted else 0,
        diverged=counted.diverged if counted else 0,
        failed=counted.failed if counted else 0,
        running=counted.running if counted else 0,
        started_at=last_run.started_at if last_run else None,
        finished_at=last_run.finished_at if last_run else None,
    )


def _counts() -> Select:
    """By study: trials completed, diverged, failed without being finished or retried, running."""
    trials, outcome = schema.trials.c, schema.trainings.c.outcome
    other, others = schema.trials.alias(), schema.trainings.alias()
    superseded = (
        select(other.c.trial_id)
        .join(others, others.c.training_id == other.c.training_id)
        .where(
            and_(*(other.c[name] == trials[name] for name in ("study_id", "optimizer", "point"))),
            other.c.seed == trials.seed,
            others.c.outcome.is_distinct_from(Outcome.FAILED.value),
        )
        .exists()
    )
    failed = (outcome == Outcome.FAILED.value) & ~superseded
    trial = trials.optimizer + trials.point + cast(trials.seed, Text)
    return (
        select(
            trials.study_id,
            func.count(case((outcome == Outcome.COMPLETED.value, 1))).label("completed"),
            func.count(case((outcome == Outcome.DIVERGED.value, 1))).label("diverged"),
            func.count(func.distinct(case((failed, trial)))).label("failed"),
            func.count(case((outcome.is_(None), 1))).label("running"),
        )
        .select_from(schema.trials.join(schema.trainings))
        .group_by(trials.study_id)
    )


def _last_runs() -> Select:
    """By study: when its last run began and finished."""
    columns = schema.runs.c
    last = select(func.max(columns.run_id)).group_by(columns.study_id)
    return select(columns.study_id, columns.started_at, columns.finished_at).where(
        columns.run_id.in_(last)
    )


def content_version(study_id: int) -> Select:
    """One row that is another one after anything of the study was stored or removed."""
    trials, runs = schema.trials.c, schema.runs.c
    of_study = select(trials.training_id).where(trials.study_id == study_id)
    epochs = (
        select(func.count())
        .select_from(schema.epochs)
        .where(schema.epochs.c.training_id.in_(of_study))
    )
    looks = select(func.count()).where(schema.looks.c.study_id == study_id)
    last_run = select(func.max(runs.run_id)).where(runs.study_id == study_id)
    last_end = select(func.max(runs.finished_at)).where(runs.study_id == study_id)
    return (
        select(
            func.max(trials.trial_id),
            func.count(),
            func.count(schema.trainings.c.outcome),
            epochs.scalar_subquery(),
            last_run.scalar_subquery(),
            last_end.scalar_subquery(),
            looks.scalar_subquery(),
        )
        .select_from(schema.trials.join(schema.trainings))
        .where(trials.study_id == study_id)
    )


def holder(connection: Connection, name: str) -> str:
    """Who runs a study that is being run, and since when, in words."""
    runs = schema.runs.c
    row = connection.execute(
        select(runs.host, runs.process, runs.started_at)
        .join(schema.studies)
        .where(schema.studies.c.name == name, runs.finished_at.is_(None))
        .order_by(runs.run_id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return "a run that is just starting"
    return f"process {row.process} on {row.host}, since {local_time(row.started_at)}"
