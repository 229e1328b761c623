"""The known name that a misspelt one most likely means. Pure.

Under everything that takes names: errors offer what is found here.
"""

import difflib
from collections.abc import Iterable

MAX_CANDIDATES = 5


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The nearest known name, if one is near.

    ``difflib`` counts two letters that changed places as two mistakes, the commonest slip of all;
    so a name of the very same letters comes first.

    Example:
        >>> nearest("adma", ["adamax", "adam", "radam"]), nearest("nonsense", ["adam"])
        ('adam', None)
    """
    folded = {each.casefold(): each for each in known}
    asked = name.casefold()
    near = difflib.get_close_matches(asked, folded, MAX_CANDIDATES)
    same_letters = [each for each in near if sorted(each) == sorted(asked)]
    best = [*same_letters, *near][:1]
    return folded[best[0]] if best else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A question to follow what is wrong; nothing where no known name is near.

    Example:
        >>> f"no optimizer 'adma'{did_you_mean('adma', ['adam'])}"
        "no optimizer 'adma'; did you mean adam?"
        >>> did_you_mean("nonsense", ["adam"])
        ''
    """
    near = nearest(name, known)
    return f"; did you mean {near}?" if near else ""
