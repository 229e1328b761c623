"""Figure 3: training curves at one point, solid for training and dashed for validation.

Legend: see ``drawing``.
"""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from sweep.analysis.arrays import Grid
from sweep.analysis.evidence import Evidence
from sweep.analysis.wording import decimal
from sweep.figures import crowd, slices
from sweep.figures.axes import metric_axis
from sweep.figures.curves_arrays import Curves, compute
from sweep.figures.curves_marks import LOWEST_LOSS, fixed, moving
from sweep.figures.drawing import Drawing, Frame, Table, figure
from sweep.figures.text import thinned, title

NAME = "curves"


def finding(evidence: Evidence, arrays: Curves, point: int) -> str:
    """Which accuracies the optimizers end with at one point."""
    grid = evidence.grid
    ends = {
        label: mean
        for index, label in enumerate(grid.optimizers)
        if np.isfinite(mean := arrays.final_accuracy(index, point))
    }
    where = slices.point_words(grid, point)
    if not ends:
        return f"No training came to its end at {where} ({evidence.pictures})"
    words = grid.words
    return f"{words.title} at the end at {where}: {words.ranked(ends)} ({evidence.pictures})"


def draw(evidence: Evidence) -> Drawing:
    """The figure, with the point to select."""
    grid, arrays = evidence.grid, compute(evidence.grid)
    start, has_loss = len(grid.points) - 1, _shows_loss(grid, arrays)
    above = f"Loss (above) and {grid.metric.name} (below)" if has_loss else grid.words.title
    said = finding(evidence, arrays, start)
    count = len(grid.optimizers)
    shown = crowd.at_first(np.array([arrays.final_accuracy(it, start) for it in range(count)]))
    drawn = figure(
        [
            go.Scatter(common | own)
            for common, own in zip(
                fixed(evidence, arrays), moving(evidence, arrays, start), strict=True
            )
        ],
        said,
        _layout(grid, arrays, start),
        height=640 if has_loss else 440,
        controls=slices.point_controls(grid, start),
        narrow={"height": 560 if has_loss else 400},
        hidden=[label for index, label in enumerate(grid.optimizers) if index not in shown],
    )
    return Drawing(
        name=NAME,
        finding=said,
        start=drawn,
        frames=[
            _frame(evidence, arrays, key, point)
            for key, point in slices.point_keys(grid, start).items()
        ],
        alt=(
            f"{above} over the epochs at one "
            f"{grid.hyperparameter}, solid for training and dashed for validation."
        ),
        table=_table(grid, arrays, start),
        notes=_notes(grid, arrays) + crowd.notes(shown, count),
    )


def _frame(evidence: Evidence, arrays: Curves, key: tuple[int, ...], point: int | None) -> Frame:
    """One state; nothing is drawn where no optimizer has the point."""
    name = "/".join(map(str, key))
    if point is None:
        empty = [{"y": []} for _ in fixed(evidence, arrays)]
        said = title(slices.absent_words(evidence.pictures))
        return Frame(name=name, data=empty, layout={"title": {"text": said}})
    return Frame(
        name=name,
        data=list(moving(evidence, arrays, point)),
        layout={
            "title": {"text": title(finding(evidence, arrays, point))},
            "yaxis": _loss_ticks(arrays, point),
        },
    )


def _loss_ticks(arrays: Curves, point: int) -> dict[str, Any]:
    """Of a logarithmic axis: closer where the losses are closer, powers of ten where they are not.

    In Plotly's words, D1 is every digit, D2 are 1, 2 and 5, a number is in decades.
    """
    known = np.concatenate([curve.trials_ONSE[:, point].ravel() for curve in arrays.loss])
    known = np.maximum(known[np.isfinite(known)], LOWEST_LOSS)
    decades = float(np.log10(known.max() / known.min())) if known.size else 0.0
    if decades < 2.5:
        return {"dtick": "D1" if decades < 0.8 else "D2", "tickformat": "~g"}
    if decades < 5:
        return {"dtick": 1, "tickformat": "~g"}
    return {"dtick": 1 + int(decades // 7), "tickformat": "", "exponentformat": "power"}


def _shows_loss(grid: Grid, arrays: Curves) -> bool:
    """Whether losses have a panel: not where a program of the user's reports none."""
    is_known = any(np.isfinite(curve.trials_ONSE).any() for curve in arrays.loss)
    return is_known or grid.is_imported or not grid.finished_ONS.any()


def _layout(grid: Grid, arrays: Curves, point: int) -> dict[str, Any]:
    ticks = [arrays.epochs[position] for position in thinned(len(arrays.epochs), 11)]
    if not _shows_loss(grid, arrays):
        return {
            "xaxis": {"anchor": "y", "visible": False},
            "xaxis2": {"anchor": "y2", "title": {"text": "epoch"}, "tickvals": ticks},
            "yaxis": {"domain": [0.98, 1], "visible": False},
            "yaxis2": metric_axis(grid.words, domain=[0, 1]),
        }
    return {
        "xaxis": {"anchor": "y", "matches": "x2", "showticklabels": False},
        "xaxis2": {"anchor": "y2", "title": {"text": "epoch"}, "tickvals": ticks},
        "yaxis": {
            "domain": [0.53, 1],
            "type": "log",
            "title": {"text": f"loss ({'nats, ' if grid.has_nats else ''}log scale)"},
            "autorangeoptions": {"clipmin": LOWEST_LOSS},
            **_loss_ticks(arrays, point),
        },
        "yaxis2": metric_axis(grid.words, domain=[0, 0.47]),
    }


def _table(grid: Grid, arrays: Curves, point: int) -> Table:
    curves = (*arrays.loss, *arrays.accuracy)
    rows = tuple(
        (
            label,
            str(epoch),
            *(decimal(curve.over_seeds.mean[o, point, e], 4) for curve in curves[:2]),
            *(grid.words.level(curve.over_seeds.mean[o, point, e]) for curve in curves[2:]),
        )
        for o, label in enumerate(grid.optimizers)
        for e, epoch in enumerate(arrays.epochs)
    )
    columns = (
        "optimizer",
        "epoch",
        "training loss",
        "validation loss",
        f"training {grid.metric.name}",
        f"validation {grid.metric.name}",
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
