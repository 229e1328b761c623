"""All measures of one study, with their intervals: ``measure(grid)``.

Legend: O compared optimizers, N values of the swept hyperparameter, S complete seeds, R = 1 + S
jackknife replicates, E = T + 1 epochs with epoch 0, K = N values tried.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sweep.analysis import curves
from sweep.analysis.arrays import Bools, Floats, Grid
from sweep.analysis.intervals import (
    MIN_SEEDS,
    Differences,
    Estimate,
    differences,
    estimate,
    mean_over_seeds,
    seed_means,
)

Pieces = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class RobustRange:
    """How much of the range is nearly as good as the best.

    Attributes:
        threshold_O: mean accuracy from which a value counts: 0.02 below the best.
        decades_O: total length of the values that count, all pieces together.
        is_open_O: whether it touches an end of the grid, so is at least so long (≥).
        pieces_O: its pieces, from and to, in values of the hyperparameter.
    """

    threshold_O: Floats
    decades_O: Estimate
    is_open_O: Bools
    pieces_O: tuple[Pieces, ...]


@dataclass(frozen=True)
class Convergence:
    """How soon the mean accuracy reaches guessing + 0.9 · (best − guessing).

    Attributes:
        target: that accuracy, with the best of any optimizer; NaN where none learned anything.
        epochs_ON: until then at each value; infinite where it is never reached.
        mean_epochs_O: mean over log10 of the values, where never counts as T, all epochs.
        is_open_O: whether some value never reached it, so that the mean is at least so long (≥).
        differences: of the means between optimizers, in epochs.
    """

    target: float
    epochs_ON: Floats
    mean_epochs_O: Estimate
    is_open_O: Bools
    differences: Differences


@dataclass(frozen=True)
class Cost:
    """What one trial costs, a mean over values and seeds; NaN where it was not measured."""

    mean_O: Estimate
    differences: Differences


@dataclass(frozen=True)
class Measures:
    """Every measure of robustness of a study; all NaN where no seed is complete.

    Accuracies are shares in [0, 1] of the validation pictures, after the last epoch.

    Attributes:
        optimizers: O compared ones, in the study's order.
        hyperparameter: what was swept, in words.
        values_N: its values, ascending.
        epochs: trained, T.
        seeds: the complete ones, which everything rests on.
        dropped: what was left out and why, as sentences.
        guessing: the share of the larger class.
        valid_pictures: how many pictures every accuracy is a mean over.
        accuracy_ON: mean over seeds at each value.
        sampling_error_ON: standard error of each accuracy due to the choice of pictures, which the
            intervals do not cover.
        mean_accuracy_O: over log10 of the values. The primary measure.
        mean_accuracy_differences: between optimizers; the verdict rests on them alone.
        worst_accuracy_O: the lowest over the values.
        spread_O: highest minus lowest over the values.
        robust_range: against the best accuracy of any optimizer.
        own_robust_range: against the optimizer's own best.
        sensitivity_O: mean rise of the capped training loss above its lowest, in nats.
        failure_share_O: of trials that diverged or ended at most 0.02 above guessing.
        diverged_O: how many of the counted trials diverged.
        expected_best_OK: best accuracy to expect of k values tried, k = 1 … N.
        improvement_OO: probability that row beats column at a random value and seed.
        convergence: how soon.
        seconds, memory_bytes: cost of a trial.
    """

    optimizers: tuple[str, ...]
    hyperparameter: str
    values_N: Floats
    epochs: int
    seeds: tuple[int, ...]
    dropped: tuple[str, ...]
    guessing: float
    valid_pictures: int
    accuracy_ON: Estimate
    sampling_error_ON: Floats
    mean_accuracy_O: Estimate
    mean_accuracy_differences: Differences
    worst_accuracy_O: Estimate
    spread_O: Estimate
    robust_range: RobustRange
    own_robust_range: RobustRange
    sensitivity_O: Estimate
    failure_share_O: Estimate
    diverged_O: NDArray[np.int64]
    expected_best_OK: Estimate
    improvement_OO: Estimate
    convergence: Convergence
    seconds: Cost
    memory_bytes: Cost

    @property
    def has_intervals(self) -> bool:
        """Whether there are enough seeds for intervals and claims."""
        return len(self.seeds) >= MIN_SEEDS


def measure(grid: Grid) -> Measures:
    """Every measure, of the optimizers and seeds that can be compared (see ``comparable``).

    Returns:
        Measures whose estimates are all NaN where no seed is complete.
    """
    used, dropped = comparable(grid)
    values_N = used.values_N
    accuracy_ONSE = used.counted_accuracy()
    accuracy_ONS = accuracy_ONSE[..., -1]
    accuracy_RONE = seed_means(np.moveaxis(accuracy_ONSE, 2, -1))
    accuracy_RON = accuracy_RONE[..., -1]
    mean_RO = curves.log_mean(accuracy_RON, values_N)
    loss_RON = seed_means(used.capped_loss())
    failed_ONS = curves.failed_to_learn(accuracy_ONS, used.diverged, used.guessing)
    best_R = accuracy_RON.max(axis=(1, 2))
    rounding = curves.rounding_error(values_N, len(used.seeds), used.valid_pictures)
    agreement_M = curves.agreement_error(accuracy_RON[0], failed_ONS, values_N)
    return Measures(
        optimizers=used.optimizers,
        hyperparameter=used.hyperparameter,
        values_N=values_N,
        epochs=used.epochs,
        seeds=used.seeds,
        dropped=dropped,
        guessing=used.guessing,
        valid_pictures=used.valid_pictures,
        accuracy_ON=_share(accuracy_RON),
        sampling_error_ON=curves.sampling_error(accuracy_RON[0], used.valid_pictures),
        mean_accuracy_O=_share(mean_RO),
        mean_accuracy_differences=differences(mean_RO, least_error=np.hypot(rounding, agreement_M)),
        worst_accuracy_O=_share(curves.worst_case(accuracy_RON)),
        spread_O=_share(curves.spread(accuracy_RON)),
        robust_range=_robust_range(accuracy_RON, values_N, best_R[:, None]),
        own_robust_range=_robust_range(accuracy_RON, values_N, accuracy_RON.max(axis=2)),
        sensitivity_O=estimate(curves.sensitivity(loss_RON, values_N), lowest=0),
        failure_share_O=mean_over_seeds(failed_ONS.mean(axis=1), lowest=0, highest=1),
        diverged_O=used.diverged.sum(axis=(1, 2)),
        expected_best_OK=_share(curves.expected_best(accuracy_RON)),
        improvement_OO=_share(seed_means(curves.improvement(accuracy_ONS))),
        convergence=_convergence(accuracy_RONE, values_N, best_R, used.guessing),
        seconds=_cost(used.seconds_ONS),
        memory_bytes=_cost(used.memory_bytes_ONS),
    )


def comparable(grid: Grid) -> tuple[Grid, tuple[str, ...]]:
    """The part of a grid that measures may rest on, and sentences about what was left out.

    Only seeds count that are finished for all compared optimizers at all values. An optimizer
    without a single finished trial is not compared: it would take all seeds from the others.
    """
    begun_O = [bool(finished_NS.any()) for finished_NS in grid.finished_ONS]
    if not any(begun_O):
        nothing = grid.select(list(range(len(grid.optimizers))), [])
        return nothing, ("No trial is finished yet.",)
    optimizers = np.flatnonzero(begun_O).tolist()
    finished_ONS = grid.finished_ONS[optimizers]
    complete_S = finished_ONS.all(axis=(0, 1))
    used = grid.select(optimizers, np.flatnonzero(complete_S).tolist())
    left_out = [
        f"{label} is not compared: none of its trials is finished."
        for label, begun in zip(grid.optimizers, begun_O, strict=True)
        if not begun
    ]
    missing_OS = (~finished_ONS).sum(axis=1)
    for position in np.flatnonzero(~complete_S).tolist():
        left_out.append(_why_dropped(grid, position, used.optimizers, missing_OS[:, position]))
    return used, tuple(left_out)


def _why_dropped(
    grid: Grid, seed: int, optimizers: tuple[str, ...], missing_O: NDArray[np.int64]
) -> str:
    lacking = [
        f"{missing} of {label}"
        for label, missing in zip(optimizers, missing_O, strict=True)
        if missing
    ]
    return f"Seed {grid.seeds[seed]} is left out: trials are not finished ({', '.join(lacking)})."


def _share(replicates_RX: Floats) -> Estimate:
    return estimate(replicates_RX, lowest=0, highest=1)


def _robust_range(accuracy_RON: Floats, values_N: Floats, best_RO: Floats) -> RobustRange:
    threshold_RO = np.broadcast_to(curves.robust_threshold(best_RO), accuracy_RON.shape[:2])
    decades_RO = curves.length_above(accuracy_RON, values_N, threshold_RO)
    whole = float(np.log10(values_N[-1] / values_N[0]))
    return RobustRange(
        threshold_O=threshold_RO[0],
        decades_O=estimate(decades_RO, lowest=0, highest=whole),
        is_open_O=curves.touches_end(accuracy_RON[0], threshold_RO[0]),
        pieces_O=tuple(
            curves.pieces_above(accuracy_N, values_N, threshold)
            for accuracy_N, threshold in zip(accuracy_RON[0], threshold_RO[0], strict=True)
        ),
    )


def _convergence(
    accuracy_RONE: Floats, values_N: Floats, best_R: Floats, guessing: float
) -> Convergence:
    epochs = accuracy_RONE.shape[-1] - 1
    learned = best_R[0] > guessing + curves.MARGIN
    target_R = curves.convergence_target(best_R, guessing)
    reached_RON = curves.epochs_to_reach(accuracy_RONE, target_R[:, None, None])
    reached_RON = reached_RON if learned else np.full_like(reached_RON, np.nan)
    mean_RO = curves.log_mean(np.minimum(reached_RON, epochs), values_N)
    return Convergence(
        target=float(target_R[0]) if learned else np.nan,
        epochs_ON=reached_RON[0],
        mean_epochs_O=estimate(mean_RO, lowest=0, highest=epochs),
        is_open_O=np.isinf(reached_RON[0]).any(axis=1),
        differences=differences(mean_RO),
    )


def _cost(cost_ONS: Floats) -> Cost:
    replicates_RO = seed_means(cost_ONS.mean(axis=1))
    return Cost(estimate(replicates_RO, lowest=0), differences(replicates_RO))
