"""The variance of the adaptive rate against the paper's own formula, and against chance."""

import math

import numpy as np
import pytest

from sweep.optimizers.adaptive_variance import (
    approximate_variance,
    relative_variance,
    simulated_variance,
)
from sweep.optimizers.rectification import rectification, rho_inf, rho_t


def of_theorem_1(rho: float) -> float:
    """Var[ψ] for σ = 1, as Liu et al. 2020 write it, with the Beta function."""
    beta = math.gamma((rho - 1) / 2) ** 2 / math.gamma(rho - 1)
    return rho / (rho - 2) - rho * 2 ** (2 * rho - 5) / math.pi * beta**2


@pytest.mark.parametrize("rho", [2.5, 4.0, 5.0, 12.0, 80.0])
def test_theorem_1(rho):
    mean_squared = rho / (rho - 2) - of_theorem_1(rho)
    (relative,) = relative_variance(rho)
    # Two numbers near 1 are subtracted, of which the variance is about 1 / 2ρ.
    assert relative == pytest.approx(of_theorem_1(rho) / mean_squared, rel=1e-10)


def test_inverse_chi_square_by_chance():
    random = np.random.default_rng(0)
    rate = 1 / np.sqrt(random.chisquare(20, 400_000))
    (relative,) = relative_variance(20)
    assert rate.var() / rate.mean() ** 2 == pytest.approx(relative, rel=0.02)


def test_the_approximation_meets_it():
    rho = np.array([10.0, 100.0, 1999.0])
    ratio = approximate_variance(rho) / relative_variance(rho)
    assert np.abs(ratio - 1).tolist() == sorted(np.abs(ratio - 1), reverse=True)
    assert ratio[-1] == pytest.approx(1, rel=2e-3)


def test_the_rectification_is_what_makes_the_variance_constant():
    """r_t² is the approximate variance at the end over that at t (the paper's section 4.2)."""
    steps = np.array([10, 100, 1000])
    last = approximate_variance(rho_inf(0.999))
    expected = np.sqrt(last / approximate_variance(rho_t(0.999, steps)))
    np.testing.assert_allclose(rectification(0.999, steps), expected, rtol=1e-9)


def test_the_simulation_falls_as_the_theory_says():
    steps = [20, 60, 200]
    simulated = simulated_variance(0.999, steps, draws=20_000)
    # At β₂ = 0.999 the average of the first steps is nearly a simple one: 20,000 draws, 5 %.
    np.testing.assert_allclose(
        simulated, relative_variance(rho_t(0.999, np.array(steps))), rtol=0.08
    )
    assert simulated_variance(0.999, []).size == 0
