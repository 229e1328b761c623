"""The files of CIFAR-10: pickles, read without running what a pickle may ask for.

A pickle can name any function of any module and have it called. Here it can name nothing but
NumPy's arrays of bytes, and even for those the stand-ins below are built: no code of NumPy runs
before the content is known to be plain bytes of the right number.

Layout (Krizhevsky 2009, https://www.cs.toronto.edu/~kriz/cifar.html): each of ``data_batch_1`` …
``data_batch_5`` and ``test_batch`` is a dictionary with ``data``, (n, 3072) bytes, the three
channels of a picture one after the other, and ``labels``, n whole numbers; ``batches.meta`` has
``label_names``.

Legend: n pictures of a batch.
"""

import io
import math
import pickle
from typing import Any

import numpy as np
from numpy.typing import NDArray

PICTURE_SHAPE = (32, 32, 3)
CLASS_COUNT = 10
_PIXELS = math.prod(PICTURE_SHAPE)
_BYTE_TYPES = ("u1", "|u1", b"u1", b"|u1")


class BatchError(ValueError):
    """A file is no such file of CIFAR-10, and why."""


class _Dtype:
    """Stands in for ``numpy.dtype``: that of unsigned bytes."""

    def __init__(self, name: Any, *_: Any) -> None:
        if name not in _BYTE_TYPES:
            raise BatchError(f"numbers in it are of the type {name!r}, and not bytes")

    def __setstate__(self, state: Any) -> None:
        """Bytes have no order and no fields."""


class _Array:
    """Stands in for ``numpy.ndarray``."""

    bytes_nx: NDArray[np.uint8] | None = None

    def __setstate__(self, state: Any) -> None:
        _, shape, dtype, is_fortran, raw = state
        is_whole = isinstance(raw, bytes) and math.prod(shape) == len(raw)
        if not is_whole or not isinstance(dtype, _Dtype):
            raise BatchError("an array in it is not whole")
        order = "F" if is_fortran else "C"
        self.bytes_nx = np.frombuffer(raw, np.uint8).reshape(shape, order=order)


def _new_array(*_: Any) -> _Array:
    return _Array()


def _latin_1(text: Any, encoding: Any) -> bytes:
    """How a pickle of Python 3 in the old protocol says bytes."""
    if encoding not in ("latin1", b"latin1"):
        raise BatchError(f"a text in it is in {encoding!r}")
    return text.encode("latin1")


_ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"): _new_array,
    ("numpy._core.multiarray", "_reconstruct"): _new_array,
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _latin_1,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str, /) -> Any:
        """A stand-in; nothing is imported."""
        if (module, name) not in _ALLOWED:
            raise BatchError(f"it asks for {module}.{name}, and nothing but arrays is allowed")
        return _ALLOWED[module, name]


def read_batch(content: bytes) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """The pictures and labels of one file.

    Returns:
        (n, 32, 32, 3), a view whose bytes are in the file's order, and (n,), 0 … 9.

    Raises:
        BatchError: it is damaged, or something else.
    """
    found = _unpickled(content)
    data, labels = found.get(b"data"), found.get(b"labels")
    pixels = data.bytes_nx if isinstance(data, _Array) else None
    if pixels is None or pixels.ndim != 2 or pixels.shape[1] != _PIXELS:
        raise BatchError("it has no pictures of 32 × 32 pixels")
    if not isinstance(labels, list) or len(labels) != len(pixels) or not len(pixels):
        raise BatchError("it has no label for each picture")
    if not all(type(label) is int and 0 <= label < CLASS_COUNT for label in labels):
        raise BatchError(f"a label in it is none of 0 … {CLASS_COUNT - 1}")
    pictures = pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return pictures, np.array(labels, np.int32)


def read_names(content: bytes) -> tuple[str, ...]:
    """The names of the ten classes, from ``batches.meta``.

    Raises:
        BatchError: it is damaged, or something else.
    """
    names = _unpickled(content).get(b"label_names")
    known = [name for name in names if isinstance(name, bytes)] if isinstance(names, list) else []
    if len(known) != CLASS_COUNT or len({*known}) != CLASS_COUNT:
        raise BatchError("it has no names of ten classes")
    return tuple(name.decode("ascii", "backslashreplace") for name in known)


def _unpickled(content: bytes) -> dict[Any, Any]:
    try:
        found = _Unpickler(io.BytesIO(content), encoding="bytes").load()
    except BatchError:
        raise
    except Exception as error:  # damaged bytes are any instructions at all
        raise BatchError(f"it is cut off or damaged ({type(error).__name__})") from error
    if not isinstance(found, dict):
        raise BatchError("it is no dictionary")
    return found
