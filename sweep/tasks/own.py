"""What the user's own code gives, from what is installed or the current folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sweep.errors import StudyError, SweepError
from sweep.util import own_import
from sweep.util.own_files import told


def imported(path: str, kind: str) -> Any:
    """The function that ``module:name`` names.

    Args:
        path: the module may lie in the current folder; what is installed comes first.
        kind: what it is to be, for the error.

    Raises:
        StudyError: it cannot be imported, or cannot be called.
    """
    found = own_import.imported(path, kind)
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
            f"{path} fails: {told(error)}",
            remedy="Mend it; --debug shows the whole traceback.",
        ) from error
