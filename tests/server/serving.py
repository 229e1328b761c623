"""Stores with made results in them, and ``sweep serve`` as a process of its own."""

import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from made_plans import cohorts_of, trials_of
from made_results import made_results, made_study

from sweep.planning.cohorts import Cohort
from sweep.planning.events import CohortFailed, CohortResult, CohortStarted, EpochResult, Event
from sweep.results.records import EpochRecord, Outcome, TrialRecord
from sweep.results.results import Results
from sweep.store import Store, open_store
from sweep.study.study import Study

ENDS_WITHIN_SECONDS = 20


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def ask(address: str, path: str, method: str = "GET", body: bytes | None = None, **headers: str):
    """One request, its path sent as it is; header names with underscores for hyphens."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


@contextmanager
def serve(
    url: str,
    *options: str,
    stop: int = signal.SIGINT,
    folder: Path | None = None,
    **environment: str,
) -> Iterator[str]:
    """The address of a running ``sweep serve``, started in a folder, which then must end well."""
    server = start(url, "--port", "0", *options, folder=folder, **environment)
    try:
        line = server.stdout.readline()
        address = re.search(r"http://\S+(?=;)", line)
        assert address, line + server.stdout.read()
        yield address[0]
        server.send_signal(stop)
        said, _ = server.communicate(timeout=ENDS_WITHIN_SECONDS)
        assert server.returncode == 0, said
        assert "Traceback" not in said
    finally:
        server.kill()
        rest, _ = server.communicate()
        print(rest)  # what it said, for the report of a test that failed


def start(
    url: str, *options: str, folder: Path | None = None, **environment: str
) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if name != "SWEEP_PASSWORD"}
    return subprocess.Popen(
        [sys.executable, "-m", "sweep.cli", "serve", "--store", url, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env=clean | environment,
    )


def refused(url: str, *options: str, **environment: str) -> tuple[int, str]:
    """Exit status and words of a ``sweep serve`` that ends by itself."""
    server = start(url, *options, **environment)
    said, _ = server.communicate(timeout=ENDS_WITHIN_SECONDS)
    return server.returncode, said


def small_study(**changes) -> Study:
    return made_study(rates=4, seeds=3, epochs=3).replace(**changes)


def fill(url: str, *studies: Study, **made) -> None:
    """Run studies to their end, with made results."""
    with open_store(url, create=True) as store:
        for study in studies:
            for _ in run(store, made_results(study, **made)):
                pass


def run(store: Store, results: Results) -> Iterator[Cohort]:
    """Write results as a run that stops after every cohort, for the caller to look around."""
    study = results.study
    key = results.runs[-1].provenance.features_key
    trials = {(trial.optimizer, trial.point, trial.seed): trial for trial in results.trials}
    with store.run(study, results.runs[-1].provenance, trials_of(study, key)) as writer:
        for cohort in cohorts_of(study, key, writer.finished):
            made = [trials[cohort.optimizer, point, cohort.seed] for point in cohort.points]
            for event in _events(cohort, made):
                writer.write(event)
            yield cohort


def _events(cohort: Cohort, trials: list[TrialRecord]) -> Iterator[Event]:
    yield CohortStarted(cohort)
    if trials[0].outcome is Outcome.FAILED:
        yield CohortFailed(cohort, trials[0].error or "", 1.0)
        return
    last = max(trial.epochs[-1].epoch for trial in trials)
    for epoch in range(last + 1):
        yield _epoch(
            cohort, epoch, [trial.epochs[min(epoch, len(trial.epochs) - 1)] for trial in trials]
        )
    if trials[0].outcome is not None:
        yield CohortResult(
            cohort,
            diverged_at_epoch_P=tuple(trial.diverged_at_epoch for trial in trials),
            multiplier_PK=np.ones(10, np.float32)[None],
            seconds=4.0,
            memory_bytes=10**9,
            provenance={"keras": "3.15.0"},
        )


def _epoch(cohort: Cohort, epoch: int, records: list[EpochRecord]) -> EpochResult:
    def column(name: str) -> np.ndarray:
        return np.array([getattr(record, name) for record in records])

    return EpochResult(
        cohort,
        epoch,
        column("train_loss"),
        column("train_accuracy"),
        column("valid_loss"),
        column("valid_accuracy"),
        column("effective_learning_rate"),
        0.5,
    )
