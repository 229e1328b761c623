"""Small CIFAR-10 archives: pickles as Python 2 wrote the published ones, or as Python 3 does."""

import io
import pickle
import struct
import tarfile
from pathlib import Path
from typing import Any

import numpy as np

from sweep.data.cifar10 import MEMBERS, NAMES

CLASSES = tuple(f"class-{number}" for number in range(10))


def old_pickle(value: Any) -> bytes:
    """A pickle of protocol 2 with the instructions that Python 2 writes for texts and arrays."""
    return b"\x80\x02" + _said(value) + b"."


def _said(value: Any) -> bytes:
    match value:
        case None:
            return b"N"
        case bool():
            return b"\x88" if value else b"\x89"
        case int():
            return b"J" + struct.pack("<i", value)
        case bytes():
            return b"T" + struct.pack("<i", len(value)) + value
        case list():
            return b"](" + b"".join(map(_said, value)) + b"e"
        case tuple():
            return b"(" + b"".join(map(_said, value)) + b"t"
        case dict():
            return b"}(" + b"".join(_said(key) + _said(value[key]) for key in value) + b"u"
        case np.ndarray():
            kind = b"cnumpy\ndtype\n" + _said((b"u1", 0, 1)) + b"R"
            kind += _said((3, b"|", None, None, None, -1, -1, 0)) + b"b"
            new = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n"
            new += _said((0,)) + _said(b"b") + b"tR"
            state = b"(" + _said(1) + _said(value.shape) + kind + _said(False)
            return new + state + _said(value.tobytes()) + b"tb"
        case _:
            raise TypeError(type(value))


def new_pickle(value: Any) -> bytes:
    return pickle.dumps(value, protocol=2)


def batch(number: int, count: int) -> dict[bytes, Any]:
    random = np.random.default_rng(number)
    return {
        b"batch_label": b"a batch",
        b"labels": [(number + index) % 10 for index in range(count)],
        b"data": random.integers(0, 256, (count, 3072), np.uint8),
        b"filenames": [b"picture.png"] * count,
    }


def members(dumps: Any = old_pickle, count: int = 12) -> dict[str, bytes]:
    files = {
        name: dumps(batch(number, count)) for number, name in enumerate(MEMBERS) if name != NAMES
    }
    names = [name.encode() for name in CLASSES]
    return files | {NAMES: dumps({b"num_cases_per_batch": count, b"label_names": names})}


def as_archive(files: dict[str, bytes], mode: str = "w:gz") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:  # type: ignore[call-overload]
        folder = tarfile.TarInfo("cifar-10-batches-py")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in files.items():
            entry = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def as_folder(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder
