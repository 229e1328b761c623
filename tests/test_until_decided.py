"""Runs that add seeds until all is decided: looks on record, interruption, budget."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from listening import Listening
from small_study import SMALL
from typer.testing import CliRunner

import sweep
from sweep import runner
from sweep.analysis.collect import grid_of
from sweep.analysis.decision import decide
from sweep.cli.app import app
from sweep.designs.ending import Reason
from sweep.designs.until_decided import UntilDecided
from sweep.errors import UsageError
from sweep.results.looks import LookDesign
from sweep.run_options import RunOptions
from sweep.settings import Settings
from sweep.tasks.task import Places

STUDY = SMALL.replace(optimizers=("sgd", "adam"), learning_rates=(0.003, 0.1), seeds=2, epochs=1)
NEVER = UntilDecided(margin=1e-9, max_seeds=6)
"""Optimizers that differ by chance are never shown to be equivalent within this margin."""
DESIGN = LookDesign((3, 4, 6), 1e-9)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def run(study, folder, cache, until=None, listener=None):
    settings = Settings(f"sqlite:///{folder}/sweep.db", cache, folder / "reports", "tensorflow")
    places = Places(None, None, cache)
    return runner.run(study, places, settings, listener, "a test", RunOptions(until_decided=until))


def stored(folder):
    return sweep.load_results(STUDY.name, store=f"sqlite:///{folder}/sweep.db")


def looks(results):
    return [(look.seeds, look.design) for look in results.looks]


@dataclass(frozen=True)
class Continued:
    """A run that Ctrl-C ended in its second stage, and the one that went on with it."""

    folder: Path
    left: sweep.Results
    told: list[str]
    outcome: runner.RunOutcome


@pytest.fixture(scope="module")
def continued(tmp_path_factory, cache):
    """Two optimizers with three seeds, then with one more, of which half is trained."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.raises(KeyboardInterrupt):
        run(STUDY, folder, cache, NEVER, Listening(interrupt_at=7))
    left, listener = stored(folder), Listening()
    outcome = run(STUDY, folder, cache, UntilDecided(), listener)
    return Continued(folder, left, listener.told, outcome)


def test_an_interrupted_run_goes_on_in_the_same_design(continued):
    left, outcome = continued.left, continued.outcome
    assert left.look_design == DESIGN
    assert looks(left) == [(3, DESIGN)]
    assert left.study.seeds == (0, 1, 2, 3)
    assert len(left.trials) == 14
    assert continued.told[0].startswith("Going on as fixed before the first look (20")
    assert [line[:20] for line in continued.told[1:]] == [
        "4 seeds of at most 6",
        "6 seeds of at most 6",
    ]
    assert outcome.trained == 10
    assert looks(outcome.results) == [(3, DESIGN), (4, DESIGN), (6, DESIGN)]
    assert outcome.results.study.seeds == (0, 1, 2, 3, 4, 5)
    assert outcome.ending is not None
    assert outcome.ending.reason is Reason.MAX_SEEDS
    assert outcome.evidence.measures.spending.looks == (3, 4, 6)


def test_a_finished_design_trains_nothing_more_and_another_is_refused(continued, cache):
    again = run(STUDY, continued.folder, cache, NEVER)
    assert (again.trained, again.ending.reason) == (0, Reason.MAX_SEEDS)
    with pytest.raises(UsageError, match=r"--max-seeds 60 \(it has 6\)"):
        run(STUDY, continued.folder, cache, UntilDecided(max_seeds=60))


def test_seeds_that_are_added_by_hand_afterwards_have_wider_intervals(continued, cache, tmp_path):
    shutil.copy(continued.folder / "sweep.db", tmp_path)
    outcome = run(STUDY.replace(seeds=7), tmp_path, cache)
    assert outcome.trained == 4
    assert [look.seeds for look in stored(tmp_path).looks] == [3, 4, 6, 7]
    assert outcome.evidence.measures.spending.looks == (3, 4, 6, 7)
    said = "The intervals account for the earlier looks with 3, 4 and 6 seeds."
    assert said in str(outcome.evidence.verdict)
    assert said in outcome.page
    grid = grid_of(outcome.results)
    (once,) = decide(grid, margin=0.01).pairs
    (seen,) = decide(grid, outcome.results.looks, margin=0.01).pairs
    assert seen.high - seen.low > once.high - once.low


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory, cache):
    """A study of three seeds that was run by hand."""
    folder = tmp_path_factory.mktemp("by hand")
    return folder, run(STUDY.replace(seeds=3), folder, cache)


def test_a_run_by_hand_is_a_look(by_hand, cache):
    folder, outcome = by_hand
    assert looks(stored(folder)) == [(3, None)]
    assert outcome.ending is None
    assert run(STUDY.replace(seeds=3), folder, cache).trained == 0
    assert looks(stored(folder)) == [(3, None)], "the same verdict again is the same look"


def test_a_stage_that_the_budget_does_not_hold_is_not_begun(by_hand, cache):
    folder, _ = by_hand
    listener = Listening()
    tight = replace(NEVER, budget_seconds=1e-3)
    outcome = run(STUDY.replace(seeds=3), folder, cache, tight, listener)
    assert outcome.trained == 0
    assert outcome.ending.reason is Reason.BUDGET
    assert outcome.ending.next_stage.seeds == 4
    assert outcome.ending.next_stage.seconds > 0
    assert "4 seeds take about" in str(outcome.ending)
    assert "seen before, at 3 seeds" in listener.told[0]
    assert stored(folder).study.seeds == (0, 1, 2), "seeds that are not begun are not the study's"


def test_what_could_have_been_seen_of_an_older_store_counts(by_hand, cache, tmp_path):
    """A store of an earlier version has no looks on record."""
    folder, _ = by_hand
    with (
        closing(sqlite3.connect(folder / "sweep.db")) as source,
        closing(sqlite3.connect(tmp_path / "sweep.db")) as copy,
    ):
        source.backup(copy)
        copy.execute("DELETE FROM sweep_looks")
        copy.execute("DELETE FROM sweep_look_designs")
        copy.commit()
    outcome = run(STUDY.replace(seeds=4), tmp_path, cache)
    first, second = stored(tmp_path).looks
    assert [(look.seeds, look.design) for look in (first, second)] == [(3, None), (4, None)]
    assert first.at == outcome.results.runs[-2].finished_at
    assert outcome.evidence.measures.spending.looks == (3, 4)


def test_decided_on_the_command_line_and_from_python(cache, tmp_path, monkeypatch):
    """No accuracy differs by 99 points: that is decided as soon as the intervals allow it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEEP_CACHE", str(cache))
    options = ["--data", "rendered-pets", "--pictures", "60", "--epochs", "1", "--seeds", "3"]
    options += ["--optimizers", "sgd,adam", "--learning-rates", "0.003,0.1", "--name", "cli"]
    until = ["--until-decided", "--margin", "99", "--max-seeds", "6", "--budget", "1h"]
    done = CliRunner().invoke(app, ["run", "lr-robustness", *options, *until, "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)["until_decided"]
    assert said["ended"] == "decided"
    assert said["text"] == f"Decided after {said['seeds']} seeds."
    assert (said["stages"], said["margin"]) == ([3, 4, 6], 0.99)
    assert said["decided"] == 1
    shown = CliRunner().invoke(app, ["run", "lr-robustness", *options, "--until-decided"])
    assert shown.exit_code == 0
    assert said["text"] in shown.stdout
    assert "Going on as fixed" in shown.stderr
    stored = sweep.load_results("cli-rendered-pets")
    results = sweep.run(stored.study, until_decided=True)
    assert looks(results) == looks(stored)
    assert results.margin == 0.99
