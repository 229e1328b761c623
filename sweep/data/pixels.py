"""The pixels of a study's pictures as one array, decoded once and cached.

The cache is addressed by content: ``pixels/KEY.npy`` has the pictures of one set at one size, and
its readers map it into memory. In the flow: ``pictures`` finds them, a network trains on them.

Legend: N pictures.
"""

import hashlib
import os
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from sweep.data.examples import Examples
from sweep.data.files import cache_errors
from sweep.data.pictures import PictureSet
from sweep.util.hashing import digest
from sweep.util.progress import Progress, silent

VERSION = 1
"""Raised when the same pictures would be decoded to other pixels."""
_CHUNK = 64
_THREADS = min(8, os.cpu_count() or 1)


def picture_examples(
    pictures: PictureSet, image_size: int, *, cache: Path, progress: Progress = silent
) -> Examples:
    """Pictures with their classes, (N, image_size, image_size, 3) in uint8, memory-mapped.

    Args:
        pictures: N of them, parted.
        image_size: in pixels.
        cache: the cache folder.
        progress: told of the decoding.

    Raises:
        DataError: a file has gone or changed since it was checked.
        CacheError: the cache has no space left or cannot be written.
    """
    account = pictures.account
    definition = {"version": VERSION, "pictures": account.content_hash, "size": image_size}
    path = cache / "pixels" / f"{digest(definition)}.npy"
    return Examples(
        _cached(pictures, image_size, path, progress),
        pictures.labels.astype(np.int32),
        pictures.train_count,
        len(account.class_names),
        account,
        pictures.by_seed,
    )


def _cached(
    pictures: PictureSet, image_size: int, path: Path, progress: Progress
) -> NDArray[np.uint8]:
    with cache_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):
            if not path.is_file() or _hash(path) != _stored_hash(path):
                _decode(pictures, image_size, path, progress)
    return np.load(path, mmap_mode="r")


def _decode(pictures: PictureSet, image_size: int, path: Path, progress: Progress) -> None:
    """Write the file whole or not at all, and what its content is beside it."""
    shape = (len(pictures), image_size, image_size, 3)
    temporary = path.with_name(f".{uuid.uuid4().hex}.npy")
    try:
        with temporary.open("xb") as file:
            np.lib.format.write_array_header_1_0(
                file, {"descr": "|u1", "fortran_order": False, "shape": shape}
            )
            for pixels in _chunks(pictures, image_size, progress):
                file.write(pixels.data)
            file.flush()
            os.fsync(file.fileno())
        _beside(path).write_text(_hash(temporary), encoding="ascii")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _chunks(
    pictures: PictureSet, image_size: int, progress: Progress
) -> Iterator[NDArray[np.uint8]]:
    """The pixels of some pictures at a time, in order; few of them are in memory at once."""
    count = len(pictures)
    starts = range(0, count, _CHUNK)
    with ThreadPoolExecutor(_THREADS) as pool:
        for first in range(0, len(starts), _THREADS):
            some = starts[first : first + _THREADS]
            stops = [min(start + _CHUNK, count) for start in some]
            sizes = [image_size] * len(some)
            decoded = pool.map(pictures.pixels, some, stops, sizes)
            for stop, pixels in zip(stops, decoded, strict=True):
                yield pixels
                progress("decoding pictures", stop, count, "pictures")


def _beside(path: Path) -> Path:
    return path.with_suffix(".sha256")


def _stored_hash(path: Path) -> str:
    beside = _beside(path)
    return beside.read_text(encoding="ascii", errors="replace") if beside.is_file() else ""


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
