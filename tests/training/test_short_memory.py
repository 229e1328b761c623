"""Short memory, retries and termination through whole runs: what is stored, told and returned."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cli.test_cli import SMALL, wait_until_a_cohort_is_finished
from executors import own_optimizers
from typer.testing import CliRunner

from sweep import runner
from sweep.cli.app import app
from sweep.errors import UsageError
from sweep.planning.events import CohortTooLarge
from sweep.planning.listener import SilentListener
from sweep.results.records import Outcome
from sweep.run_options import RunOptions
from sweep.settings import Settings
from sweep.study.optimizer import Optimizer
from sweep.study.study import Study
from sweep.study.tasks import Pictures
from sweep.tasks.task import Places

STUDY = Study(
    name="small",
    question="Does it fit?",
    pictures=Pictures(limit=60),
    optimizers=("adam",),
    learning_rates=(0.003, 0.01, 0.03, 0.1),
    seeds=1,
    epochs=2,
    batch_size=16,
).on_rendered_pets()
NAME = "lr-robustness-rendered-pets"


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _first_attempts():
    own_optimizers.attempts.clear()


class Remembering(SilentListener):
    def __init__(self):
        self.events = []

    def event(self, event):
        self.events.append(event)


def run(study, folder, cache, listener=None, **options):
    settings = Settings(f"sqlite:///{folder}/sweep.db", cache, folder / "reports", "tensorflow")
    places, asked = Places(None, None, cache), RunOptions(**options)
    return runner.run(study, places, settings, listener, "a test", asked)


def own(kind, **settings):
    return Optimizer(
        label=kind.lower(), algorithm=f"executors.own_optimizers:{kind}", settings=settings
    )


def test_split_cohort_is_stored_whole_and_told(tmp_path, cache):
    listener = Remembering()
    study = STUDY.replace(optimizers=(own("Greedy", max_trials=1, times=1),))
    outcome = run(study, tmp_path, cache, listener)
    assert (outcome.trained, outcome.failed) == (4, 0)
    trials = outcome.results.trials
    assert [trial.outcome for trial in trials] == [Outcome.COMPLETED] * 4
    assert [trial.point["learning_rate"] for trial in trials] == list(STUDY.axes[0].values)
    assert [[epoch.epoch for epoch in trial.epochs] for trial in trials] == [[0, 1, 2]] * 4
    for cohort in outcome.results.cohorts:
        assert len(cohort.points) == 1
        assert cohort.provenance["planned_trials"] == 4
        assert cohort.provenance["micro_batches"] == 2
    assert sum(isinstance(event, CohortTooLarge) for event in listener.events) == 3
    assert run(study, tmp_path, cache).trained == 0


def test_retried_cohort_ends_well_and_its_failures_stay_on_record(tmp_path, cache):
    study = STUDY.replace(optimizers=(own("Unsteady", times=2), "adam"))
    outcome = run(study, tmp_path, cache, retries=2)
    assert (outcome.trained, outcome.failed) == (8, 0)
    unsteady = [trial for trial in outcome.results.trials if trial.optimizer == "unsteady"]
    outcomes = [trial.outcome for trial in unsteady]
    assert outcomes == [Outcome.FAILED] * 8 + [Outcome.COMPLETED] * 4
    assert "attempt 2" in unsteady[4].error
    assert run(study, tmp_path, cache).trained == 0


def test_without_retries_the_next_run_tries_again(tmp_path, cache):
    study = STUDY.replace(optimizers=(own("Unsteady", times=1),))
    first = run(study, tmp_path, cache)
    assert (first.trained, first.failed) == (0, 4)
    second = run(study, tmp_path, cache)
    assert (second.trained, second.failed) == (4, 0)


def test_memory_limit_halves_cohorts_beforehand(tmp_path, cache):
    listener = Remembering()
    outcome = run(STUDY, tmp_path, cache, listener, memory_limit_bytes=960_000_000)
    assert sorted(len(cohort.points) for cohort in outcome.results.cohorts) == [2, 2]
    assert not any(isinstance(event, CohortTooLarge) for event in listener.events)
    with pytest.raises(UsageError, match="--memory-limit"):
        run(STUDY.replace(seeds=2), tmp_path, cache, memory_limit_bytes=100_000_000)


def test_plan_shows_what_a_limit_does(tmp_path, cache, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEEP_CACHE", str(cache))

    def plan(*limit):
        done = CliRunner().invoke(app, ["plan", "lr-robustness", *SMALL, *limit, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    whole, limited = plan(), plan("--memory-limit", "960MB")
    assert (whole["trials_at_once"], whole["cohorts"]) == (3, 6)
    assert (limited["trials_at_once"], limited["cohorts"]) == (2, 12)
    assert limited["memory_bytes"] <= 960e6 < whole["memory_bytes"]
    shown = CliRunner().invoke(app, ["plan", "lr-robustness", *SMALL, "--memory-limit", "0.96 GB"])
    assert "at most 2 trials at once" in shown.stdout


@pytest.mark.parametrize("limit", ["6", "GB", "-6GB", "0GB", "6TB", "nanGB", "infGB", "6 apples"])
def test_wrong_memory_limits_are_usage_errors(limit):
    done = CliRunner().invoke(app, ["plan", "lr-robustness", "--memory-limit", limit])
    assert done.exit_code == 2
    assert "6GB or 800MB" in " ".join(done.stderr.split())


def test_termination_is_a_clean_end_that_keeps_what_was_finished(tmp_path):
    """As ``docker stop`` or a batch system's end of time ends it."""
    environment = os.environ | {"SWEEP_CACHE": str(tmp_path / "cache")}
    many = [*SMALL, "--epochs", "200", "--quiet"]
    command = [sys.executable, "-m", "sweep.cli"]
    with subprocess.Popen(
        [*command, "run", "lr-robustness", *many],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_until_a_cohort_is_finished(Path(tmp_path), process)
        process.send_signal(signal.SIGTERM)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 143, stderr
    assert "the same command continues" in " ".join(stderr.split())
    assert "Traceback" not in stderr
    status = subprocess.run(
        [*command, "status", NAME, "--json"], cwd=tmp_path, capture_output=True, check=True
    )
    (study,) = json.loads(status.stdout)
    assert 0 < study["finished"] < 18
    assert sum(row["running"] for row in study["optimizers"]) == 0
