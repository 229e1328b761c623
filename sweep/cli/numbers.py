"""Numbers as people type them: ``0.003``, ``0,1,7``, ``0.003:0.1:7``. Pure.

In the flow: ``texts`` knows the options, and asks here what their texts say. Nothing that was typed
is dropped: a text says all its numbers, or is an error that says why not.
"""

import re

from sweep.util.decimals import POINT, has_decimal_comma

Number = int | float

DECIMAL_COMMA = re.compile(r"(?<![\d.,])0,\d")
"""Where a list of numbers may be meant as one with a decimal comma."""


def ends(text: str) -> tuple[Number, Number, int]:
    """Of ``LOW:HIGH:COUNT`` the ends, the lower one first, and how many values they have.

    Example:
        >>> ends("0.1:0.003:7")
        (0.003, 0.1, 7)

    Raises:
        ValueError: it is not that.
    """
    parts = text.split(":")
    if len(parts) != 3:
        raise ValueError(f"{text!r} is not LOW:HIGH:COUNT")
    low, high = sorted(map(number, parts[:2]))
    try:
        return low, high, int(parts[2])
    except ValueError:
        raise ValueError(f"{parts[2]!r} is no COUNT, which is a whole number") from None


def parts_of(text: str) -> list[str]:
    """The parts between commas; one may stand at the end.

    Example:
        >>> parts_of("radam, adam"), parts_of("7,")
        (['radam', 'adam'], ['7'])

    Raises:
        ValueError: it has no parts, or nothing stands before a comma.
    """
    parts = [part.strip() for part in text.split(",")]
    if not any(parts):
        raise ValueError("it names no values")
    if not parts[-1]:
        parts.pop()
    if not all(parts):
        raise ValueError(f"{text!r} has a comma with nothing before it")
    return parts


def numbers(text: str) -> tuple[Number, ...]:
    """The numbers between commas.

    Raises:
        ValueError: there are none, one is no number, or a comma seems to be a decimal one.
    """
    parts = parts_of(text)
    for part in parts[1:]:
        if re.fullmatch(r"0\d+", part):
            raise ValueError(f"{part!r} of {text!r} is not a number{POINT}")
    return tuple(map(number, parts))


def number(text: str) -> Number:
    """A number, whole if it is written so.

    Raises:
        ValueError: it is none, or too small to be told from 0.
    """
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        if not value and re.match(r"[^eE]*[1-9]", text):
            raise ValueError(f"{text.strip()} is too small to be told from 0")
        return value
    raise ValueError(f"{text!r} is not a number{POINT if has_decimal_comma(text) else ''}")
