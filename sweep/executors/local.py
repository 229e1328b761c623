"""Trains cohorts in this process, one after another.

Importing this module loads Keras: the runner does it when there is something to train.
"""

import time
import traceback
from collections.abc import Iterable, Iterator

from sweep.plan import Cohort
from sweep.records import CohortFailed, CohortStarted, Event
from sweep.training.cohort import CohortTraining, Regime, TrainingData


def train_cohorts(cohorts: Iterable[Cohort], data: TrainingData, regime: Regime) -> Iterator[Event]:
    """The events of each cohort in turn; an exception fails its cohort, and the next goes on."""
    training = CohortTraining(data, regime)
    for cohort in cohorts:
        begin = time.perf_counter()
        yield CohortStarted(cohort)
        try:
            yield from training.train(cohort)
        except Exception:
            yield CohortFailed(cohort, traceback.format_exc(), time.perf_counter() - begin)
