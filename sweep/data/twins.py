"""Twins: the same picture in files of different bytes, by a perceptual hash.

A photo stored as PNG and as JPEG, at two sizes, or by two encoders. On both sides of the split a
twin would be trained on and then asked for: so twins are kept on one side (see ``split.py``).

The hash is ImageHash's ``phash``: the signs of the lowest 16 × 16 frequencies of the picture at
64 × 64 pixels, 256 bits. Measured on the public Dogs vs. Cats pictures (2,499 of them, all 3.1
million pairs): the twins are 0 and 6 bits apart, all others 84 or more. 150 of them written
again (PNG, WebP, GIF, JPEG down to quality 30, at half the size, at 64 × 48) were 8 apart at most.
Legend: N pictures, B bits.
"""

from collections.abc import Sequence

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageStat

MAX_BITS_APART = 16
"""Of 256: pictures that differ in so many bits at most are twins."""

_SIDE = 16
_FACTOR = 4  # of ImageHash: the picture is looked at with so many times the side
_MIN_DEVIATION = 2.0
"""Of grey values: a picture with less in it (a blank page, say) looks like any other such."""
_BANDS = MAX_BITS_APART + 1


def look_of(picture: Image.Image) -> str | None:
    """The perceptual hash of a picture, 64 hexadecimal digits; None where nothing is to be seen."""
    side = _SIDE * _FACTOR
    grey = picture.convert("L").resize((side, side), Image.Resampling.LANCZOS)
    if ImageStat.Stat(grey).stddev[0] < _MIN_DEVIATION:
        return None
    return str(imagehash.phash(grey, hash_size=_SIDE, highfreq_factor=_FACTOR))


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
    joined = bytes.fromhex("".join(look for look in looks if look is not None))
    bits_NB = np.unpackbits(np.frombuffer(joined, np.uint8)).reshape(-1, _SIDE * _SIDE)
    first_N = np.arange(len(seen))
    for band in range(_BANDS):
        first_N = _joined_by_band(first_N, bits_NB, np.packbits(bits_NB[:, band::_BANDS], axis=1))
    first = list(range(len(looks)))
    for index, of_seen in zip(seen, first_N.tolist(), strict=True):
        first[index] = seen[of_seen]
    return first


def _joined_by_band(
    first_N: NDArray[np.intp], bits_NB: NDArray[np.uint8], band_NB: NDArray[np.uint8]
) -> NDArray[np.intp]:
    """Join near pictures that agree in a band of bits.

    Of more bands than bits that may differ, twins agree in one at least. So those that are next to
    each other by the band's bits are compared, then those two apart, and so on while any agree.
    """
    keys_N = (band_NB.astype(np.int64) << 8 * np.arange(band_NB.shape[1])).sum(axis=1)
    order = np.argsort(keys_N, kind="stable")
    for step in range(1, len(order)):
        one, other = order[:-step], order[step:]
        agree = keys_N[one] == keys_N[other]
        if not agree.any():
            break
        new = agree & (first_N[one] != first_N[other])
        one, other = one[new], other[new]
        near = np.count_nonzero(bits_NB[one] != bits_NB[other], axis=1) <= MAX_BITS_APART
        if near.any():
            first_N = _joined(first_N, one[near], other[near])
    return first_N


def _joined(
    first_N: NDArray[np.intp], one: NDArray[np.intp], other: NDArray[np.intp]
) -> NDArray[np.intp]:
    """The first of each picture's twins, once these pairs are twins too."""
    first = first_N.tolist()
    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        low, high = sorted((_root(first, a), _root(first, b)))
        first[high] = low
    return np.array([_root(first, index) for index in range(len(first))], np.intp)


def _root(first: list[int], index: int) -> int:
    while first[index] != index:
        index = first[index]
    return index
