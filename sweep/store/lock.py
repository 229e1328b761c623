"""One writer a study: a lock of the operating system, which ends with its owner."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from sweep.errors import StoreError


@contextmanager
def only_writer(database: Path, study: str) -> Iterator[bool]:
    """Hold the study's lock; yields False, without it, where another run holds it.

    The lock is a file beside the database, which stays there, empty: taking it away would let
    two runs in. No clock is involved; who dies has let go.
    """
    file = database.with_name(
        f"{database.name}.{hashlib.sha256(study.encode()).hexdigest()[:12]}.lock"
    )
    lock = FileLock(file, blocking=False)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    except OSError as error:
        raise StoreError(
            "A run keeps a lock file beside the store.",
            got=f"{file}: {error.strerror or error}",
            remedy="Mend the folder's permissions, or choose another store with --store.",
        ) from error
    try:
        yield True
    finally:
        lock.release()
