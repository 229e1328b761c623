"""The driver of a large cluster: workers that return made results at once.

    python tests/benchmarks/ray_driver.py [--workers 64] [--cohorts 256] [--epochs 20]

The workers are processes of Ray on this machine that do not train, so all of them together send as
fast as the driver takes it: seven trials a cohort. First the driver throws everything away,
then it writes to SQLite, as a run does. Rows are epochs and
trials. What it took is the driver's alone: time, and the growth of its peak memory.
"""

import argparse
import logging
import os
import resource
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from made_plans import cohorts_of, trials_of

from sweep.executors.submissions import Submissions
from sweep.executors.worker import Share
from sweep.planning.events import CohortResult, CohortStarted, EpochResult
from sweep.store import open_store
from sweep.study.axis import log_spaced

TESTS = str(Path(__file__).parents[1])
TRIALS = 7


def made_training(work, _features_NF, cohort):
    """As ``worker.train``, at once."""
    from store.making import made_end, made_epochs

    epochs = work
    yield CohortStarted(cohort, "a node")
    yield from made_epochs(cohort, range(epochs + 1))
    yield made_end(cohort)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--cohorts", type=int, default=256)
    parser.add_argument("--epochs", type=int, default=20)
    asked = parser.parse_args()
    os.environ["PYTHONPATH"] = TESTS  # of the workers
    import ray
    from store.making import KEY, make_provenance, make_study

    from sweep.executors import ray as executor

    class Made(executor._Streams):
        def __init__(self, references, share):
            super().__init__(references, share)
            task = ray.remote(num_returns="streaming", max_retries=0, num_cpus=share.cpus)
            self._task = task(made_training)

    study = make_study(
        optimizers=("adam",),
        learning_rates=log_spaced(0.003, 0.1, TRIALS),
        seeds=asked.cohorts,
        epochs=asked.epochs,
    )
    cohorts = cohorts_of(study, KEY)
    ray.init(
        "local",
        num_cpus=asked.workers,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
    )
    references = [ray.put(asked.epochs), ray.put(np.zeros(1))]

    def events(planned):
        return Submissions(Made(references, Share(1, 0))).train(planned)

    begin = time.perf_counter()
    take(events(cohorts[: asked.workers]))
    print(f"{asked.workers} workers were there after {time.perf_counter() - begin:.1f} s")
    tell("thrown away", *take(events(cohorts)))
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(open_store(f"sqlite:///{folder}/sweep.db", create=True)) as store,
        store.run(study, make_provenance(), trials_of(study, KEY)) as writer,
    ):
        tell("written to SQLite", *take(events(cohorts), writer.write))
    ray.shutdown()


def take(events, what=id):
    """Rows, seconds, and by how many MB the peak memory grew."""
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin, rows = time.perf_counter(), 0
    for event in events:
        what(event)
        rows += len(event.cohort.trials) * isinstance(event, EpochResult | CohortResult)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1e3
    return rows, time.perf_counter() - begin, grown


def tell(what, rows, seconds, grown):
    print(
        f"{what}: {rows:,} rows in {seconds:.1f} s, {rows / seconds:,.0f} rows a second; "
        f"peak memory of the driver grew by {grown:.0f} MB"
    )


if __name__ == "__main__":
    main()
