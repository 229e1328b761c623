"""Twins: the same picture in files of different bytes, by a perceptual hash.

A photo stored as PNG and as JPEG, at two sizes, or by two encoders. On both sides of the split a
twin would be trained on and then asked for: so twins are kept on one side (see ``split.py``).

The hash is ImageHash's ``phash``: the signs of the lowest 16 × 16 frequencies of the picture at
64 × 64 pixels, 256 bits. Measured on the public Dogs vs. Cats pictures (2,499 of them, all 3.1
million pairs): the twins are 0 and 6 bits apart, all others 84 or more. 150 of them written
again (PNG, WebP, GIF, JPEG down to quality 30, at half the size, at 64 × 48) were 8 apart at most.
Legend: N pictures, W = 4 words of 64 bits.
"""

from collections.abc import Sequence

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageStat

MAX_BITS_APART = 16
"""Of 256: pictures that differ in so many bits at most are twins."""

_SIDE = 16
_WORDS = _SIDE * _SIDE // 64
_MIN_DEVIATION = 2.0
"""Of grey values: a picture with less in it (a blank page, say) looks like any other such."""
_BLOCK = 256


def look_of(picture: Image.Image) -> str | None:
    """The perceptual hash of a picture, 64 hexadecimal digits; None where nothing is to be seen."""
    grey = picture.convert("L")
    if ImageStat.Stat(grey).stddev[0] < _MIN_DEVIATION:
        return None
    return str(imagehash.phash(grey, hash_size=_SIDE))


def twins(looks: Sequence[str | None]) -> list[int]:
    """For each picture, the first of its twins: itself where it has none before it.

    Twins of twins are twins.

    Args:
        looks: N perceptual hashes.

    Returns:
        N indices, none above its own.

    Example:
        >>> twins(["0" * 64, "f" * 64, "0" * 63 + "1", None])
        [0, 1, 0, 3]
    """
    seen = [index for index, look in enumerate(looks) if look is not None]
    words_NW = _words([look for look in looks if look is not None])
    first = list(range(len(looks)))
    for one, other in _near_pairs(words_NW):
        a, b = _root(first, seen[one]), _root(first, seen[other])
        first[max(a, b)] = min(a, b)
    return [_root(first, index) for index in range(len(looks))]


def _root(first: list[int], index: int) -> int:
    while first[index] != index:
        index = first[index]
    return index


def _words(looks: Sequence[str]) -> NDArray[np.uint64]:
    joined = bytes.fromhex("".join(looks))
    return np.frombuffer(joined, ">u8").reshape(-1, _WORDS).astype(np.uint64)


def _near_pairs(words_NW: NDArray[np.uint64]) -> list[tuple[int, int]]:
    """The pairs that are near, in blocks; the first word alone rules out nearly all of them."""
    pairs: list[tuple[int, int]] = []
    first_N = np.ascontiguousarray(words_NW[:, 0])
    for start in range(0, len(words_NW), _BLOCK):
        block = slice(start, start + _BLOCK)
        apart = np.bitwise_count(first_N[block, None] ^ first_N[None, start:])
        rows, columns = np.nonzero(apart <= MAX_BITS_APART)
        rows, columns = rows[columns > rows] + start, columns[columns > rows] + start
        bits = np.bitwise_count(words_NW[rows] ^ words_NW[columns]).sum(axis=1, dtype=np.int64)
        near = bits <= MAX_BITS_APART
        pairs += zip(rows[near].tolist(), columns[near].tolist(), strict=True)
    return pairs
