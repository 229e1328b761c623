"""Figure 4 of a study of two axes: mean validation accuracy over both, a panel an optimizer.

On each panel lie the path of the optimizer's best (for every value of the first axis the value of
the second that ends best) and the outline of its robust region.

Legend: see ``drawing``; X values of the first axis, Y of the second.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from sweep.analysis import summary as seeds
from sweep.analysis.arrays import Grid
from sweep.analysis.curves import learned_nothing, robust_threshold
from sweep.analysis.evidence import Evidence
from sweep.analysis.wording import number
from sweep.figures.axes import Floats, axis_title, tick
from sweep.figures.drawing import Drawing, Table
from sweep.figures.marks import counted_words
from sweep.figures.outline import Segments, outline
from sweep.figures.panels import MAX_COLUMNS, Panels, panel_suffix, panelled
from sweep.figures.text import numbers, plain, tagless, thinned
from sweep.study.axis import Axis

MIN_CELLS_HEIGHT, ROW_HEIGHT = 160, 26
MAX_TICKS_ACROSS, MAX_TICKS_UPWARD = 6, 10
OUTLINE = ({"color": "#111111", "width": 5}, {"color": "#ffffff", "width": 2.5})
"""White in black, which stands out from every colour of the scale."""


@dataclass(frozen=True)
class AreaMap:
    """The arrays of the figure; NaN where an optimizer has no finished training.

    Attributes:
        mean_OYX: mean validation score after the last epoch.
        count_OYX: of how many seeds.
        diverged_OYX: how many of these diverged.
        best_OX: position of the best value of the second axis, −1 where there is none.
        outlines: of each optimizer's robust region, in axis positions.
    """

    mean_OYX: Floats
    count_OYX: np.ndarray
    diverged_OYX: np.ndarray
    best_OX: np.ndarray
    outlines: tuple[Segments, ...]


def compute(grid: Grid) -> AreaMap:
    """The arrays of the figure."""
    first, second = grid.axes
    counted_S = seeds.counted_seeds(grid)
    summary = seeds.summarize(grid.final_accuracy()[..., counted_S])
    gone_ON = grid.diverged[..., counted_S].sum(axis=-1)
    mean_OYX = _folded(grid, summary.mean, np.nan)
    known = mean_OYX[np.isfinite(mean_OYX)]
    level = robust_threshold(known.max(initial=-np.inf), grid.baseline, grid.metric.near)
    best_OX = np.argmax(np.where(np.isfinite(mean_OYX), mean_OYX, -np.inf), axis=1)
    x, y = (axis.position(axis.values) for axis in (first, second))
    return AreaMap(
        mean_OYX=mean_OYX,
        count_OYX=_folded(grid, summary.count, 0),
        diverged_OYX=_folded(grid, gone_ON, 0),
        best_OX=np.where(np.isfinite(mean_OYX).any(axis=1), best_OX, -1),
        outlines=tuple(
            ()
            if learned_nothing(mean_YX.ravel(), grid.baseline, grid.metric.near)
            else _outline(mean_YX, y, x, float(level))
            for mean_YX in mean_OYX
        ),
    )


def _outline(mean_YX: Floats, y: Floats, x: Floats, level: float) -> Segments:
    """Over the values that the optimizer has, which may be fewer than those of the axes."""
    known_YX = np.isfinite(mean_YX)
    lines, columns = known_YX.any(axis=1), known_YX.any(axis=0)
    return outline(mean_YX[np.ix_(lines, columns)], y[lines], x[columns], level)


def _folded(grid: Grid, values_ON: np.ndarray, empty: float) -> np.ndarray:
    """(O, N) as (O, Y, X), with ``empty`` where no optimizer has the point."""
    first, second = grid.axes
    folded = np.full((len(values_ON), len(second.values), len(first.values)), empty)
    folded = folded.astype(values_ON.dtype)
    for n, point in enumerate(grid.points):
        at = second.values.index(point[second.name]), first.values.index(point[first.name])
        folded[:, at[0], at[1]] = values_ON[:, n]
    return folded


def finding(evidence: Evidence, arrays: AreaMap) -> str:
    """Each optimizer's best point, of many the best and the last."""
    grid = evidence.grid
    best = {
        index: float(np.nanmax(mean_YX))
        for index, mean_YX in enumerate(arrays.mean_OYX)
        if np.isfinite(mean_YX).any()
    }
    if not best:
        return f"No trial has finished yet ({evidence.pictures})"
    ordered = sorted(best, key=lambda index: -best[index])
    told = ordered if len(ordered) <= 3 else [ordered[0], ordered[-1]]
    said = "; ".join(_best_words(grid, arrays, index) for index in told)
    return f"The best {grid.words.mean}: {said} ({evidence.pictures})"


def _best_words(grid: Grid, arrays: AreaMap, index: int) -> str:
    mean_YX = arrays.mean_OYX[index]
    y, x = np.unravel_index(np.nanargmax(mean_YX), mean_YX.shape)
    first, second = grid.axes
    where = f"{first.words} {number(first.values[x])} and {second.words} {number(second.values[y])}"
    return f"{grid.optimizers[index]} {grid.words.level(mean_YX[y, x])} at {where}"


def draw(evidence: Evidence, name: str) -> Drawing:
    """The figure, under the name of the heat map whose place it takes."""
    grid, arrays = evidence.grid, compute(evidence.grid)
    first, second = grid.axes
    said = finding(evidence, arrays)
    panels = Panels(
        titles=grid.optimizers,
        columns=min(MAX_COLUMNS, len(grid.optimizers)),
        cells_height=max(MIN_CELLS_HEIGHT, ROW_HEIGHT * len(second.values)),
        below=axis_title(first),
        beside=axis_title(second),
    )
    traces = [
        trace for index in range(len(grid.optimizers)) for trace in _traces(grid, arrays, index)
    ]
    return Drawing(
        name=name,
        finding=said,
        start=panelled(
            panels,
            traces,
            said,
            scaled=grid.metric.value(arrays.mean_OYX),
            words=grid.words,
            across=_axis(first, MAX_TICKS_ACROSS),
            upward=_axis(second, MAX_TICKS_UPWARD),
        ),
        alt=(
            f"{grid.words.title} as colour, by {first.words} and {second.words}, one panel an "
            "optimizer, with the path of its best and the outline of its robust region."
        ),
        table=_table(grid, arrays),
        notes=_notes(grid),
    )


def _axis(axis: Axis, max_ticks: int) -> dict[str, Any]:
    """An axis by position, whatever the scale: cells of a heat map are wrong on Plotly's log."""
    shown = [axis.values[index] for index in thinned(len(axis.values), max_ticks)]
    return {
        "tickmode": "array",
        "tickvals": numbers(axis.position(shown), 6),
        "ticktext": [tick(value) for value in shown],
        "showgrid": False,
    }


def _traces(grid: Grid, arrays: AreaMap, index: int) -> list[go.Heatmap | go.Scatter]:
    suffix = panel_suffix(index)
    place = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
    x, y = _outline_line(arrays.outlines[index])
    lines = [
        {"x": x, "y": y, "mode": "lines", "hoverinfo": "skip"} | place | {"line": line}
        for line in OUTLINE
    ]
    return [
        _cells(grid, arrays, index, place),
        *(go.Scatter(line, showlegend=False) for line in lines),
        _path(grid, arrays, index, place),
    ]


def _cells(grid: Grid, arrays: AreaMap, index: int, place: dict[str, str]) -> go.Heatmap:
    first, second = grid.axes
    label = plain(grid.optimizers[index])
    texts = [
        [
            f"{plain(first.words)} {number(across)}, {plain(second.words)} {number(upward)}<br>"
            f"mean {tagless(grid.words.level(arrays.mean_OYX[index, y, x]))}<br>"
            + counted_words(arrays.count_OYX[index, y, x], arrays.diverged_OYX[index, y, x])
            for x, across in enumerate(first.values)
        ]
        for y, upward in enumerate(second.values)
    ]
    return go.Heatmap(
        name=label,
        x=numbers(first.position(first.values), 6),
        y=numbers(second.position(second.values), 6),
        z=[numbers(row) for row in grid.metric.value(arrays.mean_OYX[index])],
        customdata=texts,
        coloraxis="coloraxis",
        hoverongaps=False,
        hovertemplate=f"<b>{label}</b><br>%{{customdata}}<extra></extra>",
        **place,
    )


def _path(grid: Grid, arrays: AreaMap, index: int, place: dict[str, str]) -> go.Scatter:
    """For every value of the first axis, the best of the second."""
    first, second = grid.axes
    known = np.flatnonzero(arrays.best_OX[index] >= 0)
    best = arrays.best_OX[index, known]
    return go.Scatter(
        x=numbers(first.position(np.array(first.values)[known]), 6),
        y=numbers(second.position(np.array(second.values)[best]), 6),
        mode="lines+markers",
        line={"color": "#111111", "width": 1.5},
        marker={"size": 8, "color": "#ffffff", "line": {"color": "#111111", "width": 1.5}},
        showlegend=False,
        hoverinfo="skip",
        **place,
    )


def _outline_line(segments: Segments) -> tuple[list[float | None], list[float | None]]:
    """All segments as one line with gaps, in x and y."""
    x: list[float | None] = []
    y: list[float | None] = []
    for (y_from, x_from), (y_to, x_to) in segments:
        x += [*numbers([x_from, x_to], 6), None]
        y += [*numbers([y_from, y_to], 6), None]
    return x, y


def _table(grid: Grid, arrays: AreaMap) -> Table:
    """Each optimizer's path: what is best for every value of the first axis."""
    first, second = grid.axes
    rows = tuple(
        (
            label,
            number(value),
            number(second.values[best]),
            grid.words.level(arrays.mean_OYX[o, best, x]),
        )
        for o, label in enumerate(grid.optimizers)
        for x, value in enumerate(first.values)
        if (best := int(arrays.best_OX[o, x])) >= 0
    )
    there = f"{grid.words.mean} there"
    return Table(("optimizer", first.words, f"best {second.words}", there), rows)


def _notes(grid: Grid) -> tuple[str, ...]:
    first, second = grid.axes
    words, name = grid.words, grid.metric.name
    near = words.near if words.difference_unit != "points" else words.near.split()[0]
    return (
        f"Means over seeds of the validation {name} after the last epoch. The line with dots is "
        f"the path of the best: for each value of {first.words} the {second.words} that ends "
        f"best. Inside the white outline the mean is within {words.near} of the best "
        f"of all optimizers, and {near} {words.above} {grid.baseline_words}: the robust "
        "region. No outline where it is all or nothing.",
        f"A diverged trial counts with {grid.diverged_rule}. All panels share one colour scale.",
    )
