"""Lookahead around an optimizer, as a study defines it."""

from typing import Annotated

from pydantic import Field

from sweep.study.part import Count, Part


class Lookahead(Part):
    """Slow weights that follow those of any optimizer; see ``optimizers.lookahead``.

    Every k steps the slow weights φ take α of the way to the optimizer's own, θ, which go on from
    there: φ ← φ + α (θ − φ), θ ← φ. Zhang et al. 2019, arXiv 1907.08610, Algorithm 1; the moments
    of the optimizer are kept.

    After an epoch it is θ that is evaluated, as it is. (Algorithm 1 returns φ, and the authors'
    code can evaluate it. The two are the same after every k-th step.)

    Attributes:
        steps: k, the steps from one synchronization to the next.
        alpha: α, the step of the slow weights, in (0, 1].
    """

    steps: Count = 5
    alpha: Annotated[float, Field(gt=0, le=1)] = 0.5
