"""Files that are whole or not there, whenever their writer dies.

Under everything that writes a file: the cache, the report, Optuna's artifacts.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sweep.errors import FileError
from sweep.util.paths import as_typed


@contextmanager
def write_whole(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file that takes the place of ``path`` only when it has been written in full.

    It is written beside ``path``, forced to disk and renamed, so a reader sees the old file or the
    new one. After an exception nothing is left of it. Missing folders are made.

    Raises:
        OSError: no space, or no right to write there.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with write_whole(folder / "deep" / "note.txt") as file:
        ...     _ = file.write(b"whole")
        >>> (folder / "deep" / "note.txt").read_bytes()
        b'whole'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{uuid.uuid4().hex}.new")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_bytes(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all.

    Returns:
        ``path``.

    Raises:
        FileError: it cannot be written.
    """
    try:
        with write_whole(path) as file:
            file.write(content)
    except OSError as error:
        raise FileError(
            f"{as_typed(path)} cannot be written: {error.strerror or error}",
            remedy="Name another place, or free some space there.",
        ) from error
    return path
