"""Training: a cohort of seven against Keras ``fit``, one trial after another, a trial and epoch.

    python tests/benchmarks/training.py [--rounds 7] [--epochs 10] [--features 25088] [--jit]

The same job on both sides: from the same cached features (float16, memory-mapped; made ones, as the
time does not depend on the values) to training and validation loss and accuracy of every epoch,
with 2,000 pictures to train on, 500 to validate with, batches of 64 and Adam. Ours also evaluates
before training. ``fit`` is compiled as Keras does by default; ``--jit`` gives it XLA, which ours
has.
"""

import argparse
import resource
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from made_plans import made_cohort
from rounds import compare, report

from sweep.study.axis import log_spaced
from sweep.study.optimizer import BUILT_IN_OPTIMIZERS
from sweep.training.keras_runtime import load_keras

PICTURES, TRAIN, HIDDEN, BATCH = 2500, 2000, 256, 64
RATES = log_spaced(0.003, 0.1, 7)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--features", type=int, default=25088)
    parser.add_argument("--jit", action="store_true")
    asked = parser.parse_args()
    load_keras("tensorflow")
    with tempfile.TemporaryDirectory() as folder:
        features_NF = cached_features(Path(folder), asked.features)
        labels_N = (np.arange(PICTURES) % 2).astype(np.uint8)
        pairs = compare(
            cohort_training(features_NF, labels_N, asked.epochs),
            fit_training(features_NF, labels_N, asked.epochs, True if asked.jit else "auto"),
            asked.rounds,
            per=(asked.epochs * len(RATES), asked.epochs),
        )
    report(f"training, {asked.epochs} epochs", pairs, "a trial and epoch")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"peak memory of the process with both: {peak:.2f} GB")


def cached_features(folder, count):
    random = np.random.default_rng(0)
    features = random.random((PICTURES, count), np.float32).astype(np.float16)
    np.save(folder / "features.npy", features)
    return np.load(folder / "features.npy", mmap_mode="r")


def cohort_training(features_NF, labels_N, epochs):
    """A cohort's whole training; compiled in the round that is thrown away."""
    from sweep.tasks.task import TrainingData
    from sweep.training.loop import CohortTraining

    training = CohortTraining(TrainingData(features_NF, labels_N, TRAIN))
    adam = BUILT_IN_OPTIMIZERS["adam"]
    cohort = made_cohort(adam, RATES, epochs=epochs, batch_size=BATCH, hidden_units=HIDDEN)
    return lambda: list(training.train(cohort))


def fit_training(features_NF, labels_N, epochs, jit_compile):
    """Keras ``fit`` of one trial; compiled in the round that is thrown away."""
    import keras

    model = keras.Sequential(
        [
            keras.Input((features_NF.shape[1],)),
            keras.layers.Dense(HIDDEN, "relu"),
            keras.layers.Dense(1),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(0.003),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.BinaryAccuracy(threshold=0.0)],
        jit_compile=jit_compile,
    )
    return lambda: model.fit(
        features_NF[:TRAIN],
        labels_N[:TRAIN],
        validation_data=(features_NF[TRAIN:], labels_N[TRAIN:]),
        batch_size=BATCH,
        epochs=epochs,
        verbose=0,
    )


if __name__ == "__main__":
    main()
