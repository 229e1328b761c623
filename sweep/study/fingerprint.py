"""The fingerprint of a trial: the hash of all that defines its result. Pure.

It hashes the resolved trial, not the axes that led to it, so that a trial which two studies or two
points reach is one trial. Versions, device and cohort are provenance, and not in it.
"""

from collections.abc import Callable, Mapping

from sweep.study.training_config import TrainingConfig
from sweep.util.hashing import digests

FINGERPRINT_VERSION = 1
"""Raised when the same definition would train to other numbers, so that no old result is reused."""


def fingerprint(
    config: TrainingConfig, seed: int, task_key: str, code: Mapping[str, str] | None = None
) -> str:
    """Hash of all that defines a trial's result: 32 hexadecimal digits.

    Args:
        config: of the trial.
        seed: of the trial.
        task_key: hash of the dataset and of all else that the task trains on.
        code: of an optimizer of the user's own, the hash of each of its files.
    """
    return fingerprints(config, task_key, code)(seed)


def fingerprints(
    config: TrainingConfig, task_key: str, code: Mapping[str, str] | None = None
) -> Callable[[int], str]:
    """The fingerprint by seed of the trials of one configuration; see ``fingerprint``.

    The configuration is written out once, however many seeds there are.
    """
    said = {"version": FINGERPRINT_VERSION, "features": task_key, **config.definition()}
    if code:
        said["code"] = sorted(code.values())
    return digests(said, "seed")
