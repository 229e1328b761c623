"""Runs one program, and ends it with all its processes when sweep is gone.

``processes`` runs this file by its path, in an interpreter that loads nothing but Python's own
library, as the leader of a process group. Its input is a pipe: the program as a line of JSON; the
pipe's end means that sweep has died, however that was.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from typing import NoReturn


def main() -> NoReturn:
    """Run the program, and end as it ends."""
    job = json.loads(sys.stdin.buffer.readline())
    signal.signal(signal.SIGTERM, _stay)  # a handler, since what is ignored is so in children too
    try:
        program = subprocess.Popen(
            job["words"],
            stdin=subprocess.DEVNULL,
            pass_fds=job["pipes"],
        )
    except OSError as error:
        print(f"{job['words'][0]} cannot be run: {error.strerror or error}", file=sys.stderr)
        os._exit(127)
    for pipe in (*job["pipes"], 1):  # the program's alone, so that they end with it
        os.close(pipe)
    threading.Thread(target=_end_with_sweep, daemon=True).start()
    status = program.wait()
    _end_group(signal.SIGTERM)  # what the program has left behind
    _end_as(status)


def _stay(_number: int, _frame: object) -> None:
    """SIGTERM goes to the whole group: the program hears it, and this process waits for it."""


def _end_with_sweep() -> None:
    sys.stdin.buffer.read()
    _end_group(signal.SIGKILL)


def _end_group(number: int) -> None:
    os.killpg(os.getpgid(0), number)


def _end_as(status: int) -> NoReturn:
    if status < 0:
        signal.signal(-status, signal.SIG_DFL) if -status != signal.SIGKILL else None
        os.kill(os.getpid(), -status)
    os._exit(status)


if __name__ == "__main__":
    main()
