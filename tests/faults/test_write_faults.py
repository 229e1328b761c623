"""A disk that is full or fails: one message and status 3, and the same command finishes later.

What cannot be kept fails, but nothing half-written is trusted, and nothing finished is lost.
"""

import errno
import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence

import pytest
from faults.harness import RUN, Ended, Sandbox, assert_readable, assert_same, forks

FAILING = (  # call, file, number of the first call that fails, what fails, what is said
    ("sync", "rendered-pets", 1, errno.EIO, "the folder or its disk has failed"),
    ("sync", "sweep.db", 1, errno.EIO, "the disk that holds sqlite:///sweep.db"),
    ("sync", "features.npy", 1, errno.EIO, "the folder or its disk has failed"),
    ("write", "sweep.db-wal", 150, errno.ENOSPC, "the disk that holds sqlite:///sweep.db"),
    ("sync", "reports", 1, errno.EIO, "cannot be written: "),
)


def test_every_file_fails_in_turn(faulty, undisturbed):
    for call, file, number, failure, said in FAILING:
        ended = faulty.command(*RUN, calls=call, file=file, at=str(number), do=str(failure))
        assert_refused(ended, said)
        assert_readable(faulty)
    done = faulty.command(*RUN)
    assert done.status == 0, done.stderr
    assert_same(faulty, undisturbed.sandbox)


def assert_refused(ended: Ended, said: str):
    assert ended.status == 3, ended
    assert said in ended.message
    assert "Traceback" not in ended.stderr
    assert ended.stderr.count("error:") == 1, ended.stderr


def test_full_and_read_only_disk(sandbox, undisturbed, tmp_path_factory):
    """A real one, in memory, that has more space from run to run and then takes no more writes."""
    kept = Sandbox(tmp_path_factory.mktemp("kept"), sandbox.library)
    steps = [(f"size={kilobytes}k", *RUN) for kilobytes in (200, 1200, 3000)]
    steps += [("size=100m", *RUN), ("ro", *RUN), ("ro", "status"), ("ro", "status", *IMMUTABLE)]
    *full, whole, run_again, status, read = on_a_small_disk(sandbox, kept, steps)
    for ended in full:
        assert_refused(ended, "No space left" if "database" not in ended.message else "is full")
    assert whole.status == 0, whole.stderr
    assert_same(kept, undisturbed.sandbox)
    assert_refused(run_again, "sweep.db cannot be written: ")
    assert "lies on a drive that is mounted read-only" in run_again.message
    for ended in (status, read):
        assert (ended.status, "sgd-decay" in ended.stdout) == (0, True), ended


IMMUTABLE = ("--store", "sqlite:///file:sweep.db?immutable=1&uri=true")


def on_a_small_disk(
    sandbox: Sandbox, kept: Sandbox, steps: Sequence[tuple[str, ...]]
) -> list[Ended]:
    """Each step's options of mount, and then its command; what is on the disk at last is kept.

    The disk is seen by these commands alone, so nothing is left of it.
    """
    folder = shlex.quote(os.fspath(sandbox.folder))
    mounted = f"mount -t tmpfs -o size=100m tmpfs {folder}"
    unshare = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if (
        not shutil.which("unshare")
        or subprocess.run(
            [*unshare, "sh", "-c", mounted], check=False, capture_output=True
        ).returncode
    ):
        pytest.skip("needs Linux and the right to mount a disk for itself")
    ended = []
    with forks(None, unshare) as inside:
        inside.shell(f"{mounted}; cp {shlex.quote(os.fspath(kept.folder))}/study.py {folder}")
        for options, *arguments in steps:
            inside.shell(f"mount -o remount,{options} {folder}")
            ended += [inside.command(arguments, sandbox.folder, sandbox.variables({}))]
        inside.shell(f"cp -a {folder}/. {shlex.quote(os.fspath(kept.folder))}")
    return ended
