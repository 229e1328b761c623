"""Damage: bytes broken in the ways in which disks, networks and editors break them.

Everything is drawn from a ``Random``, so a case that failed is made again from its number.
"""

from collections.abc import Callable
from random import Random

MAX_PLACES = 8
MAX_BYTES_AT_ONCE = 4096
NASTY_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def damaged(data: bytes, rng: Random, others: tuple[bytes, ...] = ()) -> bytes:
    """Other bytes than ``data``, broken in one to three ways; ``others`` lend parts of theirs."""
    broken = data
    while broken == data:
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            if others and rng.random() < 0.1:
                broken = _other_head(broken, rng, rng.choice(others))
            else:
                broken = rng.choice(_WAYS)(broken, rng)
    return broken


def _flip_bits(data: bytes, rng: Random) -> bytes:
    broken = bytearray(data)
    for _ in range(rng.randint(1, MAX_PLACES) if data else 0):
        broken[_place(data, rng)] ^= 1 << rng.randrange(8)
    return bytes(broken)


def _other_bytes(data: bytes, rng: Random) -> bytes:
    start, stop = _piece(data, rng)
    return data[:start] + rng.randbytes(stop - start) + data[stop:]


def _zeros(data: bytes, rng: Random) -> bytes:
    start, stop = _piece(data, rng)
    return data[:start] + bytes(stop - start) + data[stop:]


def _cut_off(data: bytes, rng: Random) -> bytes:
    return data[: _place(data, rng)]


def _begin_missing(data: bytes, rng: Random) -> bytes:
    return data[_place(data, rng) :]


def _piece_missing(data: bytes, rng: Random) -> bytes:
    start, stop = _piece(data, rng)
    return data[:start] + data[stop:]


def _piece_twice(data: bytes, rng: Random) -> bytes:
    start, stop = _piece(data, rng)
    return data[:stop] + data[start:stop] * rng.choice((1, 1, 5)) + data[stop:]


def _pieces_swapped(data: bytes, rng: Random) -> bytes:
    places = sorted(_place(data, rng) for _ in range(3))
    first, middle, last = places
    return data[:first] + data[middle:last] + data[first:middle] + data[last:]


def _bytes_put_in(data: bytes, rng: Random) -> bytes:
    at = _place(data, rng)
    return data[:at] + rng.randbytes(rng.randint(1, 64)) + data[at:]


def _nasty_number(data: bytes, rng: Random) -> bytes:
    """A length or an offset that is absurd, in either order of bytes."""
    at, width = _place(data, rng), rng.choice((1, 2, 4, 8))
    number = rng.choice(NASTY_NUMBERS) if rng.random() < 0.8 else (1 << (8 * width)) - 1
    written = (number % (1 << (8 * width))).to_bytes(width, rng.choice(("little", "big")))
    return data[:at] + written + data[at + width :]


def _nothing(_data: bytes, _rng: Random) -> bytes:
    return b""


def _something_else(data: bytes, rng: Random) -> bytes:
    return rng.randbytes(rng.randint(1, min(len(data), MAX_BYTES_AT_ONCE) + 1))


def _other_head(data: bytes, rng: Random, other: bytes) -> bytes:
    """The beginning of another file before the rest of this one."""
    at = min(len(data), rng.choice((4, 16, 64, 512)))
    return other[:at] + data[at:]


_COMMON: tuple[Callable[[bytes, Random], bytes], ...] = (
    *(_flip_bits, _other_bytes, _zeros, _cut_off, _begin_missing, _piece_missing, _piece_twice),
    *(_pieces_swapped, _bytes_put_in, _nasty_number),
)
_WAYS = (*_COMMON * 3, _flip_bits, _cut_off, _nasty_number, _nothing, _something_else)


def _place(data: bytes, rng: Random) -> int:
    """Anywhere; one time in three near an end, where headers and directories are."""
    if not data:
        return 0
    where = rng.random()
    if where < 0.2:
        return rng.randrange(min(len(data), 128))
    if where < 0.33:
        return max(0, len(data) - 1 - rng.randrange(128))
    return rng.randrange(len(data))


def _piece(data: bytes, rng: Random) -> tuple[int, int]:
    start = _place(data, rng)
    return start, min(len(data), start + rng.randint(1, rng.choice((8, 64, MAX_BYTES_AT_ONCE))))
