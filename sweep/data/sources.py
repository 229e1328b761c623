"""Where files of pictures lie: a folder, or a zip. Both list and read them in the same way.

A zip is read where it is. Names with backslashes, as older PowerShell writes them, are read as
names with slashes.
"""

import lzma
import os
import struct
import threading
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sweep.data.decoding import NEEDS_PASSWORD, UNKNOWN_PACKING, fault_in_words
from sweep.data.files import write_atomically
from sweep.data.formats import ARCHIVE, LFS_POINTER, WEB_PAGE, unknown_in_words
from sweep.data.layouts import holds_classes, inner_zip
from sweep.errors import DataError
from sweep.util.hashing import digest
from sweep.util.paths import as_typed, is_there
from sweep.util.progress import Progress

Stamp = tuple[int, ...]
"""Size and time of change: a file with the same name and stamp is taken to be the same."""

COPY_BYTES = 1 << 20
_NOWHERE: Stamp = (0, 0)
_KNOWN_KINDS = (LFS_POINTER, WEB_PAGE, ARCHIVE)
_ZIP_FAULTS = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, ValueError),
    *(RuntimeError, LookupError, OverflowError, TypeError),
)
"""What ``zipfile`` raises for a zip that is damaged, encrypted or packed in an unknown way."""


class Source(Protocol):
    """Files by their relative, slash-separated names."""

    @property
    def path(self) -> Path:
        """The folder or zip itself."""
        ...

    @property
    def shown(self) -> str:
        """What a user calls it: a zip in a zip by both names."""
        ...

    def stamps(self) -> dict[str, Stamp]:
        """The stamp of every file."""
        ...

    def read(self, name: str) -> bytes:
        """The content of a file; from any thread."""
        ...


@dataclass(frozen=True)
class Folder:
    """The files under a folder, links followed."""

    path: Path

    @property
    def shown(self) -> str:
        """Its path."""
        return str(self.path)

    def stamps(self) -> dict[str, Stamp]:
        """Size in bytes and time of change in nanoseconds; those of a link to nothing are 0.

        Raises:
            DataError: a folder cannot be read.
        """
        found: dict[str, Stamp] = {}
        seen: set[str] = set()
        for parent, folders, files in os.walk(self.path, onerror=_refuse, followlinks=True):
            real = os.path.realpath(parent)
            if real in seen:  # a link back to where we have been
                folders.clear()
                continue
            seen.add(real)
            for file in files:
                path = Path(parent, file)
                name = path.relative_to(self.path).as_posix()
                if path.is_file():
                    state = path.stat()
                    found[name] = (state.st_size, state.st_mtime_ns)
                elif path.is_symlink():
                    found[name] = _NOWHERE
        return found

    def read(self, name: str) -> bytes:
        """The content of a file; from any thread."""
        return (self.path / name).read_bytes()


def _refuse(error: OSError) -> None:
    """A folder that is passed over would be a class too few."""
    raise DataError(
        f"{as_typed(error.filename)}, a folder among the pictures, cannot be read: "
        f"{error.strerror}",
        remedy="Give yourself the right to read it, or move it elsewhere.",
    ) from error


class Zip:
    """The files in a zip, which is opened once and read by one thread at a time."""

    def __init__(self, path: Path, shown: str | None = None) -> None:
        self.path = path
        self.shown = shown or str(path)
        self._lock = threading.Lock()
        self._archive = _open_zip(path, self.shown)
        self._entries = _entries(self._archive)

    def stamps(self) -> dict[str, Stamp]:
        """Size in bytes, CRC-32, and the archive's time of change in nanoseconds."""
        changed = self.path.stat().st_mtime_ns
        return {
            name: (entry.file_size, entry.CRC, changed) for name, entry in self._entries.items()
        }

    def read(self, name: str) -> bytes:
        """The content of a file; from any thread."""
        with self._lock:  # ZipFile counts its open members without one
            return self._archive.read(self._entries[name])

    def unpack(self, name: str, target: Path, progress: Progress) -> None:
        """Write one of the files to ``target``.

        Raises:
            DataError: it is damaged.
            CacheError: there is no space for it.
        """
        total = self._entries[name].file_size
        done = 0
        with write_atomically(target) as file:
            for piece in self._pieces(name):
                done += file.write(piece)
                progress(f"unpacking {name}", done, total, "bytes")

    def _pieces(self, name: str) -> Iterator[bytes]:
        try:
            with self._archive.open(self._entries[name]) as packed:
                while piece := packed.read(COPY_BYTES):
                    yield piece
        except (OSError, *_ZIP_FAULTS) as error:
            raise DataError(
                f"{self.shown}: {as_typed(name)} in it {_unpacking_fault(error)}",
                rule="Pictures are a folder or a whole zip.",
                remedy=_REMEDY,
            ) from error


def open_source(path: Path, cache: Path, progress: Progress) -> Source:
    """The folder or zip at ``path``, or the zip in it where that is what holds the pictures.

    A zip in a zip cannot be read here and there without unpacking it: it is unpacked once, into
    the cache.

    Raises:
        DataError: there is nothing at ``path``, or something that is neither folder nor zip.
    """
    if not is_there(path):
        raise DataError(
            f"no pictures: there is nothing at {as_typed(path)}",
            rule="Pictures are a folder or a zip.",
            remedy="Correct the path, or leave --data out to use the public pictures.",
        )
    source = Folder(path) if path.is_dir() else Zip(path)
    names = source.stamps()
    inner = inner_zip(names)
    if inner is None or holds_classes(names):
        return source
    if isinstance(source, Folder):
        return Zip(path / inner)
    target = cache / "unpacked" / f"{digest({'zip': str(path), 'stamp': names[inner]})}.zip"
    if not _is_whole(target, names[inner]):
        source.unpack(inner, target, progress)
    return Zip(target, f"{path}, {inner} in it")


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The files in an archive by their slash-separated names; of two with one name, the last."""
    named = ((entry.filename.replace("\\", "/"), entry) for entry in archive.infolist())
    return {name: entry for name, entry in named if not name.endswith("/")}


def _is_whole(unpacked: Path, stamp: Stamp) -> bool:
    """Whether it has the size and the CRC-32 that the zip says that it came from."""
    size, expected, _ = stamp
    try:
        if unpacked.stat().st_size != size:
            return False
        checksum = 0
        with unpacked.open("rb") as file:
            while piece := file.read(COPY_BYTES):
                checksum = zlib.crc32(piece, checksum)
    except OSError:
        return False
    return checksum == expected


def _open_zip(path: Path, shown: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (OSError, *_ZIP_FAULTS) as error:
        fault = _opening_fault(path, error)
        raise DataError(
            f"{shown}{fault}",
            rule="Pictures are a folder or a whole zip.",
            remedy=_UNPACK if ARCHIVE in fault else _REMEDY,
        ) from error


_REMEDY = "Download or copy it again, or pass the folder that holds the pictures."
_UNPACK = "Unpack it, and pass the folder that holds the pictures."


def _opening_fault(path: Path, error: Exception) -> str:
    if isinstance(error, OSError):
        return f": {error.strerror}"
    with path.open("rb") as file:
        start = file.read(512)
    if start.startswith(b"PK\x03\x04"):
        return " is cut off or damaged"
    kind = unknown_in_words(start, path.name) if start else ""
    return f" is not a zip{f' ({kind})' if kind in _KNOWN_KINDS else ''}"


def _unpacking_fault(error: Exception) -> str:
    kind = fault_in_words(error)
    if kind in (NEEDS_PASSWORD, UNKNOWN_PACKING):
        return f"is {kind}"
    return f"is damaged ({error})"
