"""Marks that several figures draw: bands, the points of trials, and the words of hover texts.

A mark comes as two parts: what stays in every state of a figure, and what a frame changes.

Legend: see ``family``.
"""

from collections.abc import Callable, Sequence

import numpy as np

from sweep.analysis.arrays import Bools, Grid
from sweep.analysis.evidence import Evidence
from sweep.analysis.intervals import MIN_SEEDS
from sweep.figures.family import (
    MAX_POINTS,
    Floats,
    counted,
    number,
    numbers,
    plain,
    style,
)

Part = tuple[dict, dict]
"""What stays in every state of a trace, and what changes."""


def named(label: str, **more: object) -> dict:
    """A trace that belongs to an optimizer, so that the legend's button hides it."""
    name = plain(label)
    return {"name": name, "legendgroup": name, "showlegend": False} | more


def lined(index: int, **marker: object) -> dict:
    """Line and marker in an optimizer's style."""
    look = style(index)
    return {
        "mode": "lines+markers",
        "line": {"color": look.colour, "width": 2.5, "dash": look.dash},
        "marker": {"symbol": look.marker, "size": 9, "color": look.colour} | marker,
    }


def spotted(sizes: list[int]) -> dict:
    """Of a marker: so many pixels at each point, without the outline that Plotly gives bubbles."""
    return {"size": sizes, "opacity": 1, "line": {"width": 0}}


def band(labels: Sequence[str], index: int, values: Floats, low: Floats, high: Floats) -> Part:
    """The area between ``low`` and ``high``, where they are known; fainter among many."""
    known = ~np.isnan(low)
    look = style(index)
    fixed = named(
        labels[index],
        mode="lines",
        line={"width": 0.75, "color": look.faded(min(0.5, 2 / len(labels)))},
        fill="toself",
        fillcolor=look.faded(min(0.13, 0.6 / len(labels))),
        hoverinfo="skip",
    )
    x = np.concatenate([values[known], values[known][::-1]])
    y = np.concatenate([high[known], low[known][::-1]])
    return fixed, {"x": numbers(x), "y": numbers(y)}


def interval_words(low: float, high: float, count: int, write: Callable[[float], str]) -> str:
    """`` (95 % interval … to …)`` after a mean over ``count`` seeds; empty where there is none."""
    if np.isnan(low):
        return ""
    words = "95 % interval" if count >= MIN_SEEDS else "range"
    return f" ({words} {write(low)} to {write(high)})"


def counted_words(count: int, diverged: int = 0) -> str:
    """``5 seeds, 1 diverged``."""
    said = counted(count, "seed")
    return f"{said}, {diverged} diverged" if diverged else said


def are_points_drawn(grid: Grid) -> bool:
    """Whether there are few enough trials to draw each."""
    return grid.finished_ONS.size <= MAX_POINTS


def trial_points(
    evidence: Evidence, index: int, drawn_NS: Bools, end: str, **marker: object
) -> Part:
    """A point a trial, where it lies and what its hover text says; heights are the caller's.

    Args:
        evidence: whose trials.
        index: the optimizer's position.
        drawn_NS: which of its trials, in whose order the heights are.
        end: of the hover text, with Plotly's placeholders.
        marker: of the points.

    Returns:
        What all points share, and ``x`` with ``customdata`` of each.
    """
    grid = evidence.grid
    places = np.argwhere(drawn_NS)
    hover = (
        f"<b>{plain(grid.optimizers[index])}</b>, trial %{{customdata[0]}}<br>"
        f"{plain(grid.hyperparameter)} %{{customdata[2]}}, seed %{{customdata[1]}}<br>"
        f"{end}<extra></extra>"
    )
    fixed = named(
        grid.optimizers[index],
        mode="markers",
        marker={"color": style(index).colour} | marker,
        hovertemplate=hover,
    )
    where = {
        "x": numbers(beside(grid, index)[places[:, 0]]),
        "customdata": [
            [
                f"{evidence.trial_ONS[index, n, s]:.0f}",
                grid.seeds[s],
                number(float(grid.values_N[n])),
            ]
            for n, s in places.tolist()
        ],
    }
    return fixed, where


def beside(grid: Grid, index: int) -> Floats:
    """The values, moved sideways a little, so that optimizers' points lie side by side."""
    logs = np.log10(grid.values_N)
    step = float(np.diff(logs).min()) if len(logs) > 1 else 0.2
    return 10 ** (logs + 0.4 * step * ((index + 0.5) / len(grid.optimizers) - 0.5))
