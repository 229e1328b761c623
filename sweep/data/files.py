"""Files in the cache folder: whole or not there, with a clear word where they cannot be written."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sweep.errors import CacheError
from sweep.util.files import write_whole
from sweep.util.paths import as_typed

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_RIGHTS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}
_SPACE = (
    "there is no space left",
    "Free some space, or set SWEEP_CACHE to a folder on a larger disk.",
)
_RIGHTS = (
    "it is not a folder that this user may write to",
    "Set SWEEP_CACHE to a folder of your own.",
)
_BROKEN = (
    "the folder or its disk has failed or gone away",
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
        meaning, remedy = _BROKEN
        if error.errno in _NO_SPACE:
            meaning, remedy = _SPACE
        elif error.errno in _NO_RIGHTS:
            meaning, remedy = _RIGHTS
        raise CacheError(
            f"{as_typed(path)} in the cache cannot be written: {meaning} "
            f"({error.strerror or error})",
            remedy=remedy,
        ) from error


def sync(path: Path) -> None:
    """Force a file's content to disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
