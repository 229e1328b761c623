"""Adafactor without divisions 0 / 0: Keras' steps where Keras has none, else finite ones."""

import keras
import numpy as np
import pytest

from sweep.optimizers.adafactor import Adafactor

SHAPES = ((6, 4), (4,), (4, 1))


def steps(kind, gradients, rate=0.1):
    random = np.random.default_rng(3)
    variables = [keras.Variable(random.normal(0, 1, shape).astype("float32")) for shape in SHAPES]
    optimizer = kind(rate)
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(part) for part in gradient], variables)
    return [np.asarray(variable.value) for variable in variables]


def made_gradients(dead=False):
    random = np.random.default_rng(4)
    made = []
    for _ in range(8):
        kernel, bias, out = (random.normal(0, 0.1, shape).astype("float32") for shape in SHAPES)
        if dead:  # a feature that is always zero, and a hidden unit that no example reaches
            kernel[2], kernel[:, 1] = 0, 0
        made.append((kernel, bias, out))
    return made


@pytest.mark.parametrize("rate", [0.003, 0.1])
def test_takes_the_steps_of_keras(rate):
    gradients = made_gradients()
    mine, theirs = (
        steps(Adafactor, gradients, rate),
        steps(keras.optimizers.Adafactor, gradients, rate),
    )
    for one, other in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)


def test_what_is_always_zero_stays_and_the_rest_moves():
    """Keras' class alone makes the whole variable NaN there, at any learning rate."""
    gradients = made_gradients(dead=True)
    assert np.isnan(steps(keras.optimizers.Adafactor, gradients)[0]).all()
    start, (kernel, *_) = steps(Adafactor, []), steps(Adafactor, gradients)
    assert np.isfinite(kernel).all()
    assert np.array_equal(kernel[2], start[0][2])
    assert (np.delete(kernel != start[0], 2, axis=0)[:, [0, 2, 3]]).all()
