"""The robust range: how much of what was swept is nearly as good as the best.

Part of ``measures``.

Legend: O compared optimizers, N points, R jackknife replicates.
"""

from dataclasses import dataclass

import numpy as np

from sweep.analysis import curves
from sweep.analysis.arrays import Bools, Floats
from sweep.analysis.domain import Domain, Pieces
from sweep.analysis.intervals import Estimate, estimate


@dataclass(frozen=True)
class RobustRange:
    """How much of what was swept is nearly as good as the best: of two axes a region.

    Attributes:
        threshold_O: mean score from which a point counts: ``near`` (0.02 of accuracies) below the
            best, and no less than that above the baseline.
        extent_O: total length or area of what counts, all pieces together, in ``unit``; of an
            optimizer that learned nothing it is 0, without an interval.
        unit: ``decades``, ``octaves``, ``octaves × decades``, … (see ``Domain``).
        whole: length or area of all that was swept, in ``unit``.
        is_open_O: whether it touches an edge of the grid, so is at least so large (≥).
        pieces_O: of a range its pieces, from and to, in values of the hyperparameter.
    """

    threshold_O: Floats
    extent_O: Estimate
    unit: str
    whole: float
    is_open_O: Bools
    pieces_O: tuple[Pieces, ...]

    @property
    def share_O(self) -> Estimate:
        """The same as a share of the whole; NaN where that is a single point."""
        whole = self.whole or np.nan
        return Estimate(*(part / whole for part in self._parts()))

    def _parts(self) -> tuple[Floats, Floats, Floats]:
        return self.extent_O.value, self.extent_O.low, self.extent_O.high


@dataclass(frozen=True)
class Ranged:
    """What robust ranges are taken from: the optimizers' curves, and which of them are flat."""

    accuracy_RON: Floats
    domain: Domain
    baseline: float
    near: float
    learned_nothing_O: Bools

    def within(self, best_RO: Floats) -> RobustRange:
        """The ranges near a best accuracy."""
        curve_ON, nothing_O = self.accuracy_RON[0], self.learned_nothing_O
        threshold_RO = np.broadcast_to(
            curves.robust_threshold(best_RO, self.baseline, self.near), self.accuracy_RON.shape[:2]
        )
        extent_RO = self.domain.extent_above(self.accuracy_RON, threshold_RO)
        found = estimate(extent_RO, lowest=0, highest=self.domain.extent)
        return RobustRange(
            threshold_O=threshold_RO[0],
            extent_O=Estimate(
                np.where(nothing_O, 0.0, found.value),
                *(np.where(nothing_O, np.nan, end) for end in (found.low, found.high)),
            ),
            unit=self.domain.unit,
            whole=self.domain.extent,
            is_open_O=self.domain.touches_edge(curve_ON, threshold_RO[0]) & ~nothing_O,
            pieces_O=tuple(
                () if nothing else self.domain.pieces_above(curve_N, threshold)
                for nothing, curve_N, threshold in zip(
                    nothing_O, curve_ON, threshold_RO[0], strict=True
                )
            ),
        )
