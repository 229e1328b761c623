"""Initial weights that another rounding might have given. Pure.

Batches of networks with batch normalization or dropout cannot be cut into parts, so their sums
cannot be taken in another order. What one bit of the initial weights does grows as other
differences of rounding do (Summers & Dinneen 2021, arXiv 2103.04514).

In the flow: ``training`` starts repeated cohorts of such networks from them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

STREAM = 2
"""Tells the random numbers drawn here from a seed's others."""


def with_last_bits_changed(weights: Sequence[NDArray[Any]], seed: int) -> list[NDArray[Any]]:
    """Each weight as the next larger or next smaller number, by chance; zeros stay.

    Args:
        weights: those of a seed.
        seed: draws the directions.

    Example:
        >>> (found,) = with_last_bits_changed([np.array([0, 1], np.float32)], seed=0)
        >>> found[0].item(), abs(found[1] - 1) < 2e-7, found[1] != 1
        (0.0, np.True_, np.True_)
    """
    random = np.random.default_rng([seed, STREAM])
    return [_changed(each, random) for each in weights]


def _changed(weights: NDArray[Any], random: np.random.Generator) -> NDArray[Any]:
    if not np.issubdtype(weights.dtype, np.floating):
        return weights
    towards = np.where(random.integers(0, 2, weights.shape), np.inf, -np.inf)
    changed = np.nextafter(weights, towards.astype(weights.dtype))
    return np.where(weights == 0, weights, changed)
