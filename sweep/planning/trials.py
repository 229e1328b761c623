"""Every trial of a study, with its fingerprint. Pure."""

from dataclasses import dataclass

from sweep.study.fingerprint import fingerprint
from sweep.study.study import Study


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
