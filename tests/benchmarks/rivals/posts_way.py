"""The way of blog posts: VGG16 with its new head, every picture through all of it in every epoch.

A few batches are timed and the rest is extrapolated: a trial's epoch is so many batches of
training, with the base frozen, and so many of validation. Pictures are noise of 224 × 224 in
memory, already decoded and resized; weights are random. Neither changes the time. No results.
"""

import time
from collections.abc import Callable

import numpy as np

from tests.benchmarks.job import Made
from tests.benchmarks.rivals.timing import Told, main, peak_bytes

TIMED_BATCHES = 2


def train(made: Made) -> Told:
    """Seconds of a trial's epoch, by some batches of each kind after a first that compiles."""
    import keras

    job = made.job
    base = keras.applications.VGG16(include_top=False, weights=None, input_shape=(224, 224, 3))
    base.trainable = False
    model = keras.Sequential(
        [
            base,
            keras.layers.Flatten(),
            keras.layers.Dense(job.hidden_units, "relu"),
            keras.layers.Dense(1, "sigmoid"),
        ]
    )
    model.compile(keras.optimizers.Adam(), "binary_crossentropy", metrics=["accuracy"])
    pictures = np.random.default_rng(0).random((job.batch_size, 224, 224, 3), np.float32)
    labels = made.labels_N[: job.batch_size]
    training = per_batch(lambda: model.train_on_batch(pictures, labels))
    validation = per_batch(lambda: model.test_on_batch(pictures, labels))
    seconds, processor_seconds = (
        (job.train_count * one + job.valid_count * other) / job.batch_size
        for one, other in zip(training, validation, strict=True)
    )
    return Told(seconds, processor_seconds, [], [], peak_bytes())


def per_batch(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds and processor seconds of one batch."""
    work()
    begin, processor_begin = time.perf_counter(), time.process_time()
    for _ in range(TIMED_BATCHES):
        work()
    ends = time.perf_counter() - begin, time.process_time() - processor_begin
    return ends[0] / TIMED_BATCHES, ends[1] / TIMED_BATCHES


if __name__ == "__main__":
    main(train)
