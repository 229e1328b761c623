"""The real program on a real pseudo-terminal of a width, as a person at a keyboard has it."""

import json
import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.cells import cell_len

SETTINGS = (
    *("COLUMNS", "LINES", "TERM", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE"),
    *("TTY_COMPATIBLE", "TTY_INTERACTIVE", "CI", "GITHUB_ACTIONS", "PY_COLORS", "PYTHONIOENCODING"),
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


COMMANDS = """
import json, sys
from sweep.cli.app import app
for arguments in json.loads(sys.argv[1]):
    try:
        app(arguments, prog_name="sweep")
        status = 0
    except SystemExit as end:
        status = end.code
    sys.stderr.flush()
    print("\\x1e", status, "\\x1e", sep="", end="", flush=True)
"""
"""Several commands in one process, for what would take long to start so often."""


def on_terminal(*commands: Sequence[str], columns: int, folder: Path, **settings: str):
    """What each command shows, with its three streams on a terminal."""
    return _screens(_on_terminal([COMMANDS, json.dumps(commands)], columns, folder, settings))


def in_pipe(*commands: Sequence[str], folder: Path, **settings: str) -> list[Screen]:
    """What each command shows with output and errors in one pipe, as in the log of a CI job."""
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS, json.dumps(commands)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env=_environment(settings),
        check=False,
    )
    return _screens(_text(done.stdout, settings))


def script_on_terminal(script: str, columns: int, folder: Path, **settings: str) -> Screen:
    """What a Python script shows on a terminal."""
    return Screen(0, _on_terminal([script], columns, folder, settings))


def _screens(shown: str) -> list[Screen]:
    *parts, rest = shown.split("\x1e")
    assert not rest, rest
    return [Screen(int(status), raw) for raw, status in zip(parts[::2], parts[1::2], strict=True)]


def _on_terminal(
    script: Sequence[str], columns: int, folder: Path, settings: Mapping[str, str]
) -> str:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, columns))
    with subprocess.Popen(
        [sys.executable, "-c", *script],
        **dict.fromkeys(("stdin", "stdout", "stderr"), theirs),
        cwd=folder,
        env=_environment({"TERM": "xterm-256color"} | settings),
    ):
        os.close(theirs)
        shown = _all_of(ours)
    return _text(shown, settings).replace("\r\n", "\n")


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    rest = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return rest | {"HTTPS_PROXY": "http://127.0.0.1:9"} | settings


def _text(shown: bytes, settings: Mapping[str, str]) -> str:
    return shown.decode(settings.get("PYTHONIOENCODING", "utf-8"))


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
