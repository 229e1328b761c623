"""Texts as streams can take them: lines no longer than a terminal's, signs spelt out. Pure.

In the flow: ``console`` passes all that people read through here, and nothing that programs read.
"""

import re
import textwrap

_SPELT_OUT = str.maketrans(
    {
        "–": "-",
        "−": "-",
        "…": "...",
        "×": "x",
        "≥": ">=",
        "→": "->",
        "·": "|",
        "√": "sqrt",
        "β": "beta",
        "ε": "epsilon",
        "ρ": "rho",
        "₁": "_1",
        "₂": "_2",
    }
)


def spelt(text: str, encoding: str) -> str:
    r"""The text as it can be written; what has no spelling is shown by its number.

    Example:
        >>> spelt("β₂ ≥ 0.9", "ascii"), spelt("ß ×", "latin-1"), spelt("ß 猫", "ascii")
        ('beta_2 >= 0.9', 'ß ×', '\\xdf \\u732b')
    """
    letters = (letter if _has(letter, encoding) else _spelt_out(letter) for letter in text)
    return text if _has(text, encoding) else "".join(letters)


def _has(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _spelt_out(letter: str) -> str:
    return letter.translate(_SPELT_OUT).encode("ascii", "backslashreplace").decode()


def wrap(text: str, width: int) -> str:
    r"""The text with lines of at most so many letters, broken between words alone.

    What follows in a line goes on below its first word; a path stays whole, so that it can be
    copied.

    Example:
        >>> print(wrap("error: no\n  got: a/long/path and more", 12))
        error: no
          got:
          a/long/path
          and more
    """
    return "\n".join(_wrapped(line, width) for line in text.split("\n"))


def folded(text: str, width: int) -> str:
    r"""The text with words that are longer than the width broken, after a sign if they have one.

    Example:
        >>> folded("in /a/folder/model_2026.zip", 10).split("\n")
        ['in /a/folder/', 'model_', '2026.zip']
    """
    return " ".join(_folded(word, width) if len(word) > width else word for word in text.split(" "))


def _folded(word: str, width: int) -> str:
    lines = [""]
    parts = re.findall(r"[^/\\_.,:=-]*[/\\_.,:=-]+|[^/\\_.,:=-]+", word)
    pieces = (part[at : at + width] for part in parts for at in range(0, len(part), width))
    for part in pieces:
        if lines[-1] and len(lines[-1]) + len(part) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _wrapped(line: str, width: int) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.fill(
        line,
        width,
        subsequent_indent=indent,
        expand_tabs=False,
        replace_whitespace=False,
        break_long_words=False,
        break_on_hyphens=False,
    )
