"""Texts and numbers as Plotly takes them: escaped, cut to fit, rounded, thinned out."""

import html
import math
import textwrap
from collections.abc import Iterable

import numpy as np


def plain(text: str) -> str:
    """``text`` such that Plotly shows it as it is: no tag, no link, no placeholder.

    Example:
        >>> plain("<b>%{y}</b>")
        '&lt;b&gt;&#37;&#123;y&#125;&lt;/b&gt;'
    """
    escaped = html.escape(text, quote=False)
    return escaped.replace("%", "&#37;").replace("{", "&#123;").replace("}", "&#125;")


def tagless(text: str) -> str:
    """``text`` as data of a hover text, where percent signs and braces mean nothing: without tags.

    Example:
        >>> tagless("93.1 % <b>")
        '93.1 % &lt;b&gt;'
    """
    return html.escape(text, quote=False)


def title(finding: str) -> str:
    """A finding as Plotly's title, in lines that fit a picture of 1,100 pixels, escaped."""
    return "<br>".join(plain(line) for line in textwrap.wrap(finding, 100, break_on_hyphens=False))


def short(text: str, length: int = 16) -> str:
    """``text`` cut to ``length`` characters, as a tick's label, escaped."""
    return plain(text if len(text) <= length else text[: length - 1] + "…")


def folded(text: str, width: int = 10) -> str:
    """``text`` in at most two lines of about so many characters, as a tick's label, escaped.

    Example:
        >>> folded("Adam with warm-up")
        'Adam with<br>warm-up'
    """
    lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    rest = " ".join(lines[1:])
    return "<br>".join(short(line) for line in (*lines[:1], rest) if line)


def numbers(values: Iterable[float], digits: int = 4) -> list[float | None]:
    """Values rounded to significant digits, None where not finite."""
    rounded = f"%.{digits}g"
    return [
        float(rounded % value) if math.isfinite(value) else None
        for value in np.asarray(values, dtype=np.float64).ravel().tolist()
    ]


def thinned(count: int, max_count: int) -> list[int]:
    """At most ``max_count`` of the positions 0 … count − 1, evenly spaced, both ends included."""
    if count <= max_count:
        return list(range(count))
    return sorted({round(index * (count - 1) / (max_count - 1)) for index in range(max_count)})
