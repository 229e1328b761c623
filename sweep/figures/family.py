"""What all figures share: evidence, colours, wording, controls. One family, drawn alike.

A figure's module has two public functions: one computes its arrays from the evidence, ``draw``
turns them into a ``Drawing``. Figures that can be switched carry their other states as Plotly
frames, named by the positions of their controls (``0/3``), and the controls in ``layout.meta``;
the report's page makes native form elements of them.

Legend: O optimizers, N values of the swept hyperparameter, S seeds, T epochs, E = T + 1 epochs
with the evaluation before training.
"""

import html
import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from sweep.analysis.arrays import Grid

Floats = NDArray[np.float64]

Format = Literal["png", "svg", "json"]
"""What a figure can be written as."""

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#c4679b", "#b07a00", "#3d8fc4", "#7a7a7a", "#8a6642")
"""After Okabe and Ito (2008), the light ones darkened: contrast of 3 on white and on near-black."""
MARKERS = ("circle", "square", "diamond", "triangle-up", "star", "triangle-down", "hexagon")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
NEUTRAL = "#7f7f7f"

MAX_POINTS = 2_000
"""More trials than these are not drawn one by one."""


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
    """

    label: str
    kind: Literal["switch", "select", "slider"]
    choices: tuple[str, ...]
    start: int = 0

    def as_json(self) -> dict[str, Any]:
        """For ``layout.meta``."""
        return {
            "label": self.label,
            "kind": self.kind,
            "choices": list(self.choices),
            "start": self.start,
        }


@dataclass(frozen=True)
class Drawing:
    """A figure with the words around it.

    Attributes:
        name: what ``--figure`` and the page's address call it.
        finding: its title: what it shows, and of which pictures.
        figure: in its first state.
        alt: what is on it, in a sentence.
        notes: how to read it, and what was left out.
        table: the numbers of its first state.
    """

    name: str
    finding: str
    figure: go.Figure
    alt: str
    table: Table
    notes: tuple[str, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Whether its first state has nothing on it."""
        traces: Any = self.figure.data
        shown = (trace["z"] if trace.type == "heatmap" else trace["y"] for trace in traces)
        return not any(
            value is not None
            for part in shown
            for value in np.array(() if part is None else part, dtype=object).ravel()
        )


@dataclass(frozen=True)
class Style:
    """How one optimizer looks in every figure."""

    colour: str
    marker: str
    dash: str

    def faded(self, opacity: float) -> str:
        """The colour, partly transparent, as CSS."""
        red, green, blue = (int(self.colour[index : index + 2], 16) for index in (1, 3, 5))
        return f"rgba({red},{green},{blue},{opacity})"


def style(index: int) -> Style:
    """The style of a study's optimizer by its position; no two of the first 280 are the same."""
    return Style(
        COLOURS[index % len(COLOURS)],
        MARKERS[index % len(MARKERS)],
        DASHES[index % len(DASHES)],
    )


def plain(text: str) -> str:
    """``text`` such that Plotly shows it as it is: no tag, no link, no placeholder.

    Example:
        >>> plain("<b>%{y}</b>")
        '&lt;b&gt;&#37;&#123;y&#125;&lt;/b&gt;'
    """
    escaped = html.escape(text, quote=False)
    return escaped.replace("%", "&#37;").replace("{", "&#123;").replace("}", "&#125;")


def title(finding: str) -> str:
    """A finding as Plotly's title, in lines that fit a picture of 1,100 pixels, escaped."""
    return "<br>".join(plain(line) for line in textwrap.wrap(finding, 100, break_on_hyphens=False))


def short(text: str, length: int = 16) -> str:
    """``text`` cut to ``length`` characters, as a tick's label, escaped."""
    return plain(text if len(text) <= length else text[: length - 1] + "…")


def folded(text: str, width: int = 10) -> str:
    """``text`` in at most two lines of about so many characters, as a tick's label, escaped.

    Example:
        >>> folded("Adam with warm-up")
        'Adam with<br>warm-up'
    """
    lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    rest = " ".join(lines[1:])
    return "<br>".join(short(line) for line in (*lines[:1], rest) if line)


def number(value: float) -> str:
    """A value of a hyperparameter, to four significant digits."""
    return f"{value:.4g}"


def tick(value: float) -> str:
    """A value of a hyperparameter on an axis, to three significant digits."""
    return f"{value:.3g}"


def percent(value: float, digits: int = 1) -> str:
    """A share in percent.

    Example:
        >>> percent(0.9312), percent(float("nan"))
        ('93.1 %', '–')
    """
    return "–" if math.isnan(value) else f"{100 * value:.{digits}f} %"


def decimal(value: float, digits: int = 3) -> str:
    """A plain number, an en dash where there is none."""
    return f"{value:.{digits}f}" if math.isfinite(value) else "–"


def counted(count: int, thing: str) -> str:
    """``1 seed``, ``5 seeds``."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def listed(words: Sequence[str]) -> str:
    """``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def ranked(shares: Mapping[str, float]) -> str:
    """Labels with their shares in percent, the highest first; of many the first and the last.

    Example:
        >>> ranked({"adam": 0.9, "radam": 0.95})
        'radam 95.0 % and adam 90.0 %'
    """
    ordered = sorted(shares, key=lambda label: -shares[label])
    told = ordered if len(ordered) <= 3 else [ordered[0], ordered[-1]]
    return listed([f"{label} {percent(shares[label])}" for label in told])


def numbers(values: Iterable[float], digits: int = 4) -> list[float | None]:
    """For Plotly: rounded to significant digits, None where not finite."""
    return [
        float(f"{value:.{digits}g}") if math.isfinite(value) else None
        for value in np.asarray(values, dtype=np.float64).ravel().tolist()
    ]


def thinned(count: int, most: int) -> list[int]:
    """At most ``most`` of the positions 0 … count − 1, evenly spaced, both ends included."""
    if count <= most:
        return list(range(count))
    return sorted({round(index * (count - 1) / (most - 1)) for index in range(most)})


def value_ticks(grid: Grid, most: int) -> dict[str, Any]:
    """Ticks at no more than ``most`` of the hyperparameter's values."""
    ticks = [float(grid.values_N[index]) for index in thinned(len(grid.values_N), most)]
    return {"tickmode": "array", "tickvals": ticks, "ticktext": [tick(value) for value in ticks]}


def value_axis(grid: Grid, **more: Any) -> dict[str, Any]:
    """The axis of the swept hyperparameter: logarithmic, ticks at its values."""
    low, high = math.log10(grid.values_N[0]), math.log10(grid.values_N[-1])
    margin = 0.05 * (high - low) or 0.2
    return {
        "type": "log",
        "title": {"text": f"{plain(grid.hyperparameter)} (log scale)"},
        **value_ticks(grid, 8),
        "range": [low - margin, high + margin],
        **more,
    }


def share_axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis of shares, in percent."""
    return {"title": {"text": title}, "tickformat": ".1~%", **more}


def figure(
    traces: Sequence[go.Scatter | go.Heatmap | go.Bar],
    finding: str,
    layout: dict[str, Any],
    *,
    height: int = 440,
    title_above: int = 42,
    controls: Sequence[Control] = (),
    frames: Sequence[go.Frame] = (),
    narrow: dict[str, Any] | None = None,
) -> go.Figure:
    """A figure of the family.

    Args:
        traces: the first state's.
        finding: its title, not yet escaped.
        layout: what is its own.
        height: in pixels.
        title_above: pixels between the title's last line and the plot, for what stands there.
        controls: what chooses between states.
        frames: every state, named by the positions of the controls.
        narrow: changes of the layout on a narrow screen.
    """
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
    return go.Figure(data=list(traces), layout=common | layout, frames=list(frames))


def template(theme: Literal["light", "dark"]) -> dict[str, Any]:
    """Plotly's template: text, grid and background in both themes."""
    text, grid, line, back = {
        "light": ("#1f2328", "#e4e7ec", "#8b929c", "#ffffff"),
        "dark": ("#e6e8eb", "#2c323b", "#7d8590", "#14171c"),
    }[theme]
    axis = {
        "gridcolor": grid,
        "linecolor": line,
        "zeroline": False,
        "ticks": "outside",
        "tickcolor": line,
        "ticklen": 4,
        "automargin": True,
        "title": {"standoff": 8},
    }
    return {
        "layout": {
            "font": {"family": "system-ui, 'Segoe UI', Roboto, sans-serif", "color": text},
            "paper_bgcolor": back,
            "plot_bgcolor": back,
            "hoverlabel": {
                "bgcolor": back,
                "bordercolor": line,
                "align": "left",
                "font": {"color": text},
            },
            "xaxis": axis,
            "yaxis": axis,
        }
    }
