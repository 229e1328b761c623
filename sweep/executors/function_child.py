"""Runs one trial of a training function of the user's own, in a process of its own.

``processes`` runs this file by its path, through ``supervisor``, in a fresh interpreter; nothing of
sweep is loaded but the trial's configuration. The first argument is the number of the pipe that
reports go to, the second the job as JSON.
"""

import json
import math
import os
import random
import sys
from contextlib import suppress
from importlib import import_module
from numbers import Real
from pathlib import Path
from typing import Any


class _Stopped(BaseException):
    """The trial has diverged: its function is left where it is. No ``except Exception`` hears."""


class _Report:
    """What the function calls after each epoch."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe

    def __call__(
        self,
        epoch: int,
        *,
        train_loss: float,
        valid_metric: float,
        train_metric: float | None = None,
        valid_loss: float | None = None,
        effective_learning_rate: float | None = None,
    ) -> None:
        """Report an epoch: numbers of Python, NumPy or any framework."""
        figures = {
            "train_loss": train_loss,
            "valid_metric": valid_metric,
            "train_metric": train_metric,
            "valid_loss": valid_loss,
            "effective_learning_rate": effective_learning_rate,
        }
        said = {name: _number(name, it) for name, it in figures.items() if it is not None}
        self.send({"epoch": _number("epoch", epoch), **said})
        counted = (said.get(name, 0.0) for name in ("train_loss", "valid_metric", "valid_loss"))
        if epoch > 0 and not all(map(math.isfinite, counted)):
            raise _Stopped

    def send(self, message: dict[str, Any]) -> None:
        """To sweep, as a line."""
        os.write(self._pipe, json.dumps(message).encode() + b"\n")


def _number(name: str, value: Any) -> float:
    if isinstance(value, Real):
        return int(value) if isinstance(value, int) else float(value)
    try:
        return float(value)  # an array or tensor of one number
    except (TypeError, ValueError):
        raise TypeError(f"report: {name} is a number, not {value!r:.60}") from None


def _function(path: str) -> Any:
    """The user's function, from what is installed or the current folder."""
    module, _, name = path.partition(":")
    if (folder := str(Path.cwd())) not in sys.path:
        sys.path.append(folder)  # last, so that it hides nothing that is installed
    return getattr(import_module(module), name)


def _seed(seed: int) -> None:
    random.seed(seed)
    with suppress(ImportError):
        import numpy as np

        np.random.seed(seed)


def main() -> None:
    """Import the function, seed Python's and NumPy's random numbers, and call it."""
    report, job = _Report(int(sys.argv[1])), json.loads(sys.argv[2])
    os.set_inheritable(int(sys.argv[1]), False)  # processes that it starts are not waited for
    sys.path[:] = job["path"]
    from sweep.tasks.program_config import ProgramConfig

    try:
        train = _function(job["function"])
    except Exception as error:  # a module of the user's may raise anything
        report.send({"not_imported": f"{type(error).__name__}: {error}"})
        raise
    config = ProgramConfig(**job["config"])
    _seed(config.seed)
    with suppress(_Stopped):
        train(config, report)


if __name__ == "__main__":
    main()
