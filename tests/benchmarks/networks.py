"""Networks trained end to end: ours on TensorFlow and JAX beside Keras ``fit`` of the same model.

    python -m tests.benchmarks.networks [--models mlp small-cnn resnet20] [--rounds 1] [--json FILE]

Made pictures of 32 × 32 × 3 in ten classes, batches of 64. Every measurement is a fresh process; a
round takes every way once. ``fit`` trains one learning rate after another, in a model that is
compiled once, with the same initial weights, batches and validation; losses are compared. A trial's
epoch is timed after the first one, which compiles.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
TRAIN, VALID, BATCH = 1000, 200, 64
WAYS = {
    "Keras fit, TensorFlow": ("tensorflow", "fit"),
    "sweep, TensorFlow": ("tensorflow", "sweep"),
    "Keras fit, JAX": ("jax", "fit"),
    "sweep, JAX": ("jax", "sweep"),
}


def main() -> None:
    asked = arguments()
    if asked.one:
        print(json.dumps(measured(*asked.one, asked.epochs)))
        return
    found: dict[tuple[str, int, str], list[dict[str, Any]]] = defaultdict(list)
    for number in range(1, asked.rounds + 1):
        for model in asked.models:
            for trials in asked.trials:
                for way, (backend, who) in WAYS.items():
                    print(f"round {number}: {model}, {trials}, {way}", file=sys.stderr, flush=True)
                    one = started(backend, [model, str(trials), who], asked.epochs)
                    found[model, trials, way].append(one)
    lines = [line(key, told) for key, told in found.items()]
    print(table(lines))
    if asked.json:
        asked.json.write_text(json.dumps(lines, indent=1))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", nargs="+", default=["mlp", "small-cnn", "resnet20"])
    parser.add_argument("--trials", nargs="+", type=int, default=[1, 7], help="learning rates")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=3, help="at least 2; the first compiles")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    return parser.parse_args()


def started(backend: str, one: list[str], epochs: int) -> dict[str, Any]:
    """What one process tells."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.networks", "--one", *one, f"--epochs={epochs}"],
        env=os.environ | {"KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if ended.returncode:
        raise SystemExit("\n".join(ended.stderr.splitlines()[-5:]))
    told: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return told


def measured(model: str, trials: str, who: str, epochs: int) -> dict[str, Any]:
    """Seconds a trial and epoch, peak memory, and each rate's last training loss."""
    from sweep.training.keras_runtime import load_keras

    load_keras(os.environ["KERAS_BACKEND"])
    rates = [float(rate) for rate in np.geomspace(1e-4, 1e-3, int(trials))]
    begin = time.perf_counter()
    train = by_fit if who == "fit" else by_sweep
    seconds, losses = train(model, rates, epochs)
    return {
        "seconds": seconds,
        "whole_seconds": time.perf_counter() - begin,
        "peak_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "losses": losses,
    }


def made() -> tuple[Any, Any]:
    """Pictures (N, 32, 32, 3) and classes (N,)."""
    random = np.random.default_rng(0)
    targets = random.integers(0, 10, TRAIN + VALID)
    faces = random.normal(0, 1, (10, 32, 32, 3))
    pictures = faces[targets] + random.normal(0, 3, (TRAIN + VALID, 32, 32, 3))
    return pictures.astype(np.float32), targets


def by_sweep(model: str, rates: list[float], epochs: int) -> tuple[float, list[float]]:
    """Through ``NetworkTraining``."""
    from sweep.planning.cohorts import Cohort
    from sweep.planning.events import EpochResult
    from sweep.planning.trials import Trial
    from sweep.results.provenance import DatasetInfo
    from sweep.study.axis import Point
    from sweep.study.networks import Network
    from sweep.study.optimizer import BUILT_IN_OPTIMIZERS
    from sweep.study.training_config import TrainingConfig
    from sweep.tasks.arrays import Examples
    from sweep.tasks.end_to_end import NetworkData
    from sweep.training.networks.training import NetworkTraining

    pictures, targets = made()
    names = tuple(map(str, range(10)))
    account = DatasetInfo("made", "made", names, (100,) * 10, (20,) * 10, (), "made")
    examples = Examples(pictures, targets, TRAIN, 10, account)
    adam = BUILT_IN_OPTIMIZERS["adam"]
    made_trials = []
    for number, rate in enumerate(rates):
        config = TrainingConfig(adam, rate, epochs, BATCH, None)
        point = Point.of({"learning_rate": rate})
        made_trials.append(Trial("adam", point, 0, config, str(number)))
    with tempfile.TemporaryDirectory() as folder:
        data = NetworkData(Network(model=model, data="made:up"), examples, Path(folder))
        training = NetworkTraining(data)
        together = training.alone_because(made_trials[0].config) is None
        cohorts = [tuple(made_trials)] if together else [(trial,) for trial in made_trials]
        seconds, losses = 0.0, []
        for trials in cohorts:
            epoch_events = [
                event for event in training.train(Cohort(trials)) if isinstance(event, EpochResult)
            ]
            seconds += sum(event.seconds for event in epoch_events[2:]) / (epochs - 1)
            losses += [float(loss) for loss in epoch_events[-1].train_loss_P]
    return seconds / len(rates), losses


def by_fit(model: str, rates: list[float], epochs: int) -> tuple[float, list[float]]:
    """One ``fit`` a learning rate; then the same in the order of our batches, to compare losses."""
    import keras

    from sweep.study.networks import Network
    from sweep.tasks import models

    pictures, targets = made()
    network = models.build(Network(model=model, data="made:up"), pictures.shape[1:], 10, seed=0)
    network.compile(
        keras.optimizers.Adam(rates[0]),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    initial, seconds, losses = network.get_weights(), 0.0, []
    for rate in rates:
        begin_anew(network, initial, rate)
        seconds += timed_fit(network, pictures, targets, epochs)
        begin_anew(network, initial, rate)
        losses.append(loss_of_our_batches(network, pictures, targets, epochs))
    return seconds / (epochs - 1) / len(rates), losses


def begin_anew(network: Any, weights: Any, rate: float) -> None:
    """With these weights, and the optimizer's moments 0."""
    network.set_weights(weights)
    for variable in network.optimizer.variables:
        variable.assign(0 * variable)
    network.optimizer.learning_rate = rate


def timed_fit(network: Any, pictures: Any, targets: Any, epochs: int) -> float:
    """Seconds of all epochs but the first."""
    import keras

    ends: list[float] = []
    network.fit(
        pictures[:TRAIN],
        targets[:TRAIN],
        BATCH,
        epochs=epochs,
        verbose=0,
        validation_data=(pictures[TRAIN:], targets[TRAIN:]),
        callbacks=[
            keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: ends.append(time.perf_counter()))
        ],
    )
    return ends[-1] - ends[0]


def loss_of_our_batches(network: Any, pictures: Any, targets: Any, epochs: int) -> float:
    """Of the last epoch."""
    from sweep.training.cohort_plan import example_order

    history: dict[str, Any] = {}
    for epoch in range(1, epochs + 1):
        order = example_order(0, epoch, TRAIN)
        history = network.fit(
            pictures[order], targets[order], BATCH, shuffle=False, verbose=0
        ).history
    return float(history["loss"][0])


def line(key: tuple[str, int, str], told: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians over the rounds."""
    model, trials, way = key
    names = ("seconds", "whole_seconds", "peak_bytes")
    medians = {name: median(one[name] for one in told) for name in names}
    return {"model": model, "trials": trials, "way": way, "losses": told[0]["losses"], **medians}


def table(lines: list[dict[str, Any]]) -> str:
    """In Markdown, with ratios to Keras ``fit`` on TensorFlow of the same model."""
    rows = [
        "| model | learning rates | way | ms a trial and epoch | × Keras fit | whole s | peak GB "
        "| loss off by |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    first = next(iter(WAYS))
    reference = {(it["model"], it["trials"]): it for it in lines if it["way"] == first}
    for it in lines:
        fit = reference[it["model"], it["trials"]]
        pairs = zip(it["losses"], fit["losses"], strict=True)
        off = max(abs(ours - theirs) / theirs for ours, theirs in pairs)
        rows.append(
            f"| {it['model']} | {it['trials']} | {it['way']} | {1000 * it['seconds']:.0f} | "
            f"{fit['seconds'] / it['seconds']:.2f} | {it['whole_seconds']:.1f} | "
            f"{it['peak_bytes'] / 1e9:.2f} | {100 * off:.2f}% |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
