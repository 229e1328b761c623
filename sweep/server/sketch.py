"""A study's small picture: mean accuracy over the swept hyperparameter, as lines of an SVG.

Legend: O optimizers, N values of the hyperparameter, S seeds.
"""

from dataclasses import dataclass

import numpy as np

from sweep.analysis.arrays import Grid
from sweep.figures.family import number, percent, style

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
        low, high: accuracies at the lower and the upper edge, in words.
        hyperparameter: the swept one's name.
        first, last: ends of its range, in words.
    """

    lines: tuple[Line, ...]
    low: str
    high: str
    hyperparameter: str
    first: str
    last: str


_DASHES = {"solid": "none", "dash": "7 4", "dot": "2 3", "dashdot": "7 3 2 3", "longdash": "11 4"}


def sketch(grid: Grid) -> Sketch:
    """The picture of the trials that are finished, whichever they are."""
    accuracy_ONS = grid.counted_accuracy()[..., -1]
    there_ONS = ~np.isnan(accuracy_ONS)
    count_ON = there_ONS.sum(axis=-1)
    sum_ON = np.where(there_ONS, accuracy_ONS, 0.0).sum(axis=-1)
    mean_ON = np.where(count_ON > 0, sum_ON / np.maximum(count_ON, 1), np.nan)
    known = mean_ON[~np.isnan(mean_ON)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    x_N = _scaled(np.log10(grid.values_N), MARGIN, WIDTH - MARGIN)
    y_ON = HEIGHT - MARGIN - (mean_ON - low) / ((high - low) or 1) * (HEIGHT - 2 * MARGIN)
    lines = tuple(
        _line(grid, o, x_N, y_ON[o], mean_ON[o])
        for o in range(len(grid.optimizers))
        if count_ON[o].any()
    )
    first, last = number(grid.values_N[0]), number(grid.values_N[-1])
    return Sketch(lines, percent(low), percent(high), grid.hyperparameter, first, last)


def _scaled(values_N: np.ndarray, start: float, end: float) -> np.ndarray:
    span = values_N[-1] - values_N[0]
    shares_N = (values_N - values_N[0]) / span if span else np.full(len(values_N), 0.5)
    return start + shares_N * (end - start)


def _line(grid: Grid, o: int, x_N: np.ndarray, y_N: np.ndarray, mean_N: np.ndarray) -> Line:
    there = ~np.isnan(y_N)
    look = style(o)
    words = f"{percent(np.nanmin(mean_N))} to {percent(np.nanmax(mean_N))}"
    points = tuple(
        (round(float(x), 1), round(float(y), 1))
        for x, y in zip(x_N[there], y_N[there], strict=True)
    )
    return Line(grid.optimizers[o], look.colour, _DASHES[look.dash], points, words)
