"""Trains trials by programs of the user's own on a Ray cluster, each as a task of its own.

What ``processes`` does on this machine, every node does with its trials (see ``program_worker``):
a process a trial, its output kept, its failure a result. The files that the program is made of go
along; what they read beside, data for example, must be where the program looks for it.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sweep.errors import FileError
from sweep.executors import program_worker
from sweep.executors.cluster import RayCluster
from sweep.executors.program_worker import PACKAGES, ProgramWork, users_threads
from sweep.executors.ray import connected, nodes_of, place_here, share_of, streams_of
from sweep.executors.submissions import Printed, Submissions
from sweep.executors.worker import Share
from sweep.planning.cohorts import Cohort, MayBegin, every_one, parts
from sweep.planning.events import Event
from sweep.tasks.programs import ProgramTask
from sweep.training.keras_runtime import versions
from sweep.util.names import file_stem
from sweep.util.paths import as_typed, is_file

LARGEST_BYTES = 100_000_000
"""Of a file that goes along; Ray takes some 500 MB of all together."""


def train_programs_on_ray(
    cluster: RayCluster,
    cohorts: Sequence[Cohort],
    *,
    task: ProgramTask,
    retries: int,
    outputs: Path,
    folder: Path | None = None,
    may_begin: MayBegin = every_one,
) -> Iterator[Event]:
    """The events of all cohorts, those of several in turn; each trial is its own cohort.

    Args:
        cluster: where.
        cohorts: what to train.
        task: by which program.
        retries: how often a trial is tried again that failed.
        outputs: what the processes print is in a folder of it, one a study.
        folder: in which programs run on the nodes that have it; None for the current one.
        may_begin: is asked when a worker takes up a trial; after one that may not, none does.

    Raises:
        MissingError: there is no such cluster, nothing in it that a trial fits on, or the code is
            not there.
        StudyError: the training function cannot be imported.
        FileError: the output cannot be written.
    """
    kept = outputs / file_stem(task.study.name)
    singles = [single for cohort in cohorts for single in parts(cohort, 1)]
    code = {} if cluster.is_own else task.code  # its workers have this folder
    with _taken_along(code) as files, connected(cluster, files):
        share = share_of(cluster)
        work = ProgramWork(
            task=task,
            retries=retries,
            folder=folder or Path.cwd(),
            outputs=kept,
            threads=_threads(share),
            users_threads=users_threads(),
            versions=versions(PACKAGES),
        )
        streams = streams_of(cluster, _train, [work], share)
        submissions = Submissions(streams, lambda printed: _keep(printed, kept), may_begin)
        yield from submissions.train(singles)


def _train(work: ProgramWork, cohort: Cohort) -> Iterator[Event | Printed]:
    """The task."""
    yield from program_worker.train(work, cohort, *place_here())


def _threads(share: Share) -> int | None:
    """Of a trial that shares its node; None of one that has all of it, as locally."""
    if any(node.cpus > share.cpus for node in nodes_of()):
        return max(1, int(share.cpus))
    return None


@contextmanager
def _taken_along(code: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Those of the files that are in the current folder and not large, as Ray takes them along."""
    inside = [path for path in map(Path, code) if _can_go(path)]
    with TemporaryDirectory(prefix="sweep-") as temporary:
        for path in inside:
            place = Path(temporary) / path
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)
        yield {"working_dir": temporary} if inside else {}


def _can_go(path: Path) -> bool:
    is_inside = not path.is_absolute() and ".." not in path.parts
    return is_inside and is_file(path) and path.stat().st_size <= LARGEST_BYTES


def _keep(printed: Printed, folder: Path) -> None:
    path = folder / printed.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("wb" if printed.is_first else "ab") as file:
            file.write(printed.data)
    except OSError as error:
        raise FileError(
            f"{as_typed(path)}, a trial's output, cannot be written: {error.strerror or error}",
            remedy="Run in a folder of your own, on a disk with some free space.",
        ) from error
