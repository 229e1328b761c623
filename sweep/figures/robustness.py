"""Figure 1, the main one: accuracy or loss against the swept hyperparameter, epoch by epoch.

Legend: see ``family``. Under the plot each optimizer's robust range is a bar.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from sweep.analysis import summary as seeds
from sweep.analysis.arrays import Grid
from sweep.analysis.domain import Domain, Pieces
from sweep.analysis.evidence import Evidence
from sweep.figures import robust_range
from sweep.figures.family import (
    NEUTRAL,
    Control,
    Drawing,
    Floats,
    Table,
    decimal,
    figure,
    number,
    numbers,
    percent,
    plain,
    ranked,
    share_axis,
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

NAME = "robustness"
MAX_STATES, MIN_STATES = 21, 6
"""The slider has so many positions, fewer the more there is to draw."""
MAX_MARKS = 15_000
"""In all positions together."""


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
    epochs = thinned(grid.epochs + 1, _states(grid))
    counted_S = seeds.counted_seeds(grid)
    accuracy = _quantity(grid.counted_accuracy()[..., epochs], counted_S)
    return Robustness(
        epochs=tuple(epochs),
        accuracy=accuracy,
        loss=_quantity(grid.capped_loss()[..., epochs], counted_S),
        diverged_ONSE=grid.diverged_by_epoch()[..., epochs],
        pieces=tuple(
            robust_range.compute(Domain(grid.axes), accuracy.over_seeds.mean[..., state])
            for state in range(len(epochs))
        ),
    )


def _states(grid: Grid) -> int:
    """How many positions the slider has at most."""
    means = len(grid.optimizers) * len(grid.values_N)
    marks = grid.finished_ONS.size if are_points_drawn(grid) else 3 * means
    return min(MAX_STATES, max(MIN_STATES, MAX_MARKS // marks))


def _quantity(trials_ONSE: Floats, counted_S: NDArray[np.bool_]) -> Quantity:
    summarized = seeds.summarize(np.moveaxis(trials_ONSE[:, :, counted_S], 2, -1))
    return Quantity(trials_ONSE, summarized)


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
    said = ranked(worst)
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
            {"xaxis": value_axis(grid, anchor="y2")}
            | robust_range.layout(grid)
            | _moving_layout(grid, arrays, 0, last),
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
    for make in (_band, _points, _line, _crosses):
        for index in range(len(evidence.grid.optimizers)):
            fixed, moving = make(evidence, arrays, what, state, index)
            traces.append(go.Scatter(fixed | moving if whole else moving))
    for index, pieces in enumerate(arrays.pieces[state]):
        fixed, moving = robust_range.bar(evidence.grid, index, pieces)
        traces.append(go.Scatter(fixed | moving if whole else moving))
    return traces


def _quantity_of(arrays: Robustness, what: int) -> Quantity:
    return (arrays.accuracy, arrays.loss)[what]


def _band(evidence: Evidence, arrays: Robustness, what: int, state: int, index: int) -> Part:
    grid, summary = evidence.grid, _quantity_of(arrays, what).over_seeds
    top = 1.0 if what == 0 else np.inf
    low, high = summary.low[index, :, state], summary.high[index, :, state]
    low, high = np.maximum(low, 0), np.minimum(high, top)
    return band(grid.optimizers, index, grid.values_N, low, high)


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


def _points(evidence: Evidence, arrays: Robustness, what: int, state: int, index: int) -> Part:
    """The trials that have not diverged; they lie at the same place in every state."""
    shown_NS = evidence.grid.finished_ONS[index] & are_points_drawn(evidence.grid)
    fixed, where = trial_points(evidence, index, shown_NS, "%{y}", size=5, opacity=0.6)
    values_NS = _quantity_of(arrays, what).trials_ONSE[index, :, :, state]
    kept_NS = np.where(arrays.diverged_ONSE[index, :, :, state], np.nan, values_NS)
    return fixed | where, {"y": numbers(kept_NS[shown_NS])}


def _crosses(evidence: Evidence, arrays: Robustness, what: int, state: int, index: int) -> Part:
    """The trials that have diverged by then."""
    gone_NS = arrays.diverged_ONSE[index, :, :, state] & are_points_drawn(evidence.grid)
    line = {"width": 2, "color": style(index).colour}
    end = "diverged; counts with %{y}"
    fixed, where = trial_points(evidence, index, gone_NS, end, symbol="x-thin", size=9, line=line)
    values_NS = _quantity_of(arrays, what).trials_ONSE[index, :, :, state]
    return fixed, where | {"y": numbers(values_NS[gone_NS])}


def _moving_layout(grid: Grid, arrays: Robustness, what: int, state: int) -> dict:
    """What changes with the state: the vertical axis, and the line of guessing."""
    low, high = _reach(grid, arrays, what, state)
    axis = {"domain": [robust_range.height_share(grid) + 0.02, 1], "range": [low, high]}
    if what == 0:
        level, text = grid.baseline, "majority-class baseline"
        axis = share_axis("validation accuracy", hoverformat=".1%", **axis)
    else:
        level, text = grid.baseline_loss, "loss of the baseline"
        axis |= {"title": {"text": "training loss (nats)"}, "tickformat": ".2f"}
        axis |= {"hoverformat": ".3f"}
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
