"""What a process of a cluster does with a trial of a program of the user's own.

It does as ``processes`` does, on a share of its node. What the program prints is sent along, so
that it is kept where the run was started.

**Where it runs.** In the folder of the run, where this node has it with the same code: on the same
machine, or on a file system that the nodes share. Elsewhere in a copy of the code, which came
along.

In the flow: ``ray_programs`` lets it run on the nodes of a cluster.
"""

import hashlib
import os
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sweep.errors import MissingError
from sweep.executors.process import THREADS, Place
from sweep.executors.processes import output_name, run_programs
from sweep.executors.submissions import Printed
from sweep.executors.worker import check_versions
from sweep.planning.cohorts import Cohort
from sweep.planning.events import CohortResult, CohortStarted, Event
from sweep.tasks.programs import ProgramTask
from sweep.util.paths import as_typed, is_file

PACKAGES = ("sweep",)
"""Whose versions must be those where the run was started; the program's are the user's matter."""
_FOR_TASKS = ("PYTHONBREAKPOINT",)
"""What Ray sets: a debugger that waits for somebody."""


@dataclass(frozen=True)
class ProgramWork:
    """What is the same for all trials of a run.

    Attributes:
        task: by which program they train.
        retries: how often a trial is tried again that failed.
        folder: the current one, where the run was started.
        outputs: the folder that keeps what programs print, as records name it.
        threads: that libraries are told to take; None for what they take by themselves.
        users_threads: what the user's environment says of them, where the run was started.
        versions: of ``PACKAGES``, there.
    """

    task: ProgramTask
    retries: int
    folder: Path
    outputs: Path
    threads: int | None
    users_threads: Mapping[str, str]
    versions: Mapping[str, str]


def users_threads() -> dict[str, str]:
    """What the environment says of how many threads libraries take."""
    return {name: os.environ[name] for name in THREADS if name in os.environ}


_folders: list[Path] = []
"""Where programs run, once that is found. A process of a cluster serves one run."""


def train(
    work: ProgramWork, cohort: Cohort, node: str, gpus: Sequence[Any]
) -> Iterator[Event | Printed]:
    """The events of one trial, with what its program prints between them.

    Args:
        work: of the run.
        cohort: the trial, by itself.
        node: how the cluster calls this machine.
        gpus: which of its accelerators the trial has, in part or whole.

    Raises:
        MissingError: another sweep is installed here, or the code is not such as where the run was
            started.
        StudyError: the training function cannot be imported.
    """
    host = socket.gethostname()
    if not _folders:
        check_versions(work.versions, PACKAGES)
        _folders.append(folder_of(work.folder, work.task.code))
    where = host + "".join(f", GPU {number}" for number in gpus)
    for event in _events(work, cohort):
        if isinstance(event, CohortStarted):
            yield replace(event, where=where)
        elif isinstance(event, CohortResult):
            yield replace(event, provenance=event.provenance | {"host": host, "node": node})
        else:
            yield event


def _events(work: ProgramWork, cohort: Cohort) -> Iterator[Event | Printed]:
    name = output_name(cohort.trials[0])
    with TemporaryDirectory(prefix="sweep-") as temporary:
        place = Place(
            outputs=Path(temporary),
            called=work.outputs,
            threads=work.threads,
            folder=_folders[0],
            environment=_environment(work.users_threads),
            modules=tuple(filter(_is_the_users, sys.path)),
        )
        output, begin = place.outputs / name, 0
        events = run_programs(
            [cohort], task=work.task, place=place, workers=1, retries=work.retries
        )
        with closing(events):
            for event in events:
                printed = _from(output, begin)
                begin += len(printed)
                if printed:
                    yield Printed(name, printed)
                yield event
                if isinstance(event, CohortStarted):
                    begin = 0
                    yield Printed(name, b"", is_first=True)


def _from(output: Path, begin: int) -> bytes:
    """What a file has from a place on; nothing where there is none."""
    if not is_file(output):
        return b""
    with output.open("rb") as file:
        file.seek(begin)
        return file.read()


def _environment(users_threads: Mapping[str, str]) -> dict[str, str]:
    """This node's, without what Ray sets for its own tasks."""
    mine = {name: it for name, it in os.environ.items() if name not in (*THREADS, *_FOR_TASKS)}
    if "PYTHONPATH" in mine:
        folders = mine["PYTHONPATH"].split(os.pathsep)
        mine["PYTHONPATH"] = os.pathsep.join(filter(_is_the_users, folders))
    return mine | {**users_threads}


def _is_the_users(folder: str) -> bool:
    """Whether modules of a folder are seen by programs that run without Ray too."""
    is_rays = "ray" in Path(folder).parts and "site-packages" in Path(folder).parts
    return not is_rays and Path(folder) != Path.cwd()


def folder_of(folder: Path, code: Mapping[str, str]) -> Path:
    """The folder to run in: the run's own where it has the same code, else the current one.

    Args:
        folder: the current one, where the run was started.
        code: by path, the hash of each file, as ``own_code`` has it.

    Raises:
        MissingError: neither has the same code.
    """
    here = Path.cwd()
    for each in (folder, here):
        if each.is_dir() and all(_is_same(each / path, code[path]) for path in code):
            return each
    other = next(path for path in code if not _is_same(here / path, code[path]))
    raise MissingError(
        f"{socket.gethostname()} has no {as_typed(other)}, or another one than where the run was "
        "started",
        rule="Files outside the current folder, and those above 100 MB, do not go along.",
        remedy="Have the same on all nodes, at the same place.",
    )


def _is_same(path: Path, content_hash: str) -> bool:
    if not is_file(path):
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == content_hash
