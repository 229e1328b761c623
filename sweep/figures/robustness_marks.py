"""What the main figure draws in one of its states: bands, trials, means, crosses, bars.

Legend: see ``drawing``; M points of a slice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from sweep.analysis.arrays import Grid
from sweep.analysis.evidence import Evidence
from sweep.analysis.summary import Summary
from sweep.analysis.wording import decimal, number
from sweep.figures import robust_range
from sweep.figures.axes import Floats, drawn_at
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
from sweep.figures.robustness_arrays import Robustness
from sweep.figures.slices import Slice
from sweep.figures.style import style
from sweep.figures.text import numbers, plain, tagless

ACCURACY, LOSS = 0, 1
"""Positions of the switch between the two quantities."""


@dataclass(frozen=True)
class State:
    """One state of the figure.

    Attributes:
        part: the slice.
        what: ``ACCURACY`` or ``LOSS``.
        epoch: position of the slider.
    """

    part: Slice
    what: int
    epoch: int


def traces(evidence: Evidence, arrays: Robustness, state: State) -> Iterator[Part]:
    """All traces of one state, areas lowest, in the same order in every state.

    Single trials are drawn where there are few enough.
    """
    whole, few = (_band, _points, _line, _crosses, _bar), (_band, _line, _bar)
    for make in whole if are_points_drawn(evidence.grid) else few:
        for index in range(len(evidence.grid.optimizers)):
            yield make(evidence, arrays, state, index)


def _band(evidence: Evidence, arrays: Robustness, state: State, index: int) -> Part:
    summary, (lowest, highest) = (
        _summary(evidence.grid, arrays, state),
        _limits(evidence.grid, state),
    )
    own = state.part.of(evidence.grid, index)
    places = index, state.part.points_M[own], state.epoch
    low = np.maximum(summary.low[places], lowest)
    high = np.minimum(summary.high[places], highest)
    return band(evidence.grid.optimizers, index, _x(state.part, index)[own], low, high)


def _line(evidence: Evidence, arrays: Robustness, state: State, index: int) -> Part:
    grid, part = evidence.grid, state.part
    summary = _summary(grid, arrays, state)
    own = part.of(grid, index)
    places = index, part.points_M[own], state.epoch
    mean, low, high, count = (
        values[places] for values in (summary.mean, summary.low, summary.high, summary.count)
    )
    sliced = {
        "x": numbers(_x(part, index)[own]),
        "text": [number(value) for value in part.values_M[own]],
        "hovertemplate": (
            f"<b>{plain(grid.optimizers[index])}</b>, mean<br>"
            f"{_where(part)}<br>%{{customdata}}<extra></extra>"
        ),
    }
    moving: dict[str, Any] = {"y": numbers(mean)}
    if part.view is None:  # another view lies over this one, whose words stay
        gone = arrays.diverged_ONSE[index, part.points_M[own], :, state.epoch].sum(axis=-1)
        write = (grid.words.written, decimal)[state.what]
        moving["customdata"] = [
            f"{tagless(write(mean[m]) + interval_words(low[m], high[m], count[m], write))}<br>"
            f"{counted_words(count[m], gone[m])}"
            for m in range(len(mean))
        ]
    if len(part.values_M) == 1:
        moving["error_y"] = {
            "array": numbers(high - mean),
            "arrayminus": numbers(mean - low),
            "color": style(index).colour,
        }
    return Part(named(grid.optimizers[index], showlegend=True) | lined(index), sliced, moving)


def _points(evidence: Evidence, arrays: Robustness, state: State, index: int) -> Part:
    """The trials that have not diverged; they lie at the same place in every state of a slice."""
    grid, points_M = evidence.grid, state.part.points_M
    shown_MS = grid.finished_ONS[index, points_M]
    part = trial_points(evidence, state.part, index, shown_MS, "%{y}", size=5, opacity=0.6)
    gone_MS = arrays.diverged_ONSE[index, points_M, :, state.epoch]
    kept_MS = np.where(gone_MS, np.nan, _trials(grid, arrays, state, index))
    return part._replace(moving={"y": numbers(kept_MS[shown_MS])})


def _crosses(evidence: Evidence, arrays: Robustness, state: State, index: int) -> Part:
    """The trials that have diverged by then."""
    gone_MS = arrays.diverged_ONSE[index, state.part.points_M, :, state.epoch]
    line = {"width": 2, "color": style(index).colour}
    end = "diverged; counts with %{y}"
    part = trial_points(
        evidence, state.part, index, gone_MS, end, symbol="x-thin", size=9, line=line
    )
    moving = {name: part.sliced[name] for name in ("x", "customdata")}
    moving["y"] = numbers(_trials(evidence.grid, arrays, state, index)[gone_MS])
    return Part(part.fixed, {"hovertemplate": part.sliced["hovertemplate"]}, moving)


def _bar(evidence: Evidence, arrays: Robustness, state: State, index: int) -> Part:
    grid, part = evidence.grid, state.part
    own = part.of(grid, index)
    mean_M = arrays.accuracy.over_seeds.mean[index, part.points_M[own], state.epoch]
    pieces = robust_range.compute(
        part.axis.position(part.values_M[own]),
        mean_M,
        arrays.best(state.epoch),
        grid.baseline,
        grid.metric.near,
    )
    return robust_range.bar(grid, part, index, pieces)


def _limits(grid: Grid, state: State) -> tuple[float, float]:
    """What values of the quantity can be."""
    if state.what == LOSS:
        return (0, np.inf) if grid.has_nats else (-np.inf, np.inf)
    return (0, 1) if grid.metric.is_share else (-np.inf, np.inf)


def _summary(grid: Grid, arrays: Robustness, state: State) -> Summary:
    """As it is drawn: values of the metric, or losses."""
    found = arrays.quantities[state.what].over_seeds
    return found.in_values(grid.metric) if state.what == ACCURACY else found


def _trials(grid: Grid, arrays: Robustness, state: State, index: int) -> Floats:
    """Each trial's height, (M, S)."""
    trials_ONSE = arrays.quantities[state.what].trials_ONSE
    trials_MS = trials_ONSE[index, state.part.points_M, :, state.epoch]
    return grid.metric.value(trials_MS) if state.what == ACCURACY else trials_MS


def _where(part: Slice) -> str:
    """What hovering says of where a mean lies, with Plotly's placeholders."""
    if part.view is None:
        return f"{plain(part.axis.words)} %{{text}}"
    return f"{plain(part.view.words)} %{{x:.3g}} (nominal %{{text}})"


def _x(part: Slice, index: int):
    return drawn_at(part.axis, part.positions(index))
