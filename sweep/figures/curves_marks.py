"""What the figure of training curves draws of one point: means, single seeds, divergences.

Legend: see ``drawing``.
"""

from collections.abc import Callable, Iterator

import numpy as np

from sweep.analysis.arrays import Grid
from sweep.analysis.evidence import Evidence
from sweep.analysis.intervals import MIN_SEEDS
from sweep.analysis.wording import counted, decimal, has_width
from sweep.figures.axes import Floats, hover_format
from sweep.figures.curves_arrays import Curve, Curves
from sweep.figures.marks import Part, named, spotted
from sweep.figures.style import style
from sweep.figures.text import numbers, plain, tagless, thinned

LOWEST_LOSS = 1e-4
"""In nats; the axis ends there, for a single seed without any loss would flatten all others."""


def traces(evidence: Evidence, arrays: Curves, point: int) -> Iterator[Part]:
    """Of each optimizer: four bundles of thin lines with four means, and the crosses."""
    for index in range(len(evidence.grid.optimizers)):
        for axis, pair in (("y", arrays.loss), ("y2", arrays.accuracy)):
            place = {"yaxis": axis, "xaxis": axis.replace("y", "x")}
            for curve in pair:
                for make in (_thin, _mean):
                    made = make(evidence, arrays, curve, index, point)
                    yield made._replace(fixed=made.fixed | place)
        yield _crosses(evidence, arrays, index, point)


def _thin(evidence: Evidence, arrays: Curves, curve: Curve, index: int, point: int) -> Part:
    drawn = range(arrays.seeds_drawn)
    x = [epoch for _ in drawn for epoch in (*arrays.epochs, None)]
    grid, epochs = evidence.grid, len(arrays.epochs)
    shown_SE = _shown(evidence.grid, curve, curve.trials_ONSE[index, point])
    y = [value for seed in drawn for value in (*numbers(shown_SE[seed]), None)]
    trials = evidence.trial_ONS[index, point, : arrays.seeds_drawn]
    shown = _hovered(grid, curve)
    fixed = named(
        grid.optimizers[index],
        x=x,
        mode="lines",
        line={
            "width": 1,
            "color": style(index).faded(0.35),
            "dash": "solid" if curve.part == "training" else "dot",
        },
        text=[grid.seeds[seed] for seed in drawn for _ in range(epochs + 1)],
        hovertemplate=(
            f"<b>{plain(grid.optimizers[index])}</b>, {curve.part}, trial %{{customdata}}<br>"
            f"epoch %{{x}}, seed %{{text}}<br>{plain(curve.quantity)} {shown}<extra></extra>"
        ),
    )
    return Part(fixed, {}, {"y": y, "customdata": numbers(np.repeat(trials, epochs + 1), 9)})


def _mean(evidence: Evidence, arrays: Curves, curve: Curve, index: int, point: int) -> Part:
    grid, look = evidence.grid, style(index)
    marks = sorted({*thinned(len(arrays.epochs), 6)})
    shown = _hovered(grid, curve)
    sizes = [7 if position in marks else 0 for position in range(len(arrays.epochs))]
    fixed = named(
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
            f"mean {plain(curve.quantity)} {shown}<br>95 % interval %{{customdata}}<extra></extra>"
        ),
    )
    over = curve.over_seeds if curve.is_loss else curve.over_seeds.in_values(grid.metric)
    write = decimal if curve.is_loss else grid.words.written
    intervals = [
        tagless(_interval(low, high, count, write)) + f" over {counted(count, 'seed')}"
        for low, high, count in zip(
            *(part[index, point] for part in (over.low, over.high, over.count)), strict=True
        )
    ]
    return Part(fixed, {}, {"y": numbers(over.mean[index, point]), "customdata": intervals})


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


def _crosses(evidence: Evidence, arrays: Curves, index: int, point: int) -> Part:
    """Where a trial diverged: at the last value of the metric that it had."""
    grid = evidence.grid
    x, y, texts = [], [], []
    for seed, epoch in zip(grid.seeds, arrays.diverged_at_ONS[index, point], strict=True):
        if np.isnan(epoch):
            continue
        series = grid.valid_accuracy_ONSE[index, point, grid.seeds.index(seed), : int(epoch)]
        known = series[np.isfinite(series)]
        x.append(int(epoch))
        y.append(grid.metric.value(float(known[-1]) if known.size else grid.baseline))
        trial = evidence.trial_ONS[index, point, grid.seeds.index(seed)]
        texts.append(f"trial {trial:.0f}, seed {seed}: diverged in epoch {int(epoch)}")
    colour = style(index).colour
    fixed = named(
        grid.optimizers[index],
        xaxis="x2",
        yaxis="y2",
        mode="markers",
        marker={"symbol": "x-thin", "size": 10, "line": {"width": 2, "color": colour}},
        hovertemplate=(f"<b>{plain(grid.optimizers[index])}</b><br>%{{customdata}}<extra></extra>"),
    )
    return Part(fixed, {}, {"x": x, "y": y, "customdata": texts})
