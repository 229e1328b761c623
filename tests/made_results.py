"""Made-up results of realistic shapes, for tests of what is shown.

Accuracy rises over the epochs and falls towards high learning rates; at the highest ones single
seeds collapse, the last ones diverge. Nothing here was trained.
"""

import math
from datetime import UTC, datetime

import numpy as np

from sweep.results.provenance import DatasetInfo, Provenance, WeightsInfo
from sweep.results.records import CohortRecord, EpochRecord, Outcome, RunRecord, TrialRecord
from sweep.results.results import Results
from sweep.study.axis import Point, log_spaced
from sweep.study.optimizer import ALGORITHMS, Optimizer
from sweep.study.schedules import Warmup
from sweep.study.study import Study

STEPS_PER_EPOCH = 32


def made_study(
    optimizers: int = 3, rates: int = 7, seeds: int = 5, epochs: int = 10, name: str = "made"
) -> Study:
    """A study of the given size; the first three optimizers are those of the built-in one."""
    things = (
        Optimizer(label="radam", algorithm="radam"),
        Optimizer(label="adam", algorithm="adam"),
        Optimizer(label="adam-warmup", algorithm="adam", warmup=Warmup()),
        *(
            Optimizer(label=name, algorithm=name)
            for name in ALGORITHMS
            if name not in ("adam", "radam")
        ),
    )[:optimizers]
    return Study(
        name=name,
        question="How much does the accuracy depend on the learning rate?",
        optimizers=things,
        learning_rates=log_spaced(0.003, 0.1, rates),
        seeds=seeds,
        epochs=epochs,
    )


def made_results(
    study: Study | None = None,
    *,
    gains: tuple[float, ...] = (0.0, -0.12, -0.03),
    failed: tuple[int, ...] = (),
    running: tuple[int, ...] = (),
    untouched: int = 0,
    diverge_above: float = 0.09,
    diverge_share: float = 1 / 3,
    pictures: str = "rendered pets",
) -> Results:
    """Results of a study.

    Args:
        study: by default three optimizers, seven learning rates, five seeds, ten epochs.
        gains: accuracy at the highest learning rate that each optimizer gains over .93; cyclic.
        failed: numbers of the cohorts that failed.
        running: numbers of the cohorts that are half-way.
        untouched: how many of the last cohorts have not begun.
        diverge_above: at and above this learning rate trials diverge.
        diverge_share: the share of them that do.
        pictures: the account's name for them.
    """
    study = study or made_study()
    rng = np.random.default_rng(7)
    trials: list[TrialRecord] = []
    cohorts: list[CohortRecord] = []
    plan = [(seed, index) for seed in study.seeds for index in range(len(study.optimizers))]
    for number, (seed, index) in enumerate(plan[: len(plan) - untouched]):
        optimizer = study.optimizers[index]
        for point in study.points(optimizer):
            rate = point["learning_rate"]
            ending = (
                Outcome.FAILED if number in failed else None if number in running else "finished"
            )
            diverges = rate >= diverge_above and rng.random() < diverge_share
            trials.append(
                _trial(study, len(trials), index, rate, seed, gains, ending, diverges, rng)
            )
        if number not in failed and number not in running:
            cohorts.append(
                CohortRecord(
                    optimizer=optimizer.label,
                    seed=seed,
                    points=study.points(optimizer),
                    seconds=40.0 + 6 * index + rng.normal(0, 1),
                    memory_bytes=1_500_000_000 + 1_000_000 * index,
                    multiplier_PK=_multiplier(optimizer, study.epochs * STEPS_PER_EPOCH)[None],
                    provenance={"backend": "tensorflow"},
                )
            )
    return Results(study, (_run(pictures),), tuple(trials), tuple(cohorts))


def _trial(study, number, index, rate, seed, gains, ending, diverges, rng) -> TrialRecord:
    position = math.log(rate / 0.003) / math.log(0.1 / 0.003)
    final = 0.93 + gains[index % len(gains)] * position**3 + rng.normal(0, 0.006)
    if position > 0.8 and rng.random() < 0.15:
        final -= 0.25
    diverged_at = min(2 + seed % 3, study.epochs) if diverges and ending == "finished" else None
    if ending == Outcome.FAILED:
        last = -1
    elif ending is None:
        last = study.epochs // 2
    else:
        last = diverged_at or study.epochs
    epochs = tuple(
        _epoch(epoch, final, rate, epoch == diverged_at, rng) for epoch in range(last + 1)
    )
    outcome = ending
    if ending == "finished":
        outcome = Outcome.DIVERGED if diverged_at else Outcome.COMPLETED
    return TrialRecord(
        number=number,
        optimizer=study.optimizers[index].label,
        point=Point.of({"learning_rate": rate}),
        seed=seed,
        fingerprint=f"{number:032x}",
        outcome=outcome,
        diverged_at_epoch=diverged_at,
        seconds=None if ending is None else 6.0 + index + rng.normal(0, 0.1),
        error="Traceback …\nRuntimeError: the disk is <b>full</b>"
        if ending == Outcome.FAILED
        else None,
        epochs=epochs,
    )


def _epoch(epoch: int, final: float, rate: float, diverges: bool, rng) -> EpochRecord:
    learned = 1 - math.exp(-epoch / 2.5)
    valid = float(np.clip(0.5 + (final - 0.5) * learned + rng.normal(0, 0.004), 0, 1))
    train = float(np.clip(valid + 0.03 * learned, 0, 1))
    return EpochRecord(
        epoch=epoch,
        train_loss=math.inf if diverges else 0.7 * (1 - learned) + 1.2 * (1 - train) * learned,
        train_accuracy=train,
        valid_loss=math.nan if diverges else 0.7 * (1 - learned) + 2.0 * (1 - valid) * learned,
        valid_accuracy=0.5 if diverges else valid,
        effective_learning_rate=math.nan if epoch == 0 else rate,
    )


def _multiplier(optimizer: Optimizer, steps: int) -> np.ndarray:
    step = np.arange(1, steps + 1, dtype=np.float64)
    if optimizer.warmup:
        return np.minimum(1, step / optimizer.warmup.length(steps)).astype(np.float32)
    if optimizer.algorithm == "radam":
        return np.where(step < 6, 1.0, np.sqrt(np.clip(step / 2000, 0, 1))).astype(np.float32)
    return np.ones(steps, np.float32)


def _run(pictures: str) -> RunRecord:
    account = DatasetInfo(
        name=pictures,
        source="drawn by the program",
        class_names=("cat", "dog"),
        train_counts=(1000, 1000),
        valid_counts=(250, 250),
        skipped=(("Cat/666.jpg", "empty"), ("Dog/<11702>.jpg", "cut off")),
        content_hash="c0ffee" * 5,
    )
    return RunRecord(
        started_at=datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
        finished_at=datetime(2026, 3, 1, 9, 2, 30, tzinfo=UTC),
        provenance=Provenance(
            command="sweep run made --data rendered-pets",
            host="workbench",
            process=4711,
            versions={"sweep": "0.1.0", "python": "3.12.1", "tensorflow": "2.21.0"},
            device="CPU, 2 cores",
            backend="tensorflow",
            features_key="f" * 32,
            pictures=account,
            weights=WeightsInfo("random small base", "seed 0", "abc123"),
        ),
    )
