"""RAdam's rectification: how much of the learning rate a step has while its variance is large.

Pure mathematics, for NumPy (the figures that show it and the provenance that stores it load no
Keras) and for Keras' tensors: ``radam.py`` computes with the same functions, so that what is drawn
is what was trained.

Symbols are those of Liu et al. 2020, Algorithm 2 (arXiv 1908.03265): β₂, ρ_∞, ρ_t, r_t.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

LANGEVIN_SERIES = (
    1 / 3,
    -1 / 45,
    2 / 945,
    -1 / 4725,
    2 / 93555,
    -1382 / 638512875,
    4 / 18243225,
    -3617 / 162820783125,
    87734 / 38979295480125,
    -349222 / 1531329465290625,
)
"""Coefficients of x, x³, x⁵, … of the Langevin function L(x) = coth x − 1/x."""

SERIES_BELOW = 0.5
"""Below this x the series is used: its first term left out is under 4e-16 there."""


def rho_inf(beta_2: Any) -> Any:
    """ρ_∞ = 2 / (1 − β₂) − 1, the greatest length of the simple moving average."""
    return 2 / (1 - beta_2) - 1


def rho_t(beta_2: Any, t: Any, xp: Any = np) -> Any:
    """Length of the approximated simple moving average, ρ_t = ρ_∞ − 2 t β₂ᵗ / (1 − β₂ᵗ).

    As written it subtracts two numbers near 2 / (1 − β₂) to get one near t. The same without
    cancellation, with λ = −ln β₂ and the Langevin function L(x) = coth x − 1/x:

        ρ_t = L(λ/2) + t · (1 − L(tλ/2)),

    a sum of positive terms (ρ_∞ = coth(λ/2), and 2 t β₂ᵗ / (1 − β₂ᵗ) = t · (coth(tλ/2) − 1)).

    Args:
        beta_2: β₂ in (0, 1): a float, or a ``SettingVector`` of one a trial.
        t: the steps, from 1, any shape.
        xp: what computes: ``numpy``, or ``keras.ops`` for a tensor ``t`` of floats.

    Returns:
        ρ_t, shaped like ``t``, growing with it.

    Example:
        >>> rho_t(0.999, np.array([1, 5, 6])).round(4)
        array([1.    , 4.996 , 5.9942])
    """
    if isinstance(beta_2, float):
        half_lambda = -math.log(beta_2) / 2
        langevin = 1 - float(_one_minus_langevin(np.float64(half_lambda), np))
    else:
        half_lambda = log_of(beta_2, xp) / -2
        langevin = 1 - _one_minus_langevin(half_lambda, xp)
    return langevin + t * _one_minus_langevin(t * half_lambda, xp)


def log_of(beta: Any, xp: Any) -> Any:
    """log β = log(1 − (1 − β)), exact for a β near 1 whose 1 − β is (see ``SettingVector``)."""
    return xp.log1p(xp.negative(1 - beta))


def _one_minus_langevin(x: Any, xp: Any) -> Any:
    near = xp.minimum(x, SERIES_BELOW)
    series = 0.0
    for coefficient in reversed(LANGEVIN_SERIES):
        series = series * near * near + coefficient
    far = xp.maximum(x, SERIES_BELOW)
    closed = 1 / far - 2 / xp.expm1(2 * xp.minimum(far, 40.0))  # beyond 40, 1/x is all
    return xp.where(x < SERIES_BELOW, 1 - near * series, closed)


def rectification_of(beta_2: Any, rho: Any, xp: Any = np) -> Any:
    """r_t of a step with ρ_t = ``rho``, 0 where that is at most 4; needs ρ_∞ > 4.

    r_t = √[(ρ_t − 4)(ρ_t − 2) ρ_∞ / ((ρ_∞ − 4)(ρ_∞ − 2) ρ_t)]
    """
    limit = rho_inf(beta_2)
    above = xp.maximum(rho, 4.0)
    return xp.sqrt((above - 4) * (above - 2) / above * (limit / ((limit - 4) * (limit - 2))))


def first_rectified_step(beta_2: float, threshold: float = 5.0) -> int | None:
    """The first step t with ρ_t > threshold; None where no step is rectified.

    ρ_t grows with t, so every later step is rectified too. Where ρ_∞ is at or below the threshold
    (β₂ ≤ 2/3 for 5) none is.

    Example:
        >>> first_rectified_step(0.999), first_rectified_step(0.999, threshold=4.0)
        (6, 5)
        >>> first_rectified_step(0.5) is None
        True
    """
    if rho_inf(beta_2) <= threshold:
        return None
    low, high = 0, math.ceil(-80 / math.log(beta_2))  # by then ρ_t has reached ρ_∞
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if rho_t(beta_2, middle) > threshold else (middle, high)
    return high


def rectification(beta_2: float, steps: ArrayLike, threshold: float = 5.0) -> NDArray[np.float64]:
    """r_t, the rectification of the adaptive learning rate; NaN where a step is not rectified.

    Args:
        beta_2: β₂ in (0, 1).
        steps: the steps t ≥ 1, any shape.
        threshold: at least 4; see ``RAdam`` for which implementation has which.

    Returns:
        r_t in (0, 1], shaped like ``steps``.

    Example:
        >>> rectification(0.999, [5, 6, 10_000]).round(4)
        array([   nan, 0.0258, 0.9998])
    """
    t = np.asarray(steps, np.float64)
    first = first_rectified_step(beta_2, threshold)
    if first is None:
        return np.full(t.shape, np.nan)
    return np.where(t < first, np.nan, rectification_of(beta_2, rho_t(beta_2, t)))
