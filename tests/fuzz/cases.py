"""Runs cases of broken input: each in a folder of its own, within a limit of time and of memory.

What a case may do: return, having found all as it must be, or raise a ``SweepError`` that says
what is wrong and a remedy. Everything else is trouble: another exception, an error that says too
little, or no end.
"""

import shutil
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

from sweep.errors import SweepError

SECONDS_A_CASE = 20.0
"""Far beyond what any case takes: what takes longer, hangs."""
MAX_SHOWN = 5

Case = Callable[[Random, Path], None]


class TooSlowError(BaseException):
    """A case did not end in time; no ``except Exception`` may swallow it."""


def run_cases(numbers: Sequence[int], case: Case, root: Path) -> None:
    """Run the cases of these numbers; fails with the numbers and reasons of those in trouble.

    Args:
        numbers: each makes the same case every time.
        case: gets a random generator of its own and an empty folder.
        root: where the folders are made.
    """
    troubles = []
    for number in numbers:
        folder = root / f"case-{number}"
        folder.mkdir()
        try:
            with _time_limit(SECONDS_A_CASE), told_clearly():
                case(Random(f"{case.__name__} {number}"), folder)
        except (Exception, TooSlowError, SystemExit) as error:
            troubles.append(f"{case.__name__} {number}: {_in_short(error)}")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    assert not troubles, f"{len(troubles)} of {len(numbers)}:\n" + "\n".join(troubles[:MAX_SHOWN])


@contextmanager
def told_clearly() -> Iterator[None]:
    """Let errors pass that a user can mend, if they say how."""
    try:
        yield
    except SweepError as error:
        if not error.wrong or not error.remedy:
            raise AssertionError(f"says too little: {error!r}") from error


def _in_short(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/sweep/" in frame.filename] or frames
    where = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"
    text = " ".join(str(error).split())
    return f"{type(error).__name__} at {where}: {text[:600]}"


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    def too_slow(_number: int, _frame: object) -> None:
        raise TooSlowError(f"no end after {seconds:g} seconds")

    before = signal.signal(signal.SIGALRM, too_slow)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
