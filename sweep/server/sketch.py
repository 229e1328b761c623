"""A study's small picture: mean accuracy over the swept hyperparameter, as lines of an SVG.

Of two axes it is drawn over the first, at the best value of the second.

Legend: O optimizers, N points, S seeds, M values of the axis that lies across.
"""

from dataclasses import dataclass

import numpy as np

from sweep.analysis.arrays import Floats, Grid
from sweep.analysis.summary import summarize
from sweep.analysis.wording import capitalised, number
from sweep.figures.style import style

WIDTH, HEIGHT, MARGIN = 320, 120, 6


@dataclass(frozen=True)
class Line:
    """One optimizer's line: its look, its points in pixels, and the numbers in words."""

    label: str
    colour: str
    dashes: str
    points: tuple[tuple[float, float], ...]
    words: str


@dataclass(frozen=True)
class Sketch:
    """What the picture shows.

    Attributes:
        lines: of the optimizers that have a finished trial.
        metric: its name at the beginning of a sentence.
        mean: what its mean is called, at the beginning of a sentence.
        low, high: its values at the lower and the upper edge, in words.
        hyperparameter: the one across, in words.
        best_of: the other one, whose best value is shown; empty if there is one axis.
        first, last: ends of the range across, in words.
    """

    lines: tuple[Line, ...]
    metric: str
    mean: str
    low: str
    high: str
    hyperparameter: str
    best_of: str
    first: str
    last: str


_DASHES = {"solid": "none", "dash": "7 4", "dot": "2 3", "dashdot": "7 3 2 3", "longdash": "11 4"}


def sketch(grid: Grid) -> Sketch:
    """The picture of the trials that are finished, whichever they are."""
    axis, *others = grid.axes
    mean_OM, words = grid.metric.value(best_by_value(grid)), grid.words
    known = mean_OM[~np.isnan(mean_OM)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    x_M = _scaled(axis.position(axis.values), MARGIN, WIDTH - MARGIN)
    y_OM = HEIGHT - MARGIN - (mean_OM - low) / ((high - low) or 1) * (HEIGHT - 2 * MARGIN)
    return Sketch(
        lines=tuple(
            _line(grid, o, x_M, y_OM[o], mean_OM[o])
            for o in range(len(grid.optimizers))
            if not np.isnan(mean_OM[o]).all()
        ),
        metric=words.title,
        mean=capitalised(words.mean),
        low=words.written(low),
        high=words.written(high),
        hyperparameter=axis.words,
        best_of=others[0].words if others else "",
        first=number(axis.values[0]),
        last=number(axis.values[-1]),
    )


def best_by_value(grid: Grid) -> Floats:
    """The best mean score of each optimizer at each value of the first axis, (O, M)."""
    mean_ON = summarize(grid.final_accuracy()).mean
    axis = grid.axes[0]
    best_OM = np.full((len(grid.optimizers), len(axis.values)), np.nan)
    for n, point in enumerate(grid.points):
        m = axis.values.index(point[axis.name])
        best_OM[:, m] = np.fmax(best_OM[:, m], mean_ON[:, n])
    return best_OM


def _scaled(values_M: Floats, start: float, end: float) -> Floats:
    span = values_M[-1] - values_M[0]
    shares_M = (values_M - values_M[0]) / span if span else np.full(len(values_M), 0.5)
    return start + shares_M * (end - start)


def _line(grid: Grid, o: int, x_M: Floats, y_M: Floats, mean_M: Floats) -> Line:
    there = ~np.isnan(y_M)
    look = style(o)
    words = " to ".join(grid.words.written(end(mean_M)) for end in (np.nanmin, np.nanmax))
    points = tuple(
        (round(float(x), 1), round(float(y), 1))
        for x, y in zip(x_M[there], y_M[there], strict=True)
    )
    return Line(grid.optimizers[o], look.colour, _DASHES[look.dash], points, words)
