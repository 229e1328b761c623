"""Reading a SQLite file that cannot be written, without leaving anything beside it.

Under ``sqlite.py``. SQLite reads a database in WAL mode with the help of two files beside it,
``-wal`` and ``-shm``, which it makes where they are missing; and what a killed writer left
(``-wal`` without ``-shm``, a hot ``-journal``) it first brings in order, by writing. Where it may
not write, there are three ways:

    shared      the helping files are there: read with them, beside whoever writes
    immutable   nothing is there: nobody writes, and the file is all there is
    a copy      what a killed writer left is brought in order in a private copy
"""

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from sweep.errors import StoreError
from sweep.util.paths import as_typed, is_there

BUSY_SECONDS = 30
"""How long a statement waits for another program's transaction; all of ours last milliseconds."""
HELPING_BYTES = 2**16
"""What the two helping files take at least, and a little more."""
BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database."""

_SHARED = "mode=ro&readonly_shm=1"
_IMMUTABLE = "mode=ro&immutable=1"
_WAL_VERSION = b"\x02\x02"
"""Bytes 18 and 19 of a database in WAL mode."""


class ReadOnlyFile:
    """A SQLite file that is read as it is, whatever lies beside it.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.resolve()
        self._folder: TemporaryDirectory[str] | None = None
        self._copying = Lock()

    @property
    def copy(self) -> Path | None:
        """The private copy that is read instead; None where the file itself is."""
        return None if self._folder is None else Path(self._folder.name, self._file.name)

    def connect(self) -> sqlite3.Connection:
        """A connection to what is there now.

        Raises:
            StoreError: a copy is needed and cannot be made.
        """
        with self._copying:
            if self.copy is None:
                way = way_to_read(self._file)
                connection = way and self._opened(way)
                if connection:
                    return connection
                self._copy_aside()
        return _connect(self._copied().as_uri())

    def copy_aside(self) -> None:
        """Read a private copy from now on, which may be written too; it goes with ``close``."""
        with self._copying:
            if self.copy is None:
                self._copy_aside()

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Around reading: the file stays as it is, where it is read without any locks.

        Raises:
            StoreError: somebody has written to it meanwhile.
        """
        is_alone = self.copy is None and way_to_read(self._file) == _IMMUTABLE
        before = is_alone and self._file.stat()
        try:
            yield
        finally:
            after = is_alone and self._file.stat()
            if before and after and before.st_mtime_ns != after.st_mtime_ns:
                raise StoreError(
                    f"another program has just written to {as_typed(self._file)}",
                    rule="A store that cannot be written is read while nobody writes to it.",
                    remedy="Run the same command again.",
                )

    def close(self) -> None:
        """Remove the copy."""
        if self._folder is not None:
            self._folder.cleanup()

    def _opened(self, way: str) -> sqlite3.Connection | None:
        """None where what a killed writer left must be brought in order first."""
        connection = _connect(f"{self._file.as_uri()}?{way}")
        try:
            connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        except sqlite3.Error as error:
            connection.close()
            if error.sqlite_errorname.startswith("SQLITE_READONLY"):
                return None
            raise
        return connection

    def _copied(self) -> Path:
        assert self.copy is not None
        return self.copy

    def _copy_aside(self) -> None:
        try:
            folder = TemporaryDirectory(prefix="sweep-store-", ignore_cleanup_errors=True)
            for path in (self._file, *beside(self._file)):
                if not path.name.endswith("-shm"):
                    shutil.copyfile(path, Path(folder.name, path.name))
        except OSError as error:
            raise StoreError(
                "no copy of the store could be made: "
                f"{as_typed(error.filename or 'the folder for temporary files')}: "
                f"{error.strerror or error}",
                rule="A store that cannot be written, and is not in order, is read from a copy.",
                remedy="Free some space there, or set TMPDIR to a folder with space for the store.",
            ) from error
        self._folder = folder


def way_to_read(file: Path) -> str | None:
    """What to add to the file's URI to read it as it is; None if it is not in order."""
    with file.open("rb") as opened:
        is_wal = opened.read(20)[18:] == _WAL_VERSION
    wal, shm, _ = (file.with_name(file.name + ending) for ending in BESIDE)
    if not is_wal or (wal.exists() and shm.exists()):
        return _SHARED
    return None if wal.exists() and wal.stat().st_size else _IMMUTABLE


def beside(file: Path) -> list[Path]:
    """What SQLite has beside a database now."""
    paths = (file.with_name(file.name + ending) for ending in BESIDE)
    return [path for path in paths if is_there(path)]


def unreadable(file: Path) -> str | None:
    """What of a database this process cannot read, and why; None if it can, or there is none."""
    try:
        found = [path for path in (file, *beside(file)) if path.exists()]
        return next((_why(path) for path in found if not _may(path, os.R_OK)), None)
    except PermissionError as error:  # of a folder above it
        return f"{as_typed(error.filename)}: {error.strerror}"
    except (OSError, ValueError):  # a name that no file can have
        return None


def unwritable(file: Path) -> str | None:
    """What of a database, which need not be there yet, this process cannot write, and why."""
    real = file.resolve()
    for path in (real.parent, *([real] if is_there(real) else []), *beside(real)):
        if not _may(path, os.W_OK):
            return _why(path)
    return None


def without_space(file: Path) -> str | None:
    """The drive that has no space for what SQLite makes to read a database; None if there is."""
    with suppress(OSError):
        if shutil.disk_usage(file.resolve().parent).free < HELPING_BYTES:
            return f"{as_typed(file)} lies on a drive that is full"
    return None


def _may(path: Path, what: int) -> bool:
    return os.access(path, what, effective_ids=os.access in os.supports_effective_ids)


def _why(path: Path) -> str:
    """Why something cannot be read or written, in words."""
    with suppress(OSError, AttributeError):  # of systems without mounts or owners
        if os.statvfs(path).f_flag & os.ST_RDONLY:
            return f"{as_typed(path)} lies on a drive that is mounted read-only"
        found = path.stat()
        mode = stat.filemode(found.st_mode)
        return f"{as_typed(path)} is {mode}, of user {found.st_uid}; this is user {os.geteuid()}"
    return f"{as_typed(path)} refuses it"


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, check_same_thread=False)
