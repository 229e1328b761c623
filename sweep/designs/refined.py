"""How far the edges of the robust range are known, and why a run that finds them ended. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sweep.analysis.edges import Edge, Edges
from sweep.analysis.wording import counted, listed, names_of, number
from sweep.designs.edges import EdgesWithin
from sweep.study.axis import Axis

MAX_OPTIMIZERS_TOLD = 6
"""The edges of so many optimizers are told in a line; ``--json`` has all."""


class Known(StrEnum):
    """Why a run that finds edges ended."""

    FOUND = "found"
    BUDGET = "budget"
    FAILED = "failed trials"


@dataclass(frozen=True)
class Refined:
    """How far edges are known.

    Attributes:
        reason: why the run ended.
        edges: of every compared optimizer.
        axis: theirs, with all values.
        design: how finely they are asked for.
    """

    reason: Known
    edges: tuple[Edges, ...]
    axis: Axis
    design: EdgesWithin

    @property
    def known(self) -> int:
        """How many edges between two values are known as finely as asked."""
        return sum(self.design.is_known(edge, self.axis) for edge in self._inner)

    @property
    def _inner(self) -> tuple[Edge, ...]:
        return tuple(edge for edges in self.edges for edge in edges.inner)

    def __str__(self) -> str:
        return f"{self._how()} {self.told()}".rstrip()

    def _how(self) -> str:
        within = within_words(self.design, self.axis)
        if self.reason is Known.FOUND:
            return f"The edges of the robust range are known {within}."
        counts = f"{self.known} of {counted(len(self._inner), 'edge')}"
        why = {
            Known.BUDGET: "at the budget",
            Known.FAILED: "where trials failed",
        }[self.reason]
        return f"Stopped {why}: {counts} of the robust range known {within}."

    def told(self) -> str:
        """Where each optimizer's range begins and ends."""
        names = names_of([edges.optimizer for edges in self.edges])
        each = [_told(name, edges) for name, edges in zip(names, self.edges, strict=True)]
        more = len(each) - MAX_OPTIMIZERS_TOLD
        others = [f"and {more} more"] if more > 0 else []
        return "; ".join([*each[:MAX_OPTIMIZERS_TOLD], *others]) + "." if each else ""


def within_words(design: EdgesWithin, axis: Axis) -> str:
    """How finely edges are asked for: ``within 0.05 decades``; of whole numbers also neighbours."""
    whole = ", or between neighbours" if axis.hyperparameter.is_whole else ""
    return f"within {design.within:g} {axis.length_unit}{whole}"


def rounds_line(design: EdgesWithin, axis: Axis) -> str:
    """What a run that finds edges does, before it begins."""
    return (
        f"Finding the edges of the robust range {within_words(design, axis)} of {axis.words}, by "
        "bisection, with all seeds and optimizers at each value that is added."
    )


def round_line(found: Refined) -> str:
    """What a round has shown, by the edges so far."""
    inner = [edge.width for edges in found.edges for edge in edges.inner]
    counts = f"{found.known} of {counted(len(inner), 'edge')} known"
    within = f" {within_words(found.design, found.axis)}"
    others = f", all within {max(inner):.2g}" if found.known < len(inner) else ""
    return f"{len(found.axis.values)} values: {counts}{within}{others}. {found.told()}".rstrip()


def _told(name: str, edges: Edges) -> str:
    if edges.low is None or edges.high is None:
        return f"{name} is nowhere in it"
    return f"{name} {listed([*_ends(edges.low, edges.high)])}"


def _ends(low: Edge, high: Edge) -> Iterator[str]:
    if low.is_open and high.is_open:
        yield "reaches both ends of the grid"
        return
    first, last = number(float(f"{low.at:.3g}")), number(float(f"{high.at:.3g}"))
    if low.is_open:
        yield f"from the grid's lower end to {last}"
    elif high.is_open:
        yield f"from {first} to the grid's upper end"
    else:
        yield f"from {first} to {last}"
