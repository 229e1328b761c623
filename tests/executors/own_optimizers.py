"""Optimizers of a user's own that run out of memory, or fail, as it comes in practice."""

import math
from collections import Counter

import keras

attempts: Counter[str] = Counter()
"""How often each was built for training, by its class; a test clears it before it starts."""
LARGEST_OF_A_PROBE = 100
"""Weights of a variable; those of trainings have more."""


def is_probed(variables):
    """Whether it is only tried out, to see how its trials can train."""
    return math.prod(variables[0].shape) < LARGEST_OF_A_PROBE


def run_out_of_memory():
    """As an allocation ends for which there is no space.

    TensorFlow would try it for ten seconds first.
    """
    if keras.backend.backend() == "jax":
        keras.ops.zeros((1 << 46,))
    import tensorflow as tf

    raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")


class Greedy(keras.optimizers.SGD):
    """Takes more memory than there is.

    Args:
        max_trials: for more trials at once than this.
        times: otherwise, the first so many times.
    """

    def __init__(self, learning_rate, max_trials=1000, times=0, **settings):
        super().__init__(learning_rate, **settings)
        self.max_trials = max_trials
        self.times = times

    def build(self, variables):
        super().build(variables)
        if is_probed(variables):
            return
        too_many = variables[-1].shape[0] > self.max_trials
        attempts[type(self).__name__] += not too_many
        if too_many or attempts[type(self).__name__] <= self.times:
            run_out_of_memory()


class Unsteady(keras.optimizers.SGD):
    """Fails the first so many times that it is built."""

    def __init__(self, learning_rate, times=1, **settings):
        super().__init__(learning_rate, **settings)
        self.times = times

    def build(self, variables):
        super().build(variables)
        if is_probed(variables):
            return
        attempts[type(self).__name__] += 1
        if attempts[type(self).__name__] <= self.times:
            raise RuntimeError(f"made to fail, attempt {attempts[type(self).__name__]}")


class Interrupted(keras.optimizers.SGD):
    """Ctrl-C comes while it is built, and the library on the way out covers it."""

    def build(self, variables):
        super().build(variables)
        try:
            raise KeyboardInterrupt
        finally:
            raise AssertionError("Concurrent access?")
