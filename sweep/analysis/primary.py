"""The primary measure's differences: what verdict and decision rest on.

Legend: O optimizers, N points, S seeds, R = 1 + S jackknife replicates, M pairs of optimizers.
"""

import numpy as np

from sweep.analysis import curves
from sweep.analysis.arrays import Floats, Grid
from sweep.analysis.domain import Domain
from sweep.analysis.intervals import Differences, differences, seed_means
from sweep.analysis.spending import Spending
from sweep.study.study import Pairs


def primary_replicates(used: Grid) -> Floats:
    """Mean accuracies over the points, (R, O), of a grid without gaps."""
    return curves.mean(seed_means(used.final_accuracy()), Domain(used.axes).weights_N)


def primary_differences(used: Grid, which: Pairs, spending: Spending | None) -> Differences:
    """Differences of mean accuracies over the points.

    Args:
        used: a grid without gaps (see ``comparable``).
        which, spending: see ``differences``.
    """
    return differences(
        primary_replicates(used),
        least_error=_least_error(used, which),
        which=which,
        spending=spending,
    )


def _least_error(used: Grid, which: Pairs) -> Floats:
    """Of each pair, the least standard error of their difference of mean accuracies, (M,)."""
    weights_N, training_ON = Domain(used.axes).weights_N, used.training_ON
    accuracy_ONS = used.final_accuracy()
    failed_ONS = curves.failed_to_learn(
        accuracy_ONS, used.diverged, used.baseline, used.metric.near
    )
    accuracy_ON = seed_means(accuracy_ONS)[0]
    rounding_M = curves.rounding_error(weights_N, training_ON, len(used.seeds), used.shares_of)
    agreement_M = curves.agreement_error(accuracy_ON, failed_ONS, weights_N, training_ON)
    error_M = np.hypot(rounding_M, agreement_M)
    with_first = len(used.optimizers) - 1
    return error_M[:with_first] if which == "first" else error_M
