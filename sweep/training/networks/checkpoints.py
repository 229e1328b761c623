"""A cohort's state after an epoch on disk, from which a killed training goes on in its middle.

All that the next epoch depends on is in it: weights, state, moments, steps taken, and what the
epochs before have come to, which are told again when the training goes on. A checkpoint is whole or
not there, belongs to one cohort on one machine with one set of versions, and is removed when the
cohort has ended.
"""

import json
import logging
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sweep.planning.cohorts import Cohort
from sweep.results.gradients import GradientStep
from sweep.training import backend
from sweep.util.distribution import __version__
from sweep.util.files import write_whole
from sweep.util.hashing import digest

_log = logging.getLogger(__name__)

AT_MOST_EVERY_SECONDS = 10.0
"""After an epoch that ends sooner after the last checkpoint, none is written."""
KEPT_DAYS = 30
"""One that nobody came back to is removed then."""

Figures = dict[str, NDArray[np.float64]]
"""What an epoch has come to, by name, each (P,)."""


@dataclass(frozen=True)
class Reached:
    """How far a training has come.

    Attributes:
        epochs: what they have come to, from epoch 0.
        seconds: of training until then.
        gradients: what was recorded of them.
    """

    epochs: Sequence[Figures]
    seconds: float
    gradients: tuple[GradientStep, ...] = ()


class Checkpoint:
    """The checkpoint of one cohort.

    Args:
        folder: of all checkpoints.
        cohort: whose.
        micro_batches: into how many parts its batches are cut.
    """

    def __init__(self, folder: Path, cohort: Cohort, micro_batches: int) -> None:
        self._path = folder / f"{_key(cohort, micro_batches)}.npz"
        self._last = time.monotonic()

    def read(
        self, variables: Sequence[keras.Variable]
    ) -> tuple[list[NDArray[Any]], Reached] | None:
        """The variables' values, and how far an earlier training has come; None if there is none.

        A file that is damaged is passed over, with a warning, and so is one of other variables.
        """
        try:
            with self._path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                said = json.loads(str(file["said"]))
                values = [file[f"variable_{number}"] for number in range(said["variables"])]
                epochs = [
                    {name: file[f"epoch_{number}_{name}"] for name in said["figures"]}
                    for number in range(said["epochs"])
                ]
                gradients = tuple(_gradients(file, number) for number in range(said["gradients"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            _log.warning("a checkpoint cannot be read (%s); that training begins anew", error)
            return None
        shapes = [tuple(each.shape) for each in variables]
        if [each.shape for each in values] != shapes:
            return None
        return values, Reached(epochs, said["seconds"], gradients)

    def write(self, variables: Sequence[keras.Variable], reached: Reached) -> None:
        """Keep how far the training has come, unless the last was kept a moment ago."""
        if time.monotonic() - self._last < AT_MOST_EVERY_SECONDS:
            return
        arrays = {
            f"variable_{number}": np.asarray(variable.value)
            for number, variable in enumerate(variables)
        }
        for number, figures in enumerate(reached.epochs):
            arrays |= {f"epoch_{number}_{name}": value for name, value in figures.items()}
        for number, step in enumerate(reached.gradients):
            arrays |= {
                f"gradients_{number}_{name}": np.asarray(value)
                for name, value in vars(step).items()
            }
        said = {
            "variables": len(variables),
            "epochs": len(reached.epochs),
            "figures": list(reached.epochs[0]),
            "seconds": reached.seconds,
            "gradients": len(reached.gradients),
        }
        try:
            with write_whole(self._path) as file:
                np.savez(file, allow_pickle=False, **arrays, said=np.array(json.dumps(said)))
        except OSError as error:
            _log.warning("no checkpoint could be written: %s", error)
        self._last = time.monotonic()

    def remove(self) -> None:
        """The cohort has ended; and remove what nobody came back to."""
        self._path.unlink(missing_ok=True)
        oldest = time.time() - KEPT_DAYS * 86_400
        for path in self._path.parent.glob("*.npz"):
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)


def _gradients(file: Mapping[str, NDArray[Any]], number: int) -> GradientStep:
    """What was recorded of a step, the ``number``-th."""
    values: dict[str, Any] = {
        each.name: file[f"gradients_{number}_{each.name}"] for each in fields(GradientStep)
    }
    step, epoch = (int(values.pop(name)) for name in ("step", "epoch"))
    return GradientStep(step=step, epoch=epoch, **values)


def _key(cohort: Cohort, micro_batches: int) -> str:
    return digest(
        {
            "trials": [trial.fingerprint for trial in cohort.trials],
            "micro_batches": micro_batches,
            "device": backend.device_name(),
            "versions": [__version__, *map(version, ("keras", "numpy", keras.backend.backend()))],
        }
    )
