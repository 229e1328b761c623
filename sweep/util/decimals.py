"""How decimals are written, for those who write them with a comma. Pure."""

import re

POINT = "; decimals are written with a point, as in 0.003"
"""To follow what is no number."""


def has_decimal_comma(text: str) -> bool:
    """Whether a text would be a number if its comma were a point.

    Example:
        >>> has_decimal_comma("0,003"), has_decimal_comma("1,5e-3"), has_decimal_comma("a,3")
        (True, True, False)
    """
    return re.fullmatch(r"\s*[+-]?\d+,\d+([eE][+-]?\d+)?\s*", text) is not None
