"""Runs the program again and again, each time in a process that is forked from this one.

What a run imports, TensorFlow above all, is imported once, here. Nothing is computed here, so the
only threads are those of OpenBLAS and jemalloc, which begin them anew after a fork.

A line of standard input is a JSON object: ``line``, what a shell does in this process's place; or
``folder``, ``variables``, ``arguments`` and, of a run that is killed, ``killed_in``, with the files
``stdout`` and ``stderr``. The line that answers is the exit status, negative for a signal.
"""

import ctypes
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import count

HANG_SECONDS = 240
IMPORTED = (
    *("sweep.cli.app", "sweep.cli.answer", "sweep.cli.progress", "sweep.cli.tables"),
    *("sweep.runner", "sweep.executors.local", "sweep.training.loop", "sweep.optimizers.build"),
    *("sweep.store.backends.sqlite", "sweep.store.optuna.publishing", "sweep.report.page"),
)


def main() -> None:
    from sweep.training.keras_runtime import load_keras

    load_keras(os.environ.get("KERAS_BACKEND", "tensorflow"))
    for module in IMPORTED:
        importlib.import_module(module)
    from sweep.cli import app

    gc.collect()
    gc.freeze()  # searches for reference cycles would copy all this memory in every process
    for line in sys.stdin:
        asked = json.loads(line)
        if "line" in asked:
            status = subprocess.run(["sh", "-ec", asked["line"]], check=False).returncode
        elif process := os.fork():
            status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        else:
            become(**asked)
            return app.main()
        print(status, flush=True)
    return None


def become(
    folder: str,
    variables: Mapping[str, str],
    arguments: Sequence[str],
    killed_in: tuple[str, int] | None,
    stdout: str,
    stderr: str,
) -> None:
    """Make of this process one that has just been started, but for what it has imported."""
    signal.alarm(HANG_SECONDS)
    for stream, path in enumerate((os.devnull, stdout, stderr)):
        opened = os.open(path, os.O_WRONLY if stream else os.O_RDONLY)
        os.dup2(opened, stream)
        os.close(opened)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    with suppress(AttributeError):  # where faults.c is not loaded
        ctypes.CDLL(None).read_environment()
    sys.path[0], sys.argv = folder, ["sweep", *arguments]
    if killed_in:
        kill_in(*killed_in)


def kill_in(place: str, number: int) -> None:
    """Let SIGKILL come where a function, MODULE:NAME, is called for the n-th time."""
    module_name, name = place.split(":")
    module = importlib.import_module(module_name)
    function, calls = getattr(module, name), count(1)

    def killed(*positional, **named):
        if next(calls) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*positional, **named)

    setattr(module, name, killed)


if __name__ == "__main__":
    main()
