"""From a study to what is to be trained: trials with fingerprints, and their cohorts. Pure.

A cohort is the trials that train together: the same optimizer and seed, all learning rates.
Optimizers that look at whole variables (``Optimizer.element_wise``) have cohorts of one trial.
"""

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sweep.study import Optimizer, Study

COMPILED_COHORTS_KEPT = 4
"""How many optimizers' compiled cohorts, with their moments, are kept for the next seed."""

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
    study: Study, features_key: str, finished: Collection[str] = ()
) -> tuple[Cohort, ...]:
    """The cohorts that are still to train: all but the trials whose fingerprint is finished."""
    optimizers = {optimizer.label: optimizer for optimizer in study.optimizers}
    missing = [
        trial for trial in plan_trials(study, features_key) if trial.fingerprint not in finished
    ]
    grouped = groupby(missing, key=lambda trial: (trial.optimizer, trial.seed))
    return tuple(
        Cohort(optimizers[label], seed, trials)
        for (label, seed), group in grouped
        for trials in _together(optimizers[label], tuple(group))
    )


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


def estimated_memory_bytes(study: Study, materials: Materials) -> int:
    """About the most memory that training one cohort takes, without the libraries' own.

    Float32 weights, gradients and two moments of every trial of a cohort, and the features in
    float16. Up to ``COMPILED_COHORTS_KEPT`` optimizers keep their moments.
    """
    pictures = materials.train_pictures + materials.valid_pictures
    weights = 4 * len(study.learning_rates) * materials.feature_count * study.model.hidden_units
    kept = min(len(study.optimizers), COMPILED_COHORTS_KEPT)
    return (2 + 2 * kept) * weights + 2 * pictures * materials.feature_count


def digest(definition: dict[str, Any]) -> str:
    """Hash of JSON values, whatever their order: 32 hexadecimal digits.

    Example:
        >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
        True
    """
    text = json.dumps(definition, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
