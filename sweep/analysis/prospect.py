"""What a number of seeds could show, and what would settle each pair, before they are trained.

For ``sweep plan``: from what is stored, as rows for machines and as lines for people.
"""

import math
from collections.abc import Iterator

from sweep.analysis.decision import PairOutcome
from sweep.analysis.measures import Measures
from sweep.analysis.pairs import pair_rows
from sweep.analysis.power import least_difference_with
from sweep.analysis.tables import Row
from sweep.analysis.wording import counted, duration, margin_points, names_of, points, signed

MAX_PAIRS_TOLD = 6
"""Of more undecided pairs the ends are told."""


def prospect_rows(measures: Measures, seeds: int) -> list[Row]:
    """``pair_rows``, each with ``planned_seeds`` and ``could_show``: a share, or None.

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
            yield " − ".join(names_of([row["first"], row["second"]])), _line(row)
    else:
        yield "undecided pairs", _line_of_many(undecided)


def _line(row: Row) -> str:
    value, low, high = (signed(100 * row[name], 1) for name in ("difference", "low", "high"))
    return (
        f"undecided at {value} points ({low} to {high}); {row['planned_seeds']} seeds could show "
        f"{points(row['could_show'])}; {_settled_by([row])}"
    )


def _line_of_many(rows: list[Row]) -> str:
    could = [row["could_show"] for row in rows]
    return (
        f"{rows[0]['planned_seeds']} seeds could show {100 * min(could):.1f} to "
        f"{points(max(could))}; {_settled_by(rows)}"
    )


def _settled_by(rows: list[Row]) -> str:
    margin = margin_points(rows[0]["margin"])
    if any(row["seeds_needed"] is None for row in rows):
        return f"thousands would settle {'it' if len(rows) == 1 else 'all'} at {margin}"
    most = max(rows, key=lambda row: row["seeds_needed"])
    time = f" ({duration(most['seconds_needed'])} more)" if most["seconds_needed"] else ""
    return (
        f"about {most['seeds_needed']} in all{time} would settle "
        f"{'it' if len(rows) == 1 else 'all'} at {margin}"
    )
