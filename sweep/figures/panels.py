"""Panels side by side, one an optimizer, with one colour scale above them: for the heat maps.

Legend: see ``drawing``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import plotly.graph_objects as go

from sweep.analysis.metric_words import MetricWords
from sweep.figures.axes import Floats, tick_format
from sweep.figures.drawing import figure
from sweep.figures.text import plain, short

MAX_COLUMNS = 3
"""Panels beside each other."""
PANEL_FRAME = 82
"""Pixels above and below a panel's cells, for its name and its axis."""
BAR_HEIGHT = 100
"""Pixels of the colour bar and its words."""


@dataclass(frozen=True)
class Panels:
    """Where the panels of all optimizers lie.

    Attributes:
        titles: of the panels.
        columns: so many beside each other.
        cells_height: pixels of a panel's cells.
        below, beside: titles of the horizontal and the vertical axis.
    """

    titles: tuple[str, ...]
    columns: int
    cells_height: int
    below: str
    beside: str

    def narrow(self) -> "Panels":
        """The same, all below each other, for a narrow screen."""
        return replace(self, columns=1)

    @property
    def lines(self) -> int:
        """Panels above each other."""
        return -(-len(self.titles) // self.columns)

    @property
    def height(self) -> int:
        """Pixels of all panels together."""
        return self.lines * (PANEL_FRAME + self.cells_height)

    def layout(self, across: dict[str, Any], upward: dict[str, Any]) -> dict[str, Any]:
        """Every panel's axes and words.

        Args:
            across: of every horizontal axis.
            upward: of every vertical axis.
        """
        layout: dict[str, Any] = {"annotations": []}
        for index, title in enumerate(self.titles):
            x, y = self._domains(index)
            suffix = panel_suffix(index)
            is_first = index % self.columns == 0
            layout[f"xaxis{suffix}"] = across | {"domain": x, "anchor": f"y{suffix}"}
            layout[f"yaxis{suffix}"] = upward | {
                "domain": y,
                "anchor": f"x{suffix}",
                "title": {"text": plain(self.beside) if is_first else ""},
                "showticklabels": is_first,
            }
            layout["annotations"] += [
                _words(f"<b>{short(title, 28)}</b>", x[0], y[1], "left", "bottom", 0),
                _words(plain(self.below), sum(x) / 2, y[0], "center", "top", -20),
            ]
        return layout

    def domain(self, index: int) -> dict[str, list[float]]:
        """The part of the figure that a panel has, as a scene's domain."""
        x, y = self._domains(index)
        return {"x": x, "y": y}

    def colours(self, values: Floats, words: MetricWords) -> dict[str, Any]:
        """The common scale of values, bright where they are better, its bar above the panels."""
        known = values[np.isfinite(values)]
        return {
            "colorscale": "Cividis",
            **({} if words.metric.more_is_better else {"reversescale": True}),
            "cmin": float(known.min()) if known.size else 0.0,
            "cmax": float(known.max()) if known.size else 1.0,
            "colorbar": {
                "title": {"text": plain(f"{words.mean}{words.sides}"), "side": "top"},
                "orientation": "h",
                "tickformat": tick_format(words),
                "thickness": 12,
                "len": 0.5,
                "x": 0.5,
                "y": 1 + 26 / self.height,
                "yanchor": "bottom",
                "ypad": 0,
            },
        }

    def _domains(self, index: int) -> tuple[list[float], list[float]]:
        """A panel's horizontal and vertical part, as shares of all panels."""
        line, column = divmod(index, self.columns)
        left, right = column / self.columns, (column + 1) / self.columns
        top, bottom = 1 - line / self.lines, 1 - (line + 1) / self.lines
        return (
            [left + 0.012, right - 0.012],
            [bottom + 52 / self.height, top - 26 / self.height],
        )


def panelled(
    panels: Panels,
    traces: Sequence[go.Heatmap | go.Scatter],
    finding: str,
    *,
    scaled: Floats,
    words: MetricWords,
    across: dict[str, Any],
    upward: dict[str, Any],
) -> go.Figure:
    """The figure of all panels.

    Args:
        panels: where they lie.
        traces: of all of them.
        finding: the figure's title, not yet escaped.
        scaled: what the colours span, values of the metric.
        words: of the metric.
        across: of every horizontal axis.
        upward: of every vertical axis.
    """
    narrow = panels.narrow()
    bar = {"colorbar": {"len": 0.95, "y": 1 + 26 / narrow.height}}
    return figure(
        traces,
        finding,
        panels.layout(across, upward)
        | {
            "coloraxis": panels.colours(scaled, words),
            "margin": {"l": 64, "r": 16, "t": 140, "b": 8},
        },
        height=panels.height + BAR_HEIGHT + 48,
        title_above=72,
        narrow=narrow.layout(across, upward)
        | {"height": narrow.height + BAR_HEIGHT, "coloraxis": bar},
    )


def panel_suffix(index: int) -> str:
    """What Plotly appends to the names of a panel's axes."""
    return str(index + 1) if index else ""


def _words(text: str, x: float, y: float, across: str, down: str, shift: int) -> dict[str, Any]:
    return {
        "text": text,
        "x": x,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "xanchor": across,
        "yanchor": down,
        "yshift": shift,
        "showarrow": False,
    }
