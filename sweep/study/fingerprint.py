"""The fingerprint of a trial: the hash of all that defines its result. Pure."""

from sweep.study.optimizer import Optimizer
from sweep.study.study import Study
from sweep.util.hashing import digest

FINGERPRINT_VERSION = 1
"""Raised when the same definition would train to other numbers, so that no old result is reused."""


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
