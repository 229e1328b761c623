"""Twins: the same picture in files of different bytes, by how it looks.

A photo stored as PNG and as JPEG, at two sizes, or by two encoders. On both sides of the split a
twin would be trained on and then asked for: so twins are kept on one side (see ``split.py``).

Two pictures are twins by one of two rules, for each is blind where the other sees:

- ImageHash's ``phash``: the signs of the lowest 16 × 16 frequencies of the picture at 64 × 64
  pixels, 256 bits. It says nothing of smooth pictures, most of whose frequencies are near 0.
- A thumbnail of 16 × 16 grey values. It says nothing of fine patterns, which vanish in it.

Measured on the public Dogs vs. Cats pictures (2,499 of them, all 3.1 million pairs): the twins are
0 and 6 bits and 0.3 and 1.6 grey values apart, all others 84 bits and 15 grey values or more. 150
of them written again (PNG, WebP, GIF, JPEG down to quality 30, at half the size, at 64 × 48) were 8
bits apart at most. 25,000 pictures take 3 s. Legend: N pictures, B bits, G grey values.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageStat

MAX_BITS_APART = 16
"""Of 256: pictures that differ in so many bits at most are twins."""
MAX_GREYS_APART = 2.0
"""Of 255: so are pictures whose thumbnails differ by so much at most, on average,"""
MAX_SHARE_APART = 0.1
"""and by such a share of their own deviation at most: faint pictures are not all the same."""
MAX_SHARE_BY_HASH = 0.5
"""The same where the bits agree: those of two gradients may do so by chance."""

_SIDE = 16
_FACTOR = 4  # of ImageHash: the picture is looked at with so many times the side
_MIN_DEVIATION = 2.0
"""Of grey values: a picture with less in it (a blank page, say) looks like any other such."""
_BANDS = MAX_BITS_APART + 1
_HASH_DIGITS = _SIDE * _SIDE // 4

Indices, Booleans, Floats = NDArray[np.intp], NDArray[np.bool_], NDArray[np.float32]
Pairs = Callable[[Indices, Indices], Booleans]
"""Of two pictures each, whether they are twins."""


def look_of(picture: Image.Image) -> str | None:
    """The perceptual hash and the thumbnail of a picture in hexadecimal digits.

    Returns:
        None where nothing is to be seen.
    """
    side = _SIDE * _FACTOR
    grey = picture.convert("L").resize((side, side), Image.Resampling.LANCZOS)
    if ImageStat.Stat(grey).stddev[0] < _MIN_DEVIATION:
        return None
    hashed = imagehash.phash(grey, hash_size=_SIDE, highfreq_factor=_FACTOR)
    return f"{hashed}{grey.reduce(_FACTOR).tobytes().hex()}"


def twins(looks: Sequence[str | None]) -> list[int]:
    """For each picture, the first of its twins: itself where it has none before it.

    Twins of twins are twins.

    Args:
        looks: of N pictures.

    Returns:
        N indices, none above its own.
    """
    seen = [index for index, look in enumerate(looks) if look is not None]
    known = [look for look in looks if look is not None]
    if not known:
        return list(range(len(looks)))
    first_N = np.arange(len(seen))
    thumbnails = _thumbnails(_bytes(look[_HASH_DIGITS:] for look in known))
    first_N = _joined_by_hash(first_N, _bytes(look[:_HASH_DIGITS] for look in known), thumbnails)
    first_N = _joined_by_thumbnail(first_N, thumbnails)
    first = list(range(len(looks)))
    for index, of_seen in zip(seen, first_N.tolist(), strict=True):
        first[index] = seen[of_seen]
    return first


def _bytes(digits: Iterable[str]) -> NDArray[np.uint8]:
    return np.array([np.frombuffer(bytes.fromhex(each), np.uint8) for each in digits])


@dataclass(frozen=True)
class _Thumbnails:
    """Of all pictures, with what tells them apart quickly.

    Attributes:
        greys_NG: the grey values.
        coarse_NG: means of 4 × 4 of them.
        mean_N: means of all of them.
        deviation_N: the mean distance of a value from the mean.
    """

    greys_NG: Floats
    coarse_NG: Floats
    mean_N: Floats
    deviation_N: Floats

    def are_apart_at_most(
        self, one: Indices, other: Indices, share: float, greys: float = np.inf
    ) -> Booleans:
        """Whether two pictures each differ by so much, on average, at most.

        Args:
            one, other: pictures.
            share: of the smaller of their deviations.
            greys: of 255.
        """
        deviation = np.minimum(self.deviation_N[one], self.deviation_N[other])
        limit = np.minimum(greys, share * deviation)
        near = _apart(self.coarse_NG, one, other) <= limit  # means are no further apart: quick
        near[near] = _apart(self.greys_NG, one[near], other[near]) <= limit[near]
        return near


def _thumbnails(greys: NDArray[np.uint8]) -> _Thumbnails:
    greys_NG = greys.astype(np.float32)
    mean_N = greys_NG.mean(axis=1)
    blocks = greys_NG.reshape(-1, 4, 4, 4, 4)
    return _Thumbnails(
        greys_NG,
        blocks.mean(axis=(2, 4)).reshape(len(greys), -1),
        mean_N,
        np.abs(greys_NG - mean_N[:, None]).mean(axis=1),
    )


def _joined_by_hash(
    first_N: Indices, hashes: NDArray[np.uint8], thumbnails: _Thumbnails
) -> Indices:
    """Of more bands of bits than bits that may differ, twins agree in one at least."""
    bits_NB = np.unpackbits(hashes, axis=1)

    def are_twins(one: Indices, other: Indices) -> Booleans:
        near = np.count_nonzero(bits_NB[one] != bits_NB[other], axis=1) <= MAX_BITS_APART
        near[near] = thumbnails.are_apart_at_most(one[near], other[near], MAX_SHARE_BY_HASH)
        return near

    for band in range(_BANDS):
        band_NB = np.packbits(bits_NB[:, band::_BANDS], axis=1).astype(np.int64)
        keys_N = (band_NB << 8 * np.arange(band_NB.shape[1])).sum(axis=1)
        first_N = _joined_along(first_N, keys_N, 0, are_twins)
    return first_N


def _joined_by_thumbnail(first_N: Indices, thumbnails: _Thumbnails) -> Indices:
    def are_twins(one: Indices, other: Indices) -> Booleans:
        return thumbnails.are_apart_at_most(one, other, MAX_SHARE_APART, MAX_GREYS_APART)

    return _joined_along(first_N, thumbnails.mean_N, MAX_GREYS_APART, are_twins)


def _apart(values_NG: Floats, one: Indices, other: Indices) -> Floats:
    return np.abs(values_NG[one] - values_NG[other]).mean(axis=1)


def _joined_along(
    first_N: Indices, keys_N: NDArray[np.number], reach: float, are_twins: Pairs
) -> Indices:
    """Join twins, whose keys are no further apart than ``reach``.

    Those that are next to each other by the keys are compared, then those two apart, and so on
    while any are in reach.
    """
    order = np.argsort(keys_N, kind="stable")
    for step in range(1, len(order)):
        one, other = order[:-step], order[step:]
        in_reach = keys_N[other] - keys_N[one] <= reach
        if not in_reach.any():
            break
        new = in_reach & (first_N[one] != first_N[other])
        one, other = one[new], other[new]
        found = are_twins(one, other)
        if found.any():
            first_N = _joined(first_N, one[found], other[found])
    return first_N


def _joined(first_N: Indices, one: Indices, other: Indices) -> Indices:
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
