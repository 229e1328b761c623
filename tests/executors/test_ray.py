"""Runs on real Ray clusters of several nodes on this machine, against the local executor.

The numbers must be the same to the last bit, whatever dies on the way.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from operator import attrgetter
from pathlib import Path

import psutil
import pytest
from cli.test_cli import wait_until_a_cohort_is_finished
from executors.programs import COMMAND, WORDS, study_of, task_of, trials_of
from small_study import SMALL
from test_runner import figures
from training.made_cohorts import cohort_of, made_data

import sweep
from sweep import runner
from sweep.errors import MissingError
from sweep.executors.cluster import RayCluster
from sweep.planning.cohorts import plan_cohorts
from sweep.planning.events import CohortFailed, CohortLost, CohortResult, CohortStarted, EpochResult
from sweep.run_options import RunOptions
from sweep.settings import Settings
from sweep.store import open_store
from sweep.study.optimizer import Optimizer
from sweep.study.programs import Command, Function
from sweep.tasks.task import Places

pytest.importorskip("ray", reason="the Ray executor needs ray")

import ray

from sweep.executors.ray import train_on_ray
from sweep.executors.ray_programs import train_programs_on_ray

STUDY = SMALL.replace(epochs=40)
NODES = Path(__file__).with_name("ray_nodes.py")


class Cluster:
    """A head that trains nothing, and nodes with as many processors as this machine.

    So a cohort has as many threads as locally, and every node trains one.
    """

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._process = subprocess.Popen(
            [sys.executable, str(NODES), str(port)],
            env=os.environ | {"PYTHONPATH": "", "RAY_USAGE_STATS_ENABLED": "0"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.inside = RayCluster(self._process.stdout.readline().strip())
        self.outside = RayCluster(f"ray://127.0.0.1:{port}")
        self._nodes = 0

    def add_node(self):
        self._tell(f"add {len(os.sched_getaffinity(0))}")
        self._nodes += 1
        return self._nodes - 1

    def kill(self, node):
        self._tell(f"kill {node}")

    def _tell(self, command):
        print(command, file=self._process.stdin, flush=True)
        assert self._process.stdout.readline() == "done\n"

    def shut_down(self):
        self._process.communicate(timeout=60)


@pytest.fixture(scope="module")
def cluster():
    cluster = Cluster()
    yield cluster
    cluster.shut_down()


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def local(tmp_path_factory, cache):
    """The same study, trained in this process."""
    return run(STUDY, tmp_path_factory.mktemp("local"), cache, None)


class Watching(runner.SilentListener):
    """Remembers what it is told, and does something once when a cohort is under way."""

    def __init__(self, act=None):
        self.events = []
        self._act = act

    def event(self, event):
        self.events.append(event)
        if self._act and isinstance(event, EpochResult) and event.epoch > 0:
            act, self._act = self._act, None
            act()

    def of_kind(self, kind):
        return [event for event in self.events if isinstance(event, kind)]


def run(study, folder, cache, cluster, listener=None, **options):
    store = f"sqlite:///{folder}/sweep.db"
    settings = Settings(store, cache, folder / "reports", "tensorflow")
    asked = RunOptions(cluster=cluster, **options)
    return runner.run(study, Places(None, None, cache), settings, listener, "a test", asked)


def assert_whole(folder):
    with closing(open_store(f"sqlite:///{folder}/sweep.db")) as store:
        assert store.check() == ()


def test_node_killed_in_the_middle_changes_nothing(cluster, local, cache, tmp_path, capfd):
    doomed = cluster.add_node()
    cluster.add_node()
    on_terminate = signal.getsignal(signal.SIGTERM)

    def kill():
        cluster.kill(doomed)
        assert signal.getsignal(signal.SIGTERM) == on_terminate

    listener = Watching(kill)
    outcome = run(STUDY, tmp_path, cache, cluster.inside, listener)
    assert (outcome.trained, outcome.failed) == (8, 0)
    assert figures(outcome.results) == figures(local.results)
    assert listener.of_kind(CohortLost)
    assert len(listener.of_kind(CohortStarted)) > 4
    (survivor,) = {cohort.provenance["node"] for cohort in outcome.results.cohorts[-2:]}
    assert survivor
    assert {event.where for event in listener.of_kind(CohortStarted)} == {socket.gethostname()}
    assert_whole(tmp_path)
    assert capfd.readouterr().out == ""
    assert run(STUDY, tmp_path, cache, cluster.inside).trained == 0


def test_share_that_no_node_has_is_refused(cluster, cache, tmp_path, monkeypatch):
    monkeypatch.setenv("SWEEP_CACHE", str(cache))
    greedy = sweep.RayCluster(cluster.inside.address, cpus_per_cohort=1000)
    with pytest.raises(MissingError, match="1000 CPUs"):
        sweep.run(STUDY, store=f"sqlite:///{tmp_path}/sweep.db", cluster=greedy)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "nonsense", "host:port"])
def test_cluster_that_does_not_answer_is_an_error_at_once(address):
    with pytest.raises(MissingError, match="ray start --head"):
        next(train_on(RayCluster(address)))


def train_on(cluster):
    return train_on_ray(
        *(cluster, [cohort_of(STUDY.optimizers[0])], made_data()),
        backend="tensorflow",
        cohorts_kept=1,
        retries=0,
    )


@pytest.mark.parametrize("refusals", [2, 3])
def test_server_that_does_not_start_is_asked_for_again(refusals, cluster, monkeypatch):
    """The head gives each client of ray:// one; here it is made to fail a few times."""
    connect, left = ray.init, ["no server"] * refusals

    def init(**options):
        if left:
            raise ConnectionAbortedError(left.pop())
        return connect(**options)

    monkeypatch.setattr(ray, "init", init)
    if refusals == 3:
        with pytest.raises(MissingError, match="no server"):
            next(train_on(cluster.inside))
    else:
        cluster.add_node()
        assert next(train_on(cluster.inside))


OWN = """
import os

import keras
from ray_beside import LARGEST_OF_A_PROBE

attempts = 0


class Deadly(keras.optimizers.SGD):
    def build(self, variables):
        if variables[0].shape[0] > LARGEST_OF_A_PROBE:
            os._exit(1)
        super().build(variables)


class Unsteady(keras.optimizers.SGD):
    def build(self, variables):
        global attempts
        super().build(variables)
        is_trained = variables[0].shape[0] > LARGEST_OF_A_PROBE
        attempts += is_trained
        if is_trained and attempts == 1:
            raise RuntimeError("made to fail")
"""


@pytest.mark.usefixtures("only_ray_client")
def test_own_optimizers_travel_and_each_fails_for_itself(cluster, cache, tmp_path, monkeypatch):
    """From outside the cluster, through ray://: a module of a package, and one that it imports."""
    monkeypatch.chdir(tmp_path)
    Path("ray_own").mkdir()
    Path("ray_own/optimizers.py").write_text(OWN, encoding="utf-8")
    Path("ray_beside.py").write_text("LARGEST_OF_A_PROBE = 100\n", encoding="utf-8")
    optimizers = [
        Optimizer(label=kind.lower(), algorithm=f"ray_own.optimizers:{kind}")
        for kind in ("Deadly", "Unsteady")
    ]
    study = STUDY.replace(optimizers=(*optimizers, "adam"), seeds=1, epochs=2)
    cluster.add_node()
    listener = Watching()
    outcome = run(study, tmp_path, cache, cluster.outside, listener, retries=1)
    assert (outcome.trained, outcome.failed) == (4, 2)
    errors = {event.cohort.optimizer: event.error for event in listener.of_kind(CohortFailed)}
    assert "3 workers died" in errors["deadly"]
    assert "made to fail" in errors["unsteady"]
    assert [event.cohort.optimizer for event in listener.of_kind(CohortLost)] == ["deadly"] * 2
    finished = {trial.optimizer for trial in outcome.results.trials if not trial.error}
    assert finished == {"unsteady", "adam"}
    assert_whole(tmp_path)


PROGRAM = """
import os
import helper

def train(config, report):
    print("threads:", os.environ.get("OMP_NUM_THREADS"))
    for epoch in range(1, config.epochs + 1):
        report(epoch, train_loss=config.seed + epoch, valid_metric=helper.right(config))
    assert config.seed < 1, "made to fail"
"""


def test_programs_have_the_records_and_outputs_of_a_local_run(cluster, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    Path("mine.py").write_text(PROGRAM, encoding="utf-8")
    Path("helper.py").write_text("def right(config):\n    return config.learning_rate\n")
    study = study_of(Function("mine:train"), seeds=2)
    cluster.add_node()
    found = []
    for place in (None, cluster.inside):
        settings = Settings(f"sqlite:///{len(found)}.db", tmp_path, Path("reports"), "tensorflow")
        outcome = runner.run(
            study, Places(None, None, tmp_path), settings, options=RunOptions(cluster=place)
        )
        assert (outcome.trained, outcome.failed) == (1, 1)
        by_seed = sorted(outcome.results.trials, key=attrgetter("seed"))  # two may begin at once
        trials = [replace(trial, number=0, seconds=None) for trial in by_seed]
        outputs = {it.name: it.read_bytes() for it in Path("reports/outputs/programs").iterdir()}
        found.append((repr(trials), outputs))
        shutil.rmtree("reports")
    assert found[0] == found[1]
    assert "made to fail" in found[1][0]
    assert outcome.results.cohorts[0].provenance["node"]


def test_programs_run_in_a_copy_where_a_node_has_no_such_folder(cluster, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("train.py").write_text(f"import os\nprint(os.getcwd())\n{COMMAND}", encoding="utf-8")
    task = task_of(Command(WORDS))
    cluster.add_node()
    *_, end = train_programs_on_ray(
        *(cluster.inside, plan_cohorts(trials_of(task))),
        task=task,
        retries=0,
        outputs=Path("outputs"),
        folder=Path("/nowhere"),
    )
    assert isinstance(end, CohortResult)
    first, second = Path(end.provenance["output"]).read_text().split()[:2]
    assert Path(first).is_absolute()
    assert Path(first) != tmp_path
    assert second == "begins"


STUDY_FILE = f"""
from sweep import Study

study = Study.model_validate_json({STUDY.model_dump_json()!r})
"""


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_stopped_driver_leaves_nothing_behind_and_continues(number, status, local, cache, tmp_path):
    """On a Ray of its own. Ctrl-C on a terminal reaches every process; SIGKILL only the driver."""
    (tmp_path / "small.py").write_text(STUDY_FILE, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "sweep.cli", "run", "small.py", "--executor", "ray"],
        cwd=tmp_path,
        env=os.environ | {"SWEEP_CACHE": str(cache), "RAY_ADDRESS": ""},
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    ) as process:
        wait_until_a_cohort_is_finished(tmp_path, process, STUDY.name)
        family = psutil.Process(process.pid).children(recursive=True)
        if number == signal.SIGKILL:  # two small agents of Ray's take a minute to find out
            family = [each for each in family if "Agent" not in each.name()]
        stop = os.killpg if number == signal.SIGINT else os.kill
        stop(process.pid, number)
        _, shown = process.communicate(timeout=60)
        _, left = psutil.wait_procs(family, timeout=30)
    assert process.returncode == status
    assert len(family) > 3
    assert not left
    lines = [line.split()[0] for line in shown.strip().splitlines()]
    before = {"Pictures:", "Used:", "Classes:", "Split:"}
    assert set(lines) <= before | {f"{STUDY.name}:", "training:", "Interrupted."}, shown
    assert (lines[-1] == "Interrupted.") == (number == signal.SIGINT)
    continued = run(STUDY, tmp_path, cache, None)
    assert 0 < continued.trained < 8
    assert figures(continued.results) == figures(local.results)
    assert_whole(tmp_path)
