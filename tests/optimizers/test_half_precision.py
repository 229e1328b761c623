"""RAdam on weights in half precision, against float64, from the least to the greatest gradients.

As a script it writes its steps on the backend of ``KERAS_BACKEND`` to a file. K steps, P trials,
G sizes of gradients.
"""

import os
import subprocess
import sys
from dataclasses import dataclass

import keras
import numpy as np
import pytest
from optimizers.table import compiled_step
from processes import python_path

from sweep.optimizers import RAdam
from sweep.optimizers.rectification import rectification
from sweep.optimizers.schedules import CohortLearningRates

K, RATES = 40, (0.003, 0.1)
SIZES = (0.0, *(10.0**power for power in range(-8, 5)))
START = 1.0
UNITS = {"float16": 2.0**-11, "bfloat16": 2.0**-8}
"""Half the distance from 1 to the next number."""
LEAST = {"float16": 2.0**-25, "bfloat16": 0.0}
"""Half the distance from 0 to the next number."""
CASES = [
    (dtype, epsilon, below)
    for dtype in UNITS
    for epsilon in (1e-7, 1e-8)
    for below in ("momentum", "skip")
]


def gradients(dtype: str) -> np.ndarray:
    """(K, P, G), as numbers of that type: noise around a drift of each size."""
    random = np.random.default_rng(2)
    drawn = random.normal(0.5, 1, (K, len(RATES), len(SIZES))) * SIZES
    return np.asarray(keras.ops.cast(keras.ops.cast(drawn, dtype), "float64"))


@dataclass(frozen=True)
class Trained:
    """What ``compiled_step`` takes."""

    keras_optimizer: RAdam
    variables: list[keras.Variable]
    rates_P1: keras.Variable


def steps_by_sweep(dtype: str, epsilon: float, below: str) -> np.ndarray:
    """(K, P, G): the weights after every compiled step."""
    rates_P1 = keras.Variable(np.reshape(RATES, (-1, 1)), dtype="float32", trainable=False)
    optimizer = RAdam(CohortLearningRates(rates_P1), epsilon=epsilon, below_threshold=below)
    weights = keras.Variable(np.full((len(RATES), len(SIZES)), START), dtype=dtype)
    optimizer.build([weights])
    step, trace = compiled_step(Trained(optimizer, [weights], rates_P1)), []
    for gradient in gradients(dtype):
        step([keras.ops.convert_to_tensor(gradient, dtype)])
        trace.append(np.asarray(keras.ops.cast(weights, "float64")))
    return np.array(trace)


def steps_by_formula(dtype: str, epsilon: float, below: str) -> np.ndarray:
    """(K, P, G): each step that the paper takes, in float64."""
    m, v, steps = 0.0, 0.0, []
    for t, gradient in enumerate(gradients(dtype), start=1):
        m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
        m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
        r_t = rectification(0.999, [t])[0]
        unrectified = m_hat if below == "momentum" else 0 * m_hat
        rectified = r_t * m_hat / (np.sqrt(v_hat) + epsilon)
        steps.append(np.reshape(RATES, (-1, 1)) * (unrectified if np.isnan(r_t) else rectified))
    return np.array(steps)


def name_of(case) -> str:
    return " ".join(map(str, case))


def assert_near_float64(trace: np.ndarray, case) -> None:
    """To the rounding of each step and of the weight after it, both in the weights' type."""
    unit, least = UNITS[case[0]], LEAST[case[0]]
    steps = steps_by_formula(*case)
    expected = START - np.cumsum(steps, axis=0)
    rounding = unit * (np.abs(steps) + np.maximum(np.abs(trace), np.abs(expected))) + 2 * least
    assert np.isfinite(trace).all()
    assert np.all(np.abs(trace - expected) <= 1.01 * np.cumsum(rounding, axis=0))


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_tensorflow_is_as_near_to_float64_as_the_type_allows(case):
    assert_near_float64(steps_by_sweep(*case), case)


def test_jax_is_as_near_to_float64_as_the_type_allows(tmp_path):
    pytest.importorskip("jax", reason="the JAX backend needs jax")
    file = tmp_path / "jax.npz"
    subprocess.run(
        [sys.executable, __file__, file],
        env=os.environ
        | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "PYTHONPATH": python_path()},
        check=True,
    )
    with np.load(file) as by_jax:
        for case in CASES:
            assert_near_float64(by_jax[name_of(case)], case)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_moments_have_at_least_float32(dtype):
    optimizer, weights = RAdam(), keras.Variable([1.0], dtype=dtype, name="w")
    optimizer.build([weights])
    moments = optimizer.variables[-2:]
    assert [moment.dtype for moment in moments] == 2 * [
        "float64" if dtype == "float64" else "float32"
    ]
    assert [moment.name for moment in moments] == ["w_momentum", "w_velocity"]


def test_a_saved_half_precision_model_continues_as_if_never_saved(tmp_path):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, dtype="float16")])
    model.compile(optimizer=RAdam(0.01), loss="mse")
    x = np.random.default_rng(0).normal(size=(16, 3))
    y = x.sum(axis=1, keepdims=True)
    model.fit(x, y, epochs=4, batch_size=8, verbose=0, shuffle=False)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for each in (model, loaded):
        each.fit(x, y, epochs=4, batch_size=8, verbose=0, shuffle=False)
    for mine, other in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)


if __name__ == "__main__":
    np.savez(sys.argv[1], **{name_of(case): steps_by_sweep(*case) for case in CASES})
