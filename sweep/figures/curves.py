"""Figure 3: training curves, solid for training and dashed for validation, by learning rate.

Legend: see ``family``.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from sweep.analysis import summary as seeds
from sweep.analysis.arrays import Grid
from sweep.analysis.evidence import Evidence
from sweep.analysis.intervals import MIN_SEEDS
from sweep.figures.family import (
    Control,
    Drawing,
    Floats,
    Table,
    counted,
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
    title,
)
from sweep.figures.marks import Part, named, spotted

NAME = "curves"
MAX_EPOCHS = 51
LOWEST_LOSS = 1e-4
"""In nats; the axis ends there, for a single seed without any loss would flatten all others."""
MAX_THIN_VALUES = 60_000
"""Thin lines of single seeds have at most so many values in all states together."""


@dataclass(frozen=True)
class Curve:
    """One of the four curves: each seed's, and the mean of those that have not diverged.

    Attributes:
        quantity: ``loss`` or ``accuracy``.
        part: ``training`` or ``validation``.
        trials_ONSE: NaN from a trial's divergence on.
        over_seeds: (O, N, E), over the seeds that are still there.
    """

    quantity: str
    part: str
    trials_ONSE: Floats
    over_seeds: seeds.Summary


@dataclass(frozen=True)
class Curves:
    """The arrays of the figure.

    Attributes:
        epochs: those that are drawn.
        loss: training's and validation's.
        accuracy: training's and validation's.
        diverged_at_ONS: epochs; NaN where a trial did not diverge.
        seeds_drawn: how many seeds get a thin line.
    """

    epochs: tuple[int, ...]
    loss: tuple[Curve, Curve]
    accuracy: tuple[Curve, Curve]
    diverged_at_ONS: Floats
    seeds_drawn: int


def compute(grid: Grid) -> Curves:
    """The arrays of the figure, at no more epochs than can be told apart."""
    epochs = thinned(grid.epochs + 1, MAX_EPOCHS)
    gone_ONSE = grid.diverged_by_epoch()

    def curve(quantity: str, part: str, values_ONSE: Floats) -> Curve:
        kept = np.where(gone_ONSE | ~np.isfinite(values_ONSE), np.nan, values_ONSE)[..., epochs]
        return Curve(quantity, part, kept, seeds.summarize(np.moveaxis(kept, 2, -1)))

    optimizers, values, _, states = gone_ONSE.shape
    a_seed = 4 * optimizers * values * min(states, MAX_EPOCHS)
    return Curves(
        epochs=tuple(epochs),
        loss=(
            curve("loss", "training", grid.train_loss_ONSE),
            curve("loss", "validation", grid.valid_loss_ONSE),
        ),
        accuracy=(
            curve("accuracy", "training", grid.train_accuracy_ONSE),
            curve("accuracy", "validation", grid.valid_accuracy_ONSE),
        ),
        diverged_at_ONS=np.where(grid.diverged, grid.diverged_at_epoch_ONS, np.nan),
        seeds_drawn=min(len(grid.seeds), MAX_THIN_VALUES // a_seed),
    )


def finding(evidence: Evidence, arrays: Curves, state: int) -> str:
    """Which accuracies the optimizers end with at one value of the hyperparameter."""
    grid = evidence.grid
    ends = {
        label: float(mean)
        for label, mean in zip(
            grid.optimizers, arrays.accuracy[1].over_seeds.mean[:, state, -1], strict=True
        )
        if np.isfinite(mean)
    }
    where = f"{grid.hyperparameter} {number(grid.values_N[state])}"
    if not ends:
        return f"No training came to its end at {where} ({evidence.pictures})"
    return f"Accuracy at the end at {where}: {ranked(ends)} ({evidence.pictures})"


def draw(evidence: Evidence) -> Drawing:
    """The figure, with the hyperparameter's value to select."""
    grid, arrays = evidence.grid, compute(evidence.grid)
    start = len(grid.values_N) - 1
    control = Control(
        grid.hyperparameter.capitalize(), "select", tuple(map(number, grid.values_N)), start
    )
    frames = [
        go.Frame(
            name=str(state),
            data=_traces(evidence, arrays, state, whole=False),
            layout={
                "title": {"text": title(finding(evidence, arrays, state))},
                "yaxis": _loss_ticks(arrays, state),
            },
        )
        for state in range(len(grid.values_N))
    ]
    drawn = figure(
        _traces(evidence, arrays, start, whole=True),
        finding(evidence, arrays, start),
        _layout(arrays, start),
        height=640,
        controls=(control,),
        frames=frames,
        narrow={"height": 560},
    )
    return Drawing(
        name=NAME,
        finding=finding(evidence, arrays, start),
        figure=drawn,
        alt=(
            "Loss (above) and accuracy (below) over the epochs at one "
            f"{grid.hyperparameter}, solid for training and dashed for validation."
        ),
        table=_table(grid, arrays, start),
        notes=_notes(grid, arrays),
    )


def _traces(evidence: Evidence, arrays: Curves, state: int, *, whole: bool) -> list[go.Scatter]:
    """Of each optimizer: four means, four bundles of thin lines, and the crosses."""
    traces = []
    for index in range(len(evidence.grid.optimizers)):
        for axis, pair in (("y", arrays.loss), ("y2", arrays.accuracy)):
            for part, curve in enumerate(pair):
                for make in (_thin, _mean):
                    fixed, moving = make(evidence, arrays, curve, index, state, part)
                    place = {"yaxis": axis, "xaxis": axis.replace("y", "x")}
                    traces.append(go.Scatter(moving | fixed | place if whole else moving))
        fixed, moving = _crosses(evidence, arrays, index, state)
        traces.append(go.Scatter(moving | fixed if whole else moving))
    return traces


def _thin(
    evidence: Evidence, arrays: Curves, curve: Curve, index: int, state: int, part: int
) -> Part:
    drawn = range(arrays.seeds_drawn)
    x = [epoch for _ in drawn for epoch in (*arrays.epochs, None)]
    y = [
        value for seed in drawn for value in (*numbers(curve.trials_ONSE[index, state, seed]), None)
    ]
    grid, epochs = evidence.grid, len(arrays.epochs)
    trials = evidence.trial_ONS[index, state, : arrays.seeds_drawn]
    shown = "%{y:.4f}" if curve.quantity == "loss" else "%{y:.1%}"
    fixed = named(
        grid.optimizers[index],
        x=x,
        mode="lines",
        line={"width": 1, "color": style(index).faded(0.35), "dash": ("solid", "dot")[part]},
        text=[grid.seeds[seed] for seed in drawn for _ in range(epochs + 1)],
        hovertemplate=(
            f"<b>{plain(grid.optimizers[index])}</b>, {curve.part}, trial %{{customdata}}<br>"
            f"epoch %{{x}}, seed %{{text}}<br>{curve.quantity} {shown}<extra></extra>"
        ),
    )
    return fixed, {"y": y, "customdata": numbers(np.repeat(trials, epochs + 1), 9)}


def _mean(
    evidence: Evidence, arrays: Curves, curve: Curve, index: int, state: int, part: int
) -> Part:
    grid, look = evidence.grid, style(index)
    marks = sorted({*thinned(len(arrays.epochs), 6)})
    shown = "%{y:.4f}" if curve.quantity == "loss" else "%{y:.1%}"
    sizes = [7 if position in marks else 0 for position in range(len(arrays.epochs))]
    fixed = named(
        grid.optimizers[index],
        x=list(arrays.epochs),
        showlegend=curve.quantity == "loss" and part == 0,
        mode="lines+markers",
        line={"color": look.colour, "width": 2.5, "dash": ("solid", "dash")[part]},
        marker={"symbol": look.marker, "color": look.colour} | spotted(sizes),
        hovertemplate=(
            f"<b>{plain(grid.optimizers[index])}</b>, {curve.part}<br>epoch %{{x}}<br>"
            f"mean {curve.quantity} {shown}<br>95 % interval %{{customdata}}<extra></extra>"
        ),
    )
    over = curve.over_seeds
    write = decimal if curve.quantity == "loss" else percent
    intervals = [
        (f"{write(low)} to {write(high)}" if count >= MIN_SEEDS else "none")
        + f" over {counted(count, 'seed')}"
        for low, high, count in zip(
            *(part[index, state] for part in (over.low, over.high, over.count)), strict=True
        )
    ]
    return fixed, {"y": numbers(over.mean[index, state]), "customdata": intervals}


def _crosses(evidence: Evidence, arrays: Curves, index: int, state: int) -> Part:
    """Where a trial diverged: at the last accuracy that it had."""
    grid = evidence.grid
    x, y, texts = [], [], []
    for seed, epoch in zip(grid.seeds, arrays.diverged_at_ONS[index, state], strict=True):
        if np.isnan(epoch):
            continue
        series = grid.valid_accuracy_ONSE[index, state, grid.seeds.index(seed), : int(epoch)]
        known = series[np.isfinite(series)]
        x.append(int(epoch))
        y.append(float(known[-1]) if known.size else grid.baseline)
        trial = evidence.trial_ONS[index, state, grid.seeds.index(seed)]
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
    return fixed, {"x": x, "y": y, "customdata": texts}


def _loss_ticks(arrays: Curves, state: int) -> dict:
    """Of a logarithmic axis: closer where the losses are closer, powers of ten where they are not.

    In Plotly's words, D1 is every digit, D2 are 1, 2 and 5, a number is in decades.
    """
    known = np.concatenate([curve.trials_ONSE[:, state].ravel() for curve in arrays.loss])
    known = np.maximum(known[np.isfinite(known)], LOWEST_LOSS)
    decades = float(np.log10(known.max() / known.min())) if known.size else 0.0
    if decades < 2.5:
        return {"dtick": "D1" if decades < 0.8 else "D2", "tickformat": "~g"}
    if decades < 5:
        return {"dtick": 1, "tickformat": "~g"}
    return {"dtick": 1 + int(decades // 7), "tickformat": "", "exponentformat": "power"}


def _layout(arrays: Curves, state: int) -> dict:
    ticks = [arrays.epochs[position] for position in thinned(len(arrays.epochs), 11)]
    return {
        "xaxis": {"anchor": "y", "matches": "x2", "showticklabels": False},
        "xaxis2": {"anchor": "y2", "title": {"text": "epoch"}, "tickvals": ticks},
        "yaxis": {
            "domain": [0.53, 1],
            "type": "log",
            "title": {"text": "loss (nats, log scale)"},
            "autorangeoptions": {"clipmin": LOWEST_LOSS},
            **_loss_ticks(arrays, state),
        },
        "yaxis2": share_axis("accuracy", domain=[0, 0.47]),
    }


def _table(grid: Grid, arrays: Curves, state: int) -> Table:
    curves = (*arrays.loss, *arrays.accuracy)
    rows = tuple(
        (
            label,
            str(epoch),
            *(decimal(curve.over_seeds.mean[o, state, e], 4) for curve in curves[:2]),
            *(percent(curve.over_seeds.mean[o, state, e]) for curve in curves[2:]),
        )
        for o, label in enumerate(grid.optimizers)
        for e, epoch in enumerate(arrays.epochs)
    )
    columns = (
        "optimizer",
        "epoch",
        "training loss",
        "validation loss",
        "training accuracy",
        "validation accuracy",
    )
    return Table(columns, rows)


def _notes(grid: Grid, arrays: Curves) -> tuple[str, ...]:
    notes = [
        "Solid: training, dashed: validation. Training figures are means over an epoch, taken as "
        "it went; validation comes after it. Epoch 0 is before training.",
        "Thick lines are means over the seeds that have not diverged by then, thin lines single "
        "seeds; a cross is a trial that diverged.",
    ]
    if any(np.nanmin(curve.trials_ONSE, initial=1) < LOWEST_LOSS for curve in arrays.loss):
        notes.append(f"The axis ends at a loss of {LOWEST_LOSS:g}; some seeds go below it.")
    if arrays.seeds_drawn < len(grid.seeds):
        notes.append(f"{arrays.seeds_drawn} of {len(grid.seeds)} seeds are drawn as thin lines.")
    if len(arrays.epochs) <= grid.epochs:
        notes.append(f"{len(arrays.epochs)} of {grid.epochs + 1} epochs are drawn.")
    return tuple(notes)
