"""A SQLite store of many trials that were never trained, for measuring what grows with them.

    python tests/benchmarks/made_store.py STORE TRIALS [--studies N] [--rates N]

or, from another benchmark, ``make_store(path, trials)``; for 100,000 trials some tens of seconds.
It makes the store with Optuna's mirror of it, and a file of each study beside it, so that these
commands find all finished, with the cache that it was made with (``SWEEP_CACHE``):

    sweep status --store sqlite:///STORE
    sweep results made-0 --format csv --store sqlite:///STORE
    sweep report made-0 --store sqlite:///STORE
    sweep run FOLDER/made_0.py --store sqlite:///STORE       "Nothing was left to train"

Every study has five optimizers at some learning rates with as many seeds as make up the trials,
two epochs each, on 60 rendered pets. One trial in 50 diverged. What is in the store is the same for
the same arguments, but for times.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, insert

from sweep import runner
from sweep.designs.grid import grid
from sweep.planning.cohorts import Cohort, plan_cohorts
from sweep.planning.trials import plan_trials
from sweep.results.records import EpochRecord
from sweep.settings import from_environment
from sweep.store import admission, open_store, reading, schema, writing
from sweep.store.database import Database
from sweep.store.encoding import epoch_row, multiplier_columns
from sweep.store.optuna.mirror import Mirror
from sweep.study import catalog
from sweep.study.study import Study
from sweep.tasks.frozen_features import resolve
from sweep.tasks.task import Places

OPTIMIZERS = ("sgd", "adam", "radam", "rmsprop", "adagrad")
EPOCHS = 2
COHORTS_AT_ONCE = 100
_FILE = """from sweep.study.axis import log_spaced
from sweep.study.study import Study
from sweep.study.tasks import Pictures

study = Study(
    name="{name}",
    question="How long does it take?",
    pictures=Pictures(limit=60, dataset="rendered-pets"),
    optimizers={optimizers},
    learning_rates=log_spaced({lowest}, 1.0, {rates}),
    seeds={seeds},
    epochs={epochs},
    batch_size=16,
).on_rendered_pets().replace(name="{name}")
"""


def make_store(
    path: Path, trials: int, *, studies: int = 1, rates: int | None = None
) -> tuple[Path, ...]:
    """Make a store, and a file of each of its studies beside it.

    Args:
        path: of the SQLite file; new.
        trials: in all; rounded down to whole seeds of every study.
        studies: named ``made-0``, ``made-1``, …, which share no training.
        rates: learning rates of a study; None for 200, or for 20 where a study has not ten seeds
            of 200.

    Returns:
        The studies' files: ``made_0.py``, ``made_1.py``, … in the store's folder.
    """
    each = trials // studies
    rates = rates or (200 if each >= 10 * 200 * len(OPTIMIZERS) else 20)
    seeds = each // (rates * len(OPTIMIZERS))
    files = tuple(path.with_name(f"made_{n}.py") for n in range(studies))
    for n, file in enumerate(files):
        values = {"rates": rates, "seeds": seeds, "optimizers": OPTIMIZERS, "epochs": EPOCHS}
        lowest = 0.0001 * (1 + n / studies)
        file.write_text(_FILE.format(name=f"made-{n}", lowest=f"{lowest:.6f}", **values))
    with open_store(f"sqlite:///{path}", create=True):
        pass
    database = Database(f"sqlite:///{path}", create=False)
    for file in files:
        _fill(database, catalog.load(str(file)))
    database.close()
    return files


def _fill(database: Database, asked: Study) -> None:
    settings = from_environment(f"sqlite:///{database.url.database}")
    task = resolve(asked, Places(None, None, settings.cache))
    study, provenance = task.study, runner.describe_run(task, settings, f"sweep run {asked.name}")
    cohorts = plan_cohorts(plan_trials(study, grid(study), task.key))
    with database.writing() as connection:
        study_id = admission.admit(connection, study, provenance).study_id
        run_id = admission.insert_run(connection, study_id, provenance, datetime.now(UTC))
        admission.finish_run(connection, run_id)
    first = 0
    for start in range(0, len(cohorts), COHORTS_AT_ONCE):
        some = cohorts[start : start + COHORTS_AT_ONCE]
        with database.writing() as connection:
            for index, cohort in enumerate(some, start):
                _fill_cohort(connection, study, study_id, run_id, index, first, cohort)
                first += len(cohort.trials)
    baseline = reading.baseline(study, provenance)
    for _ in range(2):  # it is known to be in step once nothing was found to put right
        Mirror(database, study_id, study, baseline=baseline).catch_up()


def _fill_cohort(
    connection: Connection,
    study: Study,
    study_id: int,
    run_id: int,
    index: int,
    first: int,
    cohort: Cohort,
) -> None:
    cohort_id = writing.insert_cohort(connection, run_id, index, cohort)
    writing.insert_trainings(connection, cohort_id, cohort)
    ids = writing.training_ids(connection, cohort_id)
    rows = [
        writing.TrialRow(trial, number, ids[trial.fingerprint])
        for number, trial in enumerate(cohort.trials, first)
    ]
    writing.insert_trials(connection, study_id, study, rows)
    ends = {row.training_id: 1 if row.number % 50 == 0 else None for row in rows}
    random = np.random.default_rng([cohort.seed, index])
    connection.execute(insert(schema.epochs), list(_epoch_rows(ends, cohort, random)))
    writing.end_trainings(connection, ends, 1.0)
    values = {"seconds": 25.0, "memory_bytes": 10**9, "provenance": {"keras": "3.15.0"}}
    multipliers = multiplier_columns(np.ones((1, 8), np.float32))
    writing.end_cohort(connection, cohort_id, **values, **multipliers)


def _epoch_rows(
    ends: dict[int, int | None], cohort: Cohort, random: np.random.Generator
) -> Iterator[dict]:
    for (training_id, diverged_at), point in zip(ends.items(), cohort.points, strict=True):
        rate = float(point["learning_rate"])
        for epoch in range((diverged_at or EPOCHS) + 1):
            loss = float("inf") if epoch == diverged_at else 0.7 - 0.05 * epoch
            accuracy = round(0.5 + 0.2 * epoch * (1 - rate) + 0.02 * random.standard_normal(), 4)
            used = float("nan") if epoch == 0 else rate
            record = EpochRecord(epoch, loss, accuracy, loss, min(accuracy, 1.0), used)
            yield epoch_row(training_id, record)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("trials", type=int)
    parser.add_argument("--studies", type=int, default=1)
    parser.add_argument("--rates", type=int)
    asked = parser.parse_args(arguments)
    for file in make_store(asked.store, asked.trials, studies=asked.studies, rates=asked.rates):
        print(file)


if __name__ == "__main__":
    main(sys.argv[1:])
