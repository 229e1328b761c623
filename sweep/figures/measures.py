"""Figure 2: the measures of robustness side by side, each with its interval.

Legend: see ``drawing``; M panels, one a measure.
"""

import math
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from sweep.analysis.evidence import Evidence
from sweep.analysis.measures import Measures
from sweep.analysis.wording import capitalised
from sweep.figures.drawing import Drawing, Table, figure
from sweep.figures.marks import named, no_width_notes
from sweep.figures.measures_arrays import Panel, compute
from sweep.figures.style import style
from sweep.figures.text import numbers, plain, short

NAME = "measures"
MAX_IN_LEGEND = 8
"""Optimizers that a legend can name."""
PANEL_HEAD, PANEL_FOOT = 44, 40
"""Pixels above a panel's rows, for its name, and below them, for its axis."""


def finding(evidence: Evidence) -> str:
    """The primary measure of the best and the last, or of all if they are few."""
    measures = evidence.measures
    means = {
        label: float(mean)
        for label, mean in zip(measures.optimizers, measures.mean_accuracy_O.value, strict=True)
        if np.isfinite(mean)
    }
    if not means:
        return f"Nothing can be compared yet ({evidence.pictures})"
    over = "area" if measures.domain.is_area else "range"
    words = measures.words
    return f"{capitalised(words.mean)} over the {over}: {words.ranked(means)} ({evidence.pictures})"


def draw(evidence: Evidence) -> Drawing:
    """The figure: a panel a measure, a row an optimizer."""
    measures, panels = evidence.measures, compute(evidence.measures)
    said = finding(evidence)
    wide, narrow = _Columns(4, panels, measures), _Columns(2, panels, measures)
    return Drawing(
        name=NAME,
        finding=said,
        start=figure(
            [
                go.Scatter(_trace(evidence, panel, position, row))
                for position, panel in enumerate(panels)
                for row in range(len(measures.optimizers))
            ],
            said,
            _layout(measures, panels, wide),
            height=wide.height + 96,
            narrow=_layout(measures, panels, narrow) | {"height": narrow.height + 20},
        ),
        alt="Each measure of robustness in a panel, one point with its interval an optimizer.",
        table=_table(measures, panels),
        notes=_notes(measures),
    )


def _suffix(position: int) -> str:
    return str(position + 1) if position else ""


def _trace(evidence: Evidence, panel: Panel, position: int, row: int) -> dict:
    label = evidence.measures.optimizers[row]
    look = style(evidence.grid.optimizers.index(label))
    value, low, high = panel.of(row)
    words = panel.words(row)
    if panel.words_O and panel.words_O[row]:
        return _in_words(label, panel, position, row)
    return named(
        label,
        showlegend=position == 0 and not _are_rows_named(evidence.measures),
        x=numbers([value]),
        y=[row],
        xaxis=f"x{_suffix(position)}",
        yaxis=f"y{_suffix(position)}",
        mode="markers",
        marker={"symbol": look.marker, "size": 11, "color": look.colour},
        error_x={
            "array": numbers([high - value]),
            "arrayminus": numbers([value - low]),
            "color": look.colour,
            "thickness": 2,
            "width": 4,
        },
        customdata=[words],
        hovertemplate=(
            f"<b>{plain(label)}</b><br>{plain(panel.title)}<br>%{{customdata}}<extra></extra>"
        ),
    )


def _are_rows_named(measures: Measures) -> bool:
    """Whether the rows have names at their left, where a legend would be too long to look up."""
    return len(measures.optimizers) > MAX_IN_LEGEND


def _in_words(label: str, panel: Panel, position: int, row: int) -> dict:
    """What stands at the left end of a row that has no value."""
    return named(
        label,
        x=numbers([_axis(panel)["range"][0]]),
        y=[row],
        xaxis=f"x{_suffix(position)}",
        yaxis=f"y{_suffix(position)}",
        mode="text",
        text=[plain(panel.words(row))],
        textposition="middle right",
        textfont={"size": 12},
        hoverinfo="skip",
    )


@dataclass(frozen=True)
class _Columns:
    """Where the panels lie, in so many columns."""

    columns: int
    panels: tuple[Panel, ...]
    measures: Measures

    @property
    def lines(self) -> int:
        return max(1, -(-len(self.panels) // self.columns))

    @property
    def height(self) -> int:
        """In pixels, of all panels together."""
        return self.lines * (PANEL_HEAD + PANEL_FOOT + 26 * len(self.measures.optimizers))

    def place(self, position: int) -> tuple[list[float], list[float]]:
        """Horizontal and vertical domain of a panel, row by row from the top."""
        line, column = divmod(position, self.columns)
        left, width = column / self.columns, 1 / self.columns
        top, bottom = 1 - line / self.lines, 1 - (line + 1) / self.lines
        return (
            [left + 0.015, left + width - 0.015],
            [bottom + PANEL_FOOT / self.height, top - PANEL_HEAD / self.height],
        )


def _layout(measures: Measures, panels: tuple[Panel, ...], columns: _Columns) -> dict:
    layout: dict = {"annotations": [], "margin": {"l": 16, "r": 16, "t": 96, "b": 8}}
    count = len(measures.optimizers)
    for position, panel in enumerate(panels):
        across, down = columns.place(position)
        suffix = _suffix(position)
        layout[f"xaxis{suffix}"] = _axis(panel) | {
            "domain": across,
            "anchor": f"y{suffix}",
            "fixedrange": True,
        }
        layout[f"yaxis{suffix}"] = {
            "domain": down,
            "anchor": f"x{suffix}",
            "range": [count - 0.4, -0.6],
            "tickmode": "array",
            "tickvals": list(range(count)),
            "ticktext": [short(label, 18) for label in measures.optimizers],
            "showticklabels": _are_rows_named(measures) and position % columns.columns == 0,
            "ticks": "",
            "fixedrange": True,
        }
        arrow = "more is better →" if panel.better == "more" else "← less is better"
        layout["annotations"].append(
            {
                "text": f"<b>{plain(panel.title)}</b><br>{arrow}",
                "x": across[0],
                "y": down[1],
                "xref": "paper",
                "yref": "paper",
                "xanchor": "left",
                "yanchor": "bottom",
                "align": "left",
                "showarrow": False,
                "font": {"size": 12},
            }
        )
    return layout


def _axis(panel: Panel) -> dict:
    """A panel's range with two to five ticks; none is where the measure cannot be."""
    estimate = panel.estimate
    ends = np.concatenate([estimate.value, estimate.low, estimate.high])
    ends = ends[np.isfinite(ends)]
    low, high = (float(ends.min()), float(ends.max())) if ends.size else (0.0, 0.0)
    if high == low:
        low, high = max(panel.lowest, low - 0.5 * abs(low)), low + (0.5 * abs(low) or 1)
    margin = 0.08 * (high - low)
    ticks = [tick for tick in round_numbers(low - margin, high + margin) if tick >= panel.lowest]
    return {"range": [low - margin, high + margin], "tickvals": ticks}


def round_numbers(low: float, high: float) -> list[float]:
    """Two to five round numbers from ``low`` to ``high``.

    Example:
        >>> round_numbers(90.4, 98.9)
        [92.0, 94.0, 96.0, 98.0]
    """
    power = 10.0 ** math.floor(math.log10((high - low) / 5))
    for factor in (1, 2, 2.5, 5, 10):
        step = factor * power
        first, last = math.ceil(low / step), math.floor(high / step)
        if last - first < 5:
            break
    return [float(f"{count * step:.15g}") for count in range(first, last + 1)]


def _table(measures: Measures, panels: tuple[Panel, ...]) -> Table:
    rows = tuple(
        (
            panel.title,
            *(panel.words(row) for row in range(len(measures.optimizers))),
        )
        for panel in panels
    )
    return Table(("measure", *measures.optimizers), rows)


def _notes(measures: Measures) -> tuple[str, ...]:
    if measures.has_intervals:
        return (
            f"Bars are 95 % intervals over {len(measures.seeds)} seeds. Overlapping bars do not "
            "show that two optimizers are equal, nor the reverse: the comparison is paired, and "
            f"the verdict rests on the {measures.words.mean} alone.",
            *no_width_notes(measures.accuracy_ON),
        )
    return ("With fewer than 3 seeds there are no intervals, and nothing is claimed.",)
