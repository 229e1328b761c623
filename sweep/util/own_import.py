"""Imports what the user names as ``module:name``.

Under the optimizers, models, data, losses and metrics of the user's own.
"""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from sweep.errors import StudyError
from sweep.util.nearest import did_you_mean
from sweep.util.own_files import told


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
        found = import_module(module)
        return getattr(found, name)
    except Exception as error:  # a module of the user's may raise anything
        near, remedy = _ways_out(error, module, name)
        raise StudyError(
            f"the {kind} {path!r} cannot be imported: {told(error)}{near}",
            remedy=remedy,
        ) from error


def _ways_out(error: Exception, module: str, name: str) -> tuple[str, str]:
    """The nearest name where one is misspelt, and the remedy."""
    if isinstance(error, ModuleNotFoundError):
        missing = error.name or module
        if missing == module or module.startswith(f"{missing}."):
            return "", f"Install {module}, or run in the folder that holds {module}.py."
        return "", f"Install {missing}, which {module} imports."
    found = sys.modules.get(module)
    if isinstance(error, AttributeError) and error.obj is found is not None:
        defined = [each for each in vars(found) if not each.startswith("_")]
        return did_you_mean(name, defined), f"Name what {module} defines."
    return "", f"Mend {module}; --debug shows the whole traceback."
