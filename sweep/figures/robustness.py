"""Figure 1, the main one: accuracy or loss against a swept hyperparameter, epoch by epoch.

Under the plot each optimizer's robust range is a bar. In a study of two axes it shows one slice at
a time, and controls choose which.

Legend: see ``drawing``; M points of a slice.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from sweep.analysis.arrays import Grid
from sweep.analysis.evidence import Evidence
from sweep.analysis.intervals import MIN_SEEDS
from sweep.analysis.wording import capitalised, listed, number, one_value
from sweep.figures import rate_views, robust_range, slices
from sweep.figures.axes import MAX_TICKS_NARROW, hover_format, metric_axis
from sweep.figures.drawing import Control, Drawing, Frame, Table, figure
from sweep.figures.marks import are_points_drawn, interval_cells, no_width_notes
from sweep.figures.robustness_arrays import Robustness, compute
from sweep.figures.robustness_marks import ACCURACY, LOSS, State, traces
from sweep.figures.slices import Slice
from sweep.figures.style import NEUTRAL
from sweep.figures.text import plain, title

NAME = "robustness"


def finding(evidence: Evidence, arrays: Robustness, part: Slice) -> str:
    """What a slice shows, in a sentence without claims beyond the means."""
    grid, shared_M, words = evidence.grid, part.shared(evidence.grid), evidence.grid.words
    worst = {
        label: mean
        for index, label in enumerate(grid.optimizers)
        if np.isfinite(mean := arrays.worst(index, part.points_M[shared_M]))
    }
    if not worst:
        return f"No trial has finished yet ({evidence.pictures})"
    axis, values = part.axis, part.values_M[shared_M]
    if len(values) == 1:
        held = f", {part.held}" if part.held else ""
        where = f"At the {one_value(axis.words)} {number(values[0])}{held}"
        return f"{where}, the {words.mean} is: {words.ranked(worst)} ({evidence.pictures})"
    held = f" at {part.held}" if part.held else ""
    which = "" if len(values) == len(part.values_M) else " shared by all,"
    where = f"{one_value(axis.words)}{which} from {number(values[0])} to {number(values[-1])}{held}"
    said = f"{capitalised(words.mean)} at the worst {where}: {words.ranked(worst)}"
    return f"{said} ({evidence.pictures})"


def draw(evidence: Evidence) -> Drawing:
    """The figure, with a switch between accuracy and loss and a slider over epochs."""
    grid, arrays = evidence.grid, compute(evidence.grid)
    views = rate_views.views(evidence, arrays.accuracy.over_seeds.mean[..., -1])
    parts = rate_views.viewed(slices.slices(grid), views)
    key = slices.start(grid, arrays.accuracy.over_seeds.mean[..., -1]) or parts[0].key
    first = next(part for part in parts if part.key == key)
    return Drawing(
        name=NAME,
        finding=finding(evidence, arrays, first),
        start=_figure(evidence, arrays, parts, first),
        frames=_frames(evidence, arrays, parts),
        alt=(
            f"Validation {grid.metric.name} against {grid.hyperparameter}, one line an optimizer, "
            f"after epoch {arrays.epochs[-1]}; bars below show each optimizer's robust range."
        ),
        table=_table(grid, arrays),
        notes=(*_notes(grid, arrays), *rate_views.notes(grid, views)),
    )


def _figure(
    evidence: Evidence, arrays: Robustness, parts: Sequence[Slice], first: Slice
) -> go.Figure:
    grid, last = evidence.grid, len(arrays.epochs) - 1
    height = 470 + 20 * len(grid.optimizers)
    return figure(
        [trace.whole() for trace in traces(evidence, arrays, State(first, ACCURACY, last))],
        finding(evidence, arrays, first),
        robust_range.layout(grid)
        | _sliced_layout(evidence, first)
        | _moving_layout(grid, arrays, ACCURACY, last),
        height=height,
        controls=(
            *slices.controls(grid, first.key),
            *rate_views.control(parts),
            *_controls(grid, arrays),
        ),
        narrow={
            "height": height - 40,
            "xaxis": rate_views.ticks(grid, first, MAX_TICKS_NARROW),
            "yaxis2": {"showticklabels": False, "ticks": ""},
        },
    )


def _quantities(grid: Grid, arrays: Robustness) -> tuple[int, ...]:
    """What can be shown: of imported results the training loss may not be known."""
    is_known = np.isfinite(arrays.loss.trials_ONSE).any() or not grid.finished_ONS.any()
    return (ACCURACY, LOSS) if is_known else (ACCURACY,)


def _controls(grid: Grid, arrays: Robustness) -> tuple[Control, ...]:
    """What and when, as far as there is a choice."""
    epochs = tuple(map(str, arrays.epochs))
    controls = []
    if len(_quantities(grid, arrays)) > 1:
        controls.append(
            Control("Show", "switch", (f"validation {grid.metric.name}", "training loss"))
        )
    if len(epochs) > 1:
        controls.append(Control("Epoch", "slider", epochs, start=len(epochs) - 1))
    return tuple(controls)


def _frames(evidence: Evidence, arrays: Robustness, parts: Sequence[Slice]) -> list[Frame]:
    """Every state of the figure: each slice, quantity and epoch."""
    is_sliced = len(evidence.grid.axes) > 1
    quantities = _quantities(evidence.grid, arrays)
    frames = []
    for part in parts:
        if part.view is not None:
            frames += _view_frames(evidence, arrays, part)
            continue
        sliced = _slice_frame(evidence, arrays, part) if is_sliced else {}
        for what in quantities:
            for epoch in range(len(arrays.epochs)):
                state = State(part, what, epoch)
                chosen = [what] * (len(quantities) > 1) + [epoch] * (len(arrays.epochs) > 1)
                frames.append(
                    Frame(
                        name="/".join(map(str, (*part.key, *chosen))),
                        data=[
                            trace.framed(is_sliced=is_sliced)
                            for trace in traces(evidence, arrays, state)
                        ],
                        layout=sliced | _moving_layout(evidence.grid, arrays, what, epoch),
                    )
                )
    return frames


def _view_frames(evidence: Evidence, arrays: Robustness, part: Slice) -> list[Frame]:
    """The states of another way to lay learning rates on x: what differs from the nominal one's.

    Each lies over its nominal state and over its group, the frame of what is in all of them. There
    are such ways only where sweep trained, and so knows every loss and epoch.
    """
    group = "/".join(map(str, part.key))
    frames = []
    for what in (ACCURACY, LOSS):
        for epoch in range(len(arrays.epochs)):
            made = traces(evidence, arrays, State(part, what, epoch))
            fixed, moved = zip(*(trace.placed() for trace in made), strict=True)
            if not frames:
                layout = _slice_frame(evidence, arrays, part)
                frames.append(Frame(name=group, data=fixed, layout=layout))
            name, base = f"{group}/{what}/{epoch}", f"0/{what}/{epoch}"
            frames.append(Frame(name=name, baseframe=base, group=group, data=moved))
    return frames


def _slice_frame(evidence: Evidence, arrays: Robustness, part: Slice) -> dict[str, Any]:
    """What a frame of a slice has beside its traces: axis, title, ticks on a narrow screen."""
    ticks = rate_views.ticks(evidence.grid, part, MAX_TICKS_NARROW)
    return _sliced_layout(evidence, part) | {
        "title": {"text": title(finding(evidence, arrays, part))},
        "meta": {"narrow": {"xaxis": ticks}},
    }


def _sliced_layout(evidence: Evidence, part: Slice) -> dict[str, Any]:
    return {"xaxis": rate_views.x_axis(evidence.grid, part) | {"anchor": "y2"}}


def _moving_layout(grid: Grid, arrays: Robustness, what: int, state: int) -> dict[str, Any]:
    """What changes with the state: the vertical axis, and the line of the baseline."""
    low, high = _reach(grid, arrays, what, state)
    axis = {"domain": [robust_range.height_share(grid) + 0.02, 1], "range": [low, high]}
    if what == ACCURACY:
        level, text = grid.metric.value(grid.untrained), grid.baseline_words.removeprefix("the ")
        axis = metric_axis(grid.words, "validation", hoverformat=hover_format(grid.words), **axis)
    else:
        level, text = grid.baseline_loss, "loss of the majority-class baseline"
        unit = " (nats)" if grid.has_nats else ""
        axis |= {"title": {"text": f"training loss{unit}"}, "tickformat": ".2f"}
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
        "label": {"text": plain(text), "textposition": "start", "font": {"size": 12}},
    }
    return {"yaxis": axis, "shapes": [line] if low <= level <= high else []}


def _reach(grid: Grid, arrays: Robustness, what: int, state: int) -> tuple[float, float]:
    """The vertical range: of this and all later epochs, so that it closes in as they pass.

    It is the same for all slices, so that they can be compared.
    """
    quantity = arrays.quantities[what]
    shown = quantity.trials_ONSE if are_points_drawn(grid) else quantity.over_seeds.mean
    shown = grid.metric.value(shown) if what == ACCURACY else shown
    known = shown[..., state:][np.isfinite(shown[..., state:])]
    if not known.size:
        return (0.0, 1.0)
    least = grid.metric.margin if what == ACCURACY else 0.01
    margin = max(0.04 * float(known.max() - known.min()), least)
    return float(known.min()) - margin, float(known.max()) + margin


def _table(grid: Grid, arrays: Robustness) -> Table:
    summary, words = arrays.accuracy.over_seeds.in_values(grid.metric), grid.words
    rows = tuple(
        (
            label,
            *(number(point[axis.name]) for axis in grid.axes),
            words.written(summary.mean[o, n, -1]),
            *interval_cells(summary.low[o, n, -1], summary.high[o, n, -1], words.written),
            str(summary.count[o, n, -1]),
            str(int(arrays.diverged_ONSE[o, n, :, -1].sum())),
        )
        for o, label in enumerate(grid.optimizers)
        for n, point in enumerate(grid.points)
        if grid.planned_ON[o, n]
    )
    swept = (axis.words for axis in grid.axes)
    heads = ("optimizer", *swept, words.mean, "from", "to", "seeds", "diverged")
    return Table(heads, rows)


def _notes(grid: Grid, arrays: Robustness) -> list[str]:
    count = int(arrays.accuracy.over_seeds.count.max(initial=0))
    bands = {0: "", 1: "There is one seed: no band.", 2: "The band is the range of two seeds."}
    notes = [bands.get(count, "The band is the 95 % interval of the mean over seeds.")]
    notes += no_width_notes(arrays.accuracy.over_seeds) if count >= MIN_SEEDS else ()
    if are_points_drawn(grid):
        notes.append("Small points are single seeds, moved sideways a little to lie side by side.")
    else:
        notes.append(f"Of {grid.finished_ONS.size:,} trials, means and bands are drawn, no points.")
    notes.append(
        f"A cross is a trial that diverged: it counts with {grid.diverged_rule}.{_cut(grid)}"
    )
    if len(grid.axes) > 1:
        notes.append("The bars are measured against the best mean of all slices.")
    if any(axis.name == "epochs" for axis in grid.axes):
        notes.append("A training that has ended by then is shown as it ended.")
    notes += _flat(grid)
    if len(arrays.epochs) < arrays.known:
        notes.append(f"The slider offers {len(arrays.epochs)} of {arrays.known} epochs.")
    return [note for note in notes if note]


def _cut(grid: Grid) -> str:
    """What is drawn of losses; what learning nothing loses is known of cross-entropies alone."""
    if not grid.has_nats:
        return ""
    return (
        " The training loss is cut at that of learning nothing, as in the measure of sensitivity."
    )


def _flat(grid: Grid) -> list[str]:
    """Who does not follow what is swept, so that its line is flat."""
    flat = grid.unmoved
    if not flat:
        return []
    do = "does" if len(flat) == 1 else "do"
    return [f"{listed(flat)} {do} not follow the {grid.hyperparameter}: one training, a flat line."]
