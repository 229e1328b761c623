"""Grids made by hand, for tests of measures and verdicts."""

import numpy as np

from sweep.analysis.arrays import Grid

RATES = np.geomspace(0.003, 0.1, 7)


def made_grid(
    accuracy_ONS,
    *,
    values_N=RATES,
    epochs: int = 4,
    loss_ONS=None,
    diverged_ONS=None,
    seconds_ONS=None,
    memory_bytes_ONS=None,
    optimizers: tuple[str, ...] = (),
    valid_pictures: int = 500,
) -> Grid:
    """A finished grid whose accuracy rises evenly from guessing, 0.5, to the given one.

    Args:
        accuracy_ONS: after the last epoch.
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
    return Grid(
        optimizers=optimizers or labels[: shape[0]],
        hyperparameter="learning rate",
        values_N=np.asarray(values_N, dtype=float),
        seeds=tuple(range(shape[2])),
        train_loss_ONSE=loss_ONSE,
        train_accuracy_ONSE=accuracy_ONSE.copy(),
        valid_loss_ONSE=loss_ONSE.copy(),
        valid_accuracy_ONSE=accuracy_ONSE,
        diverged_at_epoch_ONS=diverged,
        finished_ONS=np.ones(shape, dtype=bool),
        seconds_ONS=np.ones(shape) if seconds_ONS is None else np.asarray(seconds_ONS),
        memory_bytes_ONS=(
            np.full(shape, np.nan) if memory_bytes_ONS is None else np.asarray(memory_bytes_ONS)
        ),
        guessing=0.5,
        valid_pictures=valid_pictures,
    )
