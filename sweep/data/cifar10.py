"""CIFAR-10: 60,000 real pictures of ten classes, 32 × 32 pixels, with a split of their own.

Found, in this order: where ``--data`` says; in the cache of sweep, to which the published archive
is downloaded; in that of Keras. An archive is read where it is, and never unpacked.
"""

import lzma
import os
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from sweep.data.cifar_batches import PICTURE_SHAPE, BatchError, read_batch, read_names
from sweep.data.examples import Examples, examples_of
from sweep.data.fetch import CIFAR_10, fetch
from sweep.errors import DataError, NotFetchedError
from sweep.util.paths import as_typed, is_file, is_there, typed_path
from sweep.util.progress import Progress, silent

NAME = "cifar-10"

TRAIN = tuple(f"data_batch_{number}" for number in range(1, 6))
TEST, NAMES = "test_batch", "batches.meta"
MEMBERS = (*TRAIN, TEST, NAMES)
MAX_MEMBER_BYTES = 1 << 26
"""Of one file; a real one has 31 MB."""

_FOLDER = "cifar-10-batches-py"
_IN_KERAS = (
    f"{_FOLDER}-target/{_FOLDER}",
    _FOLDER,
    f"{_FOLDER}-target_archive",
    f"{_FOLDER}.tar.gz",
    "cifar-10-python.tar.gz",
)
"""Where versions of Keras keep it, under ``datasets``."""
_RULE = f"CIFAR-10 is the folder {_FOLDER} with {', '.join(MEMBERS)}, or the published archive."
_ARCHIVE_FAULTS = (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)


def load_cifar10(
    place: str | None, cache: Path, *, download: bool = True, progress: Progress = silent
) -> Examples:
    """All of it, the given 50,000 to train on and 10,000 for validation.

    Inputs are (N, 32, 32, 3) in uint8.

    Args:
        place: a folder or archive; None or ``cifar-10`` to look for it.
        cache: sweep's.
        download: whether the archive may be fetched where it is nowhere.
        progress: told of the download and of the reading.

    Raises:
        DataError: it is not there, damaged or incomplete; or it could not be downloaded.
        CacheError: the cache cannot be written.
    """
    if place in (None, NAME):
        path = _found(cache, download=download, progress=progress)
    else:
        path = typed_path(place)
    return _read(path, progress)


def _found(cache: Path, *, download: bool, progress: Progress) -> Path:
    for path in (CIFAR_10.place(cache), *(keras_cache() / name for name in _IN_KERAS)):
        if is_file(path) or all(is_file(path / name) for name in MEMBERS):
            return path
    if download:
        return fetch(CIFAR_10, cache, progress)
    raise NotFetchedError(
        f"no CIFAR-10 in the cache of sweep, {as_typed(CIFAR_10.place(cache))}, nor in that of "
        "Keras",
        remedy="Run `sweep data fetch cifar-10`, or pass --data PATH if you have it elsewhere.",
    )


def keras_cache() -> Path:
    """The folder of data sets that Keras downloads, where ``KERAS_HOME`` says or at home."""
    return typed_path(os.environ.get("KERAS_HOME") or "~/.keras") / "datasets"


def _read(path: Path, progress: Progress) -> Examples:
    """From a folder, one around it, or an archive; the batches in the order of their names."""
    batches: dict[str, tuple[NDArray[np.uint8], NDArray[np.int32]]] = {}
    class_names: tuple[str, ...] = ()
    for name, content in _files(path):
        try:
            if name == NAMES:
                class_names = read_names(content)
            else:
                batches[name] = read_batch(content)
        except BatchError as error:
            raise _damaged(path, f"{name} in it is no file of CIFAR-10: {error}") from error
        progress("reading CIFAR-10", len(batches), len(TRAIN) + 1, "files")
    missing = [name for name in MEMBERS if name not in batches and name != NAMES]
    missing += [] if class_names else [NAMES]
    if missing:
        raise _damaged(path, f"no {', '.join(missing)} in it")
    train_count = sum(len(batches[name][1]) for name in TRAIN)
    inputs_N, targets_N = _joined([batches.pop(name) for name in (*TRAIN, TEST)])
    return examples_of(
        inputs_N,
        targets_N,
        train_count,
        name="CIFAR-10",
        source=str(path.resolve()),
        class_names=class_names,
        are_pictures=True,
    )


def _joined(
    batches: list[tuple[NDArray[np.uint8], NDArray[np.int32]]],
) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """All batches as one; each is let go as soon as it is copied."""
    targets_N = np.concatenate([labels for _, labels in batches])
    inputs_N = np.empty((len(targets_N), *PICTURE_SHAPE), np.uint8)
    start = 0
    while batches:
        pictures, _ = batches.pop(0)
        inputs_N[start : start + len(pictures)] = pictures
        start += len(pictures)
    return inputs_N, targets_N


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    """The names and contents of the files of CIFAR-10 in a folder or an archive.

    Raises:
        DataError: there is nothing, it cannot be read, or a file is too large.
    """
    if not is_there(path):
        raise DataError(
            f"no CIFAR-10: there is nothing at {as_typed(path)}",
            rule=_RULE,
            remedy="Correct the path, or leave --data out to have it downloaded.",
        )
    try:
        yield from _in_folder(path) if path.is_dir() else _in_archive(path)
    except _ARCHIVE_FAULTS as error:
        raise _damaged(path, f"it cannot be read: {error or type(error).__name__}") from error


def _in_folder(path: Path) -> Iterator[tuple[str, bytes]]:
    inner = path / _FOLDER
    folder = inner if inner.is_dir() else path
    for name in MEMBERS:
        file = folder / name
        if is_file(file):
            _check_size(path, name, file.stat().st_size)
            yield name, file.read_bytes()


def _in_archive(path: Path) -> Iterator[tuple[str, bytes]]:
    """Read from its beginning to its end, once."""
    with tarfile.open(path, "r:*") as archive:
        for member in archive:
            name = PurePosixPath(member.name).name
            if name in MEMBERS and member.isreg():
                _check_size(path, name, member.size)
                file = archive.extractfile(member)
                yield name, file.read() if file else b""


def _check_size(path: Path, name: str, size: int) -> None:
    if size > MAX_MEMBER_BYTES:
        raise _damaged(path, f"{name} in it is larger than {MAX_MEMBER_BYTES >> 20} MB")


def _damaged(path: Path, what: str) -> DataError:
    return DataError(
        f"{as_typed(path)} cannot be used as CIFAR-10: {what}",
        rule=_RULE,
        remedy="Get it anew: `sweep data fetch cifar-10` downloads and checks the archive; or "
        "pass another one with --data PATH.",
    )
