"""Ours on TensorFlow with the extra ``numba``: kernels that leave out features that are 0."""

from tests.benchmarks.rivals.sweep_tensorflow import train_on
from tests.benchmarks.rivals.timing import main

if __name__ == "__main__":
    main(lambda made: train_on("tensorflow", made))
