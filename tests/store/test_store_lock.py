"""A run in another process: it keeps others out, and when it dies it lets go."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from store.making import KEY, make_provenance, make_study, run_all

from sweep.errors import StoreBusyError
from sweep.plan import plan_trials
from sweep.store import Store

_HOLDER = """
import sys
from store.making import *
from sweep.store import open_store

study = make_study()
first, second, *_ = plan_cohorts(study, KEY)
with open_store(sys.argv[1], create=True) as store:
    with store.run(study, make_provenance(), plan_trials(study, KEY)) as writer:
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
        env={"PYTHONPATH": str(Path(__file__).parents[1])},
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
    trials = plan_trials(study, KEY)
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
    with store.run(study, make_provenance(), trials) as writer:
        assert writer.finished == {trial.fingerprint for trial in trials[:2]}
        assert [trial.number for trial in store.results("small").trials] == [0, 1]
    assert run_all(store, study) == 6
    assert [trial.number for trial in store.results("small").trials] == list(range(8))
    assert [run.finished_at is None for run in store.results("small").runs] == [True, False, False]
