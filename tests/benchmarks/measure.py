"""Rivals measured side by side: every one in a fresh process, in interleaved rounds.

In the flow: ``__main__`` says what is measured; ``tables`` says what came of it.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks.job import Job
from tests.benchmarks.machine import Machine
from tests.benchmarks.rivals.catalog import Rival
from tests.benchmarks.rivals.timing import ROOT, Told


class ProcessError(Exception):
    """A measuring process ended badly; the text is the end of its errors."""


@dataclass(frozen=True)
class Measured:
    """One process of one rival.

    Attributes:
        rival: its name.
        optimizer: that it trained with.
        round: 1 …
        whole_seconds: of the process, from start to end.
        told: what it printed.
    """

    rival: str
    optimizer: str
    round: int
    whole_seconds: float
    told: Told

    def warm_up_seconds(self, job: Job) -> float:
        """All that is not steady training: imports, reading, compiling, first epochs' extra."""
        return self.whole_seconds - self.told.seconds * job.epochs * len(job.learning_rates)


def make_job(folder: Path, job: Job) -> None:
    """Write what all rivals read."""
    sizes = {name: value for name, value in asdict(job).items() if isinstance(value, int)}
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in sizes.items()]
    rates = [str(rate) for rate in job.learning_rates]
    started("job", str(folder), *flags, "--learning-rates", *rates)


def measure_machine(job: Job, repeat_seconds: float, module: str = "machine") -> Machine:
    """This machine's figures at the shapes of a job, each repeated for so long.

    Args:
        job: whose shapes.
        repeat_seconds: for each figure.
        module: ``machine``, or ``device`` for that of JAX.
    """
    return Machine.of_json(
        started(
            module,
            f"--features={job.features}",
            f"--hidden-units={job.hidden_units}",
            f"--batch-size={job.batch_size}",
            f"--trials={len(job.learning_rates)}",
            f"--repeat-seconds={repeat_seconds}",
        )
    )


def measure_rounds(
    folder: Path,
    rivals: Sequence[tuple[Rival, str]],
    rounds: int,
    tell: Callable[[str], None],
) -> tuple[list[Measured], dict[str, str]]:
    """Every rival once, then again, as often as there are rounds.

    Args:
        folder: of the job.
        rivals: that are installed, with the optimizer of each.
        rounds: how many.
        tell: is told of every process.

    Returns:
        What was measured, and the errors of the rivals that failed; those are not tried again.
    """
    measured: list[Measured] = []
    failed: dict[str, str] = {}
    for number in range(1, rounds + 1):
        for rival, optimizer in rivals:
            if rival.name in failed:
                continue
            tell(f"round {number} of {rounds}: {rival.title}, {optimizer}")
            try:
                one = measure_one(folder, rival.name, optimizer, number)
            except ProcessError as error:
                failed[rival.name] = str(error)
                tell(f"{rival.title} failed:\n{error}")
            else:
                measured.append(one)
                tell(f"    {one.told.seconds:.3f} s a trial and epoch")
    return measured, failed


def measure_one(
    folder: Path, rival: str, optimizer: str, number: int, trials: int | None = None
) -> Measured:
    """One process of one rival, on the job's first learning rates; None for all."""
    some = [] if trials is None else ["--trials", str(trials)]
    begin = time.perf_counter()
    line = started(f"rivals.{rival}", str(folder), "--optimizer", optimizer, *some)
    seconds = time.perf_counter() - begin
    return Measured(rival, optimizer, number, seconds, Told(**json.loads(line)))


def started(module: str, *arguments: str) -> str:
    """The last line that a module of this package prints, run in a process of its own.

    Raises:
        ProcessError: it ended badly.
    """
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if ended.returncode:
        raise ProcessError("\n".join(ended.stderr.splitlines()[-5:]))
    return (ended.stdout.splitlines() or [""])[-1]
