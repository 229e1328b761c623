"""Training: a cohort of seven against Keras ``fit``, one trial after another, a trial and epoch.

    python tests/benchmarks/training.py [--rounds 7] [--features 25088]

Both train on the same 2,000 pictures' features (made ones: the time does not depend on them), with
batches of 64 and Adam, for three epochs a round. ``fit`` has the features as a float32 array in
memory, the fastest way to give them to it; its validation is left out, ours is in.
"""

import argparse
import resource

import numpy as np
from rounds import compare, report

from sweep.engine import load_keras
from sweep.plan import Cohort, Trial
from sweep.study import BUILT_IN_OPTIMIZERS, log_spaced

PICTURES, TRAIN, HIDDEN, BATCH, EPOCHS = 2500, 2000, 256, 64, 3
RATES = log_spaced(0.003, 0.1, 7)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--features", type=int, default=25088)
    asked = parser.parse_args()
    load_keras("tensorflow")
    random = np.random.default_rng(0)
    labels_N = (np.arange(PICTURES) % 2).astype(np.uint8)
    features_NF = random.random((PICTURES, asked.features), np.float32).astype(np.float16)
    ours = cohort_training(features_NF, labels_N)
    for jit in ("auto", False, True):
        rival = fit_training(features_NF[:TRAIN].astype(np.float32), labels_N[:TRAIN], jit)
        pairs = compare(ours, rival, asked.rounds, per=(EPOCHS * len(RATES), EPOCHS))
        report(f"training, fit with jit_compile={jit}", pairs, "a trial and epoch")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"peak memory of the process with both: {peak:.2f} GB")


def cohort_training(features_NF, labels_N):
    """A cohort's training, with the evaluation before it and all validation; compiled before."""
    from sweep.training.cohort import CohortTraining, Regime, TrainingData

    regime = Regime(epochs=EPOCHS, batch_size=BATCH, hidden_units=HIDDEN)
    training = CohortTraining(TrainingData(features_NF, labels_N, TRAIN), regime)
    adam = BUILT_IN_OPTIMIZERS["adam"]
    cohort = Cohort(adam, 0, tuple(Trial("adam", rate, 0, str(rate)) for rate in RATES))
    return lambda: list(training.train(cohort))


def fit_training(features, labels, jit_compile):
    """Keras fit."""
    import keras

    model = keras.Sequential(
        [
            keras.Input((features.shape[1],)),
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
    return lambda: model.fit(features, labels, batch_size=BATCH, epochs=EPOCHS, verbose=0)


if __name__ == "__main__":
    main()
