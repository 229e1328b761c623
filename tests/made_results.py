"""Made-up results of realistic shapes, for tests of what is shown.

Accuracy rises over the epochs and falls towards high values of what is swept; at the highest ones
single seeds collapse, the last ones diverge. Nothing here was trained.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from made_gradients import made_record

from sweep.results.gradients import GradientRecord
from sweep.results.provenance import DatasetInfo, Provenance, WeightsInfo
from sweep.results.records import CohortRecord, EpochRecord, Outcome, RunRecord, TrialRecord
from sweep.results.results import Results
from sweep.study.axis import Axis, Point, log_spaced
from sweep.study.optimizer import ALGORITHMS, Optimizer
from sweep.study.schedules import Warmup
from sweep.study.study import Study
from sweep.study.training_config import TrainingConfig

FINISHED = "finished"
TRAIN_COUNT = 2000
LOW, HIGH = 0.003, 0.1
"""Of learning rates, from harmless to harmful; of other axes their ends."""


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
        learning_rates=log_spaced(LOW, HIGH if rates > 1 else LOW, rates),
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
        study: by default three optimizers, seven learning rates, five seeds, ten epochs; any axes.
        gains: accuracy at the highest learning rate that each optimizer gains over .93; cyclic.
        failed: numbers of the cohorts (seed × optimizer) that failed.
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
        ending = Outcome.FAILED if number in failed else None if number in running else FINISHED
        groups: dict[tuple, list[tuple[Point, TrainingConfig]]] = {}
        trained: dict[TrainingConfig, TrialRecord] = {}
        for point in study.points(optimizer):
            config = study.config(optimizer, point)
            if config not in trained:  # else the optimizer does not follow the axis
                hardness = _hardness(study, optimizer, point)
                is_at_the_top = point.get("learning_rate", hardness) >= (
                    diverge_above if "learning_rate" in point else 0.97
                )
                diverges = is_at_the_top and rng.random() < diverge_share
                final = _final(index, hardness, gains, rng)
                trained[config] = replace(
                    _trial(config, final, seed, ending, diverges, rng),
                    fingerprint=f"{len(trials):032x}",
                    seconds=None if ending is None else 6.0 + index + rng.normal(0, 0.1),
                )
                groups.setdefault(config.cohort_key(), []).append((point, config))
            trials.append(replace(trained[config], number=len(trials), point=point))
        if ending == FINISHED:
            cohorts += [
                _cohort(optimizer, index, seed, group, trained, rng) for group in groups.values()
            ]
    return Results(
        study,
        (_run(pictures),),
        tuple(trials),
        tuple(cohorts),
        gradients=tuple(_gradients(study, trials)) if study.imported is None else (),
    )


def _gradients(study: Study, trials: Sequence[TrialRecord]) -> Iterator[GradientRecord]:
    """Gradients become small where it is hard, and the sooner with a later optimizer."""
    known: set[str] = set()
    for trial in trials:
        if (
            trial.outcome in (Outcome.COMPLETED, Outcome.DIVERGED)
            and trial.fingerprint not in known
        ):
            known.add(trial.fingerprint)
            optimizer = study.optimizer(trial.optimizer)
            place = study.optimizers.index(optimizer) % 3
            yield made_record(
                trial.fingerprint, (1 + place) * _hardness(study, optimizer, trial.point)
            )


def _hardness(study: Study, optimizer: Optimizer, point: Point) -> float:
    """From about 0, harmless, to about 1: the mean of the point's positions on what is swept."""
    shares = []
    for axis in study.axes:
        if axis.name in optimizer.fixed:
            continue
        ends = (LOW, HIGH) if axis.name == "learning_rate" else _ends(axis)
        if ends[0] == ends[1]:
            continue
        low, high, here = axis.position([*ends, point[axis.name]])
        shares.append(float((here - low) / (high - low)))
    return sum(shares) / len(shares) if shares else 0.5


def _ends(axis: Axis) -> tuple[float, float]:
    return axis.values[0], axis.values[-1]


def _final(index: int, hardness: float, gains: tuple[float, ...], rng) -> float:
    final = 0.93 + gains[index % len(gains)] * hardness**3 + rng.normal(0, 0.006)
    if hardness > 0.8 and rng.random() < 0.15:
        final -= 0.25
    return final


def _cohort(
    optimizer: Optimizer,
    index: int,
    seed: int,
    group: Sequence[tuple[Point, TrainingConfig]],
    trained: Mapping[TrainingConfig, TrialRecord],
    rng,
) -> CohortRecord:
    factors = np.stack([_multiplier(config) for _, config in group])
    is_shared = bool((factors == factors[0]).all())
    return CohortRecord(
        optimizer=optimizer.label,
        seed=seed,
        points=tuple(point for point, _ in group),
        fingerprints=tuple(trained[config].fingerprint for _, config in group),
        seconds=40.0 + 6 * index + rng.normal(0, 1),
        memory_bytes=1_500_000_000 + 1_000_000 * index,
        multiplier_PK=factors[:1] if is_shared else factors,
        provenance={"backend": "tensorflow"},
    )


def _trial(config: TrainingConfig, final: float, seed: int, ending, diverges, rng) -> TrialRecord:
    diverged_at = min(2 + seed % 3, config.epochs) if diverges and ending == FINISHED else None
    if ending == Outcome.FAILED:
        last, outcome = -1, Outcome.FAILED
    elif ending is None:
        last, outcome = config.epochs // 2, None
    else:
        last = diverged_at or config.epochs
        outcome = Outcome.DIVERGED if diverged_at else Outcome.COMPLETED
    rate = config.learning_rate
    epochs = tuple(
        _epoch(epoch, final, rate, epoch == diverged_at, rng) for epoch in range(last + 1)
    )
    return TrialRecord(
        number=0,
        optimizer=config.optimizer.label,
        point=Point(()),
        seed=seed,
        fingerprint="",
        outcome=outcome,
        diverged_at_epoch=diverged_at,
        seconds=None,
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


def _multiplier(config: TrainingConfig) -> np.ndarray:
    steps = config.epochs * math.ceil(TRAIN_COUNT / config.batch_size)
    step = np.arange(1, steps + 1, dtype=np.float64)
    if config.optimizer.warmup:
        return np.minimum(1, step / config.optimizer.warmup.length(steps)).astype(np.float32)
    if config.optimizer.algorithm == "radam":
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
