"""Figure 1, the main one: accuracy or loss against the swept hyperparameter, epoch by epoch.

Legend: see ``family``. Under the plot each optimizer's robust range is a bar.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from sweep.figures import seeds
from sweep.figures.family import (
    MOST_POINTS,
    MOST_STATES,
    NEUTRAL,
    Control,
    Drawing,
    Evidence,
    Floats,
    Table,
    decimal,
    figure,
    listed,
    number,
    numbers,
    percent,
    plain,
    share_axis,
    short,
    style,
    thinned,
    value_axis,
)
from sweep.robustness.curves import MARGIN, pieces_above
from sweep.robustness.grid import Grid
from sweep.robustness.intervals import MIN_SEEDS
from sweep.robustness.measures import Pieces

NAME = "robustness"


@dataclass(frozen=True)
class Quantity:
    """What the vertical axis shows, by value, seed and epoch, and its summary over seeds."""

    trials_ONSE: Floats
    over_seeds: seeds.Summary


@dataclass(frozen=True)
class Robustness:
    """The arrays of the figure.

    Attributes:
        epochs: those that the slider offers.
        accuracy, loss: validation accuracy; training loss, capped as the sensitivity caps it.
        diverged_ONSE: which trials have diverged by then.
        best_E: the best mean accuracy of any optimizer at each epoch.
        spans: by epoch and optimizer the pieces of the robust range, as values.
    """

    epochs: tuple[int, ...]
    accuracy: Quantity
    loss: Quantity
    diverged_ONSE: NDArray[np.bool_]
    best_E: Floats
    spans: tuple[tuple[Pieces, ...], ...]


def compute(grid: Grid) -> Robustness:
    """The arrays of the figure, at no more epochs than a slider should have."""
    epochs = thinned(grid.epochs + 1, MOST_STATES)
    counted_S = seeds.counted(grid)
    accuracy = _quantity(grid.counted_accuracy()[..., epochs], counted_S)
    mean_ONE = accuracy.over_seeds.mean
    best_E = np.array([np.nanmax(mean, initial=-np.inf) for mean in np.moveaxis(mean_ONE, -1, 0)])
    return Robustness(
        epochs=tuple(epochs),
        accuracy=accuracy,
        loss=_quantity(seeds.capped_loss(grid)[..., epochs], counted_S),
        diverged_ONSE=seeds.diverged(grid)[..., epochs],
        best_E=best_E,
        spans=tuple(
            tuple(_pieces(grid.values_N, mean_N, best) for mean_N in mean_ONE[..., index])
            for index, best in enumerate(best_E)
        ),
    )


def _quantity(trials_ONSE: Floats, counted_S: NDArray[np.bool_]) -> Quantity:
    summarized = seeds.summarize(np.moveaxis(trials_ONSE[:, :, counted_S], 2, -1))
    return Quantity(trials_ONSE, summarized)


def _pieces(values_N: Floats, mean_N: Floats, best: float) -> Pieces:
    """The robust range, or nothing where a value has no mean yet."""
    if np.isnan(mean_N).any():
        return ()
    return pieces_above(mean_N, values_N, best - MARGIN)


def finding(evidence: Evidence, arrays: Robustness, state: int = -1) -> str:
    """What the figure shows, in a sentence without claims beyond the means."""
    grid = evidence.grid
    mean_ON = arrays.accuracy.over_seeds.mean[..., state]
    ends = f"{number(grid.values_N[0])}–{number(grid.values_N[-1])}"
    worst_O = [
        (float(np.nanmin(mean_N)), label)
        for label, mean_N in zip(grid.optimizers, mean_ON, strict=True)
        if not np.isnan(mean_N).all()
    ]
    if not worst_O:
        return f"No trial has finished yet ({evidence.pictures})"
    if len(grid.values_N) == 1:
        worst_O.sort(reverse=True)
        said = listed([f"{label} {percent(worst)}" for worst, label in worst_O[:4]])
        return f"Accuracy at {grid.hyperparameter} {ends}: {said} ({evidence.pictures})"
    worst, label = max(worst_O)
    said = f"At its worst {grid.hyperparameter} of {ends}, {label} keeps {percent(worst)}"
    if len(worst_O) > 1:
        least, least_label = min(worst_O)
        said += f", {least_label} {percent(least)}"
    return f"{said} ({evidence.pictures})"


def draw(evidence: Evidence) -> Drawing:
    """The figure, with a switch between accuracy and loss and a slider over epochs."""
    grid, arrays = evidence.grid, compute(evidence.grid)
    last = len(arrays.epochs) - 1
    controls = (
        Control("Show", "switch", ("validation accuracy", "training loss")),
        Control("Epoch", "slider", tuple(map(str, arrays.epochs)), start=last),
    )
    states = [(what, epoch) for what in (0, 1) for epoch in range(last + 1)]
    frames = [
        go.Frame(
            name=f"{what}/{epoch}",
            data=_traces(evidence, arrays, what, epoch, whole=False),
            layout=_layout(evidence, arrays, what, epoch),
        )
        for what, epoch in states
    ]
    drawn = figure(
        _traces(evidence, arrays, 0, last, whole=True),
        finding(evidence, arrays),
        _frame_layout(grid) | _layout(evidence, arrays, 0, last),
        height=480 + 18 * len(grid.optimizers),
        controls=controls,
        frames=frames,
        narrow={"height": 440 + 18 * len(grid.optimizers), "yaxis2": {"showticklabels": False}},
    )
    return Drawing(
        name=NAME,
        finding=finding(evidence, arrays),
        figure=drawn,
        alt=(
            f"Validation accuracy against {grid.hyperparameter}, one line an optimizer, after "
            f"epoch {arrays.epochs[-1]}; bars below show each optimizer's robust range."
        ),
        table=_table(grid, arrays),
        notes=_notes(grid, arrays),
    )


def _quantity_of(arrays: Robustness, what: int) -> Quantity:
    return (arrays.accuracy, arrays.loss)[what]


def _traces(
    evidence: Evidence, arrays: Robustness, what: int, state: int, *, whole: bool
) -> list[go.Scatter]:
    """All traces of one state; of a frame only what changes."""
    traces: list[go.Scatter] = []
    for index in range(len(evidence.grid.optimizers)):
        parts = (_band, _line, _points, _crosses, _range_bar)
        for part in parts:
            fixed, moving = part(evidence, arrays, what, state, index)
            traces.append(go.Scatter(moving | fixed if whole else moving))
    return traces


Part = tuple[dict, dict]
"""What stays in every state of a trace, and what changes."""


def _shared(grid: Grid, index: int, **more: object) -> dict:
    name = plain(grid.optimizers[index])
    return {"name": name, "legendgroup": name, "showlegend": False} | more


def _band(evidence: Evidence, arrays: Robustness, what: int, state: int, index: int) -> Part:
    grid, summary = evidence.grid, _quantity_of(arrays, what).over_seeds
    low, high = summary.low[index, :, state], summary.high[index, :, state]
    known = ~np.isnan(low)
    top = 1.0 if what == 0 else np.inf
    outline = np.concatenate([np.minimum(high[known], top), np.maximum(low[known], 0)[::-1]])
    values = grid.values_N[known]
    fixed = _shared(
        grid,
        index,
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=style(index).faded(0.16),
        hoverinfo="skip",
    )
    return fixed, {"x": numbers(np.concatenate([values, values[::-1]])), "y": numbers(outline)}


def _line(evidence: Evidence, arrays: Robustness, what: int, state: int, index: int) -> Part:
    grid, summary, look = evidence.grid, _quantity_of(arrays, what).over_seeds, style(index)
    mean, low, high, count = (
        part[index, :, state] for part in (summary.mean, summary.low, summary.high, summary.count)
    )
    gone = arrays.diverged_ONSE[index, :, :, state].sum(axis=-1)
    write = percent if what == 0 else decimal
    texts = [
        f"{write(mean[n])}{_interval(low[n], high[n], count[n], write)}<br>"
        f"{count[n]} seed{'s' if count[n] != 1 else ''}"
        + (f", {gone[n]} diverged" if gone[n] else "")
        for n in range(len(mean))
    ]
    fixed = _shared(
        grid,
        index,
        showlegend=True,
        x=numbers(grid.values_N),
        mode="lines+markers",
        line={"color": look.colour, "width": 2.5, "dash": look.dash},
        marker={"symbol": look.marker, "size": 9, "color": look.colour},
        hovertemplate=(
            f"<b>{plain(grid.optimizers[index])}</b>, mean<br>"
            f"{plain(grid.hyperparameter)} %{{x:.4g}}<br>%{{customdata}}<extra></extra>"
        ),
    )
    return fixed, {"y": numbers(mean), "customdata": texts}


def _interval(low: float, high: float, count: int, write) -> str:
    if np.isnan(low):
        return ""
    words = "95 % interval" if count >= MIN_SEEDS else "range"
    return f" ({words} {write(low)} to {write(high)})"


def _dodged(grid: Grid, index: int) -> Floats:
    """The values, moved sideways a little, so that optimizers' points lie beside each other."""
    logs = np.log10(grid.values_N)
    step = np.diff(logs).min(initial=np.inf)
    step = step if np.isfinite(step) else 0.2
    offset = (index + 0.5) / len(grid.optimizers) - 0.5
    return 10 ** (logs + 0.4 * step * offset)


def _trial_marks(
    evidence: Evidence, values_NS: Floats, what: int, index: int, **marker: object
) -> Part:
    """Points of single trials with their hover texts; none if there are too many trials."""
    grid = evidence.grid
    if grid.finished_ONS.size > MOST_POINTS:
        return _shared(grid, index, mode="markers"), {"x": [], "y": []}
    ends = [
        [int(trial) if np.isfinite(trial) else None, seed, number(value)]
        for value, row in zip(grid.values_N, evidence.trial_ONS[index], strict=True)
        for seed, trial in zip(grid.seeds, row, strict=True)
    ]
    shown = "%{y:.1%}" if what == 0 else "%{y:.3f}"
    fixed = _shared(
        grid,
        index,
        mode="markers",
        x=numbers(np.repeat(_dodged(grid, index), len(grid.seeds))),
        marker={"color": style(index).colour} | marker,
        customdata=ends,
    )
    moving = {
        "y": numbers(values_NS),
        "hovertemplate": (
            f"<b>{plain(grid.optimizers[index])}</b>, trial %{{customdata[0]}}<br>"
            f"{plain(grid.hyperparameter)} %{{customdata[2]}}, seed %{{customdata[1]}}<br>"
            f"{shown}<extra></extra>"
        ),
    }
    return fixed, moving


def _points(evidence: Evidence, arrays: Robustness, what: int, state: int, index: int) -> Part:
    values = _quantity_of(arrays, what).trials_ONSE[index, :, :, state]
    gone = arrays.diverged_ONSE[index, :, :, state]
    return _trial_marks(
        evidence, np.where(gone, np.nan, values), what, index, size=4.5, opacity=0.65
    )


def _crosses(evidence: Evidence, arrays: Robustness, what: int, state: int, index: int) -> Part:
    values = _quantity_of(arrays, what).trials_ONSE[index, :, :, state]
    gone = arrays.diverged_ONSE[index, :, :, state]
    fixed, moving = _trial_marks(
        evidence,
        np.where(gone, values, np.nan),
        what,
        index,
        symbol="x-thin",
        size=9,
        line={"width": 2, "color": style(index).colour},
    )
    if "hovertemplate" in moving:
        moving["hovertemplate"] = moving["hovertemplate"].replace(
            "<extra>", ": diverged; counted with this<extra>"
        )
    return fixed, moving


def _range_bar(evidence: Evidence, arrays: Robustness, _what: int, state: int, index: int) -> Part:
    grid, look = evidence.grid, style(index)
    spans = arrays.spans[state][index]
    x = [end for low, high in spans for end in (low, high, None)]
    fixed = _shared(
        grid,
        index,
        yaxis="y2",
        mode="lines+markers",
        line={"color": look.colour, "width": 6},
        marker={"symbol": look.marker, "size": 8, "color": look.colour},
    )
    moving = {
        "x": [None if end is None else float(f"{end:.4g}") for end in x],
        "y": [None if end is None else index for end in x],
        "hovertemplate": (
            f"<b>{plain(grid.optimizers[index])}</b>, robust range<br>"
            f"{_span_words(grid, spans)}<extra></extra>"
        ),
    }
    return fixed, moving


def _span_words(grid: Grid, spans: Pieces) -> str:
    """The pieces and their length together, with ≥ where it touches an end of the grid."""
    if not spans:
        return "none"
    decades = sum(np.log10(high / low) for low, high in spans)
    low, high = np.isclose(
        [spans[0][0], spans[-1][1]], [grid.values_N[0], grid.values_N[-1]], rtol=1e-6
    )
    pieces = listed([f"{number(low)} to {number(high)}" for low, high in spans])
    return f"{pieces}: {'≥ ' if low or high else ''}{decades:.2f} decades"


def _frame_layout(grid: Grid) -> dict:
    """What is the same in every state."""
    count = len(grid.optimizers)
    share = min(0.5, 0.08 + 0.028 * count)
    return {
        "xaxis": value_axis(grid, anchor="y2"),
        "yaxis2": {
            "domain": [0, share - 0.05],
            "range": [count - 0.4, -0.6],
            "tickmode": "array",
            "tickvals": list(range(count)),
            "ticktext": [short(label) for label in grid.optimizers],
            "showgrid": False,
            "fixedrange": True,
            "title": {"text": ""},
        },
        "annotations": [
            {
                "text": f"robust range: within {100 * MARGIN:.0f} points of the best mean",
                "x": 0,
                "xref": "paper",
                "y": share - 0.045,
                "yref": "paper",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 11},
            }
        ],
    }


def _layout(evidence: Evidence, arrays: Robustness, what: int, state: int) -> dict:
    """What changes with the state: the vertical axis, and the line of guessing."""
    grid = evidence.grid
    share = min(0.5, 0.08 + 0.028 * len(grid.optimizers))
    low, high = _reach(grid, arrays, what, state)
    axis = {"domain": [share + 0.02, 1], "range": [low, high]}
    if what == 0:
        level, text = grid.guessing, "guessing"
        axis = share_axis("validation accuracy", **axis)
    else:
        level, text = grid.guessing_loss, "loss of guessing"
        axis |= {"title": {"text": "training loss (nats)"}, "tickformat": ".2f"}
    shapes = [
        {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "yref": "y",
            "y0": level,
            "y1": level,
            "line": {"color": NEUTRAL, "dash": "dot", "width": 1},
            "label": {"text": text, "textposition": "start", "font": {"size": 11}},
        }
    ]
    return {"yaxis": axis, "shapes": shapes if low <= level <= high else []}


def _reach(grid: Grid, arrays: Robustness, what: int, state: int) -> tuple[float, float]:
    """The vertical range: of this and all later epochs, so that it closes in as they pass."""
    quantity = _quantity_of(arrays, what)
    shown = quantity.trials_ONSE[..., state:]
    if grid.finished_ONS.size > MOST_POINTS:
        shown = quantity.over_seeds.mean[..., state:]
    known = shown[np.isfinite(shown)]
    if not known.size:
        return (0.0, 1.0)
    margin = max(0.04 * float(known.max() - known.min()), 0.01)
    return float(known.min()) - margin, float(known.max()) + margin


def _table(grid: Grid, arrays: Robustness) -> Table:
    summary = arrays.accuracy.over_seeds
    rows = tuple(
        (
            label,
            number(value),
            percent(summary.mean[o, n, -1]),
            percent(summary.low[o, n, -1]),
            percent(summary.high[o, n, -1]),
            str(summary.count[o, n, -1]),
            str(int(arrays.diverged_ONSE[o, n, :, -1].sum())),
        )
        for o, label in enumerate(grid.optimizers)
        for n, value in enumerate(grid.values_N)
    )
    columns = ("optimizer", grid.hyperparameter, "mean accuracy", "from", "to", "seeds", "diverged")
    return Table(columns, rows)


def _notes(grid: Grid, arrays: Robustness) -> tuple[str, ...]:
    count = int(arrays.accuracy.over_seeds.count.max(initial=0))
    spread = {0: "", 1: "There is one seed: no band.", 2: "The band is the two seeds' range."}
    notes = [
        spread.get(count, "The band is the 95 % interval of the mean over seeds."),
        "A cross is a trial that diverged; it counts with the smaller of guessing and the last "
        "accuracy it had. The training loss is cut at that of guessing, as in the learning-rate "
        "sensitivity.",
    ]
    if grid.finished_ONS.size > MOST_POINTS:
        notes.append(f"Of {grid.finished_ONS.size:,} trials, means and bands are drawn, no points.")
    else:
        notes.append("Small points are single seeds, moved sideways a little to lie side by side.")
    if len(arrays.epochs) <= grid.epochs:
        notes.append(f"The slider offers {len(arrays.epochs)} of {grid.epochs + 1} epochs.")
    return tuple(note for note in notes if note)
