"""Parts of the verdict's sentences: who, where, and how far apart."""

from sweep.analysis.intervals import Differences
from sweep.analysis.measures import Measures
from sweep.analysis.wording import digits_to_show, has_width, names_of, number, signed, with_article
from sweep.study.axis import Axis

MANY = 4
"""From so many optimizers on, sentences leave numbers to the table."""


def name_of(measures: Measures, at: int) -> str:
    """What sentences call a compared optimizer."""
    return names_of(measures.optimizers)[at]


def where(measures: Measures) -> str:
    """The setting of the primary measure, a mean over all that was swept.

    ``At a learning rate picked blindly between 0.003 and 0.1``, and the like.
    """
    fixed = [axis for axis in measures.axes if len(axis.values) == 1]
    said = [f"{with_article(axis.words)} of {number(axis.values[0])}" for axis in fixed]
    match measures.domain.spanned:
        case (axis,):
            low, high = _ends(axis)
            said.append(f"{with_article(axis.words)} picked blindly between {low} and {high}")
        case (first, second):
            ranges = [" to ".join(_ends(axis)) for axis in (first, second)]
            said.append(
                f"{with_article(first.words)} of {ranges[0]} and {with_article(second.words)} of "
                f"{ranges[1]}, picked blindly"
            )
    return f"At {' and '.join(said)}"


def apart(
    differences: Differences,
    pair: tuple[int, int],
    *,
    unit: str,
    scale: float = 1,
    digits: int = 1,
) -> str:
    """A difference with its interval; of a claimed one its size, with no end rounded to zero."""
    value, low, high, claimed = differences.of(*pair)
    if claimed and value < 0:
        value, low, high = -value, -high, -low
    if claimed:
        digits = max(digits, digits_to_show(scale * low))
    shown = [signed(scale * number, digits) for number in (value, low, high)]
    if not has_width(low, high):
        return f"difference {shown[0]} {unit} in every seed"
    return f"difference {shown[0]} {unit}, 95 % interval {shown[1]} to {shown[2]}"


def _ends(axis: Axis) -> tuple[str, str]:
    return number(axis.values[0]), number(axis.values[-1])
