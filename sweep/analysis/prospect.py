"""What a number of seeds could show, and what would settle each pair, before they are trained.

For ``sweep plan``: from what is stored, as rows for machines and as lines for people.
"""

import math
from collections.abc import Iterator

from sweep.analysis.decision import PairOutcome
from sweep.analysis.measures import Measures
from sweep.analysis.metric_words import MetricWords
from sweep.analysis.pairs import pair_rows
from sweep.analysis.power import least_difference_with
from sweep.analysis.tables import Row
from sweep.analysis.wording import counted, duration, names_of

MAX_PAIRS_TOLD = 6
"""Of more undecided pairs the ends are told."""


def prospect_rows(measures: Measures, seeds: int) -> list[Row]:
    """``pair_rows``, each with ``planned_seeds`` and ``could_show``: in the metric's unit, or None.

    Args:
        measures: of what is stored.
        seeds: how many there would be in all.
    """
    could_M = least_difference_with(measures.mean_accuracy_differences, measures.spending, seeds)
    return [
        {
            **row,
            "planned_seeds": seeds,
            "could_show": float(could) if math.isfinite(could) else None,
        }
        for row, could in zip(pair_rows(measures), could_M, strict=True)
    ]


def prospect_lines(measures: Measures, seeds: int) -> Iterator[tuple[str, str]]:
    """The same for people: what is decided, and a line for each undecided pair.

    Args:
        measures, seeds: see ``prospect_rows``.

    Yields:
        What a line is about, and the line. Nothing where there are no pairs.
    """
    rows = prospect_rows(measures, seeds)
    if not rows:
        return
    if not measures.has_intervals:
        yield "verdict", "what seeds can show is known after 3 finished ones"
        return
    undecided = [row for row in rows if row["outcome"] == PairOutcome.UNDECIDED]
    done = len(rows) - len(undecided)
    yield (
        "verdict",
        f"{done} of {counted(len(rows), 'pair')} decided, with the "
        f"{len(measures.seeds)} seeds that are finished",
    )
    if len(undecided) <= MAX_PAIRS_TOLD:
        for row in undecided:
            yield " − ".join(names_of([row["first"], row["second"]])), _line(row, measures.words)
    else:
        yield "undecided pairs", _line_of_many(undecided, measures.words)


def _line(row: Row, words: MetricWords) -> str:
    value, low, high = (words.bare(row[name]) for name in ("difference", "low", "high"))
    return (
        f"undecided at {words.in_unit(value)} ({low} to {high}); {row['planned_seeds']} "
        f"seeds could show {words.size(row['could_show'])}; {_settled_by([row], words)}"
    )


def _line_of_many(rows: list[Row], words: MetricWords) -> str:
    could = [row["could_show"] for row in rows]
    return (
        f"{rows[0]['planned_seeds']} seeds could show {words.bare(min(could))} to "
        f"{words.size(max(could))}; {_settled_by(rows, words)}"
    )


def _settled_by(rows: list[Row], words: MetricWords) -> str:
    margin = words.margin(rows[0]["margin"])
    if any(row["seeds_needed"] is None for row in rows):
        return f"thousands would settle {'it' if len(rows) == 1 else 'all'} at {margin}"
    most = max(rows, key=lambda row: row["seeds_needed"])
    time = f" ({duration(most['seconds_needed'])} more)" if most["seconds_needed"] else ""
    return (
        f"about {most['seeds_needed']} in all{time} would settle "
        f"{'it' if len(rows) == 1 else 'all'} at {margin}"
    )
