"""The containers of docker/ as processes: same commands, environment, user and rights to files.

No engine runs in the tests, so this reads the Dockerfile and compose.yaml, and does what an engine
would do with them. A folder of the test stands for ``/``.
"""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from os import geteuid
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
DOCKER = ROOT / "docker"
HOME = "/home/sweep"


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's, each with its arguments on one line."""
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", lines)
    return [
        (name, arguments.strip())
        for name, _, arguments in (line.partition(" ") for line in joined.splitlines() if line)
    ]


def said_in_runs() -> str:
    """The Dockerfile's shell commands."""
    return "\n".join(arguments for name, arguments in instructions() if name == "RUN")


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
        port: that the pages are served on.
        entry_point, command, health: what is run.
    """

    user: int
    environment: dict[str, str]
    folder: str
    owned: tuple[str, ...]
    port: int
    entry_point: list[str]
    command: list[str]
    health: list[str]


@cache
def image() -> Image:
    """The image of docker/Dockerfile."""
    said = dict(instructions())  # the last of a kind counts
    [owned] = re.findall(
        r"install --directory --owner=sweep --group=sweep ([^&\n]+)", said_in_runs()
    )
    return Image(
        user=int(said["USER"].partition(":")[0]),
        environment=dict(word.split("=", 1) for word in shlex.split(said["ENV"])),
        folder=said["WORKDIR"],
        owned=tuple(owned.split()),
        port=int(said["EXPOSE"]),
        entry_point=json.loads(said["ENTRYPOINT"]),
        command=json.loads(said["CMD"]),
        health=json.loads(said["HEALTHCHECK"].partition("CMD ")[2]),
    )


@dataclass(frozen=True)
class Host:
    """Where containers run.

    Attributes:
        root: the folder that stands for ``/`` in all of them, as their volumes are the same.
        instead: what stands for a name or a number of the containers' network.
    """

    root: Path
    instead: Mapping[str, str]

    @classmethod
    def at(cls, root: Path, secrets: Path, instead: Mapping[str, str]) -> "Host":
        """A host with the image's folders, and the secrets where containers find them."""
        for folder in (*image().owned, HOME, "/tmp", "/run/secrets"):
            (root / folder[1:]).mkdir(parents=True, exist_ok=True)
            if can_be_another() and folder != "/run/secrets":
                shutil.chown(root / folder[1:], image().user, image().user)
        host = cls(root, instead)
        for secret in secrets.iterdir():
            place = root / "run/secrets" / secret.name
            place.write_text(host._here(secret.read_text()))
            place.chmod(secret.stat().st_mode)
        return host

    def start(self, service: str, *more: str, **environment: str) -> "subprocess.Popen[str]":
        """The service's command, with more arguments and environment."""
        said = compose()["services"][service]
        entry_point = said.get("entrypoint", image().entry_point)
        command = [*entry_point, *said.get("command", image().command), *more]
        return self._start(command, said.get("environment", {}) | environment)

    def status_of(self, command: list[str], service: str = "serve") -> int:
        """Exit status of a command, such as a health check, in a service's container."""
        asked = self._start(command, compose()["services"][service].get("environment", {}))
        asked.communicate()
        return asked.returncode

    def _start(self, command: list[str], environment: dict[str, str]) -> "subprocess.Popen[str]":
        program, *arguments = (self._here(word) for word in command)
        beside = beside_python(program)
        variables = {"LANG": "C.UTF-8", "HOME": HOME, "TMPDIR": "/tmp"}
        variables |= image().environment | environment
        return subprocess.Popen(
            [*_as_user(), str(beside) if beside.exists() else program, *arguments],
            cwd=self.root / image().folder[1:],
            env={name: self._here(text) for name, text in variables.items()},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _here(self, text: str) -> str:
        """A text of a container, with what is here in the places of its paths and names."""
        folders = "|".join((*image().owned, HOME, "/tmp", "/run/secrets"))
        text = re.sub(rf"(?<![\w/])({folders})\b", rf"{self.root}\1", text)
        for name, here in self.instead.items():
            text = text.replace(name, here)
        return text


@cache
def can_be_another() -> bool:
    """Whether a process can be started as the image's user; for root with all its rights only."""
    asked = [*_setpriv(), "true"]
    return geteuid() == 0 and not subprocess.run(asked, capture_output=True, check=False).returncode


def _as_user() -> list[str]:
    return _setpriv() if can_be_another() else []


def _setpriv() -> list[str]:
    """May read all: the interpreter may lie in root's home, and the tests' folders are closed."""
    user = image().user
    reads = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
    rights = (*reads, "--clear-groups", "--no-new-privs")
    return ["setpriv", f"--reuid={user}", f"--regid={user}", *rights]


def beside_python(program: str) -> Path:
    """A program of the virtual environment, which need not be on the PATH."""
    return Path(sys.executable).with_name(program)
