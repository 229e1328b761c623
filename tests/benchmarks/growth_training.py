"""One point of ``growth``: seconds and peak memory of cohorts of a given size, in this process.

    python -m tests.benchmarks.growth_training --rates 7 --seeds 1 --epochs 2 --pictures 2000 …

prints one JSON line, ``Point``. Features are made and mapped from the disk, as a cache's are; one
cohort of one epoch is trained before, so that nothing is compiled in the time that is taken.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from sweep.planning.cohorts import Cohort
from sweep.study.axis import log_spaced
from sweep.study.optimizer import BUILT_IN_OPTIMIZERS
from tests.benchmarks.job import write_features
from tests.benchmarks.rivals.timing import peak_bytes
from tests.made_plans import made_cohort

SIZES = {
    "rates": 7,
    "seeds": 1,
    "epochs": 2,
    "pictures": 2_000,
    "features": 1_024,
    "hidden_units": 64,
}


@dataclass(frozen=True)
class Point:
    """What a size takes.

    Attributes:
        seconds: of all cohorts, one a seed, without compilation.
        processor_seconds: the same, of all threads added up.
        peak_bytes: the most memory that the process held.
        estimated_bytes: what the plan says of it.
    """

    seconds: float
    processor_seconds: float
    peak_bytes: int
    estimated_bytes: int


def measure(sizes: dict[str, int], folder: Path) -> Point:
    """Train all cohorts of a size; a fifth of the pictures is for validation."""
    from sweep.training.keras_runtime import load_keras

    pictures, path = sizes["pictures"], folder / "features.npy"
    labels_N = (np.arange(pictures) % 2).astype(np.uint8)
    write_features(path, labels_N, sizes["features"])
    load_keras("tensorflow")
    from sweep.tasks.task import TrainingData
    from sweep.training.loop import CohortTraining

    data = TrainingData(np.load(path, mmap_mode="r"), labels_N, pictures * 4 // 5)
    training = CohortTraining(data)
    list(training.train(next(cohorts(sizes | {"epochs": 1}))))
    begin, processor_begin = time.perf_counter(), time.process_time()
    for cohort in cohorts(sizes):
        list(training.train(cohort))
    return Point(
        seconds=time.perf_counter() - begin,
        processor_seconds=time.process_time() - processor_begin,
        peak_bytes=peak_bytes(),
        estimated_bytes=estimated_bytes(sizes),
    )


def cohorts(sizes: dict[str, int]) -> Iterator[Cohort]:
    """One of all learning rates for each seed."""
    rates = log_spaced(1e-5, 1e-4, sizes["rates"]) if sizes["rates"] > 1 else (1e-4,)
    for seed in range(sizes["seeds"]):
        yield made_cohort(
            BUILT_IN_OPTIMIZERS["adam"],
            rates,
            seed=seed,
            epochs=sizes["epochs"],
            hidden_units=sizes["hidden_units"],
        )


def estimated_bytes(sizes: dict[str, int]) -> int:
    """What the plan says that training takes."""
    from sweep.tasks import frozen_features
    from sweep.training.memory import estimated_memory_bytes
    from sweep.training.sparse import can_be_compiled

    trials = next(cohorts(sizes)).trials
    what = frozen_features.sizes(sizes["pictures"], sizes["features"], trials)
    if can_be_compiled():  # the features that are made are sparse
        what = replace(what, first_layer="kernel")
    return estimated_memory_bytes(trials, what)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in SIZES.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asdict(measure(vars(parser.parse_args()), Path(folder)))))


if __name__ == "__main__":
    main()
