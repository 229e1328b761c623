"""A whole study, from an empty cache to the result: ours, and Optuna with Keras.

    python -m tests.benchmarks.whole_study --data FOLDER --weights FILE [--rival-seeds 1]

Ours is ``sweep run lr-robustness``, as a user types it, report and all. The rival is a script as
Optuna's and Keras' documentation have it: VGG16's features by ``predict``, kept in a file, then a
study in SQLite with a grid of optimizers, learning rates and seeds, whose objective builds,
compiles and fits the head on them, in a ``tf.data`` pipeline. Reading and resizing pictures is not
counted for it, nor is a report. Its trainings take long, so of its seeds fewer may be trained: the
rest is extrapolated, and the table says so.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sweep.data.pictures import find_pictures
from sweep.study.axis import log_spaced
from sweep.study.tasks import Pictures

ROOT = Path(__file__).parents[2]
RATES = log_spaced(0.003, 0.1, 7)
EPOCHS, BATCH, HIDDEN = 10, 64, 256


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, help="Dogs vs. Cats")
    parser.add_argument("--weights", required=True, help="VGG16's, without its top")
    parser.add_argument("--seeds", type=int, default=5, help="of the study")
    parser.add_argument("--rival-seeds", type=int, default=1)
    asked = parser.parse_args()
    data, weights = (str(Path(path).resolve()) for path in (asked.data, asked.weights))
    with tempfile.TemporaryDirectory() as folder:
        ours = sweep(data, weights, asked.seeds, Path(folder))
        print(f"sweep: {ours:.0f} s; children at most {peak():.1f} GB", flush=True)
        features, training = optuna_with_keras(data, weights, asked.rival_seeds, Path(folder))
    whole = features + training * asked.seeds / asked.rival_seeds
    told = f"{features:.0f} s of features, {training:.0f} s of {asked.rival_seeds} seeds"
    said = "" if asked.seeds == asked.rival_seeds else f", extrapolated to {asked.seeds}"
    print(f"Optuna with Keras: {whole:.0f} s ({told}{said}), {whole / ours:.1f} × ours")


def peak() -> float:
    """The largest child's, in GB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e9


def sweep(data: str, weights: str, seeds: int, folder: Path) -> float:
    """Seconds of the command."""
    command = ["lr-robustness", "--data", data, "--weights", weights, "--seeds", str(seeds)]
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "sweep.cli", "run", *command],
        cwd=folder,
        env=os.environ | {"SWEEP_CACHE": str(folder / "cache"), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - begin


def optuna_with_keras(data: str, weights: str, seeds: int, folder: Path) -> tuple[float, float]:
    """Seconds of the features, and of the trainings."""
    import keras
    import optuna

    pictures = find_pictures(Pictures(), data, cache=folder / "cache")
    pixels = pictures.pixels(0, len(pictures), 224)
    begin = time.perf_counter()
    features = features_of(pixels, weights)
    np.save(folder / "features.npy", features)
    middle = time.perf_counter()
    objective = objective_on(features, np.asarray(pictures.labels), int(0.8 * len(features)))
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    grid = {"optimizer": ["radam", "adam", "adam-warmup"], "learning_rate": list(RATES)}
    study = optuna.create_study(
        storage=f"sqlite:///{folder}/optuna.db",
        direction="maximize",
        sampler=optuna.samplers.GridSampler({**grid, "seed": list(range(seeds))}),
    )
    study.optimize(objective, callbacks=[lambda *_: keras.utils.clear_session()])
    return middle - begin, time.perf_counter() - middle


def features_of(pixels: NDArray[np.uint8], weights: str) -> NDArray[np.float16]:
    """VGG16's, by Keras."""
    import keras

    shape = (224, 224, 3)
    base = keras.applications.VGG16(include_top=False, weights=weights, input_shape=shape)
    prepare = keras.applications.vgg16.preprocess_input
    parts = (prepare(part.astype(np.float32)) for part in np.array_split(pixels, 80))
    found = [base.predict_on_batch(part).astype(np.float16) for part in parts]
    return np.concatenate(found).reshape(len(pixels), -1)


def objective_on(features: NDArray[np.float16], labels: NDArray[np.uint8], train: int):
    """What a trial does: each seed with a split of its own."""
    import keras
    import tensorflow as tf

    from sweep.optimizers.radam import RAdam

    steps = EPOCHS * -(-train // BATCH)

    def optimizer(name: str, rate: float) -> keras.optimizers.Optimizer:
        if name == "radam":
            return RAdam(rate)
        if name == "adam":
            return keras.optimizers.Adam(rate)
        schedule = keras.optimizers.schedules.CosineDecay(
            0.0, steps, alpha=1.0, warmup_target=rate, warmup_steps=steps // 10
        )
        return keras.optimizers.Adam(schedule)

    def objective(trial) -> float:
        name = trial.suggest_categorical("optimizer", ["radam", "adam", "adam-warmup"])
        rate = trial.suggest_float("learning_rate", min(RATES), max(RATES), log=True)
        seed = trial.suggest_int("seed", 0, 4)
        keras.utils.set_random_seed(seed)
        order = np.random.default_rng(seed).permutation(len(features))
        parts = [
            tf.data.Dataset.from_tensor_slices((features[rows], labels[rows]))
            for rows in (order[:train], order[train:])
        ]
        model = keras.Sequential(
            [keras.layers.Dense(HIDDEN, "relu"), keras.layers.Dense(1, "sigmoid")]
        )
        model.compile(optimizer(name, rate), "binary_crossentropy", metrics=["accuracy"])
        logs = model.fit(
            parts[0].shuffle(train).batch(BATCH).prefetch(tf.data.AUTOTUNE),
            validation_data=parts[1].batch(BATCH).prefetch(tf.data.AUTOTUNE),
            epochs=EPOCHS,
            shuffle=False,  # the pipeline does
            verbose=0,
        ).history
        return logs["val_accuracy"][-1]

    return objective


if __name__ == "__main__":
    main()
