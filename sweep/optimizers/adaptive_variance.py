"""The variance of Adam's adaptive rate in theory, and simulated: why RAdam rectifies it. Pure.

Liu et al. 2020 (arXiv 1908.03265), section 3.2 and Theorem 1: where gradients are normal with
variance σ², the square of the adaptive rate ψ = 1/√v̂ is about scaled-inverse-χ² distributed with ρ
degrees of freedom, ρ = ρ_t the length of the moving average (see ``rectification``).

Variances here are relative, divided by the squared mean: σ cancels then.

Theorem 1 puts a simple moving average of ρ_t gradients in the place of Adam's exponential one. Both
have the same centre of mass, and not quite the same variance: with β₂ near 1 their ratio is 1 in
the first steps and at the end, and near step 2 / (1 − β₂) the exponential one's is about a tenth
lower.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def relative_variance(rho: ArrayLike) -> Floats:
    """Var[ψ] / E[ψ]², exact for the scaled-inverse-χ² distribution; NaN where ρ is at most 2.

    E[ψ²] = ρ / ((ρ − 2) σ²), and E[ψ] = √(ρ/2) Γ((ρ − 1)/2) / (Γ(ρ/2) σ).

    Example:
        >>> relative_variance([1.0, 4.0, 1999.0]).round(6).tolist()
        [nan, 0.27324, 0.00025]
    """
    return np.array([_relative(float(each)) for each in np.ravel(np.asarray(rho))])


def _relative(rho: float) -> float:
    if rho <= 2:
        return math.nan
    log_mean = math.log(rho / 2) / 2 + math.lgamma((rho - 1) / 2) - math.lgamma(rho / 2)
    return rho / (rho - 2) / math.exp(2 * log_mean) - 1


def approximate_variance(rho: ArrayLike) -> Floats:
    """The paper's approximation of Var[ψ] by a Taylor series, for σ = 1; NaN where ρ is at most 4.

    ρ / (2 (ρ − 2)(ρ − 4)). E[ψ] is near 1 then, so it is comparable with ``relative_variance``.

    Example:
        >>> approximate_variance([3.0, 6.0]).tolist()
        [nan, 0.375]
    """
    rho_ = np.asarray(rho, np.float64)
    above = np.where(rho_ > 4, rho_, 5.0)
    return np.where(rho_ > 4, above / (2 * (above - 2) * (above - 4)), np.nan)


class Simulated(NamedTuple):
    """What a simulation gives of each step.

    Attributes:
        variance: Var[ψ] / E[ψ]² over the weights; NaN before step 3, where it does not exist.
        standard_error: of it, by the draws; NaN before step 5, where it does not exist.
    """

    variance: Floats
    standard_error: Floats


def simulate(
    beta_2: float, steps: Sequence[int], *, draws: int = 2_000, seed: int = 0, mean: float = 0.0
) -> Simulated:
    """Var[ψ] / E[ψ]² after each step, of so many weights with normal gradients.

    The moving average is the optimizer's own, exponential and bias-corrected. After t steps it is
    a weighted sum of t squares, so E[ψ²] is finite from step 3 and E[ψ⁴] from step 5.

    Args:
        beta_2: β₂.
        steps: ascending, from 1.
        draws: weights.
        seed: of the gradients.
        mean: of the gradients, whose variance is 1.
    """
    random = np.random.default_rng(seed)
    v: Any = np.zeros(draws)
    found, wanted = [(np.nan, np.nan)] * sum(step < 3 for step in steps), {*steps}
    for step in range(1, steps[-1] + 1 if steps else 1):
        v = beta_2 * v + (1 - beta_2) * (mean + random.standard_normal(draws)) ** 2
        if step in wanted and step >= 3:
            variance, error = _relative_of(np.sqrt((1 - beta_2**step) / v))
            found.append((variance, error if step >= 5 else np.nan))
    return Simulated(*np.reshape(found, (-1, 2)).T)


def _relative_of(rate: Floats) -> tuple[float, float]:
    """The relative variance of a sample, and its standard error by the delta method."""
    mean, variance = rate.mean(), rate.var()
    off = rate - mean
    influence = (off**2 - variance) / mean**2 - 2 * variance * off / mean**3
    return float(variance / mean**2), float(influence.std() / math.sqrt(len(rate)))
