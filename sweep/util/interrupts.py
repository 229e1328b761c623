"""Ctrl-C and SIGTERM, of which none is lost.

Python raises them wherever it happens to be, and that may be where nobody hears: inside
TensorFlow's tracing, whose context managers fail on the way out, so that the exception that comes
to us is theirs; or in a finalizer, in a callback of the garbage collector or inside native code,
where Python prints what is raised, or an error that it became, and goes on.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

RETRY_SECONDS = 0.05
"""How long after it was lost an interruption is raised again; the finalizer is over by then."""


class Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a command as Ctrl-C does."""


_KINDS = {signal.SIGINT: KeyboardInterrupt, signal.SIGTERM: Terminated}
_heard: list[KeyboardInterrupt] = []
_are_held_back = False


def listen() -> None:
    """Raise the first Ctrl-C or SIGTERM; a second one ends the process at once."""
    for number in _KINDS:
        signal.signal(number, _raise)
    sys.unraisablehook = _raise_again


def stop_listening() -> None:
    """Let Ctrl-C and SIGTERM end the process, without a word; what was heard is forgotten."""
    _heard.clear()
    for number in _KINDS:
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def held_back() -> Iterator[None]:
    """What is heard inside is raised at the end: for native code that an exception would abort."""
    global _are_held_back
    _are_held_back = True
    try:
        yield
    finally:
        _are_held_back = False
        if _heard:
            raise _heard[0]


def is_of_its_own(record: logging.LogRecord) -> bool:
    """Whether a record is no library's account of how it was interrupted; a filter for logs."""
    return record.exc_info is None or not isinstance(record.exc_info[1], KeyboardInterrupt)


def raise_if_interrupted(error: BaseException) -> None:
    """Raise the interruption in whose wake the error came, if there is one.

    Raises:
        KeyboardInterrupt: the one that the error covers.

    Example:
        >>> raise_if_interrupted(ValueError("of its own"))
    """
    interruption = _heard[0] if _heard else _behind(error)
    if interruption is not None:
        raise interruption


def _behind(error: BaseException) -> KeyboardInterrupt | None:
    """The interruption that an error is, or that it was raised in the wake of."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        behind = waiting.pop()
        if behind is None or id(behind) in seen:
            continue
        if isinstance(behind, KeyboardInterrupt):
            return behind
        seen.add(id(behind))
        waiting += [behind.__cause__, behind.__context__]
    return None


def _raise(number: int, _frame: Any) -> None:
    stop_listening()
    _heard.append(_KINDS[signal.Signals(number)]())
    if not _are_held_back:
        raise _heard[-1]


def _raise_again(lost: Any) -> None:
    """Python's hook for exceptions that it cannot raise: an interruption comes once more."""
    interruption = _behind(lost.exc_value) if lost.exc_value is not None else None
    if interruption is None:
        sys.__unraisablehook__(lost)
        return
    number = signal.SIGTERM if isinstance(interruption, Terminated) else signal.SIGINT
    signal.signal(number, _raise)
    threading.Timer(RETRY_SECONDS, os.kill, (os.getpid(), number)).start()
