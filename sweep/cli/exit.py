"""How a command ends: with one message and an exit status, whatever has happened.

Around every command; ``app`` says where.
"""

import errno
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper

import typer

from sweep.cli.usage import usage_error
from sweep.errors import MissingError, SweepError
from sweep.util.interrupts import Terminated, listen, raise_if_interrupted, stop_listening

INTERRUPTED, TERMINATED, NO_READER = 130, 143, 141
"""Exit statuses: 128 and the signal's number, as shells have it."""
_DISK_FAULTS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


@contextmanager
def whole_process() -> Iterator[None]:
    """Around everything: signals are heard, and any text can be shown or thrown away.

    At its end Python would go through all that was imported, in search of reference cycles, which
    takes a second after TensorFlow: what is left goes with the process.
    """
    listen()
    _make_writable()
    try:
        yield
    except KeyboardInterrupt as interrupt:  # outside of all commands
        _tell_interruption()
        sys.exit(_status(interrupt))
    finally:
        stop_listening()
        gc.freeze()


@contextmanager
def told(*, debug: bool = False) -> Iterator[None]:
    """Around a command: what ends it is told in one message.

    Args:
        debug: let errors pass, with their tracebacks.

    Raises:
        typer.Exit: with the exit status.
    """
    try:
        try:
            yield
            sys.stdout.flush()
        except Exception as error:
            raise_if_interrupted(error)
            raise _of_output(error) or usage_error(error) or error from None
    except SweepError as error:
        if debug:
            raise
        from sweep.cli.console import show_error

        with suppress(OSError):
            show_error(error)
        raise typer.Exit(error.exit_status) from error
    except KeyboardInterrupt as interrupt:
        _tell_interruption()
        raise typer.Exit(_status(interrupt)) from None


def _tell_interruption() -> None:
    """Without Rich and all that comes with it: what half of it was imported cannot be again."""
    with suppress(OSError):
        typer.echo("Interrupted. What was finished is kept; the same command continues.", err=True)


def _status(interrupt: KeyboardInterrupt) -> int:
    return TERMINATED if isinstance(interrupt, Terminated) else INTERRUPTED


def _of_output(error: Exception) -> Exception | None:
    """What to raise where the output cannot be written; its errors name no file."""
    if not isinstance(error, OSError) or error.filename is not None:
        return None
    if error.errno == errno.EPIPE:  # `sweep results … | head`: the reader has what it wanted
        _let_go_of_output()
        return typer.Exit(NO_READER)
    if error.errno in _DISK_FAULTS:
        _let_go_of_output()
        return MissingError(
            f"the command's output cannot be written: {error.strerror}",
            remedy="Free some space where it goes, and run it again; what was finished is kept.",
        )
    return None


def _make_writable() -> None:
    """Let text of any kind be written, also where nobody reads it.

    Where a stream is closed, the next file that is opened would get its place, and with it all
    that a library prints.
    """
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _let_go_of_output() -> None:
    """What is left to be written is thrown away, where Python would fail at its exit."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
