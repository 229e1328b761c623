"""What the seeds decide of each pair of optimizers: different, equivalent, or undecided.

From a grid and the looks at it so far to one decision a pair, on the primary measure (mean accuracy
over the range). Runs that add seeds until all is decided ask it after each stage; verdicts, tables
and reports say it in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sweep.analysis.arrays import Grid
from sweep.results.looks import Look, LookDesign
from sweep.study.study import Pairs


class PairOutcome(StrEnum):
    """What the seeds decide of two optimizers."""

    DIFFERENT = "different"
    EQUIVALENT = "equivalent"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class PairDecision:
    """What the seeds decide of two optimizers; all numbers are shares of accuracy.

    Attributes:
        first, second: labels; the difference is first minus second.
        outcome: what was decided.
        better: the label of the better one, where the interval excludes zero; else None.
        difference, low, high: with its interval, corrected for the pairs and for earlier looks;
            NaN with too few seeds.
        least_difference: the least true difference that these seeds show with a probability of
            80 %; NaN with too few seeds.
        seeds_needed: about how many seeds in all settle it at the margin; None where that cannot
            be known, or where it is decided.
    """

    first: str
    second: str
    outcome: PairOutcome
    better: str | None
    difference: float
    low: float
    high: float
    least_difference: float
    seeds_needed: int | None

    @property
    def decided(self) -> bool:
        """Whether no more seeds are needed."""
        return self.outcome is not PairOutcome.UNDECIDED


@dataclass(frozen=True)
class Decision:
    """What the seeds decide of a study.

    Attributes:
        seeds: how many whole seeds it rests on.
        margin: optimizers closer than this are equivalent, a share.
        pairs: one decision a pair that the study asks about.
    """

    seeds: int
    margin: float
    pairs: tuple[PairDecision, ...]

    @property
    def settled(self) -> bool:
        """Whether every pair is decided."""
        return all(pair.decided for pair in self.pairs)

    @property
    def undecided(self) -> tuple[PairDecision, ...]:
        """The pairs that need more seeds."""
        return tuple(pair for pair in self.pairs if not pair.decided)


def decide(
    grid: Grid,
    looks: Sequence[Look] = (),
    *,
    margin: float,
    pairs: Pairs = "all",
    design: LookDesign | None = None,
) -> Decision:
    """What the grid's whole seeds decide, with all earlier looks accounted for.

    Args:
        grid: the study's results; see ``collect.grid_of``.
        looks: all that are on record; one with this many seeds is the present one, and those with
            fewer are the earlier ones.
        margin: optimizers closer than this are equivalent, a share.
        pairs: ``all`` pairs, or those with the ``first`` optimizer.
        design: what was fixed before the first look; None takes it from the looks.
    """
    raise NotImplementedError
