"""What the gradients of a training were at some of its steps: a histogram, and the adaptive rate.

The histograms are those of Figures 2 and 3 of Liu et al. 2020 (arXiv 1908.03265), in decimal
logarithms. ``training`` makes them, the store keeps them, ``figures`` draw them.

Legend: P trials of a cohort, R recorded steps, B bins.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

LOWEST, HIGHEST = -14, 2
"""Ends of the histograms, in decades; the outer bins hold what lies beyond them too."""
BINS_A_DECADE = 4
BINS = (HIGHEST - LOWEST) * BINS_A_DECADE
EDGES = np.linspace(LOWEST, HIGHEST, BINS + 1)
"""Of the bins, as log10 of a gradient's size."""


@dataclass(frozen=True)
class GradientStep:
    """The gradients of one step of a cohort: those of its batch, by the weights before it.

    Attributes:
        step: which, from 1.
        epoch: in which it is, from 1.
        share_PB: of the weights, whose gradient's size lies in each bin.
        zero_P: share of the weights whose gradient is exactly 0.
        not_finite_P: share of those whose gradient is infinite or NaN.
        rate_mean_P, rate_variance_P: of the adaptive rate 1 / (√v̂ + ε) after the step, over the
            weights with v > 0; NaN where there is none, or the optimizer has no second moment v.
            ε stands where the optimizer has it, and of AMSGrad v is the maximum so far, see
            ``optimizers.adaptive_rate``.
    """

    step: int
    epoch: int
    share_PB: Floats
    zero_P: Floats
    not_finite_P: Floats
    rate_mean_P: Floats
    rate_variance_P: Floats


@dataclass(frozen=True)
class GradientRecord:
    """The gradients of one stored training.

    Attributes:
        fingerprint: of the training, which trials of any study may refer to.
        steps: R recorded steps, ascending, from 1.
        share_RB, zero_R, not_finite_R, rate_mean_R, rate_variance_R: as ``GradientStep`` has them.
    """

    fingerprint: str
    steps: tuple[int, ...]
    share_RB: Floats
    zero_R: Floats
    not_finite_R: Floats
    rate_mean_R: Floats
    rate_variance_R: Floats
