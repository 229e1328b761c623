"""Reuse: what any study in the store has finished is trained once, and its trials refer to it.

Under ``writer.py``, when a run begins and when a cohort ends.
"""

from collections.abc import Collection, Sequence
from itertools import chain

from sqlalchemy import Connection, Text, cast, func, select

from sweep.planning.trials import Trial
from sweep.store import schema
from sweep.store.reading import Points, fetched
from sweep.store.writing import Identity, identity
from sweep.study.axis import Point
from sweep.study.study import Study


class FinishedTrials:
    """A study's finished trials, each with the fingerprint that is shown of it.

    By optimizer and point, then by seed: trials share the former, so that few points are compared.
    """

    def __init__(self) -> None:
        self._by_point: dict[tuple[str, Point], dict[int, str]] = {}

    def at(self, optimizer: str, point: Point) -> dict[int, str]:
        """Those of an optimizer at a point: fingerprints by seed; what is added to it counts."""
        return self._by_point.setdefault((optimizer, point), {})

    def of(self, trials: Sequence[Trial], study: Study) -> list[dict[int, str]]:
        """As ``at``, of many trials that share the objects of their points."""
        different = {(trial.optimizer, id(trial.point)): trial for trial in trials}
        found = {key: self.at(*identity(trial, study)[:2]) for key, trial in different.items()}
        return [found[trial.optimizer, id(trial.point)] for trial in trials]

    def has(self, identity: Identity) -> bool:
        """Whether a trial is among them."""
        optimizer, point, seed = identity
        return seed in self._by_point.get((optimizer, point), ())

    def fingerprints(self) -> set[str]:
        """Of all of them."""
        return set(chain.from_iterable(map(dict.values, self._by_point.values())))


def finished_trials(connection: Connection, study_id: int) -> FinishedTrials:
    """The study's finished trials."""
    trial, training = schema.trials.c, schema.trainings.c
    # The database joins what the seeds of a point have to texts: few rows become objects here.
    rows = connection.execute(
        select(
            trial.optimizer,
            cast(trial.point, Text),
            func.aggregate_strings(cast(trial.seed, Text), ","),
            func.aggregate_strings(training.fingerprint, ","),
        )
        .select_from(schema.trials.join(schema.trainings))
        .where(trial.study_id == study_id, training.outcome.in_(schema.FINISHED))
        .group_by(trial.optimizer, trial.point)
    )
    found, points = FinishedTrials(), Points()
    for optimizer, text, seeds, fingerprints in rows:
        planned = schema.all_planned(fingerprints.split(","))
        found.at(optimizer, points[text]).update(
            zip(map(int, seeds.split(",")), planned, strict=True)
        )
    return found


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
