"""Performance profiles over several studies: how often a training is at least so good. Pure.

For each optimizer the share of all (study, point, seed) trainings whose normalized score is at
least τ, over τ: the score distributions of Agarwal et al. 2021 (NeurIPS, arXiv 2108.13264, section
4.2), after the performance profiles of Dolan & Moré 2002 (Mathematical Programming 91), which have
the ratio to the best solver in place of a score. Where one profile is nowhere below another, its
optimizer is the better choice whatever score is asked for.

Every training counts the same, as in the share that fails to learn and the probability of
improvement, and not by the trapezoid rule, as in means over a range: it is a share of trainings.

Legend: D studies, O optimizers, N points, S seeds, R = 1 + S replicates, K values of τ.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sweep.analysis.arrays import Floats, Grid
from sweep.analysis.intervals import ROUNDING, Estimate, estimate, seed_means
from sweep.analysis.sensitivity import scale_of

LEAST, MOST = -20, 120
"""τ goes from one to the other, in hundredths: a little over both ends of the normalized scores."""


@dataclass(frozen=True)
class Profiles:
    """Of O optimizers over D studies.

    Attributes:
        optimizers: their labels.
        tau_K: normalized scores, from −0.2 to 1.2.
        share_OK: of trainings at or above them, with pointwise 95 % intervals over seeds.
        trainings: how many of each optimizer, D × N × S.
    """

    optimizers: tuple[str, ...]
    tau_K: Floats
    share_OK: Estimate
    trainings: int

    def at(self, tau: float) -> Estimate:
        """The shares at one τ of ``tau_K``, (O,)."""
        k = int(np.argmin(np.abs(self.tau_K - tau)))
        of = self.share_OK
        return Estimate(of.value[:, k], of.low[:, k], of.high[:, k])


def profiles_in_common(grids: Sequence[Grid]) -> Profiles:
    """The profiles over grids with the same optimizers, points and seeds.

    Scores are normalized as for the sensitivity, each study by percentiles of its means over seeds.
    These percentiles are taken as given: a share is then a mean over seeds, and its jackknife the
    standard error of that mean. Simulated with 3 to 10 seeds, intervals that have a width hold the
    true share in 95 to 99.9 % of cases. Where seeds agree exactly they have none, which is no
    certainty: there the share was wrong by 0.02 at most, on average.
    """
    score_DONS = np.stack([grid.final_accuracy() for grid in grids])
    low_D, width_D = scale_of(score_DONS.mean(axis=-1))
    normal_DONS = (score_DONS - low_D[:, None, None, None]) / width_D[:, None, None, None]
    tau_K = np.arange(LEAST, MOST + 1) / 100
    share_OKS = shares_at_least(np.moveaxis(normal_DONS, 0, -1), tau_K)
    return Profiles(
        optimizers=grids[0].optimizers,
        tau_K=tau_K,
        share_OK=estimate(seed_means(share_OKS), lowest=0, highest=1),
        trainings=score_DONS[:, 0].size,
    )


def shares_at_least(score_ONSD: Floats, tau_K: Floats) -> Floats:
    """Of each seed, the share of trainings whose score is at least τ.

    Args:
        score_ONSD: (O, N, S, D).
        tau_K: any scores.

    Returns:
        (O, K, S).

    Example:
        >>> score_ONSD = np.array([0.1, 0.5, 0.9, 1.0]).reshape(1, 2, 1, 2)
        >>> shares_at_least(score_ONSD, np.array([0.0, 0.5, 0.95])).ravel().tolist()
        [1.0, 0.75, 0.25]
    """
    optimizers, points, seeds, studies = score_ONSD.shape
    sorted_OSX = np.sort(np.moveaxis(score_ONSD, 2, 1).reshape(optimizers, seeds, -1), axis=-1)
    below_OSK = np.array(
        [[np.searchsorted(row_X, tau_K - ROUNDING) for row_X in of_S] for of_S in sorted_OSX]
    )
    return np.swapaxes(1 - below_OSK / (points * studies), 1, 2)
