"""The containers of docker/ as processes: same commands, environment, user and rights to files.

There is no engine here, so this reads the Dockerfile and compose.yaml and does what an engine would
do with them. The paths of the containers lie below a folder of the test, which stands for ``/``.
"""

import json
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
DOCKER = ROOT / "docker"


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's, each with its arguments on one line."""
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", lines)
    return [
        (name, arguments.strip())
        for name, _, arguments in (line.partition(" ") for line in joined.splitlines() if line)
    ]


def compose() -> dict[str, Any]:
    """compose.yaml, its anchors and merges resolved."""
    return yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Image:
    """What the Dockerfile says of every container.

    Attributes:
        user: number of the user that commands run as.
        environment: variables.
        folder: that commands run in.
        owned: folders that belong to that user.
        entry_point, command, health: what is run.
    """

    user: int
    environment: dict[str, str]
    folder: str
    owned: tuple[str, ...]
    entry_point: list[str]
    command: list[str]
    health: list[str]


def image() -> Image:
    said = dict(instructions())  # the last of a kind counts
    [owned] = re.findall(r"install --directory --owner=sweep --group=sweep ([^&]+)", said_in_runs())
    return Image(
        user=int(said["USER"].partition(":")[0]),
        environment=dict(word.split("=", 1) for word in shlex.split(said["ENV"])),
        folder=said["WORKDIR"],
        owned=tuple(owned.split()),
        entry_point=json.loads(said["ENTRYPOINT"]),
        command=json.loads(said["CMD"]),
        health=json.loads(said["HEALTHCHECK"].partition("CMD ")[2]),
    )


def said_in_runs() -> str:
    return "\n".join(arguments for name, arguments in instructions() if name == "RUN")


def beside_python(program: str) -> Path:
    """A program of the virtual environment, which need not be on the PATH."""
    return Path(sys.executable).with_name(program)
