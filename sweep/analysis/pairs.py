"""What is decided of each pair, as rows: for machines with all numbers, for people as a table."""

import math
from collections.abc import Sequence
from typing import Any

from sweep.analysis.decision import PairOutcome
from sweep.analysis.measures import Measures
from sweep.analysis.tables import Row
from sweep.analysis.wording import digits_to_show, duration, names_of

PAIR_COLUMNS = (
    *("first", "second", "outcome", "better", "difference", "low", "high", "margin"),
    *("least_difference", "seeds_needed", "seconds_needed"),
)


def pair_rows(measures: Measures) -> list[Row]:
    """One row a compared pair, with ``PAIR_COLUMNS``, fit for JSON: what is not known is None.

    Differences are of the metric, first minus second, in its unit (of accuracies shares).
    ``seconds_needed`` is what
    the seeds that are missing to ``seeds_needed`` take to train, by those that are stored.
    """
    return [
        dict(zip(PAIR_COLUMNS, _values(measures, m), strict=True))
        for m in range(len(measures.decision.pairs))
    ]


def _values(measures: Measures, m: int) -> tuple[Any, ...]:
    pair, metric = measures.decision.pairs[m], measures.metric
    first, second = (measures.optimizers[at] for at in measures.mean_accuracy_differences.pairs[m])
    low, high = metric.ends(pair.low, pair.high)
    return (
        first,
        second,
        str(pair.outcome),
        {None: None, pair.first: first, pair.second: second}[pair.better],
        *(_known(number) for number in (metric.value(pair.difference), low, high)),
        measures.decision.margin,
        _known(pair.least_difference),
        pair.seeds_needed,
        _seconds(pair.seeds_needed, measures),
    )


def _known(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _seconds(needed: int | None, measures: Measures) -> float | None:
    if needed is None:
        return None
    return _known((needed - len(measures.seeds)) * measures.seconds_a_seed)


def table_columns(measures: Measures) -> tuple[str, ...]:
    """The columns of ``pair_table``, with the unit of differences."""
    unit = measures.words.difference_unit
    unit = f" ({unit})" if unit else ""
    return ("pair", "decision", f"difference{unit}", f"could be shown{unit}", "to settle")


def pair_table(measures: Measures) -> list[Sequence[str]]:
    """One row a compared pair, with ``table_columns``: what is decided first, then the largest."""
    order = {PairOutcome.DIFFERENT: 0, PairOutcome.EQUIVALENT: 1, PairOutcome.UNDECIDED: 2}
    decided = measures.decision.pairs
    places = sorted(
        range(len(decided)),
        key=lambda m: (order[decided[m].outcome], -abs(decided[m].difference)),
    )
    return [_cells(measures, m) for m in places]


def _cells(measures: Measures, m: int) -> tuple[str, ...]:
    names = names_of(measures.optimizers)
    first, second = (names[at] for at in measures.mean_accuracy_differences.pairs[m])
    pair = measures.decision.pairs[m]
    words, metric = measures.words, measures.metric
    ends = (metric.value(pair.difference), *metric.ends(pair.low, pair.high))
    least = min(abs(pair.low), abs(pair.high))
    digits = max(words.digits, digits_to_show(words.scale * least)) if pair.better else words.digits
    value, low, high = (words.bare(number, digits) for number in ends)
    ahead = first if pair.difference > 0 else second
    decided = {
        PairOutcome.DIFFERENT: f"{ahead} is better",
        PairOutcome.EQUIVALENT: "equivalent",
        PairOutcome.UNDECIDED: "undecided",
    }
    seconds = _seconds(pair.seeds_needed, measures)
    time = f", {duration(seconds)}" if seconds else ""
    return (
        f"{first} − {second}",
        decided[pair.outcome],
        "not measured" if math.isnan(pair.low) else f"{value} [{low}, {high}]",
        "–" if math.isnan(pair.least_difference) else words.bare(pair.least_difference),
        f"{pair.seeds_needed} seeds in all{time}" if pair.seeds_needed else "–",
    )
