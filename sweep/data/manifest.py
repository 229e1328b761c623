"""What is known of every file of pictures: the hash of its content, or why it is no good.

Each file is read and decoded to its end once. What came out is kept in the cache, by the name,
size and time of change of the file, so that the next run reads none of them.
"""

import hashlib
import json
import os
import warnings
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import PIL
from PIL import Image

from sweep.data.decoding import FAULTS, fault_in_words, open_rgb
from sweep.data.files import write_atomically
from sweep.data.sources import Source, Stamp
from sweep.util.hashing import digest
from sweep.util.progress import Progress

MAX_BYTES = 1 << 28
"""Of a file of a picture; a larger one is none, and reading it could fill the memory."""

_VERSION = 1
_THREADS = min(8, os.cpu_count() or 1)


@dataclass(frozen=True)
class Finding:
    """Of one file.

    Attributes:
        stamp: size and time of change of the file when it was read.
        content: SHA-256 of its bytes, in hexadecimal; None if it is no good.
        fault: why it is no good; None if it is good.
    """

    stamp: Stamp
    content: str | None = None
    fault: str | None = None


def examine(
    source: Source, names: Iterable[str], cache: Path, progress: Progress
) -> dict[str, Finding]:
    """Find out about every file in ``names``, in their order, from the manifest where it knows.

    Raises:
        CacheError: the manifest cannot be written.
    """
    names = list(names)
    stamps = source.stamps()
    path = cache / "manifests" / f"{digest({'source': str(source.path.resolve())})}.json"
    known = _load(path)
    unknown = [name for name in names if name not in known or known[name].stamp != stamps[name]]
    if unknown:
        known |= _read_all(source, unknown, stamps, progress)
        _save(path, {name: known[name] for name in names})
    return {name: known[name] for name in names}


def _read_all(
    source: Source, names: list[str], stamps: dict[str, Stamp], progress: Progress
) -> dict[str, Finding]:
    found: dict[str, Finding] = {}
    with warnings.catch_warnings(), ThreadPoolExecutor(_THREADS) as pool:
        # Of what it can put up with, Pillow warns (a wrong EXIF, say); so do we in the end. Between
        # once and twice its limit of pixels it warns too.
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            for finding in pool.map(lambda name: _read(source, name, stamps[name]), names):
                found[names[len(found)]] = finding
                progress("checking pictures", len(found), len(names), "pictures")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return found


def _read(source: Source, name: str, stamp: Stamp) -> Finding:
    if stamp[0] > MAX_BYTES:
        return Finding(stamp, fault=f"larger than {MAX_BYTES >> 20} MB")
    try:
        content = source.read(name)
        if not content:
            return Finding(stamp, fault="empty")
        open_rgb(content)
    except FAULTS as error:
        return Finding(stamp, fault=fault_in_words(error))
    return Finding(stamp, content=hashlib.sha256(content).hexdigest())


def _load(path: Path) -> dict[str, Finding]:
    """What the manifest knows; nothing if it is missing, damaged or of another Pillow."""
    try:
        stored = json.loads(path.read_bytes())
        if stored["version"] != [_VERSION, PIL.__version__]:
            return {}
        if stored["checksum"] != digest(stored["findings"]):
            return {}
        return {
            name: Finding(tuple(stamp), content, fault)
            for name, (stamp, content, fault) in stored["findings"].items()
        }
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}


def _save(path: Path, findings: dict[str, Finding]) -> None:
    rows = {name: [list(f.stamp), f.content, f.fault] for name, f in findings.items()}
    stored = {
        "version": [_VERSION, PIL.__version__],
        "checksum": digest(rows),
        "findings": rows,
    }
    with write_atomically(path) as file:
        file.write(json.dumps(stored).encode())
