"""Figure 4: mean validation accuracy by epoch and value, a panel an optimizer, one colour scale.

In a study of two axes it is by their values instead (see ``area_map``).

Legend: see ``drawing``.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from sweep.analysis import summary as seeds
from sweep.analysis.arrays import Grid
from sweep.analysis.evidence import Evidence
from sweep.analysis.extents import ROUNDING
from sweep.analysis.wording import counted_values, listed, number
from sweep.figures import area_map
from sweep.figures.axes import Floats
from sweep.figures.drawing import Drawing, Table
from sweep.figures.marks import counted_words
from sweep.figures.panels import MAX_COLUMNS, Panels, panel_suffix, panelled
from sweep.figures.text import numbers, plain, tagless, thinned

NAME = "heatmap"
MAX_EPOCHS = 51
ROW_HEIGHT = 22


@dataclass(frozen=True)
class HeatMap:
    """The arrays of the figure.

    Attributes:
        epochs: those that are drawn.
        mean_ONE: mean validation score over seeds.
        count_ONE: of how many seeds.
        diverged_ONE: how many of all have diverged by then.
        final_ON: the mean after each training's last epoch.
    """

    epochs: tuple[int, ...]
    mean_ONE: Floats
    count_ONE: np.ndarray
    diverged_ONE: np.ndarray
    final_ON: Floats


def compute(grid: Grid) -> HeatMap:
    """The arrays of the figure, at no more epochs than can be told apart."""
    epochs = thinned(grid.epochs + 1, MAX_EPOCHS)
    counted_S = seeds.counted_seeds(grid)
    accuracy = grid.counted_accuracy()[:, :, counted_S]
    summary = seeds.summarize(np.moveaxis(accuracy[..., epochs], 2, -1))
    gone = grid.diverged_by_epoch()[:, :, counted_S][..., epochs].sum(axis=2)
    final = seeds.summarize(grid.final_accuracy()[..., counted_S])
    return HeatMap(tuple(epochs), summary.mean, summary.count, gone, final.mean)


def finding(evidence: Evidence, arrays: HeatMap) -> str:
    """At how many values each optimizer ends near the best of all."""
    grid, final_ON = evidence.grid, arrays.final_ON
    known = final_ON[np.isfinite(final_ON)]
    if not known.size:
        return f"No trial has finished yet ({evidence.pictures})"
    near = grid.metric.near
    near_ON = final_ON >= known.max() - near - ROUNDING
    near_O = (near_ON & ~(final_ON <= grid.baseline + near + ROUNDING)).sum(axis=1)
    ordered = sorted(range(len(near_O)), key=lambda index: -near_O[index])
    told = ordered if len(ordered) <= 3 else [ordered[0], ordered[-1]]
    is_ragged = not grid.planned_ON.all()
    said = listed(
        [
            f"{grid.optimizers[index]} at {near_O[index]}"
            + (f" of its {grid.planned_ON[index].sum()}" if is_ragged else "")
            for index in told
        ]
    )
    return (
        f"Of {counted_values(len(grid.points), grid.hyperparameter)}, "
        f"within {grid.words.near} of the best at the end: {said} ({evidence.pictures})"
    )


def draw(evidence: Evidence) -> Drawing:
    """The figure."""
    if len(evidence.grid.axes) > 1:
        return area_map.draw(evidence, NAME)
    grid, arrays = evidence.grid, compute(evidence.grid)
    said = finding(evidence, arrays)
    panels = Panels(
        titles=grid.optimizers,
        columns=min(MAX_COLUMNS, len(grid.optimizers)),
        cells_height=ROW_HEIGHT * len(grid.points),
        below="epoch",
        beside=grid.hyperparameter,
    )
    return Drawing(
        name=NAME,
        finding=said,
        start=panelled(
            panels,
            [_trace(grid, arrays, index) for index in range(len(grid.optimizers))],
            said,
            scaled=grid.metric.value(_scaled(arrays)),
            words=grid.words,
            across={"showgrid": False},
            upward={"type": "category", "showgrid": False},
        ),
        alt=(
            f"{grid.words.title} as colour, by epoch and {grid.hyperparameter}, one panel an "
            "optimizer."
        ),
        table=_table(grid, arrays),
        notes=_notes(grid, arrays),
    )


def _scaled(arrays: HeatMap) -> Floats:
    """What the colours span: the evaluation before training would take half of them."""
    return arrays.mean_ONE[..., 1:]


def _trace(grid: Grid, arrays: HeatMap, index: int) -> go.Heatmap:
    texts = [
        [
            f"{tagless(grid.words.level(arrays.mean_ONE[index, n, e]))}<br>"
            + counted_words(arrays.count_ONE[index, n, e], arrays.diverged_ONE[index, n, e])
            for e in range(len(arrays.epochs))
        ]
        for n in range(len(grid.points))
    ]
    label = plain(grid.optimizers[index])
    return go.Heatmap(
        name=label,
        x=list(arrays.epochs),
        y=[number(value) for value in grid.values_N.tolist()],
        z=[numbers(row) for row in grid.metric.value(arrays.mean_ONE[index])],
        customdata=texts,
        coloraxis="coloraxis",
        hoverongaps=False,
        xaxis=f"x{panel_suffix(index)}",
        yaxis=f"y{panel_suffix(index)}",
        hovertemplate=(
            f"<b>{label}</b><br>{plain(grid.hyperparameter)} %{{y}}, epoch %{{x}}<br>"
            "mean %{customdata}<extra></extra>"
        ),
    )


def _table(grid: Grid, arrays: HeatMap) -> Table:
    shown = thinned(len(arrays.epochs), 11)
    columns = (
        "optimizer",
        grid.hyperparameter,
        *(f"epoch {arrays.epochs[position]}" for position in shown),
    )
    rows = tuple(
        (label, number(value), *(grid.words.level(arrays.mean_ONE[o, n, e]) for e in shown))
        for o, label in enumerate(grid.optimizers)
        for n, value in enumerate(grid.values_N.tolist())
        if grid.planned_ON[o, n]
    )
    return Table(columns, rows)


def _notes(grid: Grid, arrays: HeatMap) -> tuple[str, ...]:
    name, outside = grid.metric.name, "below" if grid.metric.more_is_better else "outside"
    notes = [
        f"Means over seeds of the validation {name}; a diverged trial counts with "
        f"{grid.diverged_rule}. All panels share one colour scale; epoch 0, before training, lies "
        f"{outside} it."
    ]
    if len(arrays.epochs) <= grid.epochs:
        notes.append(f"{len(arrays.epochs)} of {grid.epochs + 1} epochs are drawn.")
    return tuple(notes)
