"""What sentences say of recorded gradients, from their numbers."""

import math
from collections.abc import Sequence

from sweep.analysis.gradients import SMALL, Recorded
from sweep.analysis.wording import listed, percent

MAX_TOLD = 3
"""So many optimizers are told of, the first ones."""


def small_words(names: Sequence[str], each: Sequence[Recorded]) -> str:
    """How many gradients are tiny in the first steps, and how that moves.

    Args:
        names: of optimizers.
        each: what was recorded of them, at one point.
    """
    told = []
    for name, one in zip(names[:MAX_TOLD], each, strict=False):
        first, last = one.first, len(one.steps) - 1
        moved = f"{percent(one.small(first), 1)} at step {one.steps[first]:,}"
        if last > first:
            moved += f" and {percent(one.small(last), 1)} at step {one.steps[last]:,}"
        told.append(f"of {name}'s {moved}")
    return f"Of the gradients, below 1e{SMALL} (0 included) are {listed(told)}{_more(names)}"


def median_words(names: Sequence[str], each: Sequence[Recorded]) -> str:
    """How their median size moves, and how many are exactly 0 at the end."""
    told, zero = [], []
    for name, one in zip(names[:MAX_TOLD], each, strict=False):
        last = len(one.steps) - 1
        first, end = size(one.median(0)), size(one.median(last))
        told.append(
            f"of {name} {first}"
            + (
                f", then {end} at step {one.steps[last]:,}"
                if last
                else f" at step {one.steps[0]:,}"
            )
        )
        zero.append(f"{percent(float(one.zero_R[last]), 1)} of {name}'s")
    start = f"at step {each[0].steps[0]:,} " if len(each[0].steps) > 1 else ""
    return (
        f"The median size of those other than 0 is {start}{'; '.join(told)}{_more(names)}. "
        f"At the last step exactly 0 are {listed(zero)}."
    )


def variance_words(names: Sequence[str], each: Sequence[Recorded]) -> str:
    """The adaptive rate's relative variance in the first steps and in the last."""
    told = []
    for name, one in zip(names[:MAX_TOLD], each, strict=False):
        values = one.rate_variance_R
        told.append(
            f"of {name} {number(float(values[0]))} at step {one.steps[0]:,}"
            + (
                f" and {number(float(values[-1]))} at step {one.steps[-1]:,}"
                if len(values) > 1
                else ""
            )
        )
    return f"The adaptive rate's relative variance over weights is {listed(told)}{_more(names)}"


def size(decades: float) -> str:
    """A gradient's size of its decades.

    Example:
        >>> size(-4.5), size(float("nan"))
        ('3.2e-05', '–')
    """
    return f"{10**decades:.1e}" if math.isfinite(decades) else "–"


def number(value: float) -> str:
    """A variance to two significant digits.

    Example:
        >>> number(0.01234), number(1234.5), number(float("nan"))
        ('0.012', '1,200', '–')
    """
    if not math.isfinite(value):
        return "–"
    rounded = float(f"{value:.2g}")
    return f"{rounded:,.0f}" if rounded >= 10 else f"{rounded:g}"


def _more(names: Sequence[str]) -> str:
    left = len(names) - MAX_TOLD
    return f" ({left} more optimizers are in the table)" if left > 0 else ""
