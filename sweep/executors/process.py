"""One trial's process: how it is started, heard and ended, and what became of it.

Under ``processes``, which runs several.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sweep.errors import FileError, StudyError
from sweep.executors.reports import Report, ReportError, Reports
from sweep.planning.cohorts import Cohort
from sweep.planning.events import CohortFailed, CohortResult, EpochResult, Event
from sweep.study.programs import Command, Function
from sweep.tasks.program_config import ProgramConfig
from sweep.tasks.programs import filled_in
from sweep.util.paths import as_typed

GRACE_SECONDS = 5.0
"""So long a process that is asked to end may take before it is killed."""
TAIL_LINES = 20
TAIL_BYTES = 20_000
READ_BYTES = 65_536
THREADS = (
    *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"),
    *("VECLIB_MAXIMUM_THREADS", "NUMBA_NUM_THREADS"),
    *("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "NPROC"),
)
"""What libraries are told by how many threads to take; ``NPROC`` is XLA's word for it."""
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Place:
    """Where programs run and print.

    Attributes:
        outputs: the folder of what they print.
        called: that folder as records and errors name it.
        threads: that libraries are told to take; None for what they take by themselves.
        folder: the programs' current folder; None for this process's.
        environment: theirs; None for this process's.
        modules: folders where functions' modules are looked for; None for this process's.
    """

    outputs: Path
    called: Path
    threads: int | None = None
    folder: Path | None = None
    environment: Mapping[str, str] | None = None
    modules: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Job:
    """What a process is to do.

    Attributes:
        program: the study's.
        config: of the trial.
        name: of the file of all that it prints.
        place: where it runs.
    """

    program: Function | Command
    config: ProgramConfig
    name: str
    place: Place

    @property
    def output(self) -> Path:
        """The file of all that it prints."""
        return self.place.outputs / self.name

    @property
    def called(self) -> Path:
        """That file as records and errors name it."""
        return self.place.called / self.name


class Process:
    """The process of one trial, from its start on.

    Attributes:
        pipe: where its reports are read.
        is_closed: whether that pipe has ended.

    Raises:
        FileError: its output cannot be written.
    """

    def __init__(self, cohort: Cohort, job: Job) -> None:
        self._cohort = cohort
        self._job = job
        self._reports = Reports(job.config.epochs)
        self._begin = self._epoch_begin = time.perf_counter()
        self._kill_at: float | None = None
        self._wrong: str | None = None
        self._rest = b""
        self.is_closed = False
        self._log = _new_file(job.output)
        self.pipe, writing_end = os.pipe()
        try:
            self._process = self._started(writing_end)
        finally:
            os.close(writing_end)

    def read(self) -> Iterator[Event]:
        """The epochs that have come by now; call it when the pipe is ready."""
        data = os.read(self.pipe, READ_BYTES)
        self.is_closed = not data
        if self._is_command:
            self._log.write(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        if self.is_closed and self._rest:
            lines, self._rest = [self._rest], b""
        for line in lines:
            if self._wrong is None and not self._has_diverged:
                yield from self._take(line.decode(errors="replace"))

    def has_ended(self) -> bool:
        """Whether the process is gone; one that takes too long is ended."""
        minutes = self._job.program.minutes
        seconds = time.perf_counter() - self._begin
        if minutes is not None and seconds > 60 * minutes and self._kill_at is None:
            self._wrong = f"it took longer than {minutes:g} minutes, its limit; {self._progress}"
            self.stop()
        if self._kill_at is not None and time.perf_counter() > self._kill_at:
            self._signal(signal.SIGKILL)
        return self._process.poll() is not None

    def stop(self) -> None:
        """Ask it to end; after ``GRACE_SECONDS`` it is killed."""
        self._kill_at = time.perf_counter() + GRACE_SECONDS
        self._signal(signal.SIGTERM)

    def end(self) -> Iterator[Event]:
        """The last events of a process that is gone."""
        while not self.is_closed and select.select([self.pipe], [], [], 0)[0]:
            yield from self.read()
        seconds = time.perf_counter() - self._begin
        self.close()
        wrong = self._what_is_wrong()
        if wrong is not None:
            yield CohortFailed(self._cohort, self._told(wrong), seconds)
            return
        last = self._reports.last
        diverged = last.epoch if last and last.has_diverged else None
        provenance = {"output": self._job.called.as_posix(), "threads": self._job.place.threads}
        yield CohortResult(self._cohort, (diverged,), None, seconds, None, provenance)

    def close(self) -> None:
        """Let go of a process that is gone, and of what it has left behind."""
        self._signal(signal.SIGKILL)
        os.close(self.pipe)
        self._log.close()
        if self._process.stdin:
            with suppress(BrokenPipeError):
                self._process.stdin.close()

    @property
    def _is_command(self) -> bool:
        return isinstance(self._job.program, Command)

    @property
    def _has_diverged(self) -> bool:
        return self._reports.last is not None and self._reports.last.has_diverged

    @property
    def _progress(self) -> str:
        done = self._reports.last.epoch if self._reports.last else 0
        return f"{done} of {self._reports.epochs} epochs were reported"

    def _started(self, writing_end: int) -> subprocess.Popen[bytes]:
        """The supervisor, which starts the program."""
        job = self._job
        pipes = [] if self._is_command else [writing_end]
        started = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_HERE / "supervisor.py")],
            stdin=subprocess.PIPE,
            stdout=writing_end if self._is_command else self._log,
            stderr=self._log,
            pass_fds=pipes,
            env=_environment(job.config.seed, job.place),
            cwd=job.place.folder,
            start_new_session=True,
        )
        said = {"words": _words(job, writing_end), "pipes": pipes}
        assert started.stdin is not None
        with suppress(BrokenPipeError):
            started.stdin.write(json.dumps(said).encode() + b"\n")
            started.stdin.flush()
        return started

    def _take(self, line: str) -> Iterator[Event]:
        self._refuse_unimported(line)
        try:
            reports = self._reports.read(line)
        except ReportError as error:
            self._wrong = str(error)
            self.stop()
            return
        for report in reports:
            yield self._epoch(report)
        if self._has_diverged and self._is_command:
            self.stop()
        elif self._has_diverged:  # its function is told, and may still tidy up
            self._kill_at = time.perf_counter() + GRACE_SECONDS

    def _refuse_unimported(self, line: str) -> None:
        program = self._job.program
        if isinstance(program, Function) and line.startswith('{"not_imported"'):
            module = program.function.partition(":")[0]
            raise StudyError(
                f"the training function {program.function!r} cannot be imported: "
                f"{json.loads(line)['not_imported']}",
                remedy=f"Mend {module}, install what it needs, or run in the folder that holds it.",
            )

    def _epoch(self, report: Report) -> EpochResult:
        now = time.perf_counter()
        seconds, self._epoch_begin = now - self._epoch_begin, now
        return EpochResult(
            self._cohort,
            report.epoch,
            train_loss_P=np.array([report.train_loss]),
            train_accuracy_P=np.array([report.train_metric]),
            valid_loss_P=np.array([report.valid_loss]),
            valid_accuracy_P=np.array([report.valid_metric]),
            effective_learning_rate_P=np.array([report.effective_learning_rate]),
            seconds=seconds,
        )

    def _what_is_wrong(self) -> str | None:
        """Why the trial has failed, in words; None where it has not."""
        if self._wrong is not None or self._has_diverged:
            return self._wrong
        status = self._process.returncode
        if status < 0:
            return f"the program was ended by {signal.Signals(-status).name}; {self._progress}"
        if status > 0:
            return f"the program ended with exit status {status}; {self._progress}"
        return None if self._reports.is_complete else self._reports.missing()

    def _told(self, wrong: str) -> str:
        """The error as it is stored: the end of the output, and last what is wrong."""
        place = as_typed(self._job.called)
        tail = _tail(self._job.output)
        if not tail:
            return f"{wrong} (it printed nothing)"
        if self._wrong is None and self._process.returncode > 0:
            wrong = f"{wrong}: {_last(tail)}"
        return f"The end of its output, which is in {place}:\n\n{tail}\n\n{wrong}"

    def _signal(self, number: int) -> None:
        """To the process and all that it has started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


def _words(job: Job, pipe: int) -> list[str]:
    """The program and its arguments."""
    if isinstance(job.program, Command):
        return filled_in(job.program, job.config)
    modules = sys.path if job.place.modules is None else job.place.modules
    said = {"function": job.program.function, "config": asdict(job.config), "path": modules}
    child = str(_HERE / "function_child.py")
    return [sys.executable, "-P", child, str(pipe), json.dumps(said)]


def _environment(seed: int, place: Place) -> dict[str, str]:
    """The user's, with what makes a trial repeatable and its lines come at once."""
    users = os.environ if place.environment is None else place.environment
    mine: dict[str, Any] = {"PYTHONHASHSEED": str(seed), "PYTHONUNBUFFERED": "1"}
    if place.threads is not None:
        mine |= dict.fromkeys(THREADS, str(place.threads))
    # So that `python` is found where sweep is called by its path in a virtual environment.
    path = os.pathsep.join([users.get("PATH", os.defpath), str(Path(sys.executable).parent)])
    return mine | {**users} | {"PATH": path}


def _new_file(path: Path) -> Any:
    """A new file that two processes append to."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
        return path.open("ab", buffering=0)
    except OSError as error:
        raise FileError(
            f"{as_typed(path)}, a trial's output, cannot be written: {error.strerror or error}",
            remedy="Run in a folder of your own, on a disk with some free space.",
        ) from error


def _tail(path: Path) -> str:
    """The last lines of a file."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL_BYTES))
        text = file.read().decode(errors="replace")
    return "\n".join(text.strip().splitlines()[-TAIL_LINES:])


def _last(text: str) -> str:
    return text.rpartition("\n")[2].strip()[:200]
