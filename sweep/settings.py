"""Settings: where the store, the cache and the reports are, and which Keras backend trains.

Taken from the environment, then from defaults; command-line options override them. What may hold
a secret can also come from a file: NAME_FILE names the file whose content is NAME.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from sweep.errors import MissingError, UsageError
from sweep.util.nearest import did_you_mean
from sweep.util.paths import as_typed, typed_path

BACKENDS = ("tensorflow", "jax")
DEFAULT_STORE = "sqlite:///sweep.db"


@dataclass(frozen=True)
class Settings:
    """Where things are, and the backend.

    Attributes:
        store_url: SQLAlchemy URL of the store (``SWEEP_STORE`` or ``SWEEP_STORE_FILE``); it may
            hold a password.
        cache: folder of pictures, weights and features (``SWEEP_CACHE``).
        reports: folder of reports, ``reports`` in the current one.
        backend: the Keras backend, ``tensorflow`` or ``jax`` (``KERAS_BACKEND``).
    """

    store_url: str = field(repr=False)
    cache: Path
    reports: Path
    backend: str

    @property
    def artifacts(self) -> Path:
        """Folder of the files that optuna-dashboard shows beside a study: its report."""
        return self.reports / "artifacts"

    @property
    def outputs(self) -> Path:
        """Folder of what programs of the user's own print, a file a trial."""
        return self.reports / "outputs"

    def __post_init__(self) -> None:
        if self.backend not in BACKENDS:
            raise UsageError(
                f"no backend {self.backend!r}{did_you_mean(self.backend, BACKENDS)}",
                remedy=f"Set KERAS_BACKEND to {' or '.join(BACKENDS)}, or unset it.",
            )


def from_environment(store_url: str | None = None) -> Settings:
    """Settings of this process; ``store_url`` overrides ``SWEEP_STORE``.

    Raises:
        UsageError, MissingError: see ``secret``; or an unknown backend.
    """
    cache = os.environ.get("SWEEP_CACHE")
    return Settings(
        store_url=store_url or secret("SWEEP_STORE") or DEFAULT_STORE,
        cache=typed_path(cache) if cache else platformdirs.user_cache_path("sweep"),
        reports=Path("reports"),
        backend=os.environ.get("KERAS_BACKEND") or BACKENDS[0],
    )


def secret(name: str) -> str | None:
    """What the environment has under ``name``, or the file that it names under ``name``_FILE.

    A newline at the file's end does not count. None where neither is set; set to nothing is not
    set.

    Raises:
        UsageError: both are set.
        MissingError: the file cannot be read, or holds nothing.
    """
    value, file = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if not file:
        return value or None
    if value:
        raise UsageError(
            f"both {name} and {name}_FILE are set",
            remedy=f"Unset {name}; the file is the safer place.",
        )
    try:
        content = Path(file).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise _unusable(name, file, reason) from None
    if not content:
        raise _unusable(name, file, "it is empty")
    return content


def _unusable(name: str, file: str, reason: str | None) -> MissingError:
    return MissingError(
        f"{name}_FILE names {as_typed(file)}, which cannot be used: {reason}",
        rule="It is a file that this user can read, with one line of text.",
        remedy=f"Mend the file or its permissions, or set {name} instead.",
    )


def without_password(text: str) -> str:
    """A URL, or a text with one, as messages and records may show it.

    Example:
        >>> without_password("--store=postgresql://me:secret@host/db?sslpassword=secret")
        '--store=postgresql://me:***@host/db?sslpassword=***'
    """
    hidden = re.sub(r"(://[^:/?#@]*):.*@", r"\1:***@", text, flags=re.DOTALL)
    return re.sub(r"([?&]\w*password=)[^&]*", r"\1***", hidden)
