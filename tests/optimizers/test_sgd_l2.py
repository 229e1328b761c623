"""SGD with a coupled decay, against the steps that PyTorch's documentation writes."""

import keras
import numpy as np
import pytest

from sweep.optimizers.sgd_l2 import SGDL2


def pytorch(theta, gradients, eta, mu, decay, nesterov):
    """torch.optim.SGD's steps, in float64."""
    buffer = np.zeros_like(theta)
    for gradient in gradients:
        g = gradient + decay * theta
        buffer = mu * buffer + g
        theta = theta - eta * (g + mu * buffer if nesterov else buffer)
    return theta


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("mu", [0.0, 0.9])
@pytest.mark.parametrize("decay", [0.0, 1e-4, 0.3])
def test_steps_are_those_of_pytorch(decay, mu, nesterov):
    random = np.random.default_rng(0)
    theta, gradients = random.normal(size=7), random.normal(size=(20, 7))
    variable = keras.Variable(theta.astype("float32"))
    optimizer = SGDL2(0.05, momentum=mu, nesterov=nesterov, l2=decay)
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient.astype("float32"))], [variable])
    expected = pytorch(theta, gradients, 0.05, mu, decay, nesterov)
    # Twenty steps of sums in float32, whose unit in the last place is 1.2e-7.
    np.testing.assert_allclose(np.asarray(variable.value), expected, rtol=1e-5, atol=1e-6)


def test_kerass_own_decay_is_another():
    """Without a gradient, Keras' takes η λ off in each step; the coupled one gathers momentum."""
    left = []
    for optimizer in (
        keras.optimizers.SGD(0.01, momentum=0.9, weight_decay=0.1),
        SGDL2(0.01, momentum=0.9, l2=0.1),
    ):
        variable = keras.Variable([1.0])
        for _ in range(100):
            optimizer.apply([keras.ops.zeros((1,))], [variable])
        left.append(float(np.asarray(variable.value)[0]))
    assert left[0] == pytest.approx(0.999**100, rel=1e-4)
    assert left[1] < 0.5


def test_serialized_and_back():
    config = keras.saving.serialize_keras_object(SGDL2(0.1, momentum=0.9, l2=0.5))
    again = keras.saving.deserialize_keras_object(config)
    assert isinstance(again, SGDL2)
    assert (again.momentum, again.l2) == (0.9, 0.5)


def test_a_negative_term_is_refused():
    with pytest.raises(ValueError, match="l2=-1"):
        SGDL2(0.1, l2=-1)
