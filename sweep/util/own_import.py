"""Imports what the user names as ``module:name``.

Under the optimizers, models, data, losses and metrics of the user's own.
"""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from sweep.errors import StudyError


def imported(path: str, kind: str) -> Any:
    """What ``module:name`` names.

    Args:
        path: the module may lie in the current folder; what is installed comes first.
        kind: what it is to be, for the error.

    Raises:
        StudyError: it cannot be imported.
    """
    module, _, name = path.partition(":")
    if (folder := str(Path.cwd())) not in sys.path:
        sys.path.append(folder)  # last, so that it hides nothing that is installed
    try:
        return getattr(import_module(module), name)
    except Exception as error:  # a module of the user's may raise anything
        raise StudyError(
            f"the {kind} {path!r} cannot be imported: {type(error).__name__}: {error}",
            remedy=f"Install {module}, or run in the folder that holds {module}.py.",
        ) from error
