"""Hashes of definitions."""

import hashlib
import json
from collections.abc import Callable
from typing import Any


def digest(definition: dict[str, Any]) -> str:
    """Hash of JSON values, whatever their order: 32 hexadecimal digits.

    Example:
        >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
        True
    """
    return hashlib.sha256(_text(definition).encode()).hexdigest()[:32]


def digests(definition: dict[str, Any], key: str) -> Callable[[int], str]:
    """As ``digest``, of definitions that differ in one whole number.

    Args:
        definition: all but the number.
        key: of the number.

    Example:
        >>> digests({"a": 1}, "seed")(7) == digest({"a": 1, "seed": 7})
        True
    """
    before = {name: value for name, value in definition.items() if name < key}
    after = {name: value for name, value in definition.items() if name > key}
    start = hashlib.sha256((_text(before)[:-1] + "," * bool(before)).encode())
    name, end = json.dumps(key), "," * bool(after) + _text(after)[1:]

    def of(number: int) -> str:
        made = start.copy()
        made.update(f"{name}:{number}{end}".encode())
        return made.hexdigest()[:32]

    return of


def _text(definition: dict[str, Any]) -> str:
    return json.dumps(definition, sort_keys=True, separators=(",", ":"))
