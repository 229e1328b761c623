"""The factor on the learning rate at every step: warm-up's ramp × RAdam's rectification.

NumPy only, float64: the figures that show it and the provenance that stores it load no Keras.
``radam.py`` takes its constants and the first rectified step from here, so that what is drawn is
what was trained.

Symbols are those of Liu et al. 2020, Algorithm 2 (arXiv 1908.03265): β₂, ρ_∞, ρ_t, r_t.
K steps of a training, t = 1 … K.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sweep.study.optimizer import Optimizer

BETA_2 = 0.999
THRESHOLD = 5.0
BELOW_THRESHOLD = "momentum"
"""RAdam's settings where a study names none."""

BELOW_THRESHOLD_FACTORS = {"momentum": 1.0, "skip": 0.0}
"""What multiplies the learning rate in a step that is not rectified."""

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


def rho_inf(beta_2: float) -> float:
    """ρ_∞ = 2 / (1 − β₂) − 1, the greatest length of the simple moving average."""
    return 2 / (1 - beta_2) - 1


def rho_t(beta_2: float, t: Any, xp: Any = np) -> Any:
    """Length of the approximated simple moving average, ρ_t = ρ_∞ − 2 t β₂ᵗ / (1 − β₂ᵗ).

    As written it subtracts two numbers near 2 / (1 − β₂) to get one near t. The same without
    cancellation, with λ = −ln β₂ and the Langevin function L(x) = coth x − 1/x:

        ρ_t = L(λ/2) + t · (1 − L(tλ/2)),

    a sum of positive terms (ρ_∞ = coth(λ/2), and 2 t β₂ᵗ / (1 − β₂ᵗ) = t · (coth(tλ/2) − 1)).

    Args:
        beta_2: β₂ in (0, 1).
        t: the steps, from 1, any shape.
        xp: what computes: ``numpy``, or ``keras.ops`` for a tensor ``t`` of floats.

    Returns:
        ρ_t, shaped like ``t``, growing with it.

    Example:
        >>> rho_t(0.999, np.array([1, 5, 6])).round(4)
        array([1.    , 4.996 , 5.9942])
    """
    half_lambda = -math.log(beta_2) / 2
    langevin = 1 - float(_one_minus_langevin(np.float64(half_lambda), np))
    return langevin + t * _one_minus_langevin(t * half_lambda, xp)


def _one_minus_langevin(x: Any, xp: Any) -> Any:
    near = xp.minimum(x, SERIES_BELOW)
    series = 0.0
    for coefficient in reversed(LANGEVIN_SERIES):
        series = series * near * near + coefficient
    far = xp.maximum(x, SERIES_BELOW)
    closed = 1 / far - 2 / xp.expm1(2 * xp.minimum(far, 40.0))  # beyond 40, 1/x is all
    return xp.where(x < SERIES_BELOW, 1 - near * series, closed)


def rectification_of(beta_2: float, rho: Any, xp: Any = np) -> Any:
    """r_t of a step with ρ_t = ``rho``, 0 where that is at most 4; needs ρ_∞ > 4.

    r_t = √[(ρ_t − 4)(ρ_t − 2) ρ_∞ / ((ρ_∞ − 4)(ρ_∞ − 2) ρ_t)]
    """
    limit = rho_inf(beta_2)
    above = xp.maximum(rho, 4.0)
    return xp.sqrt((above - 4) * (above - 2) / above * (limit / ((limit - 4) * (limit - 2))))


def first_rectified_step(beta_2: float, threshold: float = THRESHOLD) -> int | None:
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


def rectification(
    beta_2: float, steps: ArrayLike, threshold: float = THRESHOLD
) -> NDArray[np.float64]:
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


def multipliers(optimizer: Optimizer, total_steps: int) -> NDArray[np.float32]:
    """Factor on the learning rate at every step of a training, (K,): ramp × rectification.

    Of RAdam's steps below the threshold: 1 with ``momentum`` (a step that is not adaptive), 0
    with ``skip``. Other algorithms, and your own, have the ramp alone.

    Args:
        optimizer: a study's.
        total_steps: K ≥ 1.

    Example:
        >>> from sweep.study import Optimizer, Warmup
        >>> multipliers(Optimizer(label="w", algorithm="sgd", warmup=Warmup(steps=4)), 5)
        array([0.25, 0.5 , 0.75, 1.  , 1.  ], dtype=float32)
    """
    steps_K = np.arange(1, total_steps + 1)
    multiplier_K = np.ones(total_steps)
    if optimizer.warmup is not None:
        multiplier_K *= np.minimum(1, steps_K / optimizer.warmup.length(total_steps))
    if optimizer.algorithm == "radam":
        multiplier_K *= _radam_factors(optimizer, steps_K)
    return multiplier_K.astype(np.float32)


def _radam_factors(optimizer: Optimizer, steps_K: NDArray[np.int64]) -> NDArray[np.float64]:
    settings = optimizer.settings
    r_K = rectification(
        float(settings.get("beta_2") or BETA_2),
        steps_K,
        float(settings.get("threshold") or THRESHOLD),
    )
    below = BELOW_THRESHOLD_FACTORS[str(settings.get("below_threshold") or BELOW_THRESHOLD)]
    return np.where(np.isnan(r_K), below, r_K)
