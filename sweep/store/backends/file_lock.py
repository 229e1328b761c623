"""One writer a study: locks of the operating system, which end with their owner.

A lock is a file beside the database, which stays there, empty: taking it away would let two in.
No clock is involved; who dies has let go.
"""

import errno
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from sweep.errors import StoreError
from sweep.store.backends.drives import DRIVE_REMEDY, DRIVE_RULE, drive_of
from sweep.util.paths import as_typed

MAKING_SECONDS = 60
"""How long to wait for another process that makes the tables; it takes a second at most."""
PROBE_SECONDS = 0.5
"""How long a run waits for its lock: ``is_held`` may have it for a moment."""

_WITHOUT_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP}
"""Errors of drives that keep no locks."""


@contextmanager
def writer_lock(database: Path, study: str, *, wait: bool = False) -> Iterator[bool]:
    """Hold the study's lock; yields False, without it, where another run holds it.

    With ``wait`` it yields True, as soon as no other run holds it.
    """
    lock = FileLock(_path(database, study), timeout=-1 if wait else PROBE_SECONDS)
    try:
        _acquire(lock)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def is_held(database: Path, study: str) -> bool:
    """Whether a run holds the study's lock; False where that cannot be told."""
    path = _path(database, study)
    if not path.exists():
        return False
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    except OSError:
        return _is_seen_locked(path)
    lock.release()
    return False


def _is_seen_locked(path: Path) -> bool:
    """Whether a lock file is locked that this process may not write, only read."""
    try:
        import fcntl
    except ImportError:  # not a system of this kind
        return False
    with suppress(OSError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def schema_lock(database: Path) -> Iterator[None]:
    """Hold the lock under which tables are made, after whoever is making them."""
    lock = FileLock(database.with_name(f"{database.name}.lock"), timeout=MAKING_SECONDS)
    _acquire(lock)
    try:
        yield
    finally:
        lock.release()


def _path(database: Path, study: str) -> Path:
    digest = hashlib.sha256(study.encode()).hexdigest()[:12]
    return database.with_name(f"{database.name}.{digest}.lock")


def _acquire(lock: FileLock) -> None:
    try:
        lock.acquire()
    except Timeout:
        raise
    except OSError as error:
        drive = drive_of(Path(lock.lock_file))
        if drive or error.errno in _WITHOUT_LOCKS:
            place = f", which lies on {drive}" if drive else ""
            raise StoreError(
                f"no lock on {as_typed(lock.lock_file)}{place}: {error.strerror or error}",
                rule=DRIVE_RULE,
                remedy=DRIVE_REMEDY,
            ) from error
        raise StoreError(
            f"{as_typed(lock.lock_file)} cannot be written: {error.strerror or error}",
            rule="A run keeps a lock file beside the store.",
            remedy="Create the folder, mend its permissions, or choose another with --store.",
        ) from error
