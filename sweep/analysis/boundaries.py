"""At which level each of several looks is tested, so that all of them together keep a level. Pure.

Alpha spending (Lan & DeMets 1983): it is fixed beforehand how much of the level may be spent until
each number of seeds. A look's boundary is where paths of a Brownian motion that have stayed inside
all earlier boundaries leave it with just the probability that is spent there; it is found by
recursive integration (Armitage, McPherson & Rowe 1969). The level of that boundary is then taken
for Student's t with the look's own seeds: quantiles of equal tail probability (Jennison & Turnbull
2000, Group Sequential Methods, sections 3.8 and 19.2).

Legend: L levels, K looks, G nodes of the integration.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from sweep.analysis.arrays import Floats, Ints

LEAST_LEVEL = 1e-12
"""No look is tested at a lower level than this."""
NODES = 32
"""The number of nodes is a multiple of this, about one for each standard deviation of a step."""
HALVINGS = 45


@dataclass(frozen=True)
class Inside:
    """Where the paths are that have stayed inside all boundaries so far.

    Attributes:
        seeds: of the last look; 0 before the first.
        sum_LG: nodes: sums over the seeds of standardised differences.
        mass_LG: the probability at each node.
    """

    seeds: int
    sum_LG: Floats
    mass_LG: Floats


def nominal_levels(seeds: Sequence[int], spent_LK: Floats) -> Floats:
    """The two-sided level at which each look is tested.

    Args:
        seeds: K numbers of seeds, rising.
        spent_LK: of each level the probability that is spent until each look, rising.

    Returns:
        (L, K). Of the first look it is what is spent there, exactly.

    Example:
        >>> nominal_levels((5, 10), np.array([[0.025, 0.05]])).round(4).tolist()
        [[0.025, 0.0339]]
    """
    return np.stack([level_L for level_L, _ in _looks(seeds, spent_LK)], axis=1)


def next_levels(
    seeds: Sequence[int], spent_LK: Floats, candidates: Sequence[int], spent_LC: Floats
) -> Floats:
    """The level of the next look, for each number of seeds that it may have.

    Args:
        seeds, spent_LK: of the looks so far; see ``nominal_levels``.
        candidates: C numbers of seeds, all above those.
        spent_LC: of each level the probability that is spent until then.

    Returns:
        (L, C).
    """
    *_, (_, inside) = _looks(seeds, spent_LK)
    return _levels(inside, np.asarray(candidates), spent_LC - spent_LK[:, -1:])


def _looks(seeds: Sequence[int], spent_LK: Floats) -> Iterator[tuple[Floats, Inside]]:
    """Level and paths of look after look."""
    added_LK = np.diff(spent_LK, axis=1, prepend=0)
    inside = Inside(0, np.zeros((len(spent_LK), 1)), np.ones((len(spent_LK), 1)))
    for k, count in enumerate(seeds):
        if k == 0:
            level_L = np.maximum(added_LK[:, 0], LEAST_LEVEL)
        else:
            level_L = _levels(inside, np.array([count]), added_LK[:, k : k + 1])[:, 0]
        inside = _onward(inside, count, level_L)
        yield level_L, inside


def _levels(inside: Inside, seeds_C: Ints, spent_LC: Floats) -> Floats:
    """The levels (L, C) at which the paths leave with the probability to be spent, by bisection.

    Each with another number of seeds, (C,).
    """
    low_LC = np.zeros(spent_LC.shape)
    high_LC = np.full(spent_LC.shape, -special.ndtri(LEAST_LEVEL / 2))
    step_C1 = np.sqrt(seeds_C - inside.seeds)[:, None]
    sum_LCG, mass_L1G = (inside.sum_LG[:, None] / step_C1, inside.mass_LG[:, None])
    for _ in range(HALVINGS):
        middle_LC = (low_LC + high_LC) / 2
        bound_LC1 = (np.sqrt(seeds_C) * middle_LC)[..., None] / step_C1
        tails_LCG = special.ndtr(sum_LCG - bound_LC1) + special.ndtr(-sum_LCG - bound_LC1)
        leaves_LC = np.sum(mass_L1G * tails_LCG, axis=2) > spent_LC
        low_LC = np.where(leaves_LC, middle_LC, low_LC)
        high_LC = np.where(leaves_LC, high_LC, middle_LC)
    return 2 * special.ndtr(-high_LC)


def _onward(inside: Inside, count: int, level_L: Floats) -> Inside:
    """The paths that stay inside this look's boundary too."""
    step = np.sqrt(count - inside.seeds)
    bound_L1 = -special.ndtri(level_L / 2)[:, None] * np.sqrt(count)
    node_G, weight_G = _legendre(NODES * int(np.ceil(2 * bound_L1.max() / step / NODES)))
    sum_LG = bound_L1 * node_G
    steps_LGG = (sum_LG[:, :, None] - inside.sum_LG[:, None, :]) / step
    density_LG = np.einsum("lg,lhg->lh", inside.mass_LG, np.exp(-(steps_LGG**2) / 2))
    return Inside(count, sum_LG, density_LG * bound_L1 * weight_G / (np.sqrt(2 * np.pi) * step))


@lru_cache(maxsize=16)
def _legendre(nodes: int) -> tuple[Floats, Floats]:
    """Nodes and weights of Gauss and Legendre on [−1, 1]."""
    return np.polynomial.legendre.leggauss(nodes)
