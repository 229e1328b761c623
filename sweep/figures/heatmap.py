"""Figure 4: mean validation accuracy by epoch and value, a panel an optimizer, one colour scale.

Legend: see ``family``.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from sweep.analysis import summary as seeds
from sweep.analysis.arrays import Grid
from sweep.analysis.curves import MARGIN
from sweep.analysis.evidence import Evidence
from sweep.figures.family import (
    Drawing,
    Floats,
    Table,
    counted,
    figure,
    listed,
    number,
    numbers,
    percent,
    plain,
    short,
    thinned,
    tick,
)
from sweep.figures.marks import counted_words

NAME = "heatmap"
MAX_EPOCHS = 51
MAX_COLUMNS = 3
PANEL_FRAME = 82
"""Pixels above and below a panel's cells, for its name and its axis."""
BAR_HEIGHT = 100
"""Pixels of the colour bar and its words."""


@dataclass(frozen=True)
class HeatMap:
    """The arrays of the figure.

    Attributes:
        epochs: those that are drawn.
        mean_ONE: mean validation accuracy over seeds.
        count_ONE: of how many seeds.
        diverged_ONE: how many of all have diverged by then.
    """

    epochs: tuple[int, ...]
    mean_ONE: Floats
    count_ONE: np.ndarray
    diverged_ONE: np.ndarray


def compute(grid: Grid) -> HeatMap:
    """The arrays of the figure, at no more epochs than can be told apart."""
    epochs = thinned(grid.epochs + 1, MAX_EPOCHS)
    counted_S = seeds.counted_seeds(grid)
    accuracy = grid.counted_accuracy()[:, :, counted_S][..., epochs]
    summary = seeds.summarize(np.moveaxis(accuracy, 2, -1))
    gone = grid.diverged_by_epoch()[:, :, counted_S][..., epochs].sum(axis=2)
    return HeatMap(tuple(epochs), summary.mean, summary.count, gone)


def finding(evidence: Evidence, arrays: HeatMap) -> str:
    """At how many values each optimizer ends near the best of all."""
    grid, last_ON = evidence.grid, arrays.mean_ONE[..., -1]
    known = last_ON[np.isfinite(last_ON)]
    if not known.size:
        return f"No trial has finished yet ({evidence.pictures})"
    near_O = (last_ON >= known.max() - MARGIN - 1e-9).sum(axis=1)
    ordered = sorted(range(len(near_O)), key=lambda index: -near_O[index])
    told = ordered if len(ordered) <= 3 else [ordered[0], ordered[-1]]
    said = listed([f"{grid.optimizers[index]} at {near_O[index]}" for index in told])
    return (
        f"Of {counted(len(grid.values_N), grid.hyperparameter)}, "
        f"within {100 * MARGIN:.0f} points of the best at the end: {said} ({evidence.pictures})"
    )


def draw(evidence: Evidence) -> Drawing:
    """The figure."""
    grid, arrays = evidence.grid, compute(evidence.grid)
    columns = min(MAX_COLUMNS, len(grid.optimizers))
    said = finding(evidence, arrays)
    panel = PANEL_FRAME + 22 * len(grid.values_N)
    wide, narrow = panel * -(-len(grid.optimizers) // columns), panel * len(grid.optimizers)
    return Drawing(
        name=NAME,
        finding=said,
        figure=figure(
            [_trace(grid, arrays, index) for index in range(len(grid.optimizers))],
            said,
            _layout(grid, columns, wide)
            | {"coloraxis": _colours(arrays, wide), "margin": {"l": 64, "r": 16, "t": 140, "b": 8}},
            height=wide + BAR_HEIGHT + 48,
            title_above=72,
            narrow=_layout(grid, 1, narrow)
            | {
                "height": narrow + BAR_HEIGHT,
                "coloraxis": {"colorbar": {"len": 0.95, "y": 1 + 26 / narrow}},
            },
        ),
        alt=f"Accuracy as colour, by epoch and {grid.hyperparameter}, one panel an optimizer.",
        table=_table(grid, arrays),
        notes=_notes(grid, arrays),
    )


def _suffix(index: int) -> str:
    return str(index + 1) if index else ""


def _trace(grid: Grid, arrays: HeatMap, index: int) -> go.Heatmap:
    texts = [
        [
            f"{percent(arrays.mean_ONE[index, n, e])}<br>"
            + counted_words(arrays.count_ONE[index, n, e], arrays.diverged_ONE[index, n, e])
            for e in range(len(arrays.epochs))
        ]
        for n in range(len(grid.values_N))
    ]
    label = plain(grid.optimizers[index])
    return go.Heatmap(
        name=label,
        x=list(arrays.epochs),
        y=[tick(value) for value in grid.values_N],
        z=[numbers(row) for row in arrays.mean_ONE[index]],
        customdata=texts,
        coloraxis="coloraxis",
        xaxis=f"x{_suffix(index)}",
        yaxis=f"y{_suffix(index)}",
        hovertemplate=(
            f"<b>{label}</b><br>{plain(grid.hyperparameter)} %{{y}}, epoch %{{x}}<br>"
            "mean %{customdata}<extra></extra>"
        ),
    )


def _colours(arrays: HeatMap, height: int) -> dict:
    """The common scale, its bar above panels of so many pixels together.

    It is that of the trained epochs: the evaluation before training would take half of it.
    """
    trained = arrays.mean_ONE[..., 1:]
    known = trained[np.isfinite(trained)]
    return {
        "colorscale": "Cividis",
        "cmin": float(known.min()) if known.size else 0.0,
        "cmax": float(known.max()) if known.size else 1.0,
        "colorbar": {
            "title": {"text": "mean accuracy", "side": "top"},
            "orientation": "h",
            "tickformat": ".1~%",
            "thickness": 12,
            "len": 0.5,
            "x": 0.5,
            "y": 1 + 26 / height,
            "yanchor": "bottom",
            "ypad": 0,
        },
    }


def _layout(grid: Grid, columns: int, height: int) -> dict:
    """Panels in so many columns; ``height`` in pixels turns their gaps into shares."""
    lines = -(-len(grid.optimizers) // columns)
    layout: dict = {"annotations": []}
    for index, label in enumerate(grid.optimizers):
        column, line = index % columns, index // columns
        across = [column / columns + 0.012, (column + 1) / columns - 0.012]
        down = [1 - (line + 1) / lines + 52 / height, 1 - line / lines - 26 / height]
        suffix = _suffix(index)
        layout[f"xaxis{suffix}"] = {
            "domain": across,
            "anchor": f"y{suffix}",
            "showgrid": False,
        }
        layout[f"yaxis{suffix}"] = {
            "domain": down,
            "anchor": f"x{suffix}",
            "type": "category",
            "title": {"text": plain(grid.hyperparameter) if column == 0 else ""},
            "showticklabels": column == 0,
            "showgrid": False,
        }
        middle = sum(across) / 2
        layout["annotations"] += [
            _words(f"<b>{short(label, 28)}</b>", across[0], down[1], "left", "bottom", 0),
            _words("epoch", middle, down[0], "center", "top", -20),
        ]
    return layout


def _words(text: str, x: float, y: float, across: str, down: str, shift: int) -> dict:
    return {
        "text": text,
        "x": x,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "xanchor": across,
        "yanchor": down,
        "yshift": shift,
        "showarrow": False,
    }


def _table(grid: Grid, arrays: HeatMap) -> Table:
    shown = thinned(len(arrays.epochs), 11)
    columns = (
        "optimizer",
        grid.hyperparameter,
        *(f"epoch {arrays.epochs[position]}" for position in shown),
    )
    rows = tuple(
        (label, number(value), *(percent(arrays.mean_ONE[o, n, e]) for e in shown))
        for o, label in enumerate(grid.optimizers)
        for n, value in enumerate(grid.values_N)
    )
    return Table(columns, rows)


def _notes(grid: Grid, arrays: HeatMap) -> tuple[str, ...]:
    notes = [
        "Means over seeds of the validation accuracy; a diverged trial counts with the smaller of "
        "guessing and the last accuracy it had. All panels share one colour scale; epoch 0, before "
        "training, lies below it."
    ]
    if len(arrays.epochs) <= grid.epochs:
        notes.append(f"{len(arrays.epochs)} of {grid.epochs + 1} epochs are drawn.")
    return tuple(notes)
