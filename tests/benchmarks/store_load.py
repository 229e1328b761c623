"""The store under load: time and memory of what reads it, as it grows, and many readers at once.

    python tests/benchmarks/store_load.py [--trials 1000 100000] [--readers 50]

The trials are inserted in bulk, with 11 epochs each; none is trained. Every command is a process of
its own, with its own peak memory.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from made_plans import cohorts_of, trials_of
from sqlalchemy import Connection, insert

from sweep.planning.cohorts import Cohort
from sweep.results.provenance import DatasetInfo, Provenance, WeightsInfo
from sweep.results.records import EpochRecord
from sweep.store import admission, open_store, schema, writing
from sweep.store.database import Database
from sweep.store.encoding import epoch_row, multiplier_columns
from sweep.study.axis import log_spaced
from sweep.study.study import Study

EPOCHS, PICTURES, RATES, KEY = 10, 500, 25, "features-1"
OPTIMIZERS = ("sgd", "adam", "radam", "rmsprop")
COHORTS_AT_ONCE = 100

_RUN = """
import sys
sys.path[:0] = [{here!r}, {tests!r}]
from store_load import *
begin, asked = time.perf_counter(), study({trials})
with open_store({url!r}) as store, store.run(asked, PROVENANCE, trials_of(asked, KEY)):
    print(f"{{time.perf_counter() - begin:.2f}}")
"""
_DASHBOARD = """
import optuna_dashboard
from sweep.store import open_store
from wsgiref.simple_server import make_server
with open_store({url!r}) as store:
    server = make_server("127.0.0.1", 0, optuna_dashboard.wsgi(store.optuna_storage()))
    print(f"at http://127.0.0.1:{{server.server_port}};", flush=True)
    server.serve_forever()
"""
_READ = """
import sys, time
from sweep.store import open_store
reads, longest = 0, 0.0
with open_store({url!r}) as store:
    print("reading", flush=True)
    while store.is_running("load") or reads == 0:
        begin = time.perf_counter()
        store.studies()
        store.results("load")
        longest = max(longest, time.perf_counter() - begin)
        reads += 1
print(reads, longest)
"""

PROVENANCE = Provenance(
    command="sweep run load",
    host="here",
    process=1,
    versions={},
    device="none",
    backend="tensorflow",
    features_key=KEY,
    pictures=DatasetInfo(
        "made", "bulk", ("cat", "dog"), (1000, 1000), (PICTURES // 2, PICTURES // 2), (), "0"
    ),
    weights=WeightsInfo("none", "none", "0"),
)


def study(trials: int) -> Study:
    return Study(
        name="load",
        question="How long does it take?",
        optimizers=OPTIMIZERS,
        learning_rates=log_spaced(0.001, 1.0, RATES),
        seeds=trials // (len(OPTIMIZERS) * RATES),
        epochs=EPOCHS,
    )


def fill(url: str, trials: int) -> None:
    """A finished study of so many trials, in bulk; one in 50 diverged."""
    asked = study(trials)
    database = Database(url, create=True)
    with database.writing() as connection:
        study_id, _ = admission.admit(connection, asked, PROVENANCE)
        run_id = admission.insert_run(connection, study_id, PROVENANCE, datetime.now(UTC))
        admission.finish_run(connection, run_id)
    cohorts = cohorts_of(asked, KEY)
    for start in range(0, len(cohorts), COHORTS_AT_ONCE):
        with database.writing() as connection:
            for index in range(start, min(start + COHORTS_AT_ONCE, len(cohorts))):
                fill_cohort(connection, asked, study_id, run_id, index, cohorts[index])
    database.close()


def fill_cohort(
    connection: Connection, asked: Study, study_id: int, run_id: int, index: int, cohort: Cohort
) -> None:
    cohort_id = writing.insert_cohort(connection, run_id, index, cohort)
    writing.insert_trainings(connection, cohort_id, cohort)
    ids = writing.training_ids(connection, cohort_id)
    rows = [
        writing.TrialRow(trial, index * RATES + p, ids[trial.fingerprint])
        for p, trial in enumerate(cohort.trials)
    ]
    writing.insert_trials(connection, study_id, asked, rows)
    ends = {id_: 5 if id_ % 50 == 0 else None for id_ in ids.values()}
    connection.execute(insert(schema.epochs), list(epoch_rows(list(ends.items()))))
    writing.end_trainings(connection, ends, 1.0)
    values = {"seconds": 25.0, "memory_bytes": 10**9, "provenance": {}}
    multipliers = multiplier_columns(np.ones((1, 320), np.float32))
    writing.end_cohort(connection, cohort_id, **values, **multipliers)


def epoch_rows(ends: list[tuple[int, int | None]]) -> Iterator[dict]:
    for trial_id, diverged_at in ends:
        for epoch in range((diverged_at or EPOCHS) + 1):
            loss = float("inf") if epoch == diverged_at else 0.7 - 0.01 * epoch
            accuracy = 0.5 + 0.03 * epoch + 1e-7 * trial_id
            rate = float("nan") if epoch == 0 else 0.01
            yield epoch_row(trial_id, EpochRecord(epoch, loss, accuracy, loss, accuracy, rate))


def command(*arguments: str) -> tuple[float, float, str]:
    """Seconds, peak GB and output of a process."""
    begin = time.perf_counter()
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, arguments
    return time.perf_counter() - begin, usage.ru_maxrss / 1e6, output


def pages(arguments: list[str], paths: list[str]) -> Iterator[tuple[str, float, float]]:
    """Path, seconds and peak GB so far of a server's pages, each asked for twice."""
    process = subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    address = process.stdout.readline().split("at ")[1].split(";")[0]
    for path in (path for path in paths for _ in range(2)):
        begin = time.perf_counter()
        urllib.request.urlopen(address + path, timeout=600).read()
        status = Path(f"/proc/{process.pid}/status").read_text()
        peak = int(status.split("VmHWM:")[1].split()[0]) / 1e6
        yield path, time.perf_counter() - begin, peak
    process.kill()
    process.wait()


def measure(folder: Path, trials: int) -> None:
    url = f"sqlite:///{folder}/sweep.db"
    begin = time.perf_counter()
    fill(url, trials)
    size = (folder / "sweep.db").stat().st_size / 1e6
    print(f"{trials} trials: filled in {time.perf_counter() - begin:.1f} s, {size:.0f} MB")
    here = Path(__file__).parent
    run = _RUN.format(here=str(here), tests=str(here.parent), url=url, trials=trials)
    for title in ("run, the mirror made anew", "run, the mirror in step"):
        seconds, memory, output = command(sys.executable, "-c", run)
        print(f"  {title}: {seconds:.2f} s, {memory:.2f} GB; its start {output.strip()} s")
    sweep = [sys.executable, "-m", "sweep.cli"]
    csv = str(folder / "trials.csv")
    for arguments in (
        ["list"],
        ["status", "load"],
        ["results", "load", "--format", "csv", "--output", csv],
        ["results", "load", "--format", "csv", "--epochs", "--output", csv],
        ["report", "load", "--output", str(folder / "load.html")],
        ["store", "check"],
        ["store", "export", str(folder / "csv")],
        ["store", "export", str(folder / "parquet"), "--format", "parquet"],
        ["store", "import", str(folder / "parquet"), "--store", f"sqlite:///{folder}/copy.db"],
    ):
        places = [] if "--store" in arguments else ["--store", url]
        seconds, memory, _ = command(*sweep, *arguments, *places)
        print(f"  sweep {' '.join(arguments[:4])}: {seconds:.2f} s, {memory:.2f} GB")
    for title, server, paths in (
        ("serve", [*sweep, "serve", "--port", "0", "--store", url], ["/", "/studies/load"]),
        (
            "optuna-dashboard",
            [sys.executable, "-c", _DASHBOARD.format(url=url)],
            ["/api/studies", "/api/studies/1"],
        ),
    ):
        for path, seconds, memory in pages(server, paths):
            print(f"  {title} {path}: {seconds:.2f} s, {memory:.2f} GB")


def read_at_once(folder: Path, readers: int) -> None:
    """Many processes read while a run of 1,000 trials is written, epoch by epoch."""
    from store.making import made_training, write_all

    url = f"sqlite:///{folder}/sweep.db"
    asked = study(1000)
    begin = time.perf_counter()
    with (
        open_store(url, create=True) as store,
        store.run(asked, PROVENANCE, trials_of(asked, KEY)) as writer,
    ):
        first, *others = cohorts_of(asked, KEY)
        write_all(writer, made_training(first, EPOCHS))
        program = [sys.executable, "-c", _READ.format(url=url)]
        processes = [
            subprocess.Popen(program, stdout=subprocess.PIPE, text=True) for _ in range(readers)
        ]
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        longest = 0.0
        for event in (event for cohort in others for event in made_training(cohort, EPOCHS)):
            before = time.perf_counter()
            writer.write(event)
            longest = max(longest, time.perf_counter() - before)
        trained = time.perf_counter() - begin
    outputs = [process.communicate()[0].split() for process in processes]
    assert all(process.returncode == 0 for process in processes)
    reads = sum(int(count) for count, _ in outputs)
    longest_read = max(float(seconds) for _, seconds in outputs)
    print(
        f"{readers} readers: no error; {reads} reads of all results, the longest in "
        f"{longest_read:.2f} s; the run wrote for {trained:.1f} s, the longest event in "
        f"{longest:.2f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, nargs="*", default=[1000, 100_000])
    parser.add_argument("--readers", type=int, default=50)
    asked = parser.parse_args()
    for trials in asked.trials:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), trials)
    if asked.readers:
        with tempfile.TemporaryDirectory() as folder:
            read_at_once(Path(folder), asked.readers)


if __name__ == "__main__":
    main()
