"""Marks that several figures draw: bands, lines, the points of trials, and their hover texts.

Legend: see ``drawing``; M points of a slice.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from sweep.analysis.arrays import Bools, Grid
from sweep.analysis.evidence import Evidence
from sweep.analysis.intervals import MIN_SEEDS, Estimate
from sweep.analysis.summary import Summary
from sweep.analysis.wording import NO_WIDTH, counted, has_width, number, percent
from sweep.figures.axes import Floats, drawn_at
from sweep.figures.slices import Slice
from sweep.figures.style import style
from sweep.figures.text import numbers, plain

MAX_POINTS = 2_000
"""More than these are not drawn one by one."""


class Part(NamedTuple):
    """One trace's properties, by what changes them.

    Attributes:
        fixed: the same in every state of the figure.
        sliced: other ones in another slice; the same everywhere in a study of one axis.
        moving: other ones in every state.
    """

    fixed: dict[str, Any]
    sliced: dict[str, Any]
    moving: dict[str, Any]

    def whole(self) -> go.Scatter:
        """The trace of a figure's first state."""
        return go.Scatter(self.fixed | self.sliced | self.moving)

    def framed(self, *, is_sliced: bool) -> dict[str, Any]:
        """What a frame changes, also of the slice if there are several."""
        return (self.sliced if is_sliced else {}) | self.moving

    def placed(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What another way to lay it on x changes: in all states, and in one of them."""
        fixed, moved = (
            {key: part[key] for key in ("x", "hovertemplate") if key in part}
            for part in (self.sliced, self.moving)
        )
        return fixed, moved


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


def band(labels: Sequence[str], index: int, x: Floats, low: Floats, high: Floats) -> Part:
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
    around = np.concatenate([x[known], x[known][::-1]])
    heights = np.concatenate([high[known], low[known][::-1]])
    return Part(fixed, {}, {"x": numbers(around), "y": numbers(heights)})


def interval_words(low: float, high: float, count: int, write: Callable[[float], str]) -> str:
    """`` (95 % interval … to …)`` after a mean over ``count`` seeds; empty where there is none."""
    if np.isnan(low):
        return ""
    if count >= MIN_SEEDS and not has_width(low, high):
        return " (no interval: all seeds agree)"
    words = "95 % interval" if count >= MIN_SEEDS else "range"
    return f" ({words} {write(low)} to {write(high)})"


def interval_cells(
    low: float, high: float, write: Callable[[float], str] = percent
) -> tuple[str, str]:
    """Both ends of an interval for a table; en dashes for one of no width."""
    ends = (low, high) if has_width(low, high) else (np.nan, np.nan)
    return write(ends[0]), write(ends[1])


def no_width_notes(found: Estimate | Summary) -> tuple[str, ...]:
    """Why intervals are left out where seeds agree exactly; nothing where none is."""
    return (NO_WIDTH,) if (found.low == found.high).any() else ()


def counted_words(count: int, diverged: int = 0) -> str:
    """``5 seeds, 1 diverged``."""
    said = counted(count, "seed")
    return f"{said}, {diverged} diverged" if diverged else said


def are_points_drawn(grid: Grid) -> bool:
    """Whether there are few enough trials to draw each, in a slice along every axis."""
    return len(grid.axes) * grid.finished_ONS.size <= MAX_POINTS


def trial_points(
    evidence: Evidence, part: Slice, index: int, drawn_MS: Bools, end: str, **marker: object
) -> Part:
    """A point a trial, where it lies and what its hover text says; heights are the caller's.

    Args:
        evidence: whose trials.
        part: which points.
        index: the optimizer's position.
        drawn_MS: which of its trials, in whose order the heights are.
        end: of the hover text, with Plotly's placeholders.
        marker: of the points.
    """
    grid = evidence.grid
    places = np.argwhere(drawn_MS)
    trial_MS = evidence.trial_ONS[index, part.points_M]
    texts = [number(value) for value in part.values_M]
    nominal = "" if part.view is None else "nominal "
    hover = (
        f"<b>{plain(grid.optimizers[index])}</b>, trial %{{customdata[0]}}<br>"
        f"{nominal}{plain(part.axis.words)} %{{customdata[2]}}, seed %{{customdata[1]}}<br>"
        f"{end}<extra></extra>"
    )
    fixed = named(
        grid.optimizers[index], mode="markers", marker={"color": style(index).colour} | marker
    )
    where = {
        "x": numbers(beside(grid, part, index)[places[:, 0]]),
        "customdata": [
            [f"{trial_MS[m, s]:.0f}", grid.seeds[s], texts[m]] for m, s in places.tolist()
        ],
        "hovertemplate": hover,
    }
    return Part(fixed, where, {})


def beside(grid: Grid, part: Slice, index: int) -> Floats:
    """The points of a slice, moved sideways so that optimizers' trials lie side by side."""
    positions_M = part.positions(index)
    step = float(np.diff(positions_M).min()) if len(positions_M) > 1 else 0.2
    shift = 0.4 * step * ((index + 0.5) / len(grid.optimizers) - 0.5)
    return drawn_at(part.axis, positions_M + shift)
