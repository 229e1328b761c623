"""Everything that tables, figures and pages over several studies rest on, gathered once. Pure.

In the flow: from the studies' grids to ``report.over_studies`` and ``sweep sensitivity``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from sweep.analysis.arrays import Grid
from sweep.analysis.in_common import in_common
from sweep.analysis.parts_of_variance import PartsOfVariance, parts_in_common
from sweep.analysis.profiles import Profiles, profiles_in_common
from sweep.analysis.sensitivity import Sensitivity, sensitivity_in_common
from sweep.analysis.wording import names_of


@dataclass(frozen=True)
class OverStudies:
    """What is measured over several studies.

    Attributes:
        studies: what they are called.
        sensitivity: how much optimizers need tuning for each.
        profiles: how often a training is at least so good.
        parts: what the scores depend on.
        left_out: what not all studies have, and was left out, as sentences.
    """

    studies: tuple[str, ...]
    sensitivity: Sensitivity
    profiles: Profiles
    parts: PartsOfVariance
    left_out: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What the optimizers are called."""
        return names_of(self.sensitivity.optimizers)

    @property
    def points(self) -> int:
        """How many all studies have."""
        return prod(len(axis.values) for axis in self.sensitivity.axes)


def over_studies(studies: Sequence[str], grids: Sequence[Grid]) -> OverStudies:
    """What is measured over studies, of the optimizers, points and seeds that all of them have.

    Args:
        studies: what they are called.
        grids: of each, with optimizers by their labels.

    Raises:
        UsageError: there are fewer than two studies, or they have too little in common.
    """
    shared = in_common(studies, grids)
    return OverStudies(
        tuple(studies),
        sensitivity_in_common(shared.grids),
        profiles_in_common(shared.grids),
        parts_in_common(shared.grids),
        shared.left_out,
    )
