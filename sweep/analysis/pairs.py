"""What is decided of each pair, as rows: for machines with all numbers, for people as a table."""

import math
from collections.abc import Sequence
from typing import Any

from sweep.analysis.decision import PairOutcome
from sweep.analysis.measures import Measures
from sweep.analysis.tables import Row
from sweep.analysis.wording import digits_to_show, duration, names_of, signed

PAIR_COLUMNS = (
    *("first", "second", "outcome", "better", "difference", "low", "high", "margin"),
    *("least_difference", "seeds_needed", "seconds_needed"),
)
TABLE_COLUMNS = ("pair", "decision", "difference (points)", "could be shown (points)", "to settle")


def pair_rows(measures: Measures) -> list[Row]:
    """One row a compared pair, with ``PAIR_COLUMNS``, fit for JSON: what is not known is None.

    Differences are shares of the primary measure, first minus second. ``seconds_needed`` is what
    the seeds that are missing to ``seeds_needed`` take to train, by those that are stored.
    """
    return [
        dict(zip(PAIR_COLUMNS, _values(measures, m), strict=True))
        for m in range(len(measures.decision.pairs))
    ]


def _values(measures: Measures, m: int) -> tuple[Any, ...]:
    pair = measures.decision.pairs[m]
    first, second = (measures.optimizers[at] for at in measures.mean_accuracy_differences.pairs[m])
    return (
        first,
        second,
        str(pair.outcome),
        {None: None, pair.first: first, pair.second: second}[pair.better],
        *(_known(number) for number in (pair.difference, pair.low, pair.high)),
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


def pair_table(measures: Measures) -> list[Sequence[str]]:
    """One row a compared pair, with ``TABLE_COLUMNS``: what is decided first, then the largest."""
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
    ends = (pair.difference, pair.low, pair.high)
    digits = max(1, digits_to_show(100 * min(abs(pair.low), abs(pair.high)))) if pair.better else 1
    value, low, high = (signed(100 * number, digits) for number in ends)
    ahead = first if pair.difference > 0 else second
    words = {
        PairOutcome.DIFFERENT: f"{ahead} is better",
        PairOutcome.EQUIVALENT: "equivalent",
        PairOutcome.UNDECIDED: "undecided",
    }
    seconds = _seconds(pair.seeds_needed, measures)
    time = f", {duration(seconds)}" if seconds else ""
    return (
        f"{first} − {second}",
        words[pair.outcome],
        "not measured" if math.isnan(pair.low) else f"{value} [{low}, {high}]",
        "–" if math.isnan(pair.least_difference) else f"{100 * pair.least_difference:.1f}",
        f"{pair.seeds_needed} seeds in all{time}" if pair.seeds_needed else "–",
    )
