"""Files in the cache folder: whole or not there, with a clear word where they cannot be written."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sweep.errors import CacheError
from sweep.util.files import write_whole

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_RIGHTS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}
_ROOM = (
    "The cache folder needs room.",
    "Free some space, or set SWEEP_CACHE to a folder on a larger disk.",
)
_RIGHTS = (
    "The cache folder must be a folder that can be written to.",
    "Set SWEEP_CACHE to a folder of your own.",
)
_BROKEN = (
    "The cache folder must stay, on a disk that takes what is written.",
    "Run the same command again; if it fails again, set SWEEP_CACHE to a folder on another disk.",
)


@contextmanager
def write_atomically(path: Path) -> Iterator[IO[bytes]]:
    """As ``files.write_whole``, for a file in the cache.

    Raises:
        CacheError: it cannot be written.
    """
    with cache_errors(path), write_whole(path) as file:
        yield file


@contextmanager
def cache_errors(path: Path) -> Iterator[None]:
    """Say what a full, locked, broken or vanished disk means, while ``path`` is written.

    Raises:
        CacheError: in place of an ``OSError``.
    """
    try:
        yield
    except OSError as error:
        rule, remedy = _BROKEN
        if error.errno in _NO_ROOM:
            rule, remedy = _ROOM
        elif error.errno in _NO_RIGHTS:
            rule, remedy = _RIGHTS
        raise CacheError(
            rule, got=f"{error.strerror or error} while writing {path}", remedy=remedy
        ) from error


def sync(path: Path) -> None:
    """Force a file's content to disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
