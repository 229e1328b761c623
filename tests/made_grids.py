"""Grids made by hand, for tests of measures and verdicts."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sweep.analysis.arrays import Floats, Grid
from sweep.study.axis import Axis, grid_points

RATES = np.geomspace(0.003, 0.1, 7)
HUNDREDTHS = st.integers(40, 100).map(lambda number: number / 100)


def made_grid(
    accuracy_ONS,
    *,
    values_N: Sequence[float] | Floats = RATES,
    axes: tuple[Axis, ...] = (),
    epochs: int = 4,
    loss_ONS=None,
    diverged_ONS=None,
    seconds_ONS=None,
    memory_bytes_ONS=None,
    optimizers: tuple[str, ...] = (),
    valid_examples: int = 500,
) -> Grid:
    """A finished grid whose accuracy rises evenly from the baseline, 0.5, to the given one.

    Args:
        accuracy_ONS: after the last epoch.
        values_N: learning rates, where no axes are given.
        axes: what was swept.
        loss_ONS: training loss after the last epoch, by default 0.1; 0.8 at the start.
        diverged_ONS: epochs of divergence, NaN for none; the accuracy before is kept, then NaN.
        seconds_ONS, memory_bytes_ONS: by default 1 and NaN.
        optimizers: by default RAdam, Adam, Adam with warm-up, and a, b, c …
    """
    accuracy_ONS = np.asarray(accuracy_ONS, dtype=float)
    shape = accuracy_ONS.shape
    share_E = np.arange(epochs + 1) / epochs
    accuracy_ONSE = 0.5 + (accuracy_ONS[..., None] - 0.5) * share_E
    accuracy_ONSE[..., -1] = accuracy_ONS
    final_loss = np.full(shape, 0.1) if loss_ONS is None else np.asarray(loss_ONS, dtype=float)
    loss_ONSE = 0.8 + (final_loss[..., None] - 0.8) * share_E
    diverged = np.full(shape, np.nan) if diverged_ONS is None else np.asarray(diverged_ONS)
    after = np.arange(epochs + 1) >= diverged[..., None]
    accuracy_ONSE[after] = np.nan
    loss_ONSE[after] = np.nan
    labels = ("radam", "adam", "adam-warmup", *"abcdefghijklmnopqrstuvwxyz")
    axes = axes or (Axis(name="learning_rate", values=tuple(values_N)),)
    return Grid(
        optimizers=optimizers or labels[: shape[0]],
        axes=axes,
        points=grid_points(axes),
        planned_ON=np.ones(shape[:2], dtype=bool),
        training_ON=np.broadcast_to(np.arange(shape[1]), shape[:2]),
        last_epoch_ON=np.full(shape[:2], epochs),
        seeds=tuple(range(shape[2])),
        train_loss_ONSE=loss_ONSE,
        train_accuracy_ONSE=accuracy_ONSE.copy(),
        valid_loss_ONSE=loss_ONSE.copy(),
        valid_accuracy_ONSE=accuracy_ONSE,
        diverged_at_epoch_ONS=diverged,
        finished_ONS=np.ones(shape, dtype=bool),
        failed_ONS=np.zeros(shape, dtype=bool),
        seconds_ONS=np.ones(shape) if seconds_ONS is None else np.asarray(seconds_ONS),
        memory_bytes_ONS=(
            np.full(shape, np.nan) if memory_bytes_ONS is None else np.asarray(memory_bytes_ONS)
        ),
        baseline=0.5,
        baseline_loss=float(np.log(2)),
        valid_examples=valid_examples,
    )


def accuracies(optimizers: int = 2, rates: int = 4, seeds: int = 3):
    return arrays(np.float64, (optimizers, rates, seeds), elements=HUNDREDTHS)


def every_number(measures):
    """All arrays of numbers in measures, by name."""
    found = {}

    def gather(name, part):
        if isinstance(part, np.ndarray | float | int | bool):
            found[name] = np.asarray(part, dtype=float)
        elif dataclasses.is_dataclass(part):
            for field in dataclasses.fields(part):
                gather(f"{name}.{field.name}", getattr(part, field.name))

    gather("", measures)
    return found
