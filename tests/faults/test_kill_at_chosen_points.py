"""A run that is killed at every point of its way, one after another, and an upgrade as well."""

import pytest
from faults.harness import RUN, Sandbox, assert_readable, assert_same, trained
from store import old_store

from sweep.store import open_store

POINTS = (  # a function at its n-th call, or a write to a file, of which half is written
    ("sweep.data.pets.rendered_pets:draw_pet", 30),
    ("rendered-pets", 1),
    ("sweep.db-wal", 20),
    ("sweep.store.admission:admit", 1),
    ("sweep.tasks.features:_finite_float16", 2),
    ("manifest.json", 1),
    ("sweep.store.writing:insert_epochs", 8),
    ("sweep.store.writing:end_trainings", 1),
    ("sweep.store.optuna.study:put_part", 20),
    ("reports", 1),
)


def test_killed_at_every_step(faulty, undisturbed):
    """Pictures, tables, features, training, a cohort's end, Optuna's mirror, the report."""
    for place, number in POINTS:
        if ":" in place:
            killed = faulty.killed_in(place, number, *RUN)
        else:
            killed = faulty.command(*RUN, do="torn", calls="write", file=place, at=str(number))
        assert killed.status == -9, (place, killed)
        assert_readable(faulty)
    done = faulty.command(*RUN)
    assert done.status == 0, done.stderr
    assert_same(faulty, undisturbed.sandbox)


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory, library):
    """A store that is upgraded without any fault, and how many system calls that takes."""
    if library is None:
        pytest.skip("needs a C compiler and Linux, for system calls that go wrong")
    sandbox = Sandbox(tmp_path_factory.mktemp("upgraded"), library)
    old_store.make_sqlite(sandbox.database)
    log = sandbox.folder.with_name("calls-of-an-upgrade")
    assert sandbox.command("status", log=str(log)).status == 0
    return sandbox.database, len(log.read_text().splitlines())


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_killed_while_an_old_store_is_upgraded(share, faulty, upgraded):
    undisturbed, calls = upgraded
    old_store.make_sqlite(faulty.database)
    assert faulty.command("status", do="SIGKILL", at=str(round(share * calls))).status == -9
    open_store(f"sqlite:///{faulty.database}").close()
    assert trained(faulty.database) == trained(undisturbed)
