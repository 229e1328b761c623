"""A drawing: a Plotly figure with its finding, table and notes, and what switches its states.

A figure's module has two public functions: one computes its arrays from the evidence, ``draw``
turns them into a ``Drawing``. Figures that can be switched carry their other states as Plotly
frames, named by the positions of their controls (``0/3``), and the controls in ``layout.meta``;
the report's page makes native form elements of them.

Letters of all figures: O optimizers, N points, S seeds, T epochs, E = T + 1 epochs with the
evaluation before training.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from sweep.figures.style import template
from sweep.figures.text import plain, title

Format = Literal["png", "svg", "json"]
"""What a figure can be written as."""


@dataclass(frozen=True)
class Table:
    """A figure's numbers, for those who cannot or would not look at it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Control:
    """Something that chooses between a figure's states.

    Attributes:
        label: what it chooses.
        kind: ``switch`` for two or three, ``select`` for many, ``slider`` for ordered ones.
        choices: in words.
        start: position of the choice that is drawn first.
        where: position of an earlier control and of its choice with which this one belongs; None
            for one that always does. Of a control that does not belong, nothing is shown, and
            frames' names leave it out.
        wide_start: position of the choice that a page draws first where it is wide and its
            browser draws in space; None for ``start``.
    """

    label: str
    kind: Literal["switch", "select", "slider"]
    choices: tuple[str, ...]
    start: int = 0
    where: tuple[int, int] | None = None
    wide_start: int | None = None

    def as_json(self) -> dict[str, Any]:
        """For ``layout.meta``."""
        return {
            "label": self.label,
            "kind": self.kind,
            "choices": list(self.choices),
            "start": self.start,
            "where": self.where,
            **({} if self.wide_start is None else {"wideStart": self.wide_start}),
        }


@dataclass(frozen=True)
class Frame:
    """One of a figure's other states, or what is in several of them, in the words of Plotly's JSON.

    Plain values, for there can be hundreds of states with dozens of traces each, and Plotly's own
    objects check all of them, which takes minutes.

    Attributes:
        name: positions of the controls, e.g. ``0/3``.
        data: of every trace of the first state, in its order, what is another one here.
        layout: what is another one here.
        baseframe, group: names of the frame and of the group that it lies over.
    """

    name: str
    data: Sequence[Mapping[str, Any]]
    layout: Mapping[str, Any] = field(default_factory=dict)
    baseframe: str | None = None
    group: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As Plotly has it."""
        over = {"baseframe": self.baseframe, "group": self.group}
        return {
            "name": self.name,
            "data": [{"type": "scatter", **trace} for trace in self.data],
            **({"layout": dict(self.layout)} if self.layout else {}),
            **{name: value for name, value in over.items() if value is not None},
        }


@dataclass(frozen=True)
class Drawing:
    """A figure with the words around it.

    Attributes:
        name: what ``--figure`` and the page's address call it.
        finding: its title: what it shows, and of which pictures.
        start: the figure in its first state.
        frames: its other states.
        alt: what is on it, in a sentence.
        notes: how to read it, and what was left out.
        table: the numbers of its first state.
    """

    name: str
    finding: str
    start: go.Figure
    alt: str
    table: Table
    notes: tuple[str, ...] = field(default=())
    frames: Sequence[Frame] = field(default=(), repr=False)

    @property
    def first_state(self) -> go.Figure:
        """A copy without the other states, for what has no controls to choose them."""
        traces: Any = self.start.data
        shown = [trace for trace in traces if trace.visible is not False]
        return go.Figure(data=shown, layout=self.start.layout)

    @cached_property
    def figure(self) -> go.Figure:
        """The figure with all its states, checked by Plotly; slow where they are many."""
        frames = [frame.as_json() for frame in self.frames]
        return go.Figure(data=self.start.data, layout=self.start.layout, frames=frames)

    def as_json(self) -> dict[str, Any]:
        """The figure with all its states, as Plotly's JSON has it."""
        frames = [frame.as_json() for frame in self.frames]
        return self.start.to_plotly_json() | ({"frames": frames} if frames else {})

    @property
    def is_empty(self) -> bool:
        """Whether its first state has nothing on it."""
        traces: Any = self.start.data
        shown = (trace["z"] if trace.type == "heatmap" else trace["y"] for trace in traces)
        return not any(
            value is not None
            for part in shown
            for value in np.array(() if part is None else part, dtype=object).ravel()
        )


def figure(
    traces: Sequence[go.Scatter | go.Scatter3d | go.Mesh3d | go.Heatmap | go.Bar],
    finding: str,
    layout: dict[str, Any],
    *,
    height: int = 440,
    title_above: int = 42,
    controls: Sequence[Control] = (),
    narrow: dict[str, Any] | None = None,
    hidden: Collection[str] = (),
) -> go.Figure:
    """A figure of the family, in its first state.

    Args:
        traces: the first state's.
        finding: its title, not yet escaped.
        layout: what is its own.
        height: in pixels.
        title_above: pixels between the title's last line and the plot, for what stands there.
        controls: what chooses between states.
        narrow: changes of the layout on a narrow screen.
        hidden: optimizers that are drawn when somebody asks for them in the legend.
    """
    names = {plain(label) for label in hidden}
    for trace in traces:
        if trace.legendgroup in names:
            trace.visible = "legendonly"
    meta = {"controls": [control.as_json() for control in controls], "narrow": narrow or {}}
    common = {
        "title": {
            "text": title(finding),
            "x": 0.01,
            "y": 1,
            "yref": "paper",
            "yanchor": "bottom",
            "pad": {"b": title_above + 21 * title(finding).count("<br>")},
            "font": {"size": 16},
        },
        "template": template("light"),
        "height": height,
        "margin": {"l": 64, "r": 16, "t": 96, "b": 56},
        "legend": {"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom"},
        "hovermode": "closest",
        "uirevision": "kept",
        "meta": meta,
    }
    return go.Figure(data=list(traces), layout=common | layout)
