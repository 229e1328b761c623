"""What lies on x of the main figure, where the learning rate is swept: three ways to compare.

*Nominal* is what was set. *Mean effective* is the nominal rate times the mean multiplier over the
steps: an optimizer that takes a quarter of its rate lies where another has that quarter. *Relative
to its best* moves every curve to its own optimum, as in Zhao et al. 2024, arXiv 2407.07972: what
is left is its shape.

Legend: see ``drawing``; M points of a slice.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sweep.analysis.arrays import Grid
from sweep.analysis.curves import learned_nothing
from sweep.analysis.effective import mean_share
from sweep.analysis.evidence import Evidence
from sweep.analysis.wording import listed
from sweep.figures.axes import MAX_TICKS, Floats, tick, value_axis, value_ticks
from sweep.figures.drawing import Control
from sweep.figures.slices import Slice, View
from sweep.figures.text import numbers, plain, thinned

NOMINAL, EFFECTIVE, RELATIVE = "nominal", "mean effective", "relative to its best"
_READ = {
    EFFECTIVE: "The mean effective learning rate is the nominal one times the mean share of it "
    "that schedule and rectification let act.",
    RELATIVE: "Relative to its best, each curve is moved to its own optimum, so that shapes are "
    "compared; a flat curve's optimum is chance.",
}


def views(evidence: Evidence, final_ON: Floats) -> tuple[View, ...]:
    """The ways beside the nominal one; none unless several rates are swept, on a log scale.

    Args:
        evidence: of the study.
        final_ON: mean accuracies after the last epoch; NaN where there is none.
    """
    grid = evidence.grid
    (axis, *others) = grid.axes
    is_rate = (axis.name, axis.scale) == ("learning_rate", "log") and not others
    if not is_rate or len(grid.points) < 2:
        return ()
    share_O = np.array([mean_share(factor) for factor in evidence.multipliers_O])
    best_O = np.array([_best(grid, final_N) for final_N in final_ON])
    found = (
        View(EFFECTIVE, "mean effective learning rate", np.log10(share_O)),
        View(RELATIVE, "learning rate ÷ the optimizer's best", -np.log10(best_O)),
    )
    return tuple(view for view in found if np.isfinite(view.shift_O).any())


def _best(grid: Grid, final_N: Floats) -> float:
    """The learning rate at which an optimizer is best; NaN where it learned nothing."""
    known_N = final_N[np.isfinite(final_N)]
    if not known_N.size or learned_nothing(known_N, grid.baseline, grid.metric.near):
        return np.nan
    return float(grid.values_N[np.nanargmax(final_N)])


def viewed(parts: Sequence[Slice], ways: Sequence[View]) -> tuple[Slice, ...]:
    """The slices, or the only one in each of the ways."""
    if not ways:
        return tuple(parts)
    (part,) = parts
    return tuple(replace(part, key=(at,), view=way) for at, way in enumerate((None, *ways)))


def control(parts: Sequence[Slice]) -> tuple[Control, ...]:
    """The switch between them."""
    names = tuple(NOMINAL if part.view is None else part.view.name for part in parts)
    is_viewed = any(part.view is not None for part in parts)
    return (Control("Learning rate", "switch", names),) if is_viewed else ()


def x_axis(grid: Grid, part: Slice) -> dict[str, Any]:
    """Plotly's axis of a slice, in its view."""
    if part.view is None:
        return value_axis(part.axis)
    low, high = _reach(grid, part)
    around = 0.05 * (high - low)
    return {
        "type": "log",
        "title": {"text": plain(f"{part.view.words} (log scale)")},
        **ticks(grid, part, MAX_TICKS),
        "range": [low - around, high + around],
    }


def ticks(grid: Grid, part: Slice, max_count: int) -> dict[str, Any]:
    """At no more than so many values: those of the axis, or 1, 2 and 5 times powers of ten."""
    if part.view is None:
        return value_ticks(part.axis, max_count)
    low, high = _reach(grid, part)
    powers = range(int(np.floor(low)), int(np.ceil(high)) + 1)
    steps = (1, 2, 5) if high - low < 2.2 else (1,)
    every = [factor * 10.0**power for power in powers for factor in steps]
    inside = [value for value in every if low - 0.05 <= np.log10(value) <= high + 0.05]
    shown = [inside[at] for at in thinned(len(inside), max_count)]
    return {
        "tickmode": "array",
        "tickvals": numbers(shown, 6),
        "ticktext": [tick(value) for value in shown],
    }


def _reach(grid: Grid, part: Slice) -> tuple[float, float]:
    """From the lowest to the highest position of any optimizer."""
    positions = np.concatenate([part.positions(o) for o in range(len(grid.optimizers))])
    return float(np.nanmin(positions)), float(np.nanmax(positions))


def notes(grid: Grid, ways: Sequence[View]) -> tuple[str, ...]:
    """How to read them, and who is not drawn in which."""
    said = [_READ[way.name] for way in ways]
    for way in ways:
        missing = [
            label
            for label, shift in zip(grid.optimizers, way.shift_O, strict=True)
            if np.isnan(shift)
        ]
        if missing:
            why = "not known" if way.name == EFFECTIVE else "no best rate, as nothing was learned"
            said.append(f"Not drawn as {way.name}: {listed(missing)} ({why}).")
    return tuple(said)
