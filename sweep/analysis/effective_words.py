"""What the verdict says of learning rates that optimizers take only in part."""

from collections.abc import Iterator

import numpy as np

from sweep.analysis.effective import WHOLE, Effective
from sweep.analysis.intervals import MIN_SEEDS
from sweep.analysis.measures import Measures
from sweep.analysis.phrases import MANY, name_of
from sweep.analysis.wording import has_width, listed, number, percent


def effective_sentences(measures: Measures) -> Iterator[str]:
    """How much of its learning rate each takes, and what is left where all have been tried."""
    found = measures.effective
    if found is None:
        return
    yield from _shares(measures, found)
    is_compared = len(measures.optimizers) > 1 and len(measures.seeds) >= MIN_SEEDS
    if is_compared and not measures.learned_nothing_O.all():
        yield _compared(measures, found)


def _shares(measures: Measures, found: Effective) -> Iterator[str]:
    said = [
        f"{name_of(measures, at)} takes {percent(share, 0)} of its learning rate{_longer(steps)}"
        for at, (share, steps) in enumerate(
            zip(found.share_O.value.tolist(), found.steps_to_whole_O, strict=True)
        )
        if share < WHOLE
    ]
    yield f"On average over the {found.steps:,} steps of a training, {listed(said)}."


def _longer(steps: int | None) -> str:
    if steps is None:
        return " (a longer training would not make it 90 %)"
    return f" (90 % would take about {steps:,} steps)"


def _compared(measures: Measures, found: Effective) -> str:
    if np.isnan(found.low):
        return (
            "The optimizers' mean effective learning rates have no range in common, so they cannot "
            "be compared at equal ones."
        )
    where = f"At equal mean effective learning rates, {number(found.low)} to {number(found.high)}"
    pairs = found.differences.pairs
    if len(measures.optimizers) > MANY:
        claimed = int(found.differences.claimed.sum())
        return f"{where}, {claimed} of {len(pairs)} pairs differ in {measures.words.mean}."
    return f"{where}, {listed([_pair(measures, found, *pair) for pair in pairs])}."


def _pair(measures: Measures, found: Effective, first: int, second: int) -> str:
    value, low, high, claimed = found.differences.of(first, second)
    names = f"{name_of(measures, first)} minus {name_of(measures, second)} is"
    words = measures.words
    ends = words.metric.ends(low, high)
    shown = [words.bare(part) for part in (words.metric.value(value), *ends)]
    interval = f", 95 % interval {shown[1]} to {shown[2]}" if has_width(low, high) else ""
    answer = "a difference" if claimed else "no difference is shown"
    return f"{names} {words.in_unit(shown[0])} ({answer}{interval})"
