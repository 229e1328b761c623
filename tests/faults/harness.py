"""Real runs of the program in a folder of their own, disturbed, and what they left compared.

A fault is a signal after some time, or one of ``faults.c``: at the n-th system call that changes a
file, a signal comes, the write is torn, or the call fails.
"""

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from faults.forking import HANG_SECONDS

from sweep.errors import StoreError
from sweep.store import open_store

NAME = "faults-rendered-pets"
STUDY = """
from sweep import Optimizer, Pictures, Study

study = Study(
    name="faults",
    question="Does it run?",
    pictures=Pictures(limit=60),
    optimizers=[
        "radam",
        Optimizer(label="sgd-decay", algorithm="sgd", settings={"weight_decay": 0.9}),
    ],
    learning_rates=[0.003, 0.1, 900],
    seeds=2,
    epochs=4,
    batch_size=16,
).on_rendered_pets()
"""
"""Four cohorts of three trials, two of which diverge; six seconds, most of them imports."""
RUN = ("run", "study.py")


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Attributes:
        status: its exit status; negative for a signal that it did not handle.
        stdout, stderr: what it printed.
        seconds: from a signal that was sent to the end, otherwise 0.
    """

    status: int
    stdout: str
    stderr: str
    seconds: float = 0.0

    @property
    def message(self) -> str:
        """What it said, whatever the lines."""
        return " ".join(self.stderr.split())


class Forks:
    """Commands one after another, in processes that need not import the program (``forking``)."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def shell(self, line: str) -> None:
        """What a shell does where the commands are."""
        status = self._ask({"line": line})
        assert status == 0, line

    def command(
        self,
        arguments: Sequence[str],
        folder: Path,
        variables: Mapping[str, str],
        killed_in: tuple[str, int] | None = None,
    ) -> Ended:
        """The program, to its end."""
        asked = {"arguments": arguments, "folder": os.fspath(folder), "variables": {**variables}}
        with TemporaryDirectory() as printed:
            files = {name: Path(printed, name) for name in ("stdout", "stderr")}
            for file in files.values():
                file.touch()
            places = {name: os.fspath(file) for name, file in files.items()}
            status = self._ask(asked | places | {"killed_in": killed_in})
            said = {name: file.read_text(errors="surrogateescape") for name, file in files.items()}
        return Ended(status, **said)

    def _ask(self, asked: Mapping[str, Any]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the process that forks has ended"
        return int(answer)


@contextmanager
def forks(library: Path | None, within: Sequence[str] = ()) -> Iterator[Forks]:
    """A process that forks commands, until the end.

    Args:
        library: ``faults.c``, compiled.
        within: the words of a command that starts it in other surroundings.
    """
    variables = os.environ | ({"LD_PRELOAD": os.fspath(library)} if library else {})
    variables.pop("TF_CPP_MIN_LOG_LEVEL", None)
    with subprocess.Popen(
        [*within, sys.executable, os.fspath(Path(__file__).with_name("forking.py"))],
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Forks(process)


@dataclass(frozen=True)
class Sandbox:
    """A folder in which somebody works: the current one, with the store, cache and reports in it.

    Attributes:
        folder: that one.
        library: ``faults.c``, compiled.
        environment: variables on top of this process's.
        forks: where commands run, with the same library; None for a process of its own each.
    """

    folder: Path
    library: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    forks: Forks | None = None

    def __post_init__(self) -> None:
        (self.folder / "study.py").write_text(STUDY, encoding="utf-8")

    def start(self, *arguments: str, **fault: str) -> subprocess.Popen:
        """The program, in a process of its own; ``fault`` are the variables of ``faults.c``."""
        return subprocess.Popen(
            [sys.executable, "-m", "sweep.cli", *arguments],
            cwd=self.folder,
            env=self.variables(fault),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="surrogateescape",
        )

    def command(self, *arguments: str, **fault: str) -> Ended:
        """The program, to its end."""
        if self.forks is not None:
            return self.forks.command(arguments, self.folder, self.variables(fault))
        with self.start(*arguments, **fault) as process:
            stdout, stderr = process.communicate(timeout=HANG_SECONDS)
        return Ended(process.returncode, stdout, stderr)

    def killed_in(self, function: str, number: int, *arguments: str) -> Ended:
        """The program, killed where a function of it, MODULE:NAME, is called for the n-th time."""
        assert self.forks is not None
        variables = self.variables({})
        return self.forks.command(arguments, self.folder, variables, (function, number))

    def interrupted(self, sent: signal.Signals, after: str | None, seconds: float) -> Ended:
        """A run that gets a signal so many seconds after a line of progress has come."""
        with self.start(*RUN) as process:
            assert process.stderr is not None
            told = []
            while after is not None and (line := process.stderr.readline()):
                told.append(line)
                if after in line:
                    break
            time.sleep(seconds)
            process.send_signal(sent)
            begin = time.monotonic()
            stdout, stderr = process.communicate(timeout=HANG_SECONDS)
        return Ended(process.returncode, stdout, "".join(told) + stderr, time.monotonic() - begin)

    def variables(self, fault: Mapping[str, str]) -> dict[str, str]:
        """The environment of a command."""
        variables = os.environ | {"SWEEP_CACHE": "cache", "HTTPS_PROXY": "http://127.0.0.1:9"}
        variables |= self.environment
        variables.pop("TF_CPP_MIN_LOG_LEVEL", None)  # JAX sets it where it is imported
        if fault:
            variables |= {"LD_PRELOAD": str(self.library), "FAULTS_BELOW": str(self.folder)}
            variables |= {f"FAULTS_{name.upper()}": value for name, value in fault.items()}
        return variables

    @property
    def database(self) -> Path:
        """The store's file."""
        return self.folder / "sweep.db"

    @property
    def report(self) -> Path:
        """The report's file."""
        return self.folder / "reports" / f"{NAME}.html"


def assert_readable(sandbox: Sandbox) -> None:
    """What a fault has left deceives no reader: the store opens, a report is whole or absent."""
    url = f"sqlite:///{sandbox.database}"
    if not has_tables(sandbox.database):
        with pytest.raises(StoreError, match="there is no store at"):
            open_store(url)
    else:
        with open_store(url) as store:
            for summary in store.studies():
                assert summary.running == 0
                store.results(summary.name)
    if sandbox.report.exists():
        assert sandbox.report.read_text(encoding="utf-8").rstrip().endswith("</html>")


def has_tables(database: Path) -> bool:
    """Whether the store was made; it is all at once."""
    if not database.exists():
        return False
    query = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'sweep%'"
    return _rows(database, {"tables": query})["tables"] != [(0,)]


def assert_same(sandbox: Sandbox, undisturbed: Sandbox) -> None:
    """All that is stored and cached is what an undisturbed run stores and caches, bit for bit."""
    assert trained(sandbox.database) == trained(undisturbed.database)
    assert mirrored(sandbox.database) == mirrored(undisturbed.database)
    with open_store(f"sqlite:///{sandbox.database}") as store:
        assert store.check() == ()
    assert cached(sandbox) == cached(undisturbed)
    assert_readable(sandbox)
    assert sandbox.report.exists()


def trained(database: Path) -> dict[str, list[tuple]]:
    """Everything of our tables but ids, times and costs, in an order that is always the same."""
    return _rows(
        database,
        {
            "trials": "SELECT t.number, fingerprint, t.optimizer, point, t.seed, outcome,"
            " diverged_at_epoch, r.study_id = t.study_id FROM sweep_trials t"
            " JOIN sweep_trainings USING (training_id) JOIN sweep_cohorts USING (cohort_id)"
            " JOIN sweep_runs r USING (run_id) ORDER BY t.study_id, t.number",
            "trainings": "SELECT fingerprint, outcome, diverged_at_epoch FROM sweep_trainings"
            " ORDER BY 1, 2",
            "epochs": "SELECT fingerprint, epoch, train_loss, train_accuracy, valid_loss,"
            " valid_accuracy, effective_learning_rate, not_finite"
            " FROM sweep_epochs JOIN sweep_trainings USING (training_id)"
            " ORDER BY fingerprint, outcome, epoch",
            "cohorts": "SELECT optimizer, seed, points, hex(multipliers), multiplier_rows, error,"
            " ended_at IS NULL FROM sweep_cohorts ORDER BY optimizer, seed, points",
            "studies": "SELECT name, definition FROM sweep_studies",
        },
    )


def mirrored(database: Path) -> dict[str, list[tuple]]:
    """What Optuna's tables say of the trials."""
    joined = "JOIN trials USING (trial_id) ORDER BY number"
    return _rows(
        database,
        {
            "trials": "SELECT number, state FROM trials ORDER BY number",
            "values": f"SELECT number, value, value_type FROM trial_values {joined}",
            "parameters": f"SELECT number, param_name, param_value FROM trial_params {joined}, 2",
            "epochs": "SELECT number, step, intermediate_value, intermediate_value_type"
            f" FROM trial_intermediate_values {joined}, 2",
        },
    )


def _rows(database: Path, queries: Mapping[str, str]) -> dict[str, list[tuple]]:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        return {name: connection.execute(query).fetchall() for name, query in queries.items()}


def cached(sandbox: Sandbox) -> dict[str, str]:
    """The features and pictures in the cache by their checksums; nothing there is unfinished."""
    cache = sandbox.folder / "cache"
    assert not list(cache.glob("features/*.partial"))
    found = [*cache.glob("features/*/*.npy"), *cache.glob("rendered-pets/*.npz")]
    for features in cache.glob("features/*/features.npy"):
        manifest = json.loads((features.parent / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["sha256"] == _checksum(features)
    return {str(path.relative_to(cache)): _checksum(path) for path in found}


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def calls(log: Path) -> Sequence[tuple[str, str]]:
    """The counted system calls that ``faults.c`` has noted: name and path."""
    lines = log.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    return [(line.split(" ", 2)[1], line.split(" ", 2)[2]) for line in lines]
