"""What a file is that should hold weights and does not: said in words, with what to do.

In the flow: ``weights`` asks about a file that is neither HDF5 nor a model of Keras 3. A few bytes
at its beginning tell most kinds.
"""

import re
import struct
import zipfile
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from sweep.util.paths import as_typed

MODEL_WEIGHTS = "model.weights.h5"
"""The weights inside a model of Keras 3 (``.keras``)."""

FETCH_AGAIN = "Fetch it again, and look what is in it before you pass it."
_UNPACK = "Unpack it, and pass the file of weights in it."
_CONVERT = "Pass --weights imagenet, or a file that Keras has written (model.save_weights)."
_HEAD_BYTES = 1024


class UnreadableError(Exception):
    """Why weights cannot be read.

    Args:
        found: what is there instead, in words.
        remedy: what to do about it; None for what helps with every such file.
    """

    def __init__(self, found: str, remedy: str | None = None) -> None:
        super().__init__(found, remedy)
        self.found = found
        self.remedy = remedy


_BEGINNINGS = (
    (rb"$", "an empty file", FETCH_AGAIN),
    (rb"\x89HDF", "an HDF5 file that is damaged at its beginning", FETCH_AGAIN),
    (
        rb"version https://git-lfs",
        "a pointer of Git LFS, not the file itself",
        "Run `git lfs pull` in the repository that it comes from.",
    ),
    (rb"\s*<(!doctype|html|head|\?xml)|\s*<!--", "a web page or XML, saved as a file", FETCH_AGAIN),
    (rb".{5}\x00{3}\{", "a safetensors file", _CONVERT),
    (rb"\x80[\x02-\x05]", "a pickled object of Python, as PyTorch writes", _CONVERT),
    (rb"\x93NUMPY", "an array of NumPy", _CONVERT),
    (rb".{4}TFL3", "a model of TensorFlow Lite", _CONVERT),
    (rb"model_checkpoint_path:", "the list of a TensorFlow checkpoint", _CONVERT),
    (rb"PK\x03\x04", "a zip archive that is cut off or damaged", FETCH_AGAIN),
    (rb"\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd", "a compressed file", _UNPACK),
    (rb"7z\xbc\xaf|Rar!|.{257}ustar", "an archive", _UNPACK),
    (rb"\s*\{.*weight_map", "a list of weights in several files", _CONVERT),
    (rb"\s*[\[{]", "JSON", FETCH_AGAIN),
)
"""How files begin, as regular expressions; what they are; what to do."""

_LEVELDB_END = struct.pack("<Q", 0xDB4775248B80FB57)


def what_it_is(path: Path) -> UnreadableError:
    """What a path leads to that is no file of Keras weights.

    Raises:
        OSError: it cannot be looked at.
    """
    mode = path.stat().st_mode
    if S_ISDIR(mode):
        return _folder(path)
    if not S_ISREG(mode):
        return UnreadableError("a pipe or device, which cannot be read twice", "Save it as a file.")
    if zipfile.is_zipfile(path):
        return _zip(path)
    return _by_beginning(path)


def _folder(path: Path) -> UnreadableError:
    if (path / "saved_model.pb").is_file():
        return UnreadableError("a SavedModel of TensorFlow", _CONVERT)
    inside = path / MODEL_WEIGHTS
    if inside.is_file():
        return UnreadableError("a folder", f"Pass --weights {as_typed(inside)}.")
    return UnreadableError("a folder", "Pass the file of weights in it.")


def _zip(path: Path) -> UnreadableError:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    if any(name.endswith("data.pkl") for name in names):
        return UnreadableError("a file of PyTorch", _CONVERT)
    if names and all(name.endswith(".npy") for name in names):
        return UnreadableError("arrays of NumPy", _CONVERT)
    return UnreadableError(f"a zip archive of {', '.join(names[:3]) or 'nothing'}", _UNPACK)


def _by_beginning(path: Path) -> UnreadableError:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        file.seek(-min(path.stat().st_size, len(_LEVELDB_END)), 2)
        tail = file.read()
    for beginning, found, remedy in _BEGINNINGS:
        if re.match(beginning, head, re.DOTALL | re.IGNORECASE):
            return UnreadableError(found, remedy)
    if tail == _LEVELDB_END or re.search(r"\.data-\d{5}-of-\d{5}$", path.name):
        return UnreadableError("a part of a TensorFlow checkpoint", _CONVERT)
    if all(32 <= byte < 127 or byte in b"\t\r\n" for byte in head):
        return UnreadableError("text", FETCH_AGAIN)
    return UnreadableError("neither HDF5 nor a model of Keras 3")
