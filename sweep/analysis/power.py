"""What seeds can show: least differences, and how many seeds settle a pair. Pure.

Both count with a probability of 80 %. How many seeds settle a pair is the assurance (Spiegelhalter
& Freedman 1986) of its decision: the probability, with what is known of the pair, that its next
interval excludes zero or lies within the margin.

Legend: M pairs of optimizers, C numbers of seeds.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy import special

from sweep.analysis.arrays import Floats
from sweep.analysis.intervals import ROUNDING, Differences
from sweep.analysis.spending import MIN_SEEDS, Spending

CHANCE = 0.8
"""The probability with which a difference is shown, or a pair settled."""
MOST_SEEDS = 10_000
GROWTH = 1.1


def least_difference(error_M: Floats, nominal_M: Floats, seeds: int) -> Floats:
    """The least true difference that an interval excludes zero for with a chance of 80 %.

    (t(1 − level/2) + t(0.8)) standard errors.

    Args:
        error_M: standard errors of the pairs.
        nominal_M: levels at which this look tests them.
        seeds: of this look.
    """
    degrees = max(seeds - 1, 1)
    quantile_M = special.stdtrit(degrees, 1 - nominal_M / 2)
    return (quantile_M + special.stdtrit(degrees, CHANCE)) * error_M


def least_difference_with(found: Differences, spending: Spending, seeds: int) -> Floats:
    """The least differences that so many seeds can show, by the scatter of those so far, (M,).

    Args:
        found: differences of the present look.
        spending: the present look.
        seeds: of the next look; no more than now is now.
    """
    now = spending.looks[-1]
    if seeds <= now or now < MIN_SEEDS or not found.pairs:
        return least_difference(found.error, spending.nominal(found.level), now)
    nominal_M = spending.later(found.level, (seeds,))[:, 0]
    return least_difference(found.error * np.sqrt(now / seeds), nominal_M, seeds)


def seeds_to_settle(
    found: Differences, spending: Spending, margin: float
) -> tuple[int | None, ...]:
    """About how many seeds in all settle each pair with a chance of 80 %, at one more look.

    Args:
        found: differences of the present look.
        spending: the present look; where its design plans more, one of those.
        margin: see ``chance_to_settle``.

    Returns:
        By pair; None where there are too few seeds to know, or more than ``MOST_SEEDS`` needed.
    """
    seeds = spending.looks[-1]
    if seeds < MIN_SEEDS or not found.pairs:
        return (None,) * len(found.pairs)
    level_L, of_pair_M = np.unique(found.level, return_inverse=True)
    later, nominal_LC = _outlook(spending, tuple(level_L.tolist()))
    chance_MC = chance_to_settle(found, seeds, later, nominal_LC[of_pair_M], margin)
    return tuple(
        later[int(np.argmax(chance_C >= CHANCE))] if (chance_C >= CHANCE).any() else None
        for chance_C in chance_MC
    )


@lru_cache(maxsize=64)
def _outlook(spending: Spending, levels: tuple[float, ...]) -> tuple[tuple[int, ...], Floats]:
    """Numbers of seeds of later looks, with the nominal ones of L levels, (L, C)."""
    level_L = np.array(levels)
    end = spending.at_the_end()
    beyond = candidates(end.looks[-1])
    nominal_LC = end.later(level_L, beyond)
    if not spending.planned:
        return beyond, nominal_LC
    planned_LC = spending.as_planned(level_L)
    return (*spending.planned, *beyond), np.concatenate([planned_LC, nominal_LC], axis=1)


def chance_to_settle(
    found: Differences, seeds: int, later: Sequence[int], nominal_MC: Floats, margin: float
) -> Floats:
    """The probability that pairs are settled with more seeds, (M, C).

    With n seeds instead of S, a difference with standard error e moves by Student's t with
    variance e² (1 − S/n): the true difference is as uncertain as the seeds so far leave it. It is
    settled where the interval then excludes zero, or lies within the margin.

    Args:
        found: differences of the present look.
        seeds: how many they rest on, S.
        later: C numbers of seeds in all.
        nominal_MC: the levels of the intervals then.
        margin: optimizers closer than this are equivalent, a share.
    """
    later_C = np.asarray(later, np.float64)
    scatter_M1 = found.error[:, None] * np.sqrt(seeds)
    half_MC = special.stdtrit(later_C - 1, 1 - nominal_MC / 2) * scatter_M1 / np.sqrt(later_C)
    moves_MC = np.maximum(scatter_M1 * np.sqrt(1 / seeds - 1 / later_C), ROUNDING)
    inner_MC = np.maximum(margin - half_MC, 0)
    value_M1 = np.abs(found.value)[:, None]

    def below(bound_MC: Floats) -> Floats:
        return special.stdtr(seeds - 1, (bound_MC - value_M1) / moves_MC)

    open_MC = below(half_MC) - below(inner_MC) + below(-inner_MC) - below(-half_MC)
    return np.where(half_MC > inner_MC, 1 - open_MC, 1.0)


def candidates(seeds: int) -> tuple[int, ...]:
    """Numbers of seeds above this one to choose from, up to ``MOST_SEEDS`` or the next.

    Example:
        >>> candidates(20)[:4]
        (21, 23, 25, 28)
    """
    found = [seeds + 1]
    while found[-1] < MOST_SEEDS:
        found.append(max(found[-1] + 1, round(GROWTH * found[-1])))
    return tuple(found)
