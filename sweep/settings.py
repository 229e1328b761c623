"""Places: where the store, the cache and the reports are, and which Keras backend trains.

Taken from the environment, then from defaults; command-line options override them.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from sweep.errors import UsageError

BACKENDS = ("tensorflow", "jax")
DEFAULT_STORE = "sqlite:///sweep.db"


@dataclass(frozen=True)
class Settings:
    """Where things are.

    Attributes:
        store_url: SQLAlchemy URL of the store (``SWEEP_STORE``).
        cache: folder of pictures, weights and features (``SWEEP_CACHE``).
        reports: folder of reports, ``reports`` in the current one.
        backend: the Keras backend, ``tensorflow`` or ``jax`` (``KERAS_BACKEND``).
    """

    store_url: str
    cache: Path
    reports: Path
    backend: str

    def __post_init__(self) -> None:
        if self.backend not in BACKENDS:
            raise UsageError(
                f"The Keras backend is one of {', '.join(BACKENDS)}.",
                got=f"KERAS_BACKEND={self.backend}",
                remedy="Set KERAS_BACKEND to one of them, or unset it.",
            )


def from_environment(store_url: str | None = None) -> Settings:
    """Settings of this process; ``store_url`` overrides ``SWEEP_STORE``."""
    cache = os.environ.get("SWEEP_CACHE")
    return Settings(
        store_url=store_url or os.environ.get("SWEEP_STORE") or DEFAULT_STORE,
        cache=Path(cache).expanduser() if cache else platformdirs.user_cache_path("sweep"),
        reports=Path("reports"),
        backend=os.environ.get("KERAS_BACKEND") or BACKENDS[0],
    )
