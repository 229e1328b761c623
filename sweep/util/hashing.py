"""Hashes of definitions."""

import hashlib
import json
from typing import Any


def digest(definition: dict[str, Any]) -> str:
    """Hash of JSON values, whatever their order: 32 hexadecimal digits.

    Example:
        >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
        True
    """
    text = json.dumps(definition, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
