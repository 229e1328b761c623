"""What the user's own code gives, from what is installed or the current folder."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from sweep.errors import StudyError, SweepError


def imported(path: str, kind: str) -> Any:
    """What ``module:name`` names.

    Args:
        path: the module may lie in the current folder; what is installed comes first.
        kind: what it is to be, for the error.

    Raises:
        StudyError: it cannot be imported, or cannot be called.
    """
    module, _, name = path.partition(":")
    if (folder := str(Path.cwd())) not in sys.path:
        sys.path.append(folder)  # last, so that it hides nothing that is installed
    try:
        found = getattr(import_module(module), name)
    except Exception as error:  # a module of the user's may raise anything
        raise StudyError(
            f"the {kind} {path!r} cannot be imported: {type(error).__name__}: {error}",
            remedy=f"Install {module}, or run in the folder that holds {module}.py.",
        ) from error
    if not callable(found):
        raise StudyError(
            f"the {kind} {path!r} is {type(found).__name__}, which cannot be called",
            remedy="Name a function.",
        )
    return found


@contextmanager
def told_of(path: str) -> Iterator[None]:
    """Say whose code it was that failed.

    Raises:
        StudyError: in place of what the user's code raises.
    """
    try:
        yield
    except SweepError:
        raise
    except Exception as error:
        raise StudyError(
            f"{path} fails: {type(error).__name__}: {error}",
            remedy="Mend it; --debug shows the whole traceback.",
        ) from error
