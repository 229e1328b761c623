"""The figure of ``growth``: a panel each, both axes logarithmic, with a straight line beside it.

The line goes through 0 and the last point. Where the points before it lie above the line, a fixed
cost is shared by more and more units; where they lie below it, growth is steeper than straight.
"""

import math

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sweep.figures.style import COLOURS, NEUTRAL
from tests.benchmarks.growth_points import Growth, Memory, Series

COLUMNS = 3
MEMORY_TOLERANCE = 0.15


def draw(growth: Growth) -> go.Figure:
    """All panels."""
    panels: list[Series | Memory] = [*growth.series, *([growth.memory] if growth.memory else [])]
    titles = [
        f"{panel.name}, seconds by {panel.unit}"
        if isinstance(panel, Series)
        else "peak GB by the plan's GB, ±15 %"
        for panel in panels
    ]
    rows = math.ceil(len(panels) / COLUMNS)
    figure = make_subplots(rows, COLUMNS, subplot_titles=titles)
    for index, panel in enumerate(panels):
        for trace in traces(panel):
            figure.add_trace(trace, index // COLUMNS + 1, index % COLUMNS + 1)
    figure.update_annotations(font_size=13)
    figure.update_xaxes(type="log")
    figure.update_yaxes(type="log")
    return figure.update_layout(height=320 * rows, showlegend=False, template="plotly_white")


def traces(panel: Series | Memory) -> list[go.Scatter]:
    """Points and lines of one panel."""
    if isinstance(panel, Memory):
        return memory_traces(panel)
    slope = panel.seconds[-1] / panel.sizes[-1]
    straight = [slope * size for size in panel.sizes]
    return [line(panel.sizes, straight), points(panel.sizes, panel.seconds)]


def memory_traces(memory: Memory) -> list[go.Scatter]:
    """Measured against estimated, with the estimate and its tolerance as lines."""
    pairs = sorted(zip(memory.estimated_bytes, memory.peak_bytes, strict=True))
    estimated, peak = ([value / 1e9 for value in side] for side in zip(*pairs, strict=True))
    shares = (1 - MEMORY_TOLERANCE, 1, 1 + MEMORY_TOLERANCE)
    limits = [line(estimated, [share * value for value in estimated]) for share in shares]
    return [*limits, points(estimated, peak)]


def line(x: list, y: list) -> go.Scatter:
    return go.Scatter(x=x, y=y, mode="lines", line={"color": NEUTRAL, "dash": "dot"})


def points(x: list, y: list) -> go.Scatter:
    return go.Scatter(x=x, y=y, mode="lines+markers", line={"color": COLOURS[0]})
