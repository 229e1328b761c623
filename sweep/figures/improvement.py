"""Figure 7: how probable it is that one optimizer does better than another.

Legend: see ``drawing``.
"""

import numpy as np
import plotly.graph_objects as go

from sweep.analysis.evidence import Evidence
from sweep.analysis.measures import Measures
from sweep.analysis.wording import has_width, percent, with_article
from sweep.figures.axes import Floats
from sweep.figures.drawing import Drawing, Table, figure
from sweep.figures.marks import interval_words
from sweep.figures.text import folded, numbers, plain

NAME = "improvement"
MAX_WITH_TEXT, MAX_WITH_LARGE_TEXT, MAX_WITH_INTERVALS = 24, 12, 5

SCALE = ((0.0, "#b35806"), (0.5, "#f2f2f2"), (1.0, "#2166ac"))
"""Orange below one half, blue above it."""


def compute(measures: Measures) -> Floats:
    """(O, O): of row over column; NaN on the diagonal, where nothing is compared."""
    return np.where(np.eye(len(measures.optimizers), dtype=bool), np.nan, _values(measures))


def _values(measures: Measures) -> Floats:
    count = len(measures.optimizers)
    return np.reshape(measures.improvement_OO.value, (count, count))


def finding(evidence: Evidence) -> str:
    """The most one-sided pair."""
    labels, better_OO = evidence.measures.optimizers, compute(evidence.measures)
    if not np.isfinite(better_OO).any():
        why = "There is one optimizer" if len(labels) == 1 else "Nothing can be compared yet"
        return f"{why} ({evidence.pictures})"
    row, column = np.unravel_index(np.nanargmax(better_OO), better_OO.shape)
    return (
        f"{labels[row]} does better than {labels[column]} in "
        f"{percent(better_OO[row, column], 0)} of pairs, the most one-sided comparison "
        f"({evidence.pictures})"
    )


def draw(evidence: Evidence) -> Drawing:
    """The figure: row better than column."""
    measures, better_OO = evidence.measures, compute(evidence.measures)
    said = finding(evidence)
    names = [folded(label) for label in measures.optimizers]
    places = list(range(len(names)))
    axis = {"tickmode": "array", "tickvals": places, "ticktext": names, "showgrid": False}
    return Drawing(
        name=NAME,
        finding=said,
        start=figure(
            [_trace(measures, better_OO)],
            said,
            {
                "xaxis": axis | {"title": {"text": "… than this one"}},
                "yaxis": axis
                | {"title": {"text": "this one does better …"}, "autorange": "reversed"},
            },
            height=200 + 56 * max(2, len(names)),
        ),
        alt="A matrix: the probability that the row's optimizer does better than the column's.",
        table=_table(measures, better_OO),
        notes=_notes(measures),
    )


def _notes(measures: Measures) -> tuple[str, ...]:
    notes = [
        f"At {_drawn(measures)} and seed drawn at random, the same for both; ties count one half. "
        "50 % is no difference."
    ]
    if measures.has_intervals and len(measures.optimizers) <= MAX_WITH_INTERVALS:
        notes.append("In brackets: 95 % intervals over seeds.")
    return tuple(notes)


def _drawn(measures: Measures) -> str:
    """``a learning rate``, ``a batch size, learning rate``."""
    return ", ".join(
        with_article(axis.words) if place == 0 else axis.words
        for place, axis in enumerate(measures.axes)
    )


def _trace(measures: Measures, better_OO: Floats) -> go.Heatmap:
    count = len(measures.optimizers)
    return go.Heatmap(
        x=list(range(count)),
        y=list(range(count)),
        z=[numbers(row) for row in better_OO],
        customdata=[
            [_hover(measures, row, column) for column in range(count)] for row in range(count)
        ],
        zmin=0,
        zmax=1,
        colorscale=[list(stop) for stop in SCALE],
        xgap=2,
        ygap=2,
        hoverongaps=False,
        textfont={"size": 14 if count <= MAX_WITH_LARGE_TEXT else None},  # else as large as fits
        text=[[_cell(measures, row, column) for column in range(count)] for row in range(count)],
        texttemplate="%{text}",
        hovertemplate="%{customdata}<extra></extra>",
        colorbar={"tickformat": ".0%", "thickness": 12, "outlinewidth": 0},
    )


def _cell(measures: Measures, row: int, column: int) -> str:
    """The probability in percent, with unit and interval where there is space for them."""
    count = len(measures.optimizers)
    if row == column or count > MAX_WITH_TEXT:
        return ""
    value, low, high = _estimate(measures, row, column)
    if count > MAX_WITH_INTERVALS:
        return f"{100 * value:.0f}"
    if not has_width(low, high):
        return percent(value, 0)
    small = f"<span style='font-size:11px'>[{100 * low:.0f}, {100 * high:.0f}]</span>"
    return f"{percent(value, 0)}<br>{small}"


def _estimate(measures: Measures, row: int, column: int) -> tuple[float, float, float]:
    """The probability with the ends of its interval."""
    better = measures.improvement_OO
    value, low, high = (
        float(part[row, column]) for part in (better.value, better.low, better.high)
    )
    return value, low, high


def _hover(measures: Measures, row: int, column: int) -> str:
    if row == column:
        return ""
    value, low, high = _estimate(measures, row, column)
    return (
        f"<b>{plain(measures.optimizers[row])}</b> over {plain(measures.optimizers[column])}<br>"
        f"{percent(value)}{interval_words(low, high, len(measures.seeds), percent)}"
    )


def _table(measures: Measures, better_OO: Floats) -> Table:
    rows = tuple(
        (
            label,
            *(
                "" if row == column else percent(better_OO[row, column])
                for column in range(len(better_OO))
            ),
        )
        for row, label in enumerate(measures.optimizers)
    )
    return Table(("does better than", *measures.optimizers), rows)
