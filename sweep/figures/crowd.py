"""What is drawn at first of many optimizers: so many lines as can be told apart.

In the flow: figures of lines ask here; ``drawing`` hides the others until they are asked for.
"""

import numpy as np

from sweep.analysis.wording import counted
from sweep.figures.axes import Floats

MAX_AT_FIRST = 8
"""Lines that can be told apart in one figure."""
_LAST = 3


def at_first(worth_O: Floats) -> frozenset[int]:
    """Which optimizers are drawn at first: all, or of many the first, the best and the last.

    Args:
        worth_O: what they are ranked by, the more the better; NaN has no rank.

    Example:
        >>> sorted(at_first(np.array([0.9, 0.8])))
        [0, 1]
        >>> sorted(at_first(np.arange(10.0)))
        [0, 1, 2, 3, 6, 7, 8, 9]
    """
    if len(worth_O) <= MAX_AT_FIRST:
        return frozenset(range(len(worth_O)))
    order = [int(index) for index in np.argsort(-worth_O) if index]  # NaN comes last
    ranked = [index for index in order if not np.isnan(worth_O[index])]
    wanted = [0, *ranked[-_LAST:], *ranked, *order]
    return frozenset([*dict.fromkeys(wanted)][:MAX_AT_FIRST])


def notes(shown: frozenset[int], count: int) -> tuple[str, ...]:
    """What is said where not all are drawn at first."""
    if len(shown) == count:
        return ()
    return (
        f"{len(shown)} of {counted(count, 'optimizer')} are drawn at first: the first of the "
        "study, the best and the last. A click on a name shows or hides it.",
    )
