"""What rounding does, in words, and as a table: beside the verdict and in the report's method."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from sweep.analysis.arrays import Bools
from sweep.analysis.measures import Measures
from sweep.analysis.metric_words import MetricWords
from sweep.analysis.wording import counted, number, percent
from sweep.errors import in_one_line
from sweep.results.records import FailedRepeat

HIGHEST_SHARE = 0.25
"""Learning rates that are called high are this share of the values, the highest, rounded up."""

OPTION = "--measure-rounding"


def measured(measures: Measures) -> Iterator[str]:
    """The share of rounding in the variance over seeds, at high learning rates where those are
    swept, in a sentence; nothing where it was not measured.
    """
    found = measures.rounding
    if found is None:
        return
    high_N, where = _high(measures)
    trials = int(found.trials_ON[:, high_N].sum())
    twice = f"{counted(trials, 'trial')} trained twice"
    share = found.share(high_N)
    if math.isnan(share):
        yield f"The {measures.metric.name} does not vary over seeds{where} ({twice})."
    else:
        yield f"Of the variance over seeds{where}, {percent(share, 0)} is rounding alone ({twice})."


def not_measured(measures: Measures, *, can_be: bool) -> Iterator[str]:
    """That it was not measured, and what does it, if anything; nothing where it was."""
    if measures.rounding is None and measures.has_intervals:
        what = "How much of the variance over seeds is rounding alone was not measured"
        yield f"{what}; the run's command with {OPTION} 2 does it." if can_be else f"{what}."


def not_repeated(failed: Sequence[FailedRepeat]) -> Iterator[str]:
    """How many trials failed as they were trained once more, and why the first; if any did."""
    if failed:
        count = sum(len(each.fingerprints) for each in failed)
        yield (
            f"To measure rounding, {counted(count, 'trial')} could not be trained once more: "
            f"{in_one_line(failed[0].error)}"
        )


def rounding_rows(measures: Measures) -> Iterator[tuple[str, ...]]:
    """By point, of each optimizer the standard deviations of rounding and over seeds.

    Of shares they are in points.
    """
    found = measures.rounding
    if found is None:
        return
    for n, point in enumerate(measures.points):
        if found.trials_ON[:, n].any():
            pairs = zip(found.rounding_ON[:, n], found.seeds_ON[:, n], strict=True)
            yield (*map(number, point.values()), *(_of(measures.words, *pair) for pair in pairs))


def _of(words: MetricWords, rounding: float, seeds: float) -> str:
    if math.isnan(rounding):
        return "–"
    digits = words.digits + 1
    return " of ".join(words.bare(math.sqrt(variance), digits) for variance in (rounding, seeds))


def _high(measures: Measures) -> tuple[Bools, str]:
    """The points (N,) that the sentence is about, and which these are in words."""
    for axis in measures.axes:
        if axis.name == "learning_rate" and len(axis.values) > 1:
            lowest = axis.values[-math.ceil(HIGHEST_SHARE * len(axis.values))]
            high_N = np.array([point[axis.name] >= lowest for point in measures.points])
            return high_N, f" at learning rates from {number(lowest)}"
    return np.ones(len(measures.points), bool), ""
