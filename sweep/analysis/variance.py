"""The exact functional analysis of variance on a full grid of factors. Pure.

The mean score is split into what each factor does by itself, what each pair of them does beyond
that, and what is left, and the variance of each part is divided by that of all (Sobol' 1993;
Hutter, Hoos & Leyton-Brown 2014, which estimate the same with a random forest where there is no
grid).

Part of ``importance`` (of two axes) and ``parts_of_variance`` (over studies).

Legend: X = any leading dimensions, then a dimension for the values of each factor; P parts.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from sweep.analysis.arrays import Floats
from sweep.analysis.extents import ROUNDING


def shares_of_variance(score_X: Floats, weights: Sequence[Floats]) -> Floats:
    """The shares of the variance of each factor, of each pair, and of three or more, if there are.

    Args:
        score_X: of all combinations of the factors' values.
        weights: of each factor's values, of sum 1; two factors or more, the last dimensions.

    Returns:
        (…, P); NaN where the scores are all the same.

    Example:
        >>> half = np.array([0.5, 0.5])
        >>> shares_of_variance(np.array([[0.0, 1.0], [2.0, 3.0]]), [half, half]).tolist()
        [0.8, 0.2, 0.0]
    """
    factors = range(len(weights))
    whole = _variance_of(score_X, weights, tuple(factors))
    alone = [_variance_of(score_X, weights, (k,)) for k in factors]
    pairs = [
        _variance_of(score_X, weights, (j, k)) - alone[j] - alone[k]
        for j, k in combinations(factors, 2)
    ]
    parts = [*alone, *pairs]
    rest = [whole - sum(parts)] if len(weights) > 2 else []
    known = np.where(whole > ROUNDING**2, whole, np.nan)[..., None]
    return np.clip(np.stack([*parts, *rest], axis=-1) / known, 0, 1)


def _variance_of(score_X: Floats, weights: Sequence[Floats], kept: tuple[int, ...]) -> Floats:
    """Of the means over all factors that are not kept, by leading dimensions."""
    leading = score_X.ndim - len(weights)
    mean_X, weight_X = score_X, np.ones(())
    for k in reversed(range(len(weights))):
        if k not in kept:
            mean_X = np.tensordot(mean_X, weights[k], axes=(leading + k, 0))
    for k in kept:
        weight_X = np.multiply.outer(weight_X, weights[k])
    over = tuple(range(leading, mean_X.ndim))
    centre_X = np.sum(mean_X * weight_X, axis=over, keepdims=True)
    return np.asarray(np.sum((mean_X - centre_X) ** 2 * weight_X, axis=over))
