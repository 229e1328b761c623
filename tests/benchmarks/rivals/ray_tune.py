"""Ray Tune with Keras ``fit``: a grid search whose trials run side by side in Ray's processes.

Each trial has an equal share of the processors, at least one, and as many threads; with two
processors, two trials run at once. Processes are reused for the next trial, as Ray does by default
for functions, and so is what they have read. Every trial reports after each epoch and compiles its
own model, which falls under the warm-up. Memory is that of the driver and the processes that train;
Ray's own servers are left out.
"""

import logging
import os
from pathlib import Path
from typing import Any

from tests.benchmarks.job import Made, read
from tests.benchmarks.rivals.timing import ROOT, Told, Training, main, peak_bytes, told

FOLDER, CPUS = "folder", "cpus"


def train(made: Made) -> Told:
    """A search of one trial a learning rate."""
    os.environ["PYTHONPATH"] = str(ROOT)  # of the workers
    os.environ.setdefault("RAY_AIR_NEW_OUTPUT", "0")
    import ray
    from ray import tune

    processors, trials = len(os.sched_getaffinity(0)), len(made.job.learning_rates)
    cpus = max(1, processors // trials)
    space = {
        "learning_rate": tune.grid_search(list(made.job.learning_rates)),
        FOLDER: str(made.folder),
        CPUS: cpus,
    }
    ray.init("local", num_cpus=processors, include_dashboard=False, logging_level=logging.ERROR)
    results = tune.Tuner(
        tune.with_resources(train_one, {"cpu": cpus}),
        param_space=space,
        run_config=tune.RunConfig(verbose=0),
    ).fit()
    if results.errors:
        raise RuntimeError(results.errors[0])
    ends = sorted((each.metrics for each in results), key=lambda end: end["learning_rate"])
    ray.shutdown()
    peaks: dict[int, int] = {}
    for end in ends:
        peaks[end["process"]] = max(end["peak_bytes"], peaks.get(end["process"], 0))
    return told(
        [Training(**end["training"]) for end in ends],
        side_by_side=min(trials, processors // cpus),
        peaks=peak_bytes() + sum(peaks.values()),
    )


def train_one(config: dict[str, Any]) -> None:
    """One trial, in a process of Ray's."""
    from dataclasses import asdict

    import keras
    from ray import tune

    from tests.benchmarks.rivals import keras_model

    made, data = kept(config[FOLDER], config[CPUS])
    report = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: tune.report({"val_accuracy": logs["val_accuracy"]})  # noqa: ARG005
    )
    model = keras_model.build(made, config["learning_rate"])
    training = keras_model.fit(model, data, [report])
    tune.report(
        {
            "learning_rate": config["learning_rate"],
            "training": asdict(training),
            "process": os.getpid(),
            "peak_bytes": peak_bytes(),
        }
    )


KEPT: dict[str, Any] = {}


def kept(folder: str, cpus: int) -> Any:
    """The job and its data, read once a process."""
    import tensorflow as tf

    from tests.benchmarks.rivals.keras_model import fit_arguments

    if folder not in KEPT:
        tf.config.threading.set_intra_op_parallelism_threads(cpus)
        made = read(Path(folder))
        KEPT[folder] = made, fit_arguments(made)
    return KEPT[folder]


if __name__ == "__main__":
    main(train)
