"""The whole way of the data, on small studies of rendered pets."""

import math
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from small_study import SMALL

import sweep
from sweep import runner
from sweep.analysis import evidence
from sweep.errors import DataError, StudyChangedError, StudyError, UsageError
from sweep.planning.events import CohortResult, EpochResult
from sweep.planning.listener import SilentListener
from sweep.report import frame
from sweep.results.records import Outcome
from sweep.settings import Settings
from sweep.study.axis import Axis
from sweep.study.optimizer import Optimizer
from sweep.study.study import Study
from sweep.study.tasks import Pictures
from sweep.tasks.task import Places


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def settings_in(folder: Path, cache: Path) -> Settings:
    return Settings(f"sqlite:///{folder}/sweep.db", cache, folder / "reports", "tensorflow")


def run(study, folder, cache, listener=None):
    return runner.run(
        study, Places(None, None, cache), settings_in(folder, cache), listener, "a test"
    )


@pytest.fixture(scope="module")
def whole_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("whole")


@pytest.fixture(scope="module")
def whole(whole_folder, cache):
    """An undisturbed run of the study."""
    return run(SMALL, whole_folder, cache)


@pytest.fixture
def after_whole(whole, whole_folder, tmp_path):  # noqa: ARG001 (it has written there)
    """A folder with all that the run left, for a run that comes after it."""
    return shutil.copytree(whole_folder, tmp_path, dirs_exist_ok=True)


class Interrupter(SilentListener):
    """Presses Ctrl-C at the n-th event of a kind."""

    def __init__(self, kind, count):
        self.kind, self.left = kind, count

    def event(self, event):
        if isinstance(event, self.kind):
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt


def figures(results):
    """Everything measured, by fingerprint: what must be equal to the last bit."""
    return {
        trial.fingerprint: (trial.outcome, trial.diverged_at_epoch, trial.epochs[1:])
        for trial in results.trials
    }


def test_every_trial_is_trained_and_stored(whole):
    assert (whole.trained, whole.copied, whole.failed) == (8, 0, 0)
    assert len(whole.results.trials) == 8
    for trial in whole.results.trials:
        assert trial.outcome is Outcome.COMPLETED
        assert [epoch.epoch for epoch in trial.epochs] == [0, 1, 2]
        assert math.isnan(trial.epochs[0].effective_learning_rate)
        assert trial.epochs[2].effective_learning_rate > 0
        assert trial.seconds > 0


def test_provenance_says_what_was_used(whole):
    provenance = whole.results.runs[-1].provenance
    assert provenance.pictures.name == "rendered pets"
    assert provenance.weights.source == "drawn"
    assert provenance.versions["keras"]
    assert whole.results.cohorts[0].provenance["backend"] == "tensorflow"


def test_common_random_numbers(whole):
    """The same seed gives every optimizer and learning rate the same start."""
    before = {
        seed: {trial.epochs[0].valid_loss for trial in whole.results.trials if trial.seed == seed}
        for seed in (0, 1)
    }
    assert [len(losses) for losses in before.values()] == [1, 1]
    assert before[0] != before[1]


def test_second_run_trains_nothing_and_changes_nothing(whole, after_whole, cache):
    second = run(SMALL, after_whole, cache)
    assert (whole.trained, second.trained) == (8, 0)
    assert repr(second.results.trials) == repr(whole.results.trials)


def test_second_run_loads_nothing_that_trains_or_draws(whole, after_whole, cache):
    script = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from small_study import SMALL; from sweep import runner; from sweep.settings import *\n"
        "from sweep.tasks.task import Places\n"
        "folder, cache = map(Path, sys.argv[2:])\n"
        "url, reports = f'sqlite:///{folder}/sweep.db', folder / 'reports'\n"
        "settings = Settings(url, cache, reports, 'tensorflow')\n"
        "outcome = runner.run(SMALL, Places(None, None, cache), settings)\n"
        "assert outcome.trained == 0 and len(outcome.results.trials) == 8\n"
        "trains, draws = {'keras', 'tensorflow', 'jax', 'h5py'}, {'plotly', 'jinja2', 'pandas'}\n"
        "for heavy in trains | draws | {'optuna', 'alembic'}:\n"
        "    assert heavy not in sys.modules, heavy\n"
        "sys.stdout.write(outcome.page)\n"
    )
    folder = str(Path(__file__).parent)
    arguments = [sys.executable, "-c", script, folder, str(after_whole), str(cache)]
    second = subprocess.run(arguments, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    assert second.stdout == whole.page


@pytest.mark.parametrize(
    ("kind", "count", "kept"),
    [(EpochResult, 1, 0), (EpochResult, 5, 2), (CohortResult, 2, 4)],
)
def test_interrupted_run_continues_to_the_same_numbers(kind, count, kept, whole, tmp_path, cache):
    with pytest.raises(KeyboardInterrupt):
        run(SMALL, tmp_path, cache, Interrupter(kind, count))
    stored = sweep.load_results(SMALL.name, store=f"sqlite:///{tmp_path}/sweep.db")
    assert [trial.outcome for trial in stored.trials] == [Outcome.COMPLETED] * kept
    continued = run(SMALL, tmp_path, cache)
    assert continued.trained == 8 - kept
    assert figures(continued.results) == figures(whole.results)


def test_added_seed_optimizer_and_learning_rate_train_only_what_is_new(tmp_path, cache):
    run(SMALL.replace(seeds=1, optimizers=("radam",)), tmp_path, cache)
    assert run(SMALL.replace(seeds=1), tmp_path, cache).trained == 2
    assert run(SMALL, tmp_path, cache).trained == 4
    wider = run(SMALL.replace(learning_rates=(0.003, 0.02, 0.1)), tmp_path, cache)
    assert wider.trained == 4
    assert len(wider.results.trials) == 12


def test_narrower_run_trains_nothing_and_forgets_nothing(after_whole, cache):
    narrow = run(SMALL.replace(seeds=1), after_whole, cache)
    assert narrow.trained == 0
    assert len(narrow.results.trials) == 8


def test_changed_study_is_refused(after_whole, cache):
    with pytest.raises(StudyChangedError, match=r"epochs[\s\S]*--name"):
        run(SMALL.replace(epochs=3), after_whole, cache)
    with pytest.raises(StudyChangedError, match="--name"):
        run(SMALL.replace(pictures=Pictures(dataset="rendered-pets", limit=50)), after_whole, cache)


def test_same_trials_under_another_name_are_copied(whole, after_whole, cache):
    copy = run(SMALL.replace(name="copy"), after_whole, cache)
    assert (copy.trained, copy.copied) == (0, 8)
    assert figures(copy.results) == figures(whole.results)
    assert {trial.copied_from for trial in copy.results.trials} == {SMALL.name}


def test_divergence_is_a_result_and_neighbours_finish(tmp_path, cache):
    """Weight decay at a rate of 900 multiplies the weights by −809 a step, until they overflow."""
    decaying = Optimizer(label="sgd-decay", algorithm="sgd", settings={"weight_decay": 0.9})
    wild = SMALL.replace(
        optimizers=(decaying,), seeds=1, learning_rates=(0.003, 0.1, 900.0), epochs=6
    )
    outcome = run(wild, tmp_path, cache)
    assert (outcome.trained, outcome.failed) == (3, 0)
    *calm, diverged = outcome.results.trials
    assert [trial.outcome for trial in calm] == [Outcome.COMPLETED] * 2
    assert diverged.outcome is Outcome.DIVERGED
    assert diverged.epochs[-1].epoch == diverged.diverged_at_epoch < 6
    assert not np.isfinite([diverged.epochs[-1].train_loss, diverged.epochs[-1].valid_loss]).all()
    assert run(wild, tmp_path, cache).trained == 0


FAILING = """
import math

import keras


class Failing(keras.optimizers.SGD):
    def update_step(self, gradient, variable, learning_rate):
        if math.prod(variable.shape) > 100:
            raise RuntimeError("made to fail")
        super().update_step(gradient, variable, learning_rate)
"""


def test_failing_optimizer_of_the_users_own_fails_alone(tmp_path, cache, monkeypatch):
    """One whose first step on small variables is well: what is wrong shows in training alone."""
    (tmp_path / "own_optimizer.py").write_text(FAILING)
    monkeypatch.chdir(tmp_path)
    own = Optimizer(label="mine", algorithm="own_optimizer:Failing")
    outcome = run(SMALL.replace(optimizers=(own, "adam"), seeds=1), tmp_path, cache)
    assert (outcome.trained, outcome.failed) == (2, 2)
    failed = [trial for trial in outcome.results.trials if trial.outcome is Outcome.FAILED]
    assert len(failed) == 2
    assert "made to fail" in failed[0].error
    again = run(SMALL.replace(optimizers=(own, "adam"), seeds=1), tmp_path, cache)
    assert (again.trained, again.failed) == (0, 2)


WRONG = """
import keras


class Wrong(keras.optimizers.SGD):
    def update_step(self, gradient, variable, learning_rate):
        super().update_step(gradient, variable, learning_rte)
"""


def test_a_wrongly_written_optimizer_ends_the_run_before_features_are_made(
    tmp_path, cache, monkeypatch
):
    file = tmp_path / "wrongly_written.py"
    file.write_text(WRONG)
    monkeypatch.chdir(tmp_path)
    own = Optimizer(label="mine", algorithm="wrongly_written:Wrong")
    study = SMALL.replace(optimizers=("adam", own), seeds=1)
    none = tmp_path / "cache"
    with pytest.raises(StudyError) as raised:
        run(study, tmp_path, none)
    assert raised.value.exit_status == 2
    assert str(raised.value).splitlines() == [
        "optimizer 'mine' (wrongly_written:Wrong) fails before it has taken a step: "
        "NameError: name 'learning_rte' is not defined (wrongly_written.py, line 7)",
        "  remedy: Mend it; --debug shows the whole traceback.",
    ]
    assert not list(none.rglob("features.npy"))
    monkeypatch.delitem(sys.modules, "wrongly_written")
    file.write_text(WRONG.replace("rte", "rate"))
    outcome = run(study, tmp_path, cache)
    assert (outcome.trained, outcome.failed) == (4, 0)


OWN = """
import keras


class Own(keras.optimizers.SGD):
    pass
"""


def test_content_of_an_own_optimizer_is_part_of_what_was_trained(tmp_path, cache, monkeypatch):
    file = tmp_path / "optimizer_of_my_own.py"
    file.write_text(OWN)
    monkeypatch.chdir(tmp_path)
    mine = Optimizer(label="mine", algorithm="optimizer_of_my_own:Own")
    study = SMALL.replace(optimizers=(mine, "adam"), seeds=1)
    first = run(study, tmp_path, cache)
    (code,) = (record.provenance.code for record in first.results.runs)
    assert code == {"mine": {file.name: sha256(OWN.encode()).hexdigest()}}
    same = run(study.replace(name="same"), tmp_path, cache)
    assert (same.trained, same.copied) == (0, 4)


def test_evidence_and_page_are_made_once(tmp_path, cache, monkeypatch):
    calls = []

    def counted(function):
        def call(*given):
            calls.append(function.__name__)
            return function(*given)

        return call

    monkeypatch.setattr(evidence, "collected", counted(evidence.collected))
    monkeypatch.setattr(evidence, "measure", counted(evidence.measure))
    monkeypatch.setattr(evidence, "verdict", counted(evidence.verdict))
    monkeypatch.setattr(frame, "get_plotlyjs", counted(frame.get_plotlyjs))
    outcome = run(SMALL.replace(seeds=1, optimizers=("adam",)), tmp_path, cache)
    assert sorted(calls) == ["collected", "get_plotlyjs", "measure", "verdict"]
    (attached,) = (
        path for path in (tmp_path / "reports" / "artifacts").rglob("*") if path.is_file()
    )
    assert attached.read_text(encoding="utf-8") == outcome.page


def test_nothing_named_and_nothing_to_fetch_falls_back_to_rendered_pets(
    tmp_path, cache, monkeypatch
):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    notices = []

    class Noting(SilentListener):
        def notice(self, text):
            notices.append(text)

    on_photographs = Study(
        name="small",
        question="q",
        pictures=Pictures(limit=60),
        optimizers=("adam",),
        learning_rates=(0.01,),
        seeds=1,
        epochs=1,
    )
    outcome = run(on_photographs, tmp_path, cache, Noting())
    assert outcome.results.study.name == "small-rendered-pets"
    assert outcome.trained == 1
    assert "RENDERED PETS" in notices[0]


@pytest.mark.parametrize(
    ("places", "error", "message"),
    [
        (("dogs-vs-cats", None), DataError, "kagglecatsanddogs"),
        (("rendered-pets", "imagenet"), UsageError, "random weights"),
        (("/no/such/folder", "random"), DataError, "/no/such/folder"),
    ],
)
def test_what_is_named_is_never_replaced(places, error, message, tmp_path, cache, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    study = SMALL.replace(pictures=Pictures(), model={"backbone": "vgg16"})
    with pytest.raises(error, match=message) as raised:
        runner.run(study, Places(*places, cache), settings_in(tmp_path, cache))
    assert raised.value.remedy


def test_reader_of_the_database_never_stops_a_run(after_whole, cache):
    """A dashboard holds a read transaction open while the run writes."""
    with closing(sqlite3.connect(after_whole / "sweep.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM trials").fetchone()
        assert run(SMALL.replace(seeds=3), after_whole, cache).trained == 4


def test_python_interface(tmp_path, cache, monkeypatch):
    monkeypatch.setenv("SWEEP_CACHE", str(cache))
    monkeypatch.chdir(tmp_path)
    results = sweep.run(SMALL, optimizers=["adam", "sgd"], seeds=1, epochs=1)
    assert len(results.trials) == 4
    frame = results.to_pandas()
    assert list(frame["optimizer"]) == ["adam", "adam", "sgd", "sgd"]
    assert results.to_polars(epochs=True).height == 8
    assert sweep.load_results(SMALL.name).rows() == results.rows()
    assert (tmp_path / "sweep.db").exists()
    other = sweep.run(
        SMALL,
        name="other",
        optimizers=["adam"],
        axes=[Axis(name="learning_rate", values=(0.01,))],
        base={"optimizer.beta_2": 0.99},
        seeds=1,
        epochs=1,
    )
    (trial,) = other.trials
    assert dict(trial.point) == {"learning_rate": 0.01}
    assert other.study.base == {"optimizer.beta_2": 0.99}
