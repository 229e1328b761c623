"""Cohorts an hour: one and two Ray workers against the local executor, and Ray's cost a cohort.

    python -m tests.benchmarks.ray_workers [--rounds 5] [--cohorts 12] [--features 25088]

Every round takes each side once, in a process of its own, on the same made features (float16,
memory-mapped): the local executor; Ray with one worker that has all processors; Ray with two that
have half of them each. Cohorts are seven trials with Adam, 2,000 pictures to train on and 500 to
validate with, batches of 64. The rate is that of the cohorts after the first two, when every worker
has compiled; what comes before the first event is told apart. ``--small`` takes cohorts that train
next to nothing, so that the difference is what Ray costs for each.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from made_plans import made_cohort

from sweep.executors.cluster import RayCluster
from sweep.planning.events import CohortResult
from sweep.study.axis import log_spaced
from sweep.study.optimizer import BUILT_IN_OPTIMIZERS
from sweep.tasks.task import TrainingData
from sweep.training.keras_runtime import load_keras
from tests.benchmarks.job import write_features

SIDES = ("local", "ray-1", "ray-2")
WARM_UP = 2
RATES = log_spaced(0.003, 0.1, 7)
LABELS = (np.arange(2500) % 2).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cohorts", type=int, default=12)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--features", type=int, default=25088)
    parser.add_argument("--small", action="store_true", help="64 features, 1 epoch.")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.small:
        asked.features, asked.epochs = 64, 1
    if asked.side:
        print(json.dumps(measure(asked)))
        return
    with tempfile.TemporaryDirectory() as folder:
        write_features(Path(folder) / "features.npy", LABELS, asked.features)
        module = [sys.executable, "-m", "tests.benchmarks.ray_workers"]
        command = [*module, *sys.argv[1:], "--folder", folder, "--side"]
        rounds = [
            {side: json.loads(subprocess.check_output([*command, side])) for side in SIDES}
            for _ in range(asked.rounds)
        ]
    report(rounds, asked)


def measure(asked):
    """Of one side: seconds to the first event, seconds a cohort, peak memory of this process."""
    import resource

    features_NF = np.load(asked.folder / "features.npy", mmap_mode="r")
    data = TrainingData(features_NF, LABELS, 2000)
    begin, first, ends = time.perf_counter(), None, []
    for event in events(asked.side, cohorts(asked.cohorts, asked.epochs), data):
        first = first or time.perf_counter()
        if isinstance(event, CohortResult):
            ends.append(time.perf_counter())
    return {
        "start": first - begin,
        "a_cohort": (ends[-1] - ends[WARM_UP - 1]) / (len(ends) - WARM_UP),
        "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }


def events(side, planned, data):
    if side == "local":
        load_keras("tensorflow")
        from sweep.executors.local import train_cohorts

        return train_cohorts(planned, data)
    from sweep.executors.ray import train_on_ray

    cpus = max(1, len(os.sched_getaffinity(0)) // int(side[-1]))
    options = {"backend": "tensorflow", "cohorts_kept": 1, "retries": 0}
    return train_on_ray(RayCluster("local", 0, cpus), planned, data, **options)


def cohorts(count, epochs):
    adam = BUILT_IN_OPTIMIZERS["adam"]
    return [
        made_cohort(adam, RATES, seed=seed, epochs=epochs, hidden_units=256)
        for seed in range(count)
    ]


def report(rounds, asked):
    title = f"{asked.cohorts} cohorts, {asked.features} features, {asked.epochs} epochs"
    print(f"{title}; {len(rounds)} rounds, medians (range of the ratio)")
    for side in SIDES:
        seconds = [each[side]["a_cohort"] for each in rounds]
        ratios = [each["local"]["a_cohort"] / each[side]["a_cohort"] for each in rounds]
        extra = [each[side]["a_cohort"] - each["local"]["a_cohort"] for each in rounds]
        print(
            f"  {side}: {statistics.median(seconds):.3f} s a cohort, "
            f"{3600 / statistics.median(seconds):,.0f} an hour; local ÷ this "
            f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f}); this − local "
            f"{1000 * statistics.median(extra):.0f} ms a cohort; first event after "
            f"{statistics.median(each[side]['start'] for each in rounds):.1f} s; driver "
            f"{statistics.median(each[side]['gigabytes'] for each in rounds):.2f} GB"
        )


if __name__ == "__main__":
    main()
