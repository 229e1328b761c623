"""Studies, and the events of trainings that never were: small arrays, told apart by trial."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from made_plans import cohorts_of, rates_of, trials_of

from sweep.planning.cohorts import Cohort
from sweep.planning.events import CohortFailed, CohortResult, CohortStarted, EpochResult, Event
from sweep.results.provenance import DatasetInfo, Provenance, WeightsInfo
from sweep.store import RunWriter, Store
from sweep.study.extension import as_begun
from sweep.study.study import Study

KEY = "features-1"
BASELINE = 0.6


def make_study(**changes: Any) -> Study:
    parts = {
        "name": "small",
        "question": "Which one?",
        "optimizers": ("adam", "radam"),
        "learning_rates": (0.01, 0.1),
        "seeds": 2,
        "epochs": 3,
    }
    return Study(**(parts | changes))


def make_provenance(features_key: str = KEY) -> Provenance:
    return Provenance(
        command="sweep run small",
        host="this-host",
        process=4321,
        versions={"sweep": "0.1.0", "python": "3.11"},
        device="a processor",
        backend="tensorflow",
        features_key=features_key,
        pictures=DatasetInfo(
            "rendered pets", "drawn", ("cat", "dog"), (20, 20), (4, 6), (("x.jpg", "empty"),), "abc"
        ),
        weights=WeightsInfo("random", "seed 0", "def"),
    )


def final_accuracy(cohort: Cohort, epochs: int) -> list[float]:
    """The accuracy that ``made_epochs`` ends with: another one for every trial."""
    return [_accuracy(cohort, p, epochs) for p in range(len(cohort.trials))]


def _accuracy(cohort: Cohort, p: int, epoch: int) -> float:
    return 0.5 + 0.01 * epoch + 0.001 * p + 0.0001 * cohort.seed


def made_epochs(
    cohort: Cohort, epochs: Sequence[int], diverging: dict[int, int] | None = None
) -> Iterator[EpochResult]:
    """Epochs of a cohort; ``diverging`` gives the epoch at which the p-th trial diverges."""
    P = len(cohort.trials)
    for epoch in epochs:
        accuracy_P = np.array([_accuracy(cohort, p, epoch) for p in range(P)])
        loss_P = 1 - accuracy_P
        for p, at_epoch in (diverging or {}).items():
            if epoch >= at_epoch:
                loss_P[p] = np.inf if epoch == at_epoch else np.nan
        rates_P = np.array(rates_of(cohort)) * (np.nan if epoch == 0 else 1)
        yield EpochResult(cohort, epoch, loss_P, accuracy_P, loss_P, accuracy_P, rates_P, 0.5)


def made_end(cohort: Cohort, diverging: dict[int, int] | None = None) -> CohortResult:
    P = len(cohort.trials)
    return CohortResult(
        cohort,
        diverged_at_epoch_P=tuple((diverging or {}).get(p) for p in range(P)),
        multiplier_PK=np.linspace(0, 1, 5, dtype=np.float32)[None],
        seconds=3.0,
        memory_bytes=10**10,
        provenance={"keras": "3.15.0"},
    )


def made_training(
    cohort: Cohort, epochs: int, diverging: dict[int, int] | None = None
) -> Iterator[Event]:
    yield CohortStarted(cohort)
    yield from made_epochs(cohort, range(epochs + 1), diverging)
    yield made_end(cohort, diverging)


def made_failure(cohort: Cohort) -> Iterator[Event]:
    yield CohortStarted(cohort)
    yield from made_epochs(cohort, range(2))
    yield CohortFailed(cohort, "Traceback …\nValueError: no such thing", 1.5)


def write_all(writer: RunWriter, events: Iterable[Event]) -> None:
    for event in events:
        writer.write(event)


def run_all(store: Store, study: Study, features_key: str = KEY) -> int:
    """Run what is missing, by the defaults a stored study was begun with; returns how many."""
    study = as_begun(store.study(study.name), study)
    trials = trials_of(study, features_key)
    with store.run(study, make_provenance(features_key), trials) as writer:
        cohorts = cohorts_of(study, features_key, writer.finished)
        for cohort in cohorts:
            write_all(writer, made_training(cohort, study.epochs))
    return sum(len(cohort.trials) for cohort in cohorts)
