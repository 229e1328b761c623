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
        of_first: labels of all optimizers of the first study, in whose order they are drawn, so
            that each looks as it does there.
    """

    studies: tuple[str, ...]
    sensitivity: Sensitivity
    profiles: Profiles
    parts: PartsOfVariance
    left_out: tuple[str, ...]
    of_first: tuple[str, ...]

    @property
    def places(self) -> tuple[int, ...]:
        """Positions of the optimizers in the first study."""
        return tuple(self.of_first.index(label) for label in self.sensitivity.optimizers)

    @property
    def names_of_first(self) -> tuple[str, ...]:
        """What all optimizers of the first study are called."""
        return names_of(self.of_first)

    @property
    def names(self) -> tuple[str, ...]:
        """What the optimizers are called."""
        return tuple(self.names_of_first[place] for place in self.places)

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
        tuple(grids[0].optimizers),
    )
