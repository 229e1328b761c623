"""What is known of every file of pictures: the hashes of its content, or why it is no good.

Each file is read and decoded to its end once. What came out is kept in the cache, by the name,
size and time of change of the file, so that the next run reads none of them. Another version of
Pillow, or other formats that it reads, make all of it be found out anew.
"""

import hashlib
import json
import os
import warnings
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from pathlib import Path

import PIL
from PIL import Image

from sweep.data.decoding import FAULTS, fault_in_words, opened, turned_by_exif
from sweep.data.files import write_atomically
from sweep.data.formats import formats
from sweep.data.modes import SCALED_MODES, to_rgb
from sweep.data.sources import Source, Stamp
from sweep.data.twins import look_of
from sweep.util.hashing import digest
from sweep.util.progress import Progress

MAX_BYTES = 1 << 28
"""Of a file of a picture; a larger one is none, and reading it could fill the memory."""

_VERSION = 3
_THREADS = min(8, os.cpu_count() or 1)


@dataclass(frozen=True)
class Finding:
    """Of one file.

    Attributes:
        stamp: size and time of change of the file when it was read.
        content: SHA-256 of its bytes, in hexadecimal; None if it is no good.
        fault: why it is no good; None if it is good.
        look: its perceptual hash (``twins.look_of``); None where it has none.
        is_scaled: whether its values were brought to 8 bits by ``modes``, which version 0.1 did
            otherwise.
        is_turned: whether it has an EXIF orientation that Pillow leaves to be applied.
    """

    stamp: Stamp
    content: str | None = None
    fault: str | None = None
    look: str | None = None
    is_scaled: bool = False
    is_turned: bool = False


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
    content = b""
    try:
        content = source.read(name)
        if not content:
            return Finding(stamp, fault="empty")
        with opened(content) as picture:
            rgb = to_rgb(picture)
            is_turned = turned_by_exif(picture) is not None
            is_scaled = picture.mode in SCALED_MODES
    except FAULTS as error:
        return Finding(stamp, fault=fault_in_words(error, content, name))
    return Finding(
        stamp,
        hashlib.sha256(content).hexdigest(),
        look=look_of(rgb),
        is_scaled=is_scaled,
        is_turned=is_turned,
    )


def _load(path: Path) -> dict[str, Finding]:
    """What the manifest knows; nothing if it is missing, damaged or of another Pillow."""
    try:
        stored = json.loads(path.read_bytes())
        if stored["version"] != _version():
            return {}
        if stored["checksum"] != digest(stored["findings"]):
            return {}
        return {
            name: Finding(tuple(stamp), *others)
            for name, (stamp, *others) in stored["findings"].items()
        }
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}


def _save(path: Path, findings: dict[str, Finding]) -> None:
    rows = {name: list(astuple(finding)) for name, finding in findings.items()}
    stored = {
        "version": _version(),
        "checksum": digest(rows),
        "findings": rows,
    }
    with write_atomically(path) as file:
        file.write(json.dumps(stored).encode())


def _version() -> list[object]:
    return [_VERSION, PIL.__version__, *formats()]
