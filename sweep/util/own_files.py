"""Which files are the user's own, what to call them, and where in them an error arose."""

import sysconfig
import traceback
from pathlib import Path

from sweep.util.paths import as_typed

_SWEEP = Path(__file__).parents[1]
_INSTALLED = tuple(
    {Path(sysconfig.get_path(kind)) for kind in ("stdlib", "platstdlib", "purelib", "platlib")}
)
_INSTALLED_FOLDERS = {"site-packages", "dist-packages"}


def is_installed(path: Path) -> bool:
    """Whether a file is Python's own, of an installed package, or of sweep."""
    return (
        path.is_relative_to(_SWEEP)
        or not _INSTALLED_FOLDERS.isdisjoint(path.parts)
        or any(path.is_relative_to(folder) for folder in _INSTALLED)
    )


def shown(path: Path) -> str:
    """A file's path from the current folder; in full where it lies elsewhere."""
    here = Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def told(error: BaseException) -> str:
    """What an exception says, and in which line of the user's own files it arose.

    Example:
        >>> told(KeyError("beta"))
        "KeyError: 'beta'"
    """
    said = f"{type(error).__name__}: {error}"
    place = None if isinstance(error, SyntaxError) else _place(error)  # that says it by itself
    return said if place is None else f"{said} ({place})"


def _place(error: BaseException) -> str | None:
    """File and line of the innermost call of the user's own code."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_file() and not is_installed(path):
            return f"{as_typed(shown(path))}, line {frame.lineno}"
    return None
