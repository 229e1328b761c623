"""From a study to what is to be trained: trials with fingerprints, and their cohorts. Pure.

A cohort is the trials that train together: the same optimizer and seed, all learning rates.
Optimizers that look at whole variables (``Optimizer.element_wise``) have cohorts of one trial.
Where a limit on memory is given, cohorts are halved until they keep to it.
"""

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from sweep.errors import UsageError
from sweep.study import Optimizer, Study

COMPILED_COHORTS_KEPT = 4
"""How many optimizers' compiled cohorts, with their moments, are kept for the next seed."""

EVALUATION_BATCH = 512
"""So many pictures are evaluated at once."""

LIBRARIES_BYTES = 920_000_000
"""What a process takes that trains next to nothing: Python, TensorFlow 2.21, its compiler."""

FINGERPRINT_VERSION = 1
"""Raised when the same definition would train to other numbers, so that no old result is reused."""


@dataclass(frozen=True)
class Materials:
    """What a study's trials are trained on, once its pictures and weights are found.

    Attributes:
        features_key: hash of pictures, split, image size, backbone, weights and precision.
        train_pictures: how many are trained on.
        valid_pictures: how many are kept for validation.
        feature_count: features a picture, F.
    """

    features_key: str
    train_pictures: int
    valid_pictures: int
    feature_count: int


@dataclass(frozen=True)
class Trial:
    """One training: optimizer × learning rate × seed."""

    optimizer: str
    learning_rate: float
    seed: int
    fingerprint: str


@dataclass(frozen=True)
class Cohort:
    """The trials that train together, in ascending order of their learning rates."""

    optimizer: Optimizer
    seed: int
    trials: tuple[Trial, ...]

    @property
    def learning_rates(self) -> tuple[float, ...]:
        """One a trial."""
        return tuple(trial.learning_rate for trial in self.trials)


@dataclass(frozen=True)
class Fit:
    """What fits into memory.

    Attributes:
        trials: at most so many in a cohort.
        cohorts_kept: so many optimizers' compiled cohorts, with their moments, are kept for the
            next seed, 1 … ``COMPILED_COHORTS_KEPT``.
    """

    trials: int
    cohorts_kept: int


def plan_trials(study: Study, features_key: str) -> tuple[Trial, ...]:
    """Every trial of the study, by seed, then optimizer, then learning rate.

    By seed first, so that a run that is cut short has compared every optimizer.
    """
    return tuple(
        Trial(
            optimizer.label,
            learning_rate,
            seed,
            fingerprint(study, optimizer, learning_rate, seed, features_key),
        )
        for seed in study.seeds
        for optimizer in study.optimizers
        for learning_rate in study.learning_rates
    )


def plan_cohorts(
    study: Study,
    features_key: str,
    finished: Collection[str] = (),
    most_trials: int | None = None,
) -> tuple[Cohort, ...]:
    """The cohorts that are still to train: all but the trials whose fingerprint is finished.

    With ``most_trials``, none has more.
    """
    optimizers = {optimizer.label: optimizer for optimizer in study.optimizers}
    missing = [
        trial for trial in plan_trials(study, features_key) if trial.fingerprint not in finished
    ]
    grouped = groupby(missing, key=lambda trial: (trial.optimizer, trial.seed))
    cohorts = (
        Cohort(optimizers[label], seed, trials)
        for (label, seed), group in grouped
        for trials in _together(optimizers[label], tuple(group))
    )
    return tuple(part for cohort in cohorts for part in parts(cohort, most_trials))


def parts(cohort: Cohort, most_trials: int | None) -> Iterator[Cohort]:
    """The cohort, halved until no part has more than ``most_trials``; the larger half first.

    By halves, so that a smaller limit only cuts the parts of a larger one.
    """
    count = len(cohort.trials)
    if most_trials is None or count <= most_trials:
        yield cohort
        return
    middle = half(count)
    for trials in (cohort.trials[:middle], cohort.trials[middle:]):
        yield from parts(replace(cohort, trials=trials), most_trials)


def half(count: int) -> int:
    """The size of the larger half."""
    return (count + 1) // 2


def _together(optimizer: Optimizer, trials: tuple[Trial, ...]) -> Iterator[tuple[Trial, ...]]:
    if optimizer.element_wise:
        yield trials
    else:
        yield from ((trial,) for trial in trials)


def fingerprint(
    study: Study, optimizer: Optimizer, learning_rate: float, seed: int, features_key: str
) -> str:
    """Hash of all that defines a trial's result; versions, device and cohort are provenance."""
    return digest(
        {
            "version": FINGERPRINT_VERSION,
            "features": features_key,
            "hidden_units": study.model.hidden_units,
            "optimizer": optimizer.definition(),
            "learning_rate": learning_rate,
            "seed": seed,
            "epochs": study.epochs,
            "batch_size": study.batch_size,
        }
    )


def estimated_memory_bytes(study: Study, materials: Materials, fit: Fit | None = None) -> int:
    """About the most memory that a process takes that trains on the processor.

    The libraries' own; the features in float16, as a tensor and as a mapped file; the largest
    batch in float32, twice; weights, gradients and what the step puts aside, 3.5 times the weights
    of a cohort; and two moments of every trial of each kept cohort. (Adam and its kin have two;
    SGD has fewer, so it takes less.) Measured against ``ru_maxrss`` on TensorFlow 2.21, with
    1 … 28 trials, 1 … 6 optimizers, and 64, 4,608 and 25,088 features: at most 6 % off. On JAX a
    third less was taken.

    Args:
        study: whose trials.
        materials: what they are trained on.
        fit: how large cohorts are; None for as large as the study has them.
    """
    fit = fit or whole(study)
    pictures = materials.train_pictures + materials.valid_pictures
    weights = 4 * fit.trials * materials.feature_count * study.model.hidden_units
    features = 2 * pictures * materials.feature_count
    batch = 4 * max(study.batch_size, min(EVALUATION_BATCH, pictures)) * materials.feature_count
    training = round((3.5 + 2 * fit.cohorts_kept) * weights)
    return LIBRARIES_BYTES + 2 * features + 2 * batch + training


def whole(study: Study) -> Fit:
    """Cohorts as large as the study has them, and as many kept as it has use for."""
    together = any(optimizer.element_wise for optimizer in study.optimizers)
    trials = len(study.learning_rates) if together else 1
    return Fit(trials, min(len(study.optimizers), COMPILED_COHORTS_KEPT))


def fit_into(study: Study, materials: Materials, limit_bytes: int | None) -> Fit:
    """How cohorts keep to a limit: first fewer are kept, then they are halved.

    Raises:
        UsageError: not even one trial at a time keeps to it.
    """
    fit = whole(study)
    while limit_bytes is not None and estimated_memory_bytes(study, materials, fit) > limit_bytes:
        if fit.cohorts_kept > 1:
            fit = replace(fit, cohorts_kept=fit.cohorts_kept - 1)
        elif fit.trials > 1:
            fit = replace(fit, trials=half(fit.trials))
        else:
            raise UsageError(
                "One trial at a time keeps to the memory limit.",
                got=f"a limit of {limit_bytes / 1e9:.1f} GB, where one trial takes about "
                f"{estimated_memory_bytes(study, materials, fit) / 1e9:.1f} GB",
                remedy="Raise --memory-limit, or take fewer --pictures or a smaller head.",
            )
    return fit


def digest(definition: dict[str, Any]) -> str:
    """Hash of JSON values, whatever their order: 32 hexadecimal digits.

    Example:
        >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
        True
    """
    text = json.dumps(definition, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
