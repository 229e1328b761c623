"""Ours on JAX: all learning rates at once, through ``CohortTraining``."""

from tests.benchmarks.rivals.sweep_tensorflow import train_on
from tests.benchmarks.rivals.timing import main

if __name__ == "__main__":
    main(lambda made: train_on("jax", made))
