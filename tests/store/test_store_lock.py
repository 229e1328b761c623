"""A run in another process: it keeps others out, and when it dies it lets go."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from made_plans import cohorts_of, trials_of
from processes import python_path
from store.making import (
    KEY,
    made_training,
    make_provenance,
    make_study,
    run_all,
    write_all,
)

from sweep.errors import StoreBusyError
from sweep.store import Store

_HOLDER = """
import sys
from store.making import *
from sweep.store import open_store

study = make_study()
first, second, *_ = cohorts_of(study, KEY)
with open_store(sys.argv[1], create=True) as store:
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        write_all(writer, made_training(first, 3))
        writer.write(CohortStarted(second))
        write_all(writer, made_epochs(second, range(2)))
        print("training", flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def holder(url: str) -> Iterator[subprocess.Popen[str]]:
    """A process in the middle of its second cohort."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, url],
        env={"PYTHONPATH": python_path()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "training\n"
        yield process
        process.kill()


def test_a_killed_run_lets_go_and_its_leftovers_are_reset(
    holder: subprocess.Popen[str], store: Store
) -> None:
    study = make_study()
    trials = trials_of(study, KEY)
    assert store.studies()[0].running == 2
    assert [trial.outcome for trial in store.results("small").trials] == [
        *["completed"] * 2,
        *[None] * 2,
    ]
    with (
        pytest.raises(StoreBusyError, match="process 4321 on this-host, since"),
        store.run(study, make_provenance(), trials),
    ):
        pass
    holder.kill()
    holder.wait()
    # What it left under way is nobody's now, and no longer shown.
    assert [trial.number for trial in store.results("small").trials] == [0, 1]
    assert store.studies()[0].running == 0
    assert [violation.found for violation in store.check()] == [
        "cohort radam, seed 0 (row 2) was under way with 2 trials when its run died"
    ]
    with store.run(study, make_provenance(), trials) as writer:
        assert writer.finished == {trial.fingerprint for trial in trials[:2]}
        assert [trial.number for trial in store.results("small").trials] == [0, 1]
    assert run_all(store, study) == 6
    assert [trial.number for trial in store.results("small").trials] == list(range(8))
    assert [run.finished_at is None for run in store.results("small").runs] == [True, False, False]


def test_a_run_that_waits_begins_when_the_other_one_has_ended(
    holder: subprocess.Popen[str], store: Store
) -> None:
    study = make_study()
    said: list[str] = []

    def told(text: str) -> None:
        said.append(text)
        threading.Timer(0.3, holder.kill).start()

    with store.run(study, make_provenance(), trials_of(study, KEY), wait=told) as writer:
        assert holder.wait() == -signal.SIGKILL
        assert len(writer.finished) == 2
    (line,) = said
    assert "another run: process 4321 on this-host, since 2" in line
    with store.run(study, make_provenance(), trials_of(study, KEY), wait=told):
        assert len(said) == 1


def test_a_store_with_a_dead_run_is_repaired(holder: subprocess.Popen[str], store: Store) -> None:
    holder.kill()
    holder.wait()
    done = store.repair()
    assert done.reset == {"small": 2}
    assert done.left == store.check() == ()
    assert run_all(store, make_study()) == 6


_READER = """
import sys
from sweep.store import open_store

reads = 0
with open_store(sys.argv[1]) as store:
    print("reading", flush=True)
    while store.studies()[0].running or not store.studies()[0].completed == 48:
        for trial in store.results("small").trials:
            ended = trial.outcome is not None
            assert not ended or len(trial.epochs) == 4, trial
        reads += 1
print(reads)
"""


def test_many_readers_while_a_run_writes(store: Store, url: str) -> None:
    """A few processes here; the benchmark store_load.py has 50."""
    study = make_study(seeds=12)
    first, *others = cohorts_of(study, KEY)
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        write_all(writer, made_training(first, 3))
        readers = [
            subprocess.Popen(
                [sys.executable, "-c", _READER, url],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(4)
        ]
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "reading\n"
        for cohort in others:
            write_all(writer, made_training(cohort, 3))
    for reader in readers:
        printed, errors = reader.communicate(timeout=60)
        assert errors == ""
        assert int(printed) >= 1
