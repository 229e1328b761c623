"""How many trials a study has, counted by the database: for ``reading.py`` and ``summaries.py``."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import Connection, func, select

from sweep.results.records import TrialRecord
from sweep.results.trials import Trials
from sweep.store import schema


def counts_by_optimizer(
    connection: Connection, study_id: int, *, is_running: bool
) -> dict[tuple[str, str], int]:
    """A study's trials by optimizer and outcome, ``running`` where it has none yet."""
    trial, training = schema.trials.c, schema.trainings.c
    rows = connection.execute(
        select(trial.optimizer, training.outcome, func.count())
        .select_from(schema.trials.join(schema.trainings))
        .where(trial.study_id == study_id)
        .group_by(trial.optimizer, training.outcome)
    )
    return {
        (optimizer, outcome or "running"): count
        for optimizer, outcome, count in rows
        if outcome or is_running
    }


def are_same(connection: Connection, study_id: int, known: Iterable[TrialRecord]) -> bool:
    """Whether a study has the ended trials that were read before, and no others.

    Ended trials are never changed, so they are the same where there are as many of each kind.
    """
    counts = counts_by_optimizer(connection, study_id, is_running=False)
    trials = Trials.of(known)
    outcomes = (outcome or "running" for outcome in trials.column("outcome"))
    return counts == Counter(zip(trials.column("optimizer"), outcomes, strict=True))
