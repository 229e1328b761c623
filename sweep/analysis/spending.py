"""How the looks at a study share the level of its claims.

From the looks on record to the level at which the present one is tested. A design that was fixed
before the first look spends the level in the power family of Kim & DeMets (1987), as the share
(seeds / most seeds)^1.5. Without one, the first look has the whole level, as if nobody would look
again; all later looks, however many, share ``EXTRA`` beside it. So the intervals of a study that
was looked at once are the usual ones, and identical optimizers are called different in at most
5.75 % of the studies that somebody goes on with.

Legend: X any axes, L levels, K looks, C numbers of seeds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from sweep.analysis.arrays import Floats
from sweep.analysis.boundaries import next_levels, nominal_levels
from sweep.results.looks import Look, LookDesign

MIN_SEEDS = 3
"""With fewer seeds there are no intervals, and nothing is claimed."""
POWER = 1.5
"""Exponent of the spending: low ones find large differences early, high ones equivalence."""
EXTRA = 0.15
"""What looks may spend after the whole level is spent, as a share of it."""
EXTRA_POWER = 0.5
"""How fast they spend it: the share that is left falls with the seeds to the power of this."""
HIGHEST = 0.5
NODES = 24


@dataclass(frozen=True)
class Spending:
    """The present look among all at the same study.

    Attributes:
        looks: numbers of seeds of all looks that could claim something, rising; the present one
            is the last.
        whole_at: the number of seeds at which the whole level is spent.
        planned: numbers of seeds at which the design looks again.
    """

    looks: tuple[int, ...]
    whole_at: int
    planned: tuple[int, ...] = ()

    @property
    def earlier(self) -> tuple[int, ...]:
        """Numbers of seeds of the earlier looks."""
        return self.looks[:-1]

    @property
    def is_usual(self) -> bool:
        """Whether it is the only look, with the whole level."""
        return self.looks == (self.whole_at,)

    def spent(self, seeds: Sequence[int]) -> Floats:
        """The share of the level that is spent until so many seeds, (C,); see the module."""
        count_C = np.asarray(seeds, np.float64)
        within_C = np.minimum(count_C / self.whole_at, 1.0) ** POWER
        after_C = EXTRA * (1 - np.minimum(self.whole_at / count_C, 1.0) ** EXTRA_POWER)
        return within_C + after_C

    def nominal(self, level_X: Floats) -> Floats:
        """The levels at which the present look is tested so that all keep ``level_X``."""
        if self.is_usual:
            return level_X
        known_L, nominal_L = _table(self)
        return np.exp(np.interp(np.log(level_X), np.log(known_L), np.log(nominal_L)))

    def overall(self, p_X: Floats) -> Floats:
        """The levels of all looks together at which p values of the present one just reject."""
        if self.is_usual:
            return p_X
        known_L, nominal_L = _table(self)
        with np.errstate(divide="ignore"):
            log_X = np.log(p_X)
        found_X = np.exp(np.interp(log_X, np.log(nominal_L), np.log(known_L)))
        return np.where(p_X > nominal_L[-1], np.maximum(p_X, HIGHEST), found_X)

    def later(self, level_L: Floats, seeds: Sequence[int]) -> Floats:
        """The nominal levels of the next look, (L, C), if it has so many seeds."""
        return next_levels(
            self.looks, self._spent(level_L, self.looks), seeds, self._spent(level_L, seeds)
        )

    def as_planned(self, level_L: Floats) -> Floats:
        """The nominal levels of the looks that are planned, (L, C)."""
        looks = (*self.looks, *self.planned)
        return nominal_levels(looks, self._spent(level_L, looks))[:, len(self.looks) :]

    def at_the_end(self) -> "Spending":
        """The last planned look."""
        return replace(self, looks=(*self.looks, *self.planned), planned=())

    def _spent(self, level_L: Floats, seeds: Sequence[int]) -> Floats:
        return np.multiply.outer(level_L, self.spent(seeds))


def only_look(seeds: int) -> Spending:
    """Of a study that is looked at once."""
    return Spending((seeds,), seeds)


def spending_of(looks: Sequence[Look], seeds: int, design: LookDesign | None = None) -> Spending:
    """The place of a look with so many seeds among the looks on record.

    Looks with fewer than ``MIN_SEEDS`` seeds, which could not claim anything, do not count, nor
    do those with more seeds than the present one.

    Args:
        looks: all on record, in any order; the present one may be among them.
        seeds: of the present look.
        design: what the present look belongs to, if it is not on record.
    """
    counted = [look for look in looks if MIN_SEEDS <= look.seeds <= seeds]
    first = min(counted, key=lambda look: (look.seeds, look.at), default=None)
    begun_with = first.design if first else design
    numbers = tuple(sorted({*(look.seeds for look in counted), seeds}))
    most = begun_with.max_seeds if begun_with else 0
    stages = begun_with.stages if begun_with else ()
    planned = tuple(stage for stage in stages if stage > seeds)
    return Spending(numbers, max(most, numbers[0]), planned)


@lru_cache(maxsize=256)
def _table(spending: Spending) -> tuple[Floats, Floats]:
    """Levels, rising, with the nominal ones of the present look, to interpolate between."""
    known_L = np.geomspace(1e-8, HIGHEST, NODES)
    spent_LK = np.multiply.outer(known_L, spending.spent(spending.looks))
    nominal_L = nominal_levels(spending.looks, spent_LK)[:, -1]
    return known_L, np.maximum.accumulate(nominal_L)
