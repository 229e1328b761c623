"""Runs that find the edges of the robust range, and runs with a budget: a made training."""

import json
import shutil
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from listening import Listening
from typer.testing import CliRunner

import sweep
from sweep import runner
from sweep.cli.app import app
from sweep.designs.refined import Known
from sweep.errors import UsageError
from sweep.run_options import RunOptions
from sweep.settings import Settings
from sweep.study.catalog import load
from sweep.study.study import Study
from sweep.tasks.task import Places

PROGRAM = """
import math, os, sys, time

label, rate, seed = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
at = math.log10(rate) + 0.02 * seed
ends = {"a": (-3.3, -1.2), "b": (-9, -0.7)}[label]
outside = max(ends[0] - at, at - ends[1], 0)
if os.path.exists("slow"):
    time.sleep(0.7)
print('{"epoch": 1, "train_loss": %r, "valid_metric": %r}' % (outside, max(0.5, 0.9 - outside / 4)))
"""
"""Its scores fall by a quarter a decade outside of a range, 0.02 decades earlier with each seed."""
STUDY = """
from sweep import Command, Metric, Optimizer, Study

study = Study(
    name="mine",
    question="Where does it end?",
    task=Command(
        "python -S -E program.py {optimizer} {learning_rate} {seed}", metric=Metric(guessing=0.5)
    ),
    optimizers=[Optimizer(label=label, algorithm="sgd") for label in ("a", "b")],
    learning_rates=(0.0001, 0.001, 0.01, 0.1, 1),
    seeds=1,
    epochs=1,
)
"""
ENDS = {"a": (-3.3 - 0.08, -1.2 + 0.08), "b": (None, -0.7 + 0.08)}
"""Where the score is 0.02 lower than the best, in decades; None where the range goes on."""
WITHIN = 0.4


@dataclass(frozen=True)
class Made:
    """A store of the grid alone, a copy of it with the values added, and what its runs said."""

    folder: Path
    coarse: runner.RunOutcome
    whole: runner.RunOutcome


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    (folder / "program.py").write_text(PROGRAM)
    (folder / "study.py").write_text(STUDY)
    with chdir(folder):
        coarse = run(of_file())
        shutil.copy("sweep.db", "coarse.db")
        whole = run(of_file(), refine=WITHIN)
        shutil.copy("sweep.db", "whole.db")
    return Made(folder, coarse, whole)


@pytest.fixture
def begin(made, tmp_path, monkeypatch):
    """Puts one of the stores into a folder of its own, the current one."""

    def copied(name):
        for file in ("program.py", "study.py"):
            shutil.copy(made.folder / file, tmp_path)
        shutil.copy(made.folder / name, tmp_path / "sweep.db")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("SWEEP_CACHE", str(tmp_path / "cache"))
        return tmp_path

    return copied


def run(study: Study, listener=None, **options):
    folder = Path.cwd()
    settings = Settings(f"sqlite:///{folder}/sweep.db", folder, folder / "reports", "tensorflow")
    places = Places(None, None, folder)
    asked = RunOptions(workers=4, **options)
    return runner.run(study, places, settings, listener, "a test", asked)


def of_file(**changes) -> Study:
    return load("study.py").replace(**changes)


def fingerprints(outcome) -> set[str]:
    return {trial.fingerprint for trial in outcome.results.trials}


def said(*arguments):
    done = CliRunner().invoke(app, ["run", "study.py", "--workers", "4", *arguments])
    assert done.exit_code == 0, done.output
    return done


def test_edges_are_found(made):
    whole = made.whole
    assert whole.refined is not None
    assert whole.refined.reason is Known.FOUND
    assert whole.failed == 0
    for edges in whole.refined.edges:
        for edge, true in zip((edges.low, edges.high), ENDS[edges.optimizer], strict=True):
            assert edge is not None
            if true is None:
                assert edge.is_open
            else:
                assert np.log10(edge.at) == pytest.approx(true, abs=WITHIN)
                assert edge.width <= WITHIN * 1.01
    axis = whole.results.study.axes[0]
    assert axis.grid_values == (0.0001, 0.001, 0.01, 0.1, 1)
    assert 0 < len(axis.refined) <= 6  # three edges in spaces of a decade, 2 values for each
    assert {trial.point["learning_rate"] for trial in whole.results.trials} == {*axis.values}
    assert whole.trained == 2 * len(axis.refined)
    assert len(whole.results.trials) == 2 * len(axis.values)


def test_an_interrupted_run_finds_the_same(made, begin):
    begin("coarse.db")
    with pytest.raises(KeyboardInterrupt):
        run(of_file(), Listening(interrupt_at=2), refine=WITHIN)
    left = sweep.load_results("mine")
    assert 12 <= len(left.trials) < len(made.whole.results.trials)
    again = run(of_file(), refine=WITHIN)
    assert again.results.study == made.whole.results.study
    assert fingerprints(again) == fingerprints(made.whole)
    assert again.refined == made.whole.refined
    assert run(of_file(), refine=WITHIN).trained == 0


def test_means_are_those_of_the_grid_and_the_range_is_that_of_all_values(made, begin):
    before, after = made.coarse.evidence.measures, made.whole.evidence.measures
    assert len(after.points) > len(before.points)
    names = ("mean_accuracy_O", "sensitivity_O", "failure_share_O", "expected_best_OK")
    for name in (*names, "worst_accuracy_O", "spread_O"):
        np.testing.assert_array_equal(getattr(after, name).value, getattr(before, name).value)
    np.testing.assert_array_equal(after.improvement_OO.value, before.improvement_OO.value)
    true = np.array([ENDS["a"][1] - ENDS["a"][0], ENDS["b"][1] + 4])
    error = np.abs(after.robust_range.extent_O.value - true)
    assert (error < 0.1).all(), "linear in spaces of a third of a decade"
    assert (np.abs(before.robust_range.extent_O.value - true) > error).all()
    values = made.whole.results.study.axes[0].values
    assert all(f"{value:.4g}" in made.whole.page for value in values)

    begin("whole.db")
    more = run(of_file(seeds=2))
    assert more.evidence.measures.seeds == (0, 1), "more seeds have the added values too"
    assert more.trained == 2 * len(values)
    asked = run(of_file(seeds=2, learning_rates=values))
    assert asked.trained == 0
    assert asked.results.study.axes[0].refined == (), "what is asked for is the grid's"
    assert (asked.evidence.measures.mean_accuracy_O.value != after.mean_accuracy_O.value).all()


def test_a_budget_begins_nothing_that_would_not_fit_and_says_what_is_left(begin):
    folder = begin("coarse.db")
    (folder / "slow").touch()
    outcome = run(of_file(seeds=30), budget_seconds=2.5)
    assert outcome.left is not None
    assert 0 < outcome.trained < 290
    assert (outcome.left.trials, outcome.left.of) == (290 - outcome.trained, 300)
    assert outcome.left.seconds is not None
    assert outcome.left.seconds > 1
    assert str(outcome.left).startswith(f"Left: {outcome.left.trials} of 300 trials, about ")
    assert "without --budget" in str(outcome.left)


def test_a_round_that_a_budget_does_not_hold_adds_no_values(begin):
    begin("coarse.db")
    tight = run(of_file(), refine=WITHIN, budget_seconds=1e-6)
    assert tight.refined is not None
    assert tight.refined.reason is Known.BUDGET
    assert tight.left is not None
    assert tight.left.trials > 0
    assert tight.results.study.axes[0].refined == ()
    assert str(tight.refined).startswith("Stopped at the budget: 0 of 3 edges")


def test_from_the_command_line(made, begin):
    begin("whole.db")
    found = json.loads(said("--refine", str(WITHIN), "--budget", "1h", "--json").stdout)
    refine = found["refine"]
    assert (refine["ended"], refine["within"], refine["unit"]) == ("found", WITHIN, "decades")
    assert refine["known"] == 3
    assert refine["added"] == [*made.whole.results.study.axes[0].refined]
    assert {*refine["added"]} < {*refine["values"]}
    first, second = refine["edges"]
    assert (first["optimizer"], second["low"]["is_open"]) == ("a", True)
    assert first["low"]["outside"] < first["low"]["at"] <= first["low"]["inside"]
    assert found["budget"] == {"seconds": 3600, "left": None}
    budget = ("--seeds", "9", "--budget", "0.001s")
    left = json.loads(said(*budget, "--json").stdout)["budget"]["left"]
    assert left["trials"] == left["of"] - 2 * len(refine["values"])
    shown = said("--refine", str(WITHIN), *budget)
    assert "Stopped at the budget: " in shown.stdout
    assert f"Left: {left['trials']} of {left['of']} trials" in shown.stdout
    assert "by bisection" in shown.stderr


def test_other_optimizers_than_the_stored_ones_are_refused(begin):
    begin("coarse.db")
    study = of_file()
    with pytest.raises(UsageError, match="the stored mine has b too"):
        run(study.replace(optimizers=study.optimizers[:1]), refine=WITHIN)


def test_a_plan_knows_the_added_values(made, monkeypatch):
    monkeypatch.chdir(made.folder)
    asked = ["plan", "study.py", "--store", "sqlite:///whole.db", "--json"]
    told = json.loads(CliRunner().invoke(app, asked).stdout)
    assert told["trials"] == told["finished"] == len(made.whole.results.trials)
    assert told["to_train"] == 0
