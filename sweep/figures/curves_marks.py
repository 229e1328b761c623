"""What the figure of training curves draws of one point: means, single seeds, divergences.

Legend: see ``drawing``.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from sweep.analysis.arrays import Grid
from sweep.analysis.evidence import Evidence
from sweep.analysis.intervals import MIN_SEEDS
from sweep.analysis.wording import counted, decimal, has_width
from sweep.figures.axes import Floats, hover_format
from sweep.figures.curves_arrays import Curve, Curves
from sweep.figures.marks import named, spotted
from sweep.figures.style import style
from sweep.figures.text import numbers, plain, tagless, thinned

LOWEST_LOSS = 1e-4
"""In nats; the axis ends there, for a single seed without any loss would flatten all others."""


def fixed(evidence: Evidence, arrays: Curves) -> Iterator[dict[str, Any]]:
    """What all points have in common of every trace, in their order.

    Of each optimizer: four bundles of thin lines with four means, and the crosses.
    """
    for index in range(len(evidence.grid.optimizers)):
        for axis, pair in (("y", arrays.loss), ("y2", arrays.accuracy)):
            place = {"yaxis": axis, "xaxis": axis.replace("y", "x")}
            for curve in pair:
                yield _fixed_thin(evidence.grid, arrays, curve, index) | place
                yield _fixed_mean(evidence.grid, arrays, curve, index) | place
        yield _fixed_crosses(evidence.grid, index)


def moving(evidence: Evidence, arrays: Curves, point: int) -> Iterator[dict[str, Any]]:
    """What is a point's own of every trace, in the same order."""
    for index in range(len(evidence.grid.optimizers)):
        for curve in (*arrays.loss, *arrays.accuracy):
            yield _thin(evidence, arrays, curve, index, point)
            yield _mean(evidence.grid, curve, index, point)
        yield _crosses(evidence, arrays, index, point)


def _fixed_thin(grid: Grid, arrays: Curves, curve: Curve, index: int) -> dict[str, Any]:
    drawn, epochs = range(arrays.seeds_drawn), len(arrays.epochs)
    return named(
        grid.optimizers[index],
        x=[epoch for _ in drawn for epoch in (*arrays.epochs, None)],
        mode="lines",
        line={
            "width": 1,
            "color": style(index).faded(0.35),
            "dash": "solid" if curve.part == "training" else "dot",
        },
        text=[grid.seeds[seed] for seed in drawn for _ in range(epochs + 1)],
        hovertemplate=(
            f"<b>{plain(grid.optimizers[index])}</b>, {curve.part}, trial %{{customdata}}<br>"
            f"epoch %{{x}}, seed %{{text}}<br>{plain(curve.quantity)} {_hovered(grid, curve)}"
            "<extra></extra>"
        ),
    )


def _thin(
    evidence: Evidence, arrays: Curves, curve: Curve, index: int, point: int
) -> dict[str, Any]:
    drawn = arrays.seeds_drawn
    shown_SE = _shown(evidence.grid, curve, curve.trials_ONSE[index, point, :drawn])
    ends_SE = np.full((drawn, 1), np.nan)  # where the next seed's line begins
    trials = numbers(evidence.trial_ONS[index, point, :drawn], 9)
    return {
        "y": numbers(np.concatenate([shown_SE, ends_SE], axis=1)),
        "customdata": [trial for trial in trials for _ in range(len(arrays.epochs) + 1)],
    }


def _fixed_mean(grid: Grid, arrays: Curves, curve: Curve, index: int) -> dict[str, Any]:
    look, marks = style(index), thinned(len(arrays.epochs), 6)
    sizes = [7 if position in marks else 0 for position in range(len(arrays.epochs))]
    return named(
        grid.optimizers[index],
        x=list(arrays.epochs),
        showlegend=(curve.is_loss, curve.part) == (True, "training"),
        mode="lines+markers",
        line={
            "color": look.colour,
            "width": 2.5,
            "dash": "solid" if curve.part == "training" else "dash",
        },
        marker={"symbol": look.marker, "color": look.colour} | spotted(sizes),
        hovertemplate=(
            f"<b>{plain(grid.optimizers[index])}</b>, {curve.part}<br>epoch %{{x}}<br>"
            f"mean {plain(curve.quantity)} {_hovered(grid, curve)}<br>"
            "95 % interval %{customdata}<extra></extra>"
        ),
    )


def _mean(grid: Grid, curve: Curve, index: int, point: int) -> dict[str, Any]:
    over = curve.over_seeds.at((index, point))
    over = over if curve.is_loss else over.in_values(grid.metric)
    write = decimal if curve.is_loss else grid.words.written
    intervals = [
        tagless(_interval(low, high, count, write)) + f" over {counted(count, 'seed')}"
        for low, high, count in zip(over.low, over.high, over.count, strict=True)
    ]
    return {"y": numbers(over.mean), "customdata": intervals}


def _shown(grid: Grid, curve: Curve, values: Floats) -> Floats:
    """Losses as they are, scores as values of the metric."""
    return values if curve.is_loss else grid.metric.value(values)


def _hovered(grid: Grid, curve: Curve) -> str:
    """Plotly's placeholder of a curve's height."""
    if curve.is_loss:
        return "%{y:.4f}"
    unit = "" if grid.metric.is_share else f" {plain(grid.metric.unit)}"
    return f"%{{y:{hover_format(grid.words)}}}{unit}".rstrip()


def _interval(low: float, high: float, count: int, write: Callable[[float], str]) -> str:
    if count < MIN_SEEDS:
        return "none"
    return f"{write(low)} to {write(high)}" if has_width(low, high) else "none, as all agree,"


def _fixed_crosses(grid: Grid, index: int) -> dict[str, Any]:
    line = {"width": 2, "color": style(index).colour}
    return named(
        grid.optimizers[index],
        xaxis="x2",
        yaxis="y2",
        mode="markers",
        marker={"symbol": "x-thin", "size": 10, "line": line},
        hovertemplate=(f"<b>{plain(grid.optimizers[index])}</b><br>%{{customdata}}<extra></extra>"),
    )


def _crosses(evidence: Evidence, arrays: Curves, index: int, point: int) -> dict[str, Any]:
    """Where a trial diverged: at the last value of the metric that it had."""
    grid = evidence.grid
    x, y, texts = [], [], []
    epoch_S = arrays.diverged_at_ONS[index, point]
    for s in np.flatnonzero(~np.isnan(epoch_S)).tolist():
        epoch = int(epoch_S[s])
        series = grid.valid_accuracy_ONSE[index, point, s, :epoch]
        known = series[np.isfinite(series)]
        x.append(epoch)
        y.append(grid.metric.value(float(known[-1]) if known.size else grid.baseline))
        trial = evidence.trial_ONS[index, point, s]
        texts.append(f"trial {trial:.0f}, seed {grid.seeds[s]}: diverged in epoch {epoch}")
    return {"x": x, "y": y, "customdata": texts}
