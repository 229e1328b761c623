"""The figure of a comparison: mean accuracy against a swept hyperparameter, in BASE and in HEAD.

With two axes it shows, at each value of the first, the best over the second. A colour an optimizer,
BASE dashed and HEAD solid.

Legend: O compared optimizers, N points, M values of the first axis.
"""

import numpy as np
import plotly.graph_objects as go

from sweep.analysis.comparison import Comparison, Side
from sweep.analysis.comparison_words import headline, name_at
from sweep.analysis.intervals import Estimate
from sweep.analysis.wording import capitalised, number
from sweep.figures.axes import Floats, drawn, hover_format, metric_axis, value_axis
from sweep.figures.drawing import Drawing, Table, figure
from sweep.figures.marks import named
from sweep.figures.style import style
from sweep.figures.text import numbers, plain

NAME = "comparison"


def compute(comparison: Comparison, side: Side) -> tuple[Floats, Floats, Floats]:
    """Mean scores with the ends of their intervals at each value of the first axis, (O, M)."""
    axis, found = comparison.axes[0], side.accuracy_ON
    shape = len(side.labels), len(axis.values)
    mean, low, high = (np.full(shape, np.nan) for _ in range(3))
    for n, point in enumerate(comparison.points):
        m = axis.values.index(point[axis.name])
        for o in range(shape[0]):
            if np.isnan(mean[o, m]) or found.value[o, n] > mean[o, m]:
                mean[o, m], low[o, m], high[o, m] = (
                    part[o, n] for part in (found.value, found.low, found.high)
                )
    return mean, low, high


def draw(comparison: Comparison) -> Drawing:
    """The figure of both curves of every compared optimizer."""
    axis = comparison.axes[0]
    traces = [
        trace
        for side, is_base in ((comparison.base, True), (comparison.head, False))
        for trace in _traces(comparison, side, is_base=is_base)
    ]
    best = [it.words for it in comparison.axes[1:]]
    notes = ["Dashed: BASE, solid: HEAD. Bars are 95 % intervals of the means over seeds."]
    notes += [f"At each {axis.words} the best {words} is shown." for words in best]
    return Drawing(
        name=NAME,
        finding=headline(comparison),
        start=figure(
            traces,
            headline(comparison),
            {
                "xaxis": value_axis(axis),
                "yaxis": metric_axis(
                    comparison.words, "validation", hoverformat=hover_format(comparison.words)
                ),
            },
            height=460,
        ),
        alt=(
            f"{capitalised(comparison.words.mean)} against {axis.words}, in BASE and in HEAD, two "
            "lines an optimizer."
        ),
        table=_table(comparison),
        notes=tuple(notes),
    )


def _traces(comparison: Comparison, side: Side, *, is_base: bool) -> list[go.Scatter]:
    found = Estimate(*compute(comparison, side)).in_values(comparison.metric)
    mean_OM, low_OM, high_OM = found.value, found.low, found.high
    axis, which = comparison.axes[0], "BASE" if is_base else "HEAD"
    shown, traces = f"%{{y:{hover_format(comparison.words)}}}", []
    for o in range(len(side.labels)):
        look, name = style(o), name_at(comparison, o)
        there = ~np.isnan(mean_OM[o])
        values = np.array(axis.values)[there]
        traces.append(
            go.Scatter(
                named(
                    name,
                    showlegend=not is_base,
                    x=drawn(axis, values),
                    y=numbers(mean_OM[o, there]),
                    mode="lines+markers",
                    line={
                        "color": look.colour,
                        "width": 1.75 if is_base else 2.5,
                        "dash": "dash" if is_base else "solid",
                    },
                    marker={
                        "symbol": f"{look.marker}-open" if is_base else look.marker,
                        "size": 9,
                        "color": look.colour,
                    },
                    error_y={
                        "array": numbers((high_OM - mean_OM)[o, there]),
                        "arrayminus": numbers((mean_OM - low_OM)[o, there]),
                        "color": look.faded(0.6),
                        "thickness": 1.5,
                        "width": 4,
                    },
                    hovertemplate=(
                        f"<b>{plain(name)}</b>, {which}<br>{plain(axis.words)} %{{x}}: {shown}"
                        "<extra></extra>"
                    ),
                )
            )
        )
    return traces


def _table(comparison: Comparison) -> Table:
    swept = tuple(axis.words for axis in comparison.axes)
    rows = tuple(
        (
            name_at(comparison, o),
            *(number(value) for value in point.values()),
            comparison.words.level(float(comparison.base.accuracy_ON.value[o, n])),
            comparison.words.level(float(comparison.head.accuracy_ON.value[o, n])),
        )
        for o in range(len(comparison.decisions))
        for n, point in enumerate(comparison.points)
    )
    return Table(("optimizer", *swept, "BASE", "HEAD"), rows)
