"""ρ_t and r_t against 60-digit arithmetic, as NumPy and as Keras' tensors have them."""

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.optimizers.rectification import (
    first_rectified_step,
    rectification,
    rectification_of,
    rho_inf,
    rho_t,
)

BETAS_2 = (0.5, 0.67, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999)
STEPS = np.unique(np.concatenate([np.arange(1, 61), np.geomspace(61, 1e6, 60).astype(int)]))


def exact(beta_2: float, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """ρ_t and r_t (NaN where ρ_t ≤ 5) by the paper's formulas in 60 digits."""
    with localcontext(prec=60):
        beta = Decimal(beta_2)
        limit = 2 / (1 - beta) - 1
        rhos = [limit - 2 * int(t) * beta ** int(t) / (1 - beta ** int(t)) for t in steps]
        scale = limit / ((limit - 4) * (limit - 2))
        rs = [((r - 4) * (r - 2) / r * scale).sqrt() if r > 5 else Decimal("nan") for r in rhos]
        return np.array(rhos, float), np.array(rs, float)


@pytest.mark.parametrize("beta_2", BETAS_2)
def test_float64_equals_exact_arithmetic(beta_2):
    rho, r = exact(beta_2, STEPS)
    np.testing.assert_allclose(rho_t(beta_2, STEPS), rho, rtol=1e-15)
    np.testing.assert_allclose(rectification(beta_2, STEPS), r, rtol=1e-13)


@pytest.mark.parametrize("beta_2", BETAS_2)
def test_float32_tensors_equal_exact_arithmetic(beta_2):
    """ρ_t to 3e-7 of its size and r_t to 1e-6, where the paper's formula has lost all digits."""
    from keras import ops

    rho, r = exact(beta_2, STEPS)
    rho_32 = rho_t(beta_2, ops.convert_to_tensor(STEPS, "float32"), ops)
    np.testing.assert_allclose(np.asarray(rho_32), rho, rtol=3e-7)
    rectified = ~np.isnan(r)
    r_32 = np.asarray(rectification_of(beta_2, rho_32, ops))
    assert r_32.dtype == np.float32
    np.testing.assert_allclose(r_32[rectified], r[rectified], rtol=1e-6)


def test_a_vector_of_betas_2_equals_exact_arithmetic():
    """As closely as one β₂ as a plain number does, also near 1."""
    from keras import ops

    from sweep.optimizers.vectors import SettingVector

    vector = SettingVector(len(BETAS_2), "beta_2")
    vector.give(np.array(BETAS_2))
    rho_PK = rho_t(vector, ops.convert_to_tensor(STEPS, "float32"), ops)
    r_PK = np.asarray(rectification_of(vector, rho_PK, ops))
    for beta_2, rho_K, r_K in zip(BETAS_2, np.asarray(rho_PK), r_PK, strict=True):
        rho, r = exact(beta_2, STEPS)
        np.testing.assert_allclose(rho_K, rho, rtol=5e-7)
        rectified = ~np.isnan(r)
        np.testing.assert_allclose(r_K[rectified], r[rectified], rtol=2e-6)


def test_float32_tensors_by_the_papers_formula_do_not():
    """The test above can fail: in float32 the paper's formula is far off at β₂ = 0.9999."""
    beta_2, t = np.float32(0.9999), np.float32(6)
    limit = np.float32(2) / (1 - beta_2) - 1
    naive = limit - 2 * t * beta_2**t / (1 - beta_2**t)
    assert abs(naive / exact(0.9999, np.array([6]))[0][0] - 1) > 1e-3


@given(st.floats(0.05, 0.99999), st.floats(4, 50))
def test_the_first_rectified_step_is_the_first_above_the_threshold(beta_2, threshold):
    first = first_rectified_step(beta_2, threshold)
    if first is None:
        assert rho_inf(beta_2) <= threshold
    else:
        assert rho_t(beta_2, first) >= threshold * (1 - 1e-15)
        assert first == 1 or rho_t(beta_2, first - 1) <= threshold
        assert rho_inf(beta_2) > threshold


@pytest.mark.parametrize(
    ("beta_2", "threshold", "first"),
    [
        (0.999, 5.0, 6),
        (0.999, 4.0, 5),
        (0.9999, 4.0, 5),  # ρ₄ = 3.9997; 4.02 by the paper's formula in float32
        (0.9, 5.0, 6),
        (0.67, 5.0, 16),
        (0.5, 4.0, None),
        (0.6, 4.0, None),  # ρ_∞ is 4 itself
    ],
)
def test_first_rectified_steps_by_hand(beta_2, threshold, first):
    assert first_rectified_step(beta_2, threshold) == first


def test_r_t_grows_to_one():
    r = rectification(0.99, np.arange(6, 3000))
    assert np.all(np.diff(r) >= 0)
    assert r[-1] == pytest.approx(1, abs=1e-9)
