"""Finding the edges of the robust range: bisection between the values on either side of each.

``EdgesWithin`` proposes, from what is stored, the whole grid with some more values, until both
edges of every optimizer are known as finely as asked. Each new value is trained by all optimizers
with all seeds, since a comparison rests on values that all of them have.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from sweep.analysis.collect import grid_of
from sweep.analysis.edges import Edge, Edges, edges_of
from sweep.designs.grid import grid
from sweep.errors import UsageError
from sweep.planning.trials import Proposal
from sweep.results.records import Outcome
from sweep.results.results import Results
from sweep.results.trials import Trials
from sweep.study.axis import Axis, Value, rounded
from sweep.study.extension import extended, with_values
from sweep.study.study import Study

SLACK = 0.01
"""Values are rounded; an edge is known where it is this share of what is asked wider."""
LEAST_DIGITS, MOST_DIGITS = 4, 15


@dataclass(frozen=True)
class EdgesWithin:
    """Proposes values between those on either side of an edge; a ``Design``.

    Attributes:
        within: so far apart the values on either side of an edge are at most, in the axis'
            ``length_unit``: decades of a learning rate.

    Raises:
        UsageError: it is no length.

    Example:
        >>> study = Study(
        ...     name="s", question="?", optimizers=["adam"], learning_rates=[0.01, 1], seeds=1
        ... )
        >>> len(EdgesWithin(0.05)(study, None))
        2
    """

    within: float

    def __post_init__(self) -> None:
        if not 0 < self.within < math.inf:
            raise UsageError(
                f"no edge can be known within {self.within:g}",
                rule="That is a length along the axis, above 0, in decades of a learning rate.",
                remedy="Ask for one such as --refine 0.05.",
            )

    def __call__(self, study: Study, stored: Results | None) -> tuple[Proposal, ...]:
        """The whole grid, and where all of it is finished, the values of the next round."""
        whole = whole_study(study, stored)
        proposals = grid(whole)
        if stored is None or not has_finished(stored, proposals):
            return proposals
        values = self.values_between(edges_of(grid_of(stored)), whole.axes[0])
        return grid(with_values(whole, values)) if values else proposals

    def values_between(self, found: Iterable[Edges], axis: Axis) -> tuple[Value, ...]:
        """The values of the next round; none where all edges are known.

        Args:
            found: edges, by the values that there are.
            axis: theirs.
        """
        inner = {edge for edges in found for edge in edges.inner}
        return tuple(sorted({value for edge in inner for value in self._between(edge, axis)}))

    def is_known(self, edge: Edge, axis: Axis) -> bool:
        """Whether an edge is known as finely as asked, or as finely as the axis has values."""
        return edge.is_open or not any(True for _ in self._between(edge, axis))

    def _between(self, edge: Edge, axis: Axis) -> Iterator[Value]:
        """The values that an edge is to be narrowed down with."""
        if edge.outside is None or edge.width <= self.within * (1 + SLACK):
            return
        ends = sorted((edge.inside, edge.outside))
        first, last = axis.position(ends)
        parts = parts_of(edge.width / self.within)
        for position in np.linspace(first, last, parts + 1)[1:-1]:
            value = self._rounded(float(position), axis)
            if ends[0] < value < ends[1]:
                yield value

    def _rounded(self, position: float, axis: Axis) -> Value:
        """As few digits as keep the value where it is, so that it can be typed again."""
        value = float(axis.at(position))
        for digits in range(LEAST_DIGITS, MOST_DIGITS):
            short = rounded(value, axis, digits)
            moved = abs(float(axis.position(short)) - position)
            if axis.hyperparameter.is_whole or moved <= SLACK / 2 * self.within:
                return short
        return value


def parts_of(times: float) -> int:
    """Into how many parts the space between two values is cut: 3 where that takes no more values.

    Halving takes as many values as rounds. Where two values at once come to the same number in the
    end, a round is saved, and more trials train together.

    Args:
        times: how many times the space is wider than is asked.

    Example:
        >>> [parts_of(times) for times in (1.5, 2.5, 3.5, 5, 7)]
        [2, 3, 2, 3, 2]
    """
    return 3 if 2 + _halvings(times / 3) <= _halvings(times) else 2


def _halvings(times: float) -> int:
    return max(0, math.ceil(math.log2(times / (1 + SLACK))))


def whole_study(study: Study, stored: Results | None) -> Study:
    """The study with all values and seeds that the stored one has.

    Args:
        study: as it is asked for.
        stored: all that is stored of it; None where it was never run.

    Raises:
        UsageError: the stored study has optimizers that are not asked for.
        StudyChangedError: it is another study.
    """
    if stored is None or not _finished(stored):
        return study
    labels = {optimizer.label for optimizer in study.optimizers}
    missing = [each.label for each in stored.study.optimizers if each.label not in labels]
    if missing:
        raise UsageError(
            f"the stored {study.name} has {', '.join(missing)} too",
            rule="A value that is added is trained by all optimizers, to compare them there.",
            remedy="Ask for all of them, or use another name with --name.",
        )
    return extended(stored.study, "", study, "")


def has_finished(stored: Results, proposals: Iterable[Proposal]) -> bool:
    """Whether all that is proposed is trained."""
    columns = map(_finished(stored).column, ("optimizer", "point", "seed"))
    return {Proposal(*each) for each in zip(*columns, strict=True)}.issuperset(proposals)


def _finished(stored: Results) -> Trials:
    return Trials.of(stored.trials).ended_as(Outcome.COMPLETED, Outcome.DIVERGED)


def refuse_unrefinable(study: Study) -> None:
    """Refuse a study whose robust range has no edge that could be found.

    Raises:
        UsageError: it has two axes, an ordinal one, or a single value.
    """
    axis, *others = study.axes
    own = [study.axis_of(optimizer, axis).values for optimizer in study.optimizers]
    if others:
        trouble = f"{study.name} sweeps {axis.words} and {others[0].words}"
        rule = "The edges of a range are found along one axis; of two axes it is a region."
        remedy = f"Sweep one of them, and set the other: --set {others[0].name}=VALUE --name NAME."
    elif axis.scale == "ordinal":
        trouble = f"{study.name} sweeps {axis.words} on an ordinal scale"
        rule = "Between its values there is nothing, so its edges are known."
        remedy = "Leave --refine out, or give the axis another scale in the study's file."
    elif all(len(values) == 1 for values in own):
        trouble = f"{study.name} has a single {axis.words}"
        rule = "An edge lies between two values."
        remedy = f"Sweep a range: --axis {axis.name}=LOW:HIGH:COUNT."
    else:
        return
    raise UsageError(trouble, rule=rule, remedy=remedy)
