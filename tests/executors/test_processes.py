"""Programs of a user's own, in processes of their own: what they report, how they fail and end."""

import math
import os
import time
from pathlib import Path

import psutil
import pytest
from executors.programs import COMMAND, FUNCTION, WORDS, train

from sweep.errors import FileError, StudyError
from sweep.planning.events import CohortFailed, CohortResult, CohortStarted, EpochResult
from sweep.study.programs import Command, Function

PATIENCE_SECONDS = 30
"""Machines are shared: what is awaited comes sooner, or the test fails."""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(FUNCTION)
    (tmp_path / "train.py").write_text(COMMAND)
    return tmp_path


def of_kind(events, kind):
    return [event for event in events if isinstance(event, kind)]


def error_of(program, **options) -> str:
    """The error of the only trial, which fails."""
    (failed,) = of_kind(train(program, **options), CohortFailed)
    return failed.error


def wait_until(holds):
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def is_gone(process: int) -> bool:
    return not psutil.pid_exists(process) or (
        psutil.Process(process).status() == psutil.STATUS_ZOMBIE
    )


def test_reports_of_a_function_become_epochs():
    events = list(train(Function("mine:train")))
    assert [type(event) for event in events] == [
        CohortStarted,
        *3 * [EpochResult],
        CohortResult,
    ]
    before, first, last = of_kind(events, EpochResult)
    assert [event.epoch for event in (before, first, last)] == [0, 1, 2]
    assert math.isnan(before.train_loss_P[0])
    assert math.isnan(before.valid_accuracy_P[0])
    assert last.valid_accuracy_P.tolist() == [0.5]
    assert math.isnan(last.valid_loss_P[0])
    assert math.isnan(last.effective_learning_rate_P[0])
    assert events[-1].diverged_at_epoch_P == (None,)


def test_random_numbers_are_seeded_by_the_trial():
    drawn = [
        [event.train_loss_P[0] for event in of_kind(train(Function("mine:train"), seeds=2), kind)]
        for kind in (EpochResult, EpochResult)
    ]
    assert drawn[0][1:3] == drawn[1][1:3]
    assert drawn[0][1] != drawn[0][4]  # of the other seed


def test_lines_of_a_command_become_epochs():
    before, _, last = of_kind(train(Command(WORDS), seeds=[7]), EpochResult)
    assert before.train_loss_P.tolist() == [9]
    assert last.train_loss_P.tolist() == [7]
    assert last.valid_accuracy_P.tolist() == [0.5]


@pytest.mark.parametrize("program", [Function("mine:train"), Command(WORDS)])
def test_all_that_is_printed_is_kept(program):
    result = [*train(program)][-1]
    output = Path(result.provenance["output"])
    assert output.is_relative_to("outputs/programs")
    assert "begins" in output.read_text()


def test_a_function_that_diverges_is_stopped(folder):
    (folder / "mine.py").write_text("""
from pathlib import Path

def train(config, report):
    try:
        report(1, train_loss=1, valid_metric=0.5)
        report(2, train_loss=float("inf"), valid_metric=0.5)
        Path("went-on").touch()
    except Exception:
        Path("went-on").touch()
    finally:
        Path("tidied").touch()
""")
    events = list(train(Function("mine:train"), epochs=5))
    assert events[-1].diverged_at_epoch_P == (2,)
    assert of_kind(events, EpochResult)[-1].train_loss_P.tolist() == [math.inf]
    assert (folder / "tidied").exists()
    assert not (folder / "went-on").exists()


@pytest.mark.parametrize("figure", ["NaN", "Infinity", '"nan"'])
def test_a_command_that_diverges_is_ended(folder, figure):
    (folder / "train.py").write_text(
        "import time\n"
        f"""print('{{"epoch": 1, "train_loss": 2, "valid_metric": {figure}}}')\n"""
        "time.sleep(1000)\n"
    )
    events = list(train(Command("python train.py {learning_rate}")))
    assert events[-1].diverged_at_epoch_P == (1,)


FAILURES = {
    "raise ValueError('boom')": "exit status 1; 0 of 2 epochs were reported: ValueError: boom",
    "import sys; sys.exit(3)": "ended with exit status 3",
    "import os; os.kill(os.getpid(), 9)": "ended by SIGKILL",
    "pass": "the program ended, but no epoch was reported",
    "report(epoch=1)": "the program ended, but 1 of 2 epochs were reported",
    "report(epoch=1); print(); report(epoch=3)": "line 3: epoch 3 of a trial of 2",
    "report(epoch=2)": "line 1: epoch 2 comes first",
    "report(epoch=1); report(epoch=1)": "line 2: epoch 1 comes again after epoch 1",
    "report(epoch=1.5)": "epoch 1.5 is no whole number",
    "report(epoch=1, valid_metric='good')": "line 1: valid_metric is no number",
    'print(\'{"epoch": 1, "train_loss": 2, "valid_metrics": 3}\')': (
        "line 1: valid_metric is missing; is it valid_metrics?"
    ),
    "print({'epoch': 1, 'train_loss': 2, 'valid_metric': 3})": "line 1 is no JSON",
}


@pytest.mark.parametrize("script", FAILURES)
def test_what_is_wrong_is_said(folder, script):
    (folder / "train.py").write_text(
        "import json\n"
        "def report(**said):\n"
        "    print(json.dumps({'train_loss': 1, 'valid_metric': 1} | said))\n"
        f"{script}\n"
    )
    error = error_of(Command("python train.py {learning_rate}"))
    assert FAILURES[script] in error.splitlines()[-1]


def test_an_error_has_the_end_of_the_output(folder):
    (folder / "mine.py").write_text("def train(config, report):\n    print('so far')\n    1 / 0\n")
    error = error_of(Function("mine:train"))
    assert "so far" in error
    assert 'mine.py", line 3' in error
    assert error.endswith("ZeroDivisionError: division by zero")


def test_a_wrong_report_of_a_function_is_told_where_it_is_made(folder):
    (folder / "mine.py").write_text(
        "def train(config, report):\n    report(1, train_loss=[1, 2], valid_metric=1)\n"
    )
    error = error_of(Function("mine:train"))
    assert error.endswith("TypeError: report: train_loss is a number, not [1, 2]")


def test_a_trial_that_takes_too_long_is_ended(folder):
    (folder / "mine.py").write_text(
        "import time\n"
        "def train(config, report):\n"
        "    report(1, train_loss=1, valid_metric=1)\n"
        "    time.sleep(1000)\n"
    )
    error = error_of(Function("mine:train", minutes=0.02))
    assert "it took longer than 0.02 minutes, its limit" in error


def test_what_failed_is_tried_again(folder):
    (folder / "mine.py").write_text(
        "from pathlib import Path\n"
        "def train(config, report):\n"
        "    tried = Path('tried')\n"
        "    if not tried.exists():\n"
        "        tried.touch()\n"
        "        raise OSError('busy')\n"
        "    for epoch in (1, 2):\n"
        "        report(epoch, train_loss=1, valid_metric=1)\n"
    )
    kinds = [type(event) for event in train(Function("mine:train"), retries=1)]
    assert kinds[:3] == [CohortStarted, CohortFailed, CohortStarted]
    assert kinds[-1] is CohortResult


def test_an_unimportable_function_ends_the_run(folder):
    (folder / "mine.py").write_text("import no_such_package\ndef train(config, report): pass\n")
    with pytest.raises(StudyError, match="no_such_package"):
        list(train(Function("mine:train")))


def test_output_that_cannot_be_written(folder):
    (folder / "outputs").write_text("a file")
    with pytest.raises(FileError, match="cannot be written"):
        list(train(Function("mine:train")))


TOGETHER = """
import os, time
from pathlib import Path

def train(config, report):
    Path(f"here-{config.seed}").write_text(os.environ.get("OMP_NUM_THREADS", "none"))
    while not (Path("here-0").exists() and Path("here-1").exists()):
        time.sleep(0.01)
    for epoch in (1, 2):
        report(epoch, train_loss=1, valid_metric=1)
"""


def test_workers_run_at_once_and_share_the_processors(folder, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    (folder / "mine.py").write_text(TOGETHER)
    events = list(train(Function("mine:train", minutes=0.5), seeds=2, workers=2))
    assert [type(event) for event in events[:2]] == 2 * [CohortStarted]
    results = of_kind(events, CohortResult)
    assert len(results) == 2
    share = max(1, len(os.sched_getaffinity(0)) // 2)
    assert {result.provenance["threads"] for result in results} == {share}
    assert (folder / "here-0").read_text() == str(share)


def test_threads_of_the_users_environment_stay(folder, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    (folder / "mine.py").write_text(TOGETHER)
    list(train(Function("mine:train", minutes=0.5), seeds=2, workers=2))
    assert (folder / "here-1").read_text() == "5"


ENDLESS = """
import os, subprocess, sys, time
from pathlib import Path

def train(config, report):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
    Path("started").write_text(f"{os.getpid()} {child.pid}")
    report(1, train_loss=1, valid_metric=1)
    time.sleep(1000)
"""


def test_nothing_is_left_running_when_a_run_is_interrupted(folder):
    (folder / "mine.py").write_text(ENDLESS)
    events = train(Function("mine:train"))
    while not isinstance(next(events), EpochResult):
        pass
    processes = [int(number) for number in (folder / "started").read_text().split()]
    assert not any(map(is_gone, processes))
    events.close()
    wait_until(lambda: all(map(is_gone, processes)))
