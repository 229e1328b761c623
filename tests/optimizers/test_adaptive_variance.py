"""The variance of the adaptive rate against the paper's own formula, and against chance."""

import math

import numpy as np
import pytest

from sweep.optimizers.adaptive_variance import approximate_variance, relative_variance, simulate
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
    """In the first steps the exponential average is nearly a simple one."""
    steps = [20, 60]
    found = simulate(0.999, steps, draws=20_000)
    exact = relative_variance(rho_t(0.999, np.array(steps)))
    # Four standard errors: by chance one of 8,000 draws of the seed would fail at each step.
    assert (np.abs(found.variance - exact) < 4 * found.standard_error).all()


def test_between_a_simple_average_has_a_higher_variance_than_the_exponential_one():
    """The variance of v̂ says how much: with x = t ln(1/β₂) / 2 about tanh x against ρ_t / ρ_∞."""
    steps = np.array([200, 4_000])  # at β₂ = 0.99 near its 2 / (1 − β₂), and at the end
    found = simulate(0.99, steps.tolist(), draws=20_000)
    freedom = rho_inf(0.99) * np.tanh(-steps * np.log(0.99) / 2)
    assert (np.abs(found.variance - relative_variance(freedom)) < 4 * found.standard_error).all()
    off = found.variance / relative_variance(rho_t(0.99, steps)) - 1
    assert off[0] == pytest.approx(-0.1, abs=0.03)
    assert off[1] == pytest.approx(0, abs=4 * found.standard_error[1] / found.variance[1])


def test_the_standard_error_is_how_the_variance_scatters():
    seeds = [simulate(0.999, [30], draws=500, seed=seed) for seed in range(200)]
    variances = [found.variance[0] for found in seeds]
    # A standard deviation of 200 is itself known to 5 %; variances of 500 draws have long tails.
    mean_error = np.mean([found.standard_error[0] for found in seeds])
    assert np.std(variances) == pytest.approx(mean_error, rel=0.2)


def test_what_does_not_exist_is_not_told():
    found = simulate(0.999, [1, 2, 3, 4, 5])
    assert np.isnan(found.variance).tolist() == [True, True, False, False, False]
    assert np.isnan(found.standard_error).tolist() == [True] * 4 + [False]
    assert simulate(0.999, []).variance.size == 0
    assert simulate(0.999, [1, 2]).variance.size == 2


def test_gradients_with_a_mean_vary_less():
    none, some = (simulate(0.999, [50], mean=mean).variance[0] for mean in (0.0, 1.0))
    # A squared gradient's relative variance is (2 + 4 μ²) / (1 + μ²)²: 1.5 here, and 2 with μ = 0.
    assert some / none == pytest.approx(0.75, abs=0.1)
