"""What the seeds decide of each pair of optimizers: different, equivalent, or undecided.

From a grid and the looks at it so far to one decision a pair, on the primary measure (mean accuracy
over the range). Runs that add seeds until all is decided ask it after each stage; verdicts, tables
and reports say it in words.

A pair is **equivalent** where its interval lies within the margin on both sides of zero: two
one-sided tests (Schuirmann 1987) at half of the interval's level each. Else it is **different**
where the interval excludes zero, else **undecided**. So a pair can be equivalent and have a better
one: one is ahead, by less than the margin.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sweep.analysis.arrays import Grid
from sweep.analysis.comparable import comparable
from sweep.analysis.intervals import Differences, pairs_of
from sweep.analysis.power import least_difference, seeds_to_settle
from sweep.analysis.primary import primary_differences
from sweep.analysis.spending import Spending, spending_of
from sweep.results.looks import Look, LookDesign
from sweep.study.study import Pairs


class PairOutcome(StrEnum):
    """What the seeds decide of two optimizers."""

    DIFFERENT = "different"
    EQUIVALENT = "equivalent"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class PairDecision:
    """What the seeds decide of two optimizers; all numbers are of scores, in the metric's unit.

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
        margin: optimizers closer than this are equivalent, in the metric's unit.
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
        margin: optimizers closer than this are equivalent, in the metric's unit.
        pairs: ``all`` pairs, or those with the ``first`` optimizer.
        design: what was fixed before the first look; None takes it from the looks.

    Returns:
        One decision a pair of the grid's optimizers; a pair of which one has no finished trial is
        undecided.
    """
    used = comparable(grid).grid
    spending = spending_of(looks, len(used.seeds), design)
    found = primary_differences(used, pairs, spending)
    known = decided(used.optimizers, found, spending, margin)
    by_pair = {frozenset((pair.first, pair.second)): pair for pair in known.pairs}
    wanted = [
        (grid.optimizers[first], grid.optimizers[second])
        for first, second in pairs_of(len(grid.optimizers), pairs)
    ]
    return replace(
        known, pairs=tuple(by_pair.get(frozenset(pair), unknown(*pair)) for pair in wanted)
    )


def decided(
    labels: Sequence[str], found: Differences, spending: Spending, margin: float
) -> Decision:
    """What differences decide.

    Args:
        labels: of the optimizers that the pairs are positions of.
        found: of the primary measure.
        spending: the present look.
        margin: optimizers closer than this are equivalent, in the metric's unit.
    """
    seeds = spending.looks[-1]
    least_M = least_difference(found.error, spending.nominal(found.level), seeds)
    needed = seeds_to_settle(found, spending, margin)
    return Decision(
        seeds,
        margin,
        tuple(
            _pair(labels, found, m, margin, float(least_M[m]), needed[m])
            for m in range(len(found.pairs))
        ),
    )


def _pair(
    labels: Sequence[str],
    found: Differences,
    m: int,
    margin: float,
    least: float,
    needed: int | None,
) -> PairDecision:
    first, second = (labels[position] for position in found.pairs[m])
    value, low, high = (float(array[m]) for array in (found.value, found.low, found.high))
    outcome = outcome_of(low, high, margin)
    return PairDecision(
        first=first,
        second=second,
        outcome=outcome,
        better=first if low > 0 else second if high < 0 else None,
        difference=value,
        low=low,
        high=high,
        least_difference=least,
        seeds_needed=needed if outcome is PairOutcome.UNDECIDED else None,
    )


def outcome_of(low: float, high: float, margin: float) -> PairOutcome:
    """What an interval decides; see the module. NaN decides nothing.

    Example:
        >>> [str(outcome_of(low, 0.02, 0.01)) for low in (0.005, -0.005)]
        ['different', 'undecided']
        >>> str(outcome_of(0.002, 0.008, 0.01))
        'equivalent'
    """
    if -margin <= low and high <= margin:
        return PairOutcome.EQUIVALENT
    return PairOutcome.DIFFERENT if low > 0 or high < 0 else PairOutcome.UNDECIDED


def unknown(first: str, second: str) -> PairDecision:
    """Of a pair of which nothing is known yet."""
    nan = math.nan
    return PairDecision(first, second, PairOutcome.UNDECIDED, None, nan, nan, nan, nan, None)
