"""The plan's estimate of a network's memory beside the measured peak, each in a fresh process.

    python -m tests.benchmarks.network_memory [--models mlp small-cnn resnet20] [--batches 64 256]

Made pictures of 32 × 32 × 3 in ten classes, two steps and one evaluation: the peak is that of a
long training, for nothing that a later step takes is kept. Not a time, so a busy machine does not
matter.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
VALID = 512
"""As many as are evaluated at once."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", nargs="+", default=["mlp", "small-cnn", "resnet20"])
    parser.add_argument("--batches", nargs="+", type=int, default=[64, 256])
    parser.add_argument("--trials", nargs="+", type=int, default=[1, 7])
    parser.add_argument("--backends", nargs="+", default=["tensorflow", "jax"])
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        backend, model, batch, trials = asked.one
        print(json.dumps(measured(backend, model, int(batch), int(trials))))
        return
    for backend in asked.backends:
        for model in asked.models:
            for batch in asked.batches:
                for trials in asked.trials:
                    told = started(backend, model, batch, trials)
                    print(line((backend, model, batch, trials), told), flush=True)


def started(*one: Any) -> dict[str, float]:
    """What a fresh process measures."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.network_memory", "--one", *map(str, one)],
        cwd=ROOT,
        env=os.environ | {"KERAS_BACKEND": one[0], "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def line(one: tuple[Any, ...], told: dict[str, float]) -> str:
    """For people."""
    numbers = ", ".join(f"{name} {value:,.3g}" for name, value in told.items())
    return f"{', '.join(map(str, one)):32} {numbers}"


def measured(backend: str, model: str, batch: int, trials: int) -> dict[str, float]:
    """Peaks in MB, and the estimate."""
    from sweep.training.keras_runtime import load_keras

    load_keras(backend)
    libraries = peak()
    from sweep.results.provenance import DatasetInfo
    from sweep.study.networks import Network
    from sweep.study.optimizer import BUILT_IN_OPTIMIZERS
    from sweep.tasks.arrays import Examples
    from sweep.tasks.end_to_end import NetworkData
    from sweep.training.memory import estimated_memory_bytes
    from sweep.training.networks.training import NetworkTraining
    from sweep.training.sizes import network_sizes
    from tests.made_plans import made_cohort

    names = tuple(map(str, range(10)))
    counts = (1,) * 10
    account = DatasetInfo("made", "made", names, counts, counts, (), "hash", are_pictures=False)
    count = 2 * batch + VALID
    random = np.random.default_rng(0)
    inputs_N = random.standard_normal((count, 32, 32, 3)).astype(np.float32)
    examples = Examples(inputs_N, np.arange(count) % 10, 2 * batch, 10, account)
    network = Network(model=model, data="cifar-10")
    rates = tuple(float(rate) for rate in np.geomspace(1e-4, 1e-3, trials))
    cohort = made_cohort(
        BUILT_IN_OPTIMIZERS["adam"],
        rates,
        epochs=1,
        batch_size=batch,
        hidden_units=None,  # pyright: ignore
    )
    sizes = network_sizes(network, examples, backend)
    estimate = estimated_memory_bytes(cohort.trials, sizes)
    with tempfile.TemporaryDirectory() as folder:
        training = NetworkTraining(NetworkData(network, examples, Path(folder)))
        if training.alone_because(cohort.config):
            from sweep.planning.cohorts import Cohort

            cohort = Cohort(cohort.trials[:1])
        list(training.train(cohort))
    return {
        "libraries": libraries,
        "peak": peak(),
        "estimate": estimate / 1e6,
        "share": estimate / 1e6 / peak(),
        "weights": sizes.weights_bytes / 1e6,
        "activations_an_example": sizes.activation_bytes / 1e6,
        "trained": len(cohort.trials),
    }


def peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    main()
