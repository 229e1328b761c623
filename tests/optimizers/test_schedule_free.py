"""Schedule-free AdamW: its steps are those of the paper."""

import keras
import numpy as np

from sweep.optimizers.schedule_free import ScheduleFreeAdamW

GRADIENTS = (0.5, -0.3, 0.8, 0.1)
RATE, BETA_1, BETA_2, EPSILON = 0.1, 0.9, 0.999, 1e-8


def by_the_paper() -> list[float]:
    """In float64, z and x held apart, as in the paper's algorithm."""
    x = z = 1.0
    v, steps = 0.0, []
    for t, gradient in enumerate(GRADIENTS, 1):
        v = BETA_2 * v + (1 - BETA_2) * gradient**2
        z -= RATE * gradient / (np.sqrt(v / (1 - BETA_2**t)) + EPSILON)
        x = (1 - 1 / t) * x + z / t
        steps.append((1 - BETA_1) * z + BETA_1 * x)
    return steps


def test_steps_are_those_of_the_paper():
    """To float32's rounding, some 1e-7 a step; Keras' own class is 4e-3 off on TensorFlow."""
    weights = keras.Variable(np.ones(1, "float32"))
    optimizer = ScheduleFreeAdamW(RATE)
    optimizer.build([weights])
    taken = []
    for gradient in GRADIENTS:
        optimizer.apply([keras.ops.convert_to_tensor(np.float32([gradient]))], [weights])
        taken.append(float(keras.ops.convert_to_numpy(weights)[0]))
    np.testing.assert_allclose(taken, by_the_paper(), rtol=1e-5)
