"""Files in the cache folder: written whole or not at all, and told apart from a user's mistakes."""

import errno
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sweep.errors import CacheError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_RIGHTS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}


@contextmanager
def write_atomically(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file that takes the place of ``path`` only when it has been written in full.

    It is written beside ``path``, forced to disk and renamed, so a reader sees the old file or the
    new one. After an exception nothing is left of it. Missing folders are made.

    Raises:
        CacheError: no room, or no right to write there.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with write_atomically(folder / "deep" / "note.txt") as file:
        ...     _ = file.write(b"whole")
        >>> (folder / "deep" / "note.txt").read_bytes()
        b'whole'
    """
    with cache_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.new")
        try:
            with temporary.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


@contextmanager
def cache_errors(path: Path) -> Iterator[None]:
    """Say what a full or locked disk means, while something is written to ``path``.

    Raises:
        CacheError: in place of an ``OSError`` that tells of missing room or rights.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise CacheError(
                "The cache folder needs room.",
                got=f"{error.strerror} while writing {path}",
                remedy="Free some space, or set SWEEP_CACHE to a folder on a larger disk.",
            ) from error
        if error.errno in _NO_RIGHTS:
            raise CacheError(
                "The cache folder must be a folder that can be written to.",
                got=f"{error.strerror} while writing {path}",
                remedy="Set SWEEP_CACHE to a folder of your own.",
            ) from error
        raise


def sync(path: Path) -> None:
    """Force a file's content to disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
