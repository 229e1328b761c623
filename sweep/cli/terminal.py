"""What a stream is written to: who watches it, in which colours, how wide it is.

In the flow: ``console`` asks before it prints, ``progress`` before it moves the cursor. Every rule
about ``NO_COLOR``, ``FORCE_COLOR``, ``CLICOLOR``, ``TERM``, ``CI`` and ``COLUMNS`` is here.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Literal

USUAL_WIDTH = 80
"""Of a terminal that does not tell."""
_WITHOUT_CURSOR = ("dumb", "unknown", "")
_OFF = ("0", "false")


@dataclass(frozen=True)
class Terminal:
    """Where a stream leads.

    Attributes:
        is_watched: it is a terminal whose cursor moves: what was shown can be shown anew.
        is_coloured: whether colours and bold letters are wanted.
        width: columns; None where lines may have any length, as in a pipe or a file.
    """

    is_watched: bool
    is_coloured: bool
    width: int | None

    @property
    def colours(self) -> Literal["auto", "standard"] | None:
        """Of a terminal as many as it has; elsewhere, where they are asked for, those all have."""
        if not self.is_coloured:
            return None
        return "auto" if self.is_watched else "standard"


def terminal_of(stream: IO[str] | None, environ: Mapping[str, str] = os.environ) -> Terminal:
    """What is known of the stream; one that is closed is no terminal."""
    is_terminal = _is_terminal(stream)
    has_cursor = is_terminal and _kind(environ) not in _WITHOUT_CURSOR
    wanted = colour_wish(environ)
    return Terminal(
        is_watched=has_cursor and not _is_log(environ),
        is_coloured=has_cursor if wanted is None else wanted,
        width=_said_width(environ) or (_own_width(stream) if is_terminal else None),
    )


def colour_wish(environ: Mapping[str, str]) -> bool | None:
    """What the environment says of colours; None where it leaves it to the terminal.

    ``NO_COLOR`` wins over ``FORCE_COLOR`` (https://no-color.org, https://force-color.org), both
    over ``CLICOLOR_FORCE`` and ``CLICOLOR`` (https://bixense.com/clicolors).

    Example:
        >>> colour_wish({"FORCE_COLOR": "1"}), colour_wish({"CLICOLOR": "0"}), colour_wish({})
        (True, False, None)
    """
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return environ["FORCE_COLOR"].lower() not in _OFF
    if environ.get("CLICOLOR_FORCE", "0") not in ("0", ""):
        return True
    return False if environ.get("CLICOLOR") == "0" else None


def _is_log(environ: Mapping[str, str]) -> bool:
    """Whether what is shown is kept rather than watched: CI services may give jobs a terminal."""
    says_ci = environ.get("CI", "").lower() not in (*_OFF, "")
    return says_ci or environ.get("TTY_INTERACTIVE") == "0"


def _kind(environ: Mapping[str, str]) -> str:
    """``TERM``, which Windows does without."""
    return environ.get("TERM", "windows" if os.name == "nt" else "").lower()


def _is_terminal(stream: IO[str] | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def _said_width(environ: Mapping[str, str]) -> int | None:
    said = environ.get("COLUMNS", "")
    return int(said) or None if said.isascii() and said.isdigit() else None


def _own_width(stream: IO[str] | None) -> int:
    try:
        return (stream and os.get_terminal_size(stream.fileno()).columns) or USUAL_WIDTH
    except (OSError, ValueError):
        return USUAL_WIDTH
