"""Texts as streams can take them: lines no longer than a terminal's, signs spelt out. Pure.

In the flow: ``console`` passes all that people read through here, and nothing that programs read.
"""

import re

from rich.cells import cell_len, chop_cells

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


_WHOLE = re.compile(r"(?:`[^`]*`|(?<!\w)'[^'/]*/[^']*'(?!\w)|\S| (?=%))+")
"""What stays in one line: a command, a path in quotes, a word, a number with its sign."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""All but tabs and ends of lines."""


def spelt(text: str, encoding: str) -> str:
    r"""The text as it can be written; what has no spelling is shown by its number.

    So are codes that move a cursor, which names of files and messages of libraries may have.

    Example:
        >>> spelt("β₂ ≥ 0.9", "ascii"), spelt("ß ×", "latin-1"), spelt("ß 猫\x1b[2J", "ascii")
        ('beta_2 >= 0.9', 'ß ×', '\\xdf \\u732b\\x1b[2J')
    """
    shown = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text.replace("\r\n", "\n"))
    if _has(shown, encoding):
        return shown
    return "".join(letter if _has(letter, encoding) else _spelt_out(letter) for letter in shown)


def _has(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _spelt_out(letter: str) -> str:
    return letter.translate(_SPELT_OUT).encode("ascii", "backslashreplace").decode()


def wrap(text: str, width: int) -> str:
    r"""The text with lines of at most so many columns, broken between words alone.

    What follows in a line goes on below its first word. What can be copied stays whole: paths,
    also with spaces where they are in quotes, and commands between backticks; so does ``95 %``.

    Example:
        >>> print(wrap("error: no\n  rule: a/long/path and `sweep list` more", 14))
        error: no
          rule:
          a/long/path
          and
          `sweep list`
          more
    """
    return "\n".join(_wrapped(line, width) for line in text.split("\n"))


def folded(text: str, width: int) -> str:
    r"""The text with words that are longer than the width broken, after a sign if they have one.

    Example:
        >>> folded("in /a/folder/model_2026.zip", 10).split("\n")
        ['in /a/folder/', 'model_', '2026.zip']
    """
    return " ".join(
        _folded(word, width) if cell_len(word) > width else word for word in text.split(" ")
    )


def _folded(word: str, width: int) -> str:
    lines = [""]
    parts = re.findall(r"[^/\\_.,:=-]*[/\\_.,:=-]+|[^/\\_.,:=-]+", word)
    for piece in (piece for part in parts for piece in chop_cells(part, width)):
        if lines[-1] and cell_len(lines[-1] + piece) > width:
            lines.append("")
        lines[-1] += piece
    return "\n".join(lines)


def _wrapped(line: str, width: int) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    lines: list[str] = []
    for word in _WHOLE.findall(line.lstrip()) or [""]:
        if lines and cell_len(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(f"{indent}{word}")
    return "\n".join(lines)
