"""Runs whose design asks for more when it has seen what is stored."""

import shutil
from pathlib import Path

import pytest
from small_study import SMALL

import sweep
from sweep import runner
from sweep.designs.grid import grid
from sweep.planning.events import CohortResult, EpochResult
from sweep.planning.listener import SilentListener
from sweep.planning.trials import Proposal
from sweep.results.records import Outcome
from sweep.results.results import Results
from sweep.run_options import RunOptions
from sweep.settings import Settings
from sweep.study.optimizer import Optimizer
from sweep.study.study import Study
from sweep.tasks.task import Places

FINISHED = (Outcome.COMPLETED, Outcome.DIVERGED)
FAILING = """
import math

import keras


class Failing(keras.optimizers.SGD):
    def update_step(self, gradient, variable, learning_rate):
        if math.prod(variable.shape) > 100:
            raise RuntimeError("made to fail")
        super().update_step(gradient, variable, learning_rate)
"""
"""What is wrong shows in training alone, not at its first step on small variables."""


def best_again(study: Study, stored: Results | None) -> tuple[Proposal, ...]:
    """The first seed at every point; then the other seeds at each optimizer's best point."""
    every = grid(study)
    first = tuple(proposal for proposal in every if proposal.seed == study.seeds[0])
    accuracy = {
        (trial.optimizer, trial.point): trial.epochs[-1].valid_accuracy
        for trial in (stored.trials if stored else ())
        if trial.seed == study.seeds[0] and trial.outcome in FINISHED
    }
    if len(accuracy) < len(first):
        return first
    best = {
        optimizer.label: max(
            study.points(optimizer), key=lambda point: accuracy[optimizer.label, point]
        )
        for optimizer in study.optimizers
    }
    more = (p for p in every if p.seed != study.seeds[0] and p.point == best[p.optimizer])
    return (*first, *more)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def run(study: Study, folder: Path, cache: Path, listener=None, design=best_again, **options):
    settings = Settings(f"sqlite:///{folder}/sweep.db", cache, folder / "reports", "tensorflow")
    places = Places(None, None, cache)
    asked = RunOptions(design=design, **options)
    return runner.run(study, places, settings, listener, "a test", asked)


class Remembering(SilentListener):
    """Keeps what was planned, and presses Ctrl-C at the n-th event of a kind."""

    def __init__(self, kind=None, count=0):
        self.kind, self.left, self.planned_so_far = kind, count, []

    def planned(self, planned):
        self.planned_so_far.append(planned)

    def event(self, event):
        if self.kind and isinstance(event, self.kind):
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt


def figures(results: Results) -> dict:
    return {
        trial.fingerprint: (trial.outcome, trial.diverged_at_epoch, trial.epochs[1:])
        for trial in results.trials
    }


@pytest.fixture(scope="module")
def whole_folder(tmp_path_factory):
    """Where the undisturbed run has written."""
    return tmp_path_factory.mktemp("whole")


@pytest.fixture(scope="module")
def told():
    """What the undisturbed run is watched by."""
    return Remembering()


@pytest.fixture(scope="module")
def whole(whole_folder, cache, told):
    """An undisturbed run of both stages."""
    return run(SMALL, whole_folder, cache, told)


def test_what_is_asked_for_later_is_trained_in_the_same_run(whole, told):
    assert (whole.trained, whole.copied, whole.failed) == (6, 0, 0)
    assert [trial.seed for trial in whole.results.trials] == [0, 0, 0, 0, 1, 1]
    assert len(whole.results.runs) == 1
    planned = told.planned_so_far
    assert [(it.trials, it.finished, it.trainings, it.epochs) for it in planned] == [
        (4, 0, 4, 8),
        (6, 0, 6, 12),
    ]


def test_nothing_new_is_asked_of_a_finished_run(tmp_path, cache, whole, whole_folder):
    shutil.copytree(whole_folder, tmp_path, dirs_exist_ok=True)
    listener = Remembering()
    again = run(SMALL, tmp_path, cache, listener)
    assert (again.trained, again.failed) == (0, 0)
    assert [(it.trials, it.finished, it.trainings) for it in listener.planned_so_far] == [(6, 6, 0)]
    assert figures(again.results) == figures(whole.results)


@pytest.mark.parametrize(
    ("kind", "count", "kept"),
    [(EpochResult, 5, 2), (CohortResult, 2, 4), (EpochResult, 8, 4), (CohortResult, 3, 5)],
    ids=["first stage", "its end", "second stage", "in the midst of it"],
)
def test_interrupted_run_asks_the_same_and_ends_with_the_same(
    kind, count, kept, whole, tmp_path, cache
):
    with pytest.raises(KeyboardInterrupt):
        run(SMALL, tmp_path, cache, Remembering(kind, count))
    stored = sweep.load_results(SMALL.name, store=f"sqlite:///{tmp_path}/sweep.db")
    assert len(stored.trials) == kept
    continued = run(SMALL, tmp_path, cache)
    assert continued.trained == 6 - kept
    assert figures(continued.results) == figures(whole.results)


def test_what_other_studies_finished_is_taken_over_in_each_stage(tmp_path, cache, whole):
    run(SMALL.replace(name="every point"), tmp_path, cache, design=grid)
    outcome = run(SMALL, tmp_path, cache)
    assert (outcome.trained, outcome.copied) == (0, 6)
    assert {*figures(outcome.results)} == {*figures(whole.results)}
    assert {trial.copied_from for trial in outcome.results.trials} == {"every point"}


def test_what_failed_is_not_tried_again_in_a_later_stage(tmp_path, cache, monkeypatch):
    """The second seed is asked for whether or not the first one failed."""

    def seed_after_seed(study, stored):
        seeds = study.seeds[: 2 if stored and stored.trials else 1]
        return tuple(proposal for proposal in grid(study) if proposal.seed in seeds)

    (tmp_path / "failing_optimizer.py").write_text(FAILING)
    monkeypatch.chdir(tmp_path)
    mine = Optimizer(label="mine", algorithm="failing_optimizer:Failing")
    study = SMALL.replace(optimizers=("adam", mine))
    outcome = run(study, tmp_path, cache, design=seed_after_seed)
    assert (outcome.trained, outcome.failed) == (4, 4)
    assert sum(trial.outcome is Outcome.FAILED for trial in outcome.results.trials) == 4


@pytest.mark.parametrize("cause", ["sgd", "failing_optimizer:Failing"])
def test_trials_that_share_a_training_are_trained_once_and_all_counted(
    cause, tmp_path, cache, monkeypatch
):
    """An optimizer that keeps its own learning rate is the same at every point of the axis."""
    (tmp_path / "failing_optimizer.py").write_text(FAILING)
    monkeypatch.chdir(tmp_path)
    flat = Optimizer(label="flat", algorithm=cause, learning_rate=0.01, fixed=("learning_rate",))
    listener = Remembering()
    study = SMALL.replace(optimizers=("adam", flat))
    outcome = run(study, tmp_path, cache, listener, design=grid, retries=1)
    failed = 0 if cause == "sgd" else 4
    assert (outcome.trained, outcome.failed) == (8 - failed, failed)
    (planned,) = listener.planned_so_far
    assert (planned.trials, planned.finished, planned.trainings) == (8, 0, 6)
    again = run(study, tmp_path, cache, listener, design=grid)
    assert (again.trained, again.failed) == (0, failed)
    assert listener.planned_so_far[1].finished == 8 - failed
