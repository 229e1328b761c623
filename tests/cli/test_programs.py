"""A user's own training function from the command line: run, killed, continued, edited, read."""

import json
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial

import psutil
import pytest
from typer.testing import CliRunner

from sweep.cli.app import app

MODULE = """
import time
from pathlib import Path

def train(config, report):
    lag = abs(config.own["shift"] - 1 - 0.01 * config.seed)
    for epoch in range(1, config.epochs + 1):
        while epoch == 2 and config.seed == 1 and Path("wait").exists():
            Path(f"waits-{config.optimizer}").touch()
            time.sleep(0.02)
        loss = float("nan") if config.own["shift"] > 2 else 1 / epoch
        report(epoch, train_loss=loss, valid_metric=0.9 - 0.2 * lag - (config.optimizer == "b") / 5)
"""
STUDY = """
from sweep import Axis, Function, Metric, Optimizer, Study

study = Study(
    name="mine",
    question="How much does it depend on the shift?",
    task=Function("mine:train", metric=Metric(guessing=0.5)),
    optimizers=[Optimizer(label=label, algorithm="sgd") for label in ("a", "b")],
    axes=[Axis(name="own.shift", values=(1, 3))],
    base={"learning_rate": 0.1},
    seeds=3,
    epochs=3,
)
"""
PATIENCE_SECONDS = 60


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(MODULE)
    (tmp_path / "study.py").write_text(STUDY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEEP_CACHE", str(tmp_path / "cache"))
    return tmp_path


def sweep(*arguments, status=0):
    """What the program says in this process: JSON, or where it fails its error."""
    done = CliRunner().invoke(app, [*arguments])
    assert done.exit_code == status, done.output
    return " ".join(done.stderr.split()) if status else json.loads(done.stdout)


def begin(folder, *arguments):
    """The program in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "sweep.cli", *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_until(holds):
    end = time.monotonic() + PATIENCE_SECONDS
    while not (found := holds()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)
    return found


def are_gone(processes):
    def is_gone(process):
        with suppress(psutil.NoSuchProcess):
            return process.status() == psutil.STATUS_ZOMBIE
        return True

    return all(map(is_gone, processes))


def test_interrupted_or_killed_in_the_middle_it_continues(folder):
    (folder / "wait").touch()  # where seed 1 stops after its first epoch
    arguments = ["run", "study.py", "--seeds", "2", "--workers", "2", "--json"]
    for number, status in ((signal.SIGINT, 130), (signal.SIGKILL, -9)):
        run = begin(folder, *arguments)
        wait_until(lambda: all((folder / f"waits-{label}").exists() for label in "ab"))
        children = psutil.Process(run.pid).children(recursive=True)
        assert len(children) == 4  # two functions, each with its supervisor
        run.send_signal(number)
        assert run.wait(PATIENCE_SECONDS) == status
        wait_until(partial(are_gone, children))
        for label in "ab":
            (folder / f"waits-{label}").unlink()
    (folder / "wait").unlink()
    again = sweep(*arguments)
    assert again["trained"] == 3  # what ran, and the one that had not begun


def test_from_the_plan_to_the_report(folder):
    """Everything works with a study that trains by itself; an edited one is refused."""
    planned = sweep("plan", "study.py", "--workers", "2", "--json")
    assert (planned["to_train"], planned["workers"], planned["memory_bytes"]) == (12, 2, None)
    done = sweep("run", "study.py", "--until-decided", "--max-seeds", "3", "--json")
    assert (done["trained"], done["failed"]) == (12, 0)
    assert done["outcomes"] == {"completed": 6, "diverged": 6}
    assert done["until_decided"]["decided"] == 1
    (row,) = [row for row in sweep("results", "mine", "--format", "json") if row["trial"] == 0]
    assert row["valid_accuracy"] == pytest.approx(0.9)
    page = (folder / "reports/mine.html").read_text()
    assert "mine:train" in page
    assert "tensorflow, " not in page
    assert sweep("run", "study.py", "--name", "again", "--json")["copied"] == 12
    (folder / "mine.py").write_text(MODULE + "# edited\n")
    refused = sweep("run", "study.py", status=2)
    assert "mine.py has changed" in refused
    assert "--name" in refused


@pytest.mark.parametrize(
    "option",
    [
        *(["--data", "rendered-pets"], ["--weights", "random"], ["--pictures", "60"]),
        *(["--precision", "float32"], ["--memory-limit", "3GB"], ["--measure-rounding", "1"]),
        *(["--twins", "apart"], ["--split", "own"], ["--workers", "2", "--executor", "ray"]),
    ],
)
@pytest.mark.usefixtures("folder")
def test_options_without_an_effect_are_refused(option):
    assert f"{option[0]}" in (said := sweep("run", "study.py", *option, status=2))
    assert "has no effect on mine" in said


@pytest.mark.usefixtures("folder")
def test_workers_are_for_programs():
    said = sweep("run", "lr-robustness", "--workers", "2", status=2)
    assert "no effect on lr-robustness" in said


def test_a_failed_trial_is_told_and_the_others_go_on(folder):
    (folder / "mine.py").write_text(
        MODULE.replace("for epoch", "1 / (config.seed - 1)\n    for epoch")
    )
    told = sweep("run", "study.py", "--optimizers", "a", status=1)
    assert "ZeroDivisionError" in told
    (failed, *_) = [row for row in sweep("results", "mine", "--format", "json") if row["seed"] == 1]
    assert failed["outcome"] == "failed"


def test_new_files_run_as_they_are_and_train_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    short = ["--seeds", "1", "--epochs", "2", "--learning-rates", "0.1", "--quiet"]
    found = []
    for kind in ("function", "command"):
        made = CliRunner().invoke(app, ["new", f"my-{kind}", f"--{kind}"])
        assert made.stdout.split() == [f"my_{kind}_training.py", f"studies/my_{kind}.py"]
        done = CliRunner().invoke(app, ["run", f"my-{kind}", *short])
        assert done.exit_code == 0, done.output
        shown = CliRunner().invoke(app, ["results", f"my-{kind}", "--format", "json"]).stdout
        found.append([row["train_loss"] for row in json.loads(shown)])
    assert found[0] == found[1]
    assert len({*found[0]}) == 2  # with momentum and without
    again = CliRunner().invoke(app, ["new", "my-function", "--function"])
    assert again.exit_code == 2
    assert "is there already" in again.stderr
