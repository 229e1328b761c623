"""The real program on a real pseudo-terminal of a width, as a person at a keyboard has it."""

import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.cells import cell_len

SETTINGS = (
    *("COLUMNS", "LINES", "TERM", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE"),
    *("TTY_COMPATIBLE", "TTY_INTERACTIVE", "GITHUB_ACTIONS", "PY_COLORS", "PYTHONIOENCODING"),
)
"""What terminals and users say of a screen; a test says its own."""
_COLOURS = re.compile(r"\x1b\[[\d;]*m")
_CODES = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")


@dataclass(frozen=True)
class Screen:
    """What was shown, and how the program ended."""

    status: int
    raw: str

    @property
    def text(self) -> str:
        """Without codes."""
        return _CODES.sub("", self.raw)

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def has_colours(self) -> bool:
        return bool(_COLOURS.search(self.raw))

    @property
    def moves_the_cursor(self) -> bool:
        return "\x1b" in _COLOURS.sub("", self.raw)

    @property
    def width(self) -> int:
        return max(map(cell_len, self.lines), default=0)


def on_terminal(
    *arguments: str, columns: int, folder: Path, term: str = "xterm-256color", **settings: str
) -> Screen:
    """The program with its three streams on a terminal."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, columns))
    with subprocess.Popen(
        [sys.executable, "-m", "sweep.cli", *arguments],
        **dict.fromkeys(("stdin", "stdout", "stderr"), theirs),
        cwd=folder,
        env=_environment({"TERM": term} | settings),
    ) as process:
        os.close(theirs)
        shown = _all_of(ours)
    return Screen(process.returncode, shown.decode().replace("\r\n", "\n"))


def in_pipe(*arguments: str, folder: Path, **settings: str) -> Screen:
    """The program with its output and errors in one pipe, as in the log of a CI job."""
    done = subprocess.run(
        [sys.executable, "-m", "sweep.cli", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env=_environment(settings),
        check=False,
    )
    return Screen(done.returncode, done.stdout.decode())


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    rest = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return rest | {"HTTPS_PROXY": "http://127.0.0.1:9"} | settings


def _all_of(terminal: int) -> bytes:
    """All that is written until the last writer is gone, which Linux tells as an error."""
    parts = []
    with open(terminal, "rb", buffering=0) as reader:
        try:
            while part := reader.read(65536):
                parts.append(part)
        except OSError:
            pass
    return b"".join(parts)
