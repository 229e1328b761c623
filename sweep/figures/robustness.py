"""Figure 1, the main one: accuracy or loss against the swept hyperparameter, epoch by epoch.

Legend: see ``family``. Under the plot each optimizer's robust range is a bar.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from sweep.figures import seeds
from sweep.figures.family import (
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
    value_ticks,
)
from sweep.figures.marks import (
    Part,
    are_points_drawn,
    band,
    counted_words,
    interval_words,
    lined,
    named,
    trial_points,
)
from sweep.robustness import Grid
from sweep.robustness.curves import MARGIN, pieces_above
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
        accuracy: of validation.
        loss: of training, capped as the sensitivity caps it.
        diverged_ONSE: which trials have diverged by then.
        pieces: of the robust range, by epoch and optimizer.
    """

    epochs: tuple[int, ...]
    accuracy: Quantity
    loss: Quantity
    diverged_ONSE: NDArray[np.bool_]
    pieces: tuple[tuple[Pieces, ...], ...]


def compute(grid: Grid) -> Robustness:
    """The arrays of the figure, at no more epochs than a slider should have."""
    epochs = thinned(grid.epochs + 1, MOST_STATES)
    counted_S = seeds.counted(grid)
    accuracy = _quantity(grid.counted_accuracy()[..., epochs], counted_S)
    return Robustness(
        epochs=tuple(epochs),
        accuracy=accuracy,
        loss=_quantity(seeds.capped_loss(grid)[..., epochs], counted_S),
        diverged_ONSE=seeds.diverged(grid)[..., epochs],
        pieces=tuple(
            _pieces(grid.values_N, accuracy.over_seeds.mean[..., state])
            for state in range(len(epochs))
        ),
    )


def _quantity(trials_ONSE: Floats, counted_S: NDArray[np.bool_]) -> Quantity:
    summarized = seeds.summarize(np.moveaxis(trials_ONSE[:, :, counted_S], 2, -1))
    return Quantity(trials_ONSE, summarized)


def _pieces(values_N: Floats, mean_ON: Floats) -> tuple[Pieces, ...]:
    """Each optimizer's robust range; nothing where a value has no mean yet."""
    known = mean_ON[np.isfinite(mean_ON)]
    threshold = known.max(initial=-np.inf) - MARGIN
    return tuple(
        () if np.isnan(mean_N).any() else pieces_above(mean_N, values_N, threshold)
        for mean_N in mean_ON
    )


def finding(evidence: Evidence, arrays: Robustness) -> str:
    """What the figure shows, in a sentence without claims beyond the means."""
    grid = evidence.grid
    worst = {
        label: float(np.nanmin(mean_N))
        for label, mean_N in zip(
            grid.optimizers, arrays.accuracy.over_seeds.mean[..., -1], strict=True
        )
        if not np.isnan(mean_N).all()
    }
    if not worst:
        return f"No trial has finished yet ({evidence.pictures})"
    ordered = sorted(worst, key=lambda label: -worst[label])
    told = ordered if len(ordered) <= 3 else [ordered[0], ordered[-1]]
    said = listed([f"{label} {percent(worst[label])}" for label in told])
    if len(grid.values_N) == 1:
        where = f"At the {grid.hyperparameter} {number(grid.values_N[0])}"
        return f"{where}, the mean accuracy is: {said} ({evidence.pictures})"
    ends = f"{number(grid.values_N[0])} to {number(grid.values_N[-1])}"
    return (
        f"Mean accuracy at the worst {grid.hyperparameter} from {ends}: {said} "
        f"({evidence.pictures})"
    )


def draw(evidence: Evidence) -> Drawing:
    """The figure, with a switch between accuracy and loss and a slider over epochs."""
    grid, arrays = evidence.grid, compute(evidence.grid)
    last = len(arrays.epochs) - 1
    frames = [
        go.Frame(
            name=f"{what}/{state}",
            data=_traces(evidence, arrays, what, state, whole=False),
            layout=_moving_layout(grid, arrays, what, state),
        )
        for what in (0, 1)
        for state in range(last + 1)
    ]
    height = 470 + 20 * len(grid.optimizers)
    said = finding(evidence, arrays)
    return Drawing(
        name=NAME,
        finding=said,
        figure=figure(
            _traces(evidence, arrays, 0, last, whole=True),
            said,
            _fixed_layout(grid) | _moving_layout(grid, arrays, 0, last),
            height=height,
            controls=(
                Control("Show", "switch", ("validation accuracy", "training loss")),
                Control("Epoch", "slider", tuple(map(str, arrays.epochs)), start=last),
            ),
            frames=frames,
            narrow={
                "height": height - 40,
                "xaxis": value_ticks(grid, 4),
                "yaxis2": {"showticklabels": False, "ticks": ""},
            },
        ),
        alt=(
            f"Validation accuracy against {grid.hyperparameter}, one line an optimizer, after "
            f"epoch {arrays.epochs[-1]}; bars below show each optimizer's robust range."
        ),
        table=_table(grid, arrays),
        notes=_notes(grid, arrays),
    )


def _traces(
    evidence: Evidence, arrays: Robustness, what: int, state: int, *, whole: bool
) -> list[go.Scatter]:
    """All traces of one state, areas lowest; of a frame only what changes."""
    traces: list[go.Scatter] = []
    for make in (_band, _points, _line, _crosses, _range_bar):
        for index in range(len(evidence.grid.optimizers)):
            fixed, moving = make(evidence, arrays, what, state, index)
            traces.append(go.Scatter(fixed | moving if whole else moving))
    return traces


def _quantity_of(arrays: Robustness, what: int) -> Quantity:
    return (arrays.accuracy, arrays.loss)[what]


def _band(evidence: Evidence, arrays: Robustness, what: int, state: int, index: int) -> Part:
    grid, summary = evidence.grid, _quantity_of(arrays, what).over_seeds
    top = 1.0 if what == 0 else np.inf
    low, high = summary.low[index, :, state], summary.high[index, :, state]
    low, high = np.maximum(low, 0), np.minimum(high, top)
    return band(grid.optimizers[index], index, grid.values_N, low, high)


def _line(evidence: Evidence, arrays: Robustness, what: int, state: int, index: int) -> Part:
    grid, summary = evidence.grid, _quantity_of(arrays, what).over_seeds
    mean, low, high, count = (
        part[index, :, state] for part in (summary.mean, summary.low, summary.high, summary.count)
    )
    gone = arrays.diverged_ONSE[index, :, :, state].sum(axis=-1)
    write = percent if what == 0 else decimal
    texts = [
        f"{write(mean[n])}{interval_words(low[n], high[n], count[n], write)}<br>"
        f"{counted_words(count[n], gone[n])}"
        for n in range(len(mean))
    ]
    fixed = named(
        grid.optimizers[index],
        showlegend=True,
        x=numbers(grid.values_N),
        hovertemplate=(
            f"<b>{plain(grid.optimizers[index])}</b>, mean<br>"
            f"{plain(grid.hyperparameter)} %{{x:.4g}}<br>%{{customdata}}<extra></extra>"
        ),
    ) | lined(index)
    moving: dict = {"y": numbers(mean), "customdata": texts}
    if len(mean) == 1:
        moving["error_y"] = {
            "array": numbers(high - mean),
            "arrayminus": numbers(mean - low),
            "color": style(index).colour,
        }
    return fixed, moving


def _shown(what: int) -> str:
    return "%{y:.1%}" if what == 0 else "%{y:.3f}"


def _points(evidence: Evidence, arrays: Robustness, what: int, state: int, index: int) -> Part:
    values = _quantity_of(arrays, what).trials_ONSE[index, :, :, state]
    gone = arrays.diverged_ONSE[index, :, :, state]
    kept = np.where(gone, np.nan, values)
    return trial_points(evidence, index, kept, _shown(what), size=5, opacity=0.6)


def _crosses(evidence: Evidence, arrays: Robustness, what: int, state: int, index: int) -> Part:
    values = _quantity_of(arrays, what).trials_ONSE[index, :, :, state]
    gone = arrays.diverged_ONSE[index, :, :, state]
    line = {"width": 2, "color": style(index).colour}
    return trial_points(
        evidence,
        index,
        np.where(gone, values, np.nan),
        f"diverged; counts with {_shown(what)}",
        symbol="x-thin",
        size=9,
        line=line,
    )


def _range_bar(evidence: Evidence, arrays: Robustness, _what: int, state: int, index: int) -> Part:
    grid, look = evidence.grid, style(index)
    pieces = arrays.pieces[state][index]
    ends = [end for piece in pieces for end in (*piece, None)]
    fixed = named(
        grid.optimizers[index],
        yaxis="y2",
        mode="lines+markers",
        line={"color": look.colour, "width": 6},
        marker={"symbol": look.marker, "size": 8, "color": look.colour},
    )
    moving = {
        "x": [end and float(f"{end:.4g}") for end in ends],
        "y": [None if end is None else index for end in ends],
        "hovertemplate": (
            f"<b>{plain(grid.optimizers[index])}</b>, robust range<br>"
            f"{_pieces_words(grid, pieces)}<extra></extra>"
        ),
    }
    return fixed, moving


def _pieces_words(grid: Grid, pieces: Pieces) -> str:
    """The pieces and their length together, with ≥ where it touches an end of the grid."""
    if not pieces:
        return "none"
    decades = sum(np.log10(high / low) for low, high in pieces)
    is_open = np.isclose(pieces[0][0], grid.values_N[0]) or np.isclose(
        pieces[-1][1], grid.values_N[-1]
    )
    spans = listed([f"{number(low)} to {number(high)}" for low, high in pieces])
    return f"{spans}: {'≥ ' if is_open else ''}{decades:.2f} decades"


def _lower_share(grid: Grid) -> float:
    """The share of the height that the bars have."""
    return min(0.5, 0.09 + 0.03 * len(grid.optimizers))


def _fixed_layout(grid: Grid) -> dict:
    count, share = len(grid.optimizers), _lower_share(grid)
    return {
        "xaxis": value_axis(grid, anchor="y2"),
        "yaxis2": {
            "domain": [0, share - 0.06],
            "range": [count - 0.4, -0.6],
            "tickmode": "array",
            "tickvals": list(range(count)),
            "ticktext": [short(label) for label in grid.optimizers],
            "showgrid": False,
            "fixedrange": True,
        },
        "annotations": [
            {
                "text": f"robust range: within {100 * MARGIN:.0f} points of the best mean",
                "x": 0,
                "xref": "paper",
                "y": share - 0.055,
                "yref": "paper",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 12},
            }
        ],
    }


def _moving_layout(grid: Grid, arrays: Robustness, what: int, state: int) -> dict:
    """What changes with the state: the vertical axis, and the line of guessing."""
    low, high = _reach(grid, arrays, what, state)
    axis = {"domain": [_lower_share(grid) + 0.02, 1], "range": [low, high]}
    if what == 0:
        level, text = grid.guessing, "guessing"
        axis = share_axis("validation accuracy", **axis)
    else:
        level, text = grid.guessing_loss, "loss of guessing"
        axis |= {"title": {"text": "training loss (nats)"}, "tickformat": ".2f"}
    line = {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "yref": "y",
        "y0": level,
        "y1": level,
        "line": {"color": NEUTRAL, "dash": "dot", "width": 1},
        "label": {"text": text, "textposition": "start", "font": {"size": 12}},
    }
    return {"yaxis": axis, "shapes": [line] if low <= level <= high else []}


def _reach(grid: Grid, arrays: Robustness, what: int, state: int) -> tuple[float, float]:
    """The vertical range: of this and all later epochs, so that it closes in as they pass."""
    quantity = _quantity_of(arrays, what)
    shown = quantity.trials_ONSE if are_points_drawn(grid) else quantity.over_seeds.mean
    known = shown[..., state:][np.isfinite(shown[..., state:])]
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
    bands = {0: "", 1: "There is one seed: no band.", 2: "The band is the range of two seeds."}
    notes = [bands.get(count, "The band is the 95 % interval of the mean over seeds.")]
    if are_points_drawn(grid):
        notes.append("Small points are single seeds, moved sideways a little to lie side by side.")
    else:
        notes.append(f"Of {grid.finished_ONS.size:,} trials, means and bands are drawn, no points.")
    notes.append(
        "A cross is a trial that diverged: it counts with the smaller of guessing and the last "
        "accuracy it had. The training loss is cut at that of guessing, as in the measure of "
        "sensitivity."
    )
    if len(arrays.epochs) <= grid.epochs:
        notes.append(f"The slider offers {len(arrays.epochs)} of {grid.epochs + 1} epochs.")
    return tuple(note for note in notes if note)
