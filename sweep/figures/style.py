"""How figures look: one style an optimizer, and text, grid and background in two themes."""

from dataclasses import dataclass
from typing import Any, Literal

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#c4679b", "#b07a00", "#3d8fc4", "#7a7a7a", "#8a6642")
"""After Okabe and Ito (2008), the light ones darkened: contrast of 3 on white and on near-black."""
MARKERS = ("circle", "square", "diamond", "triangle-up", "star", "triangle-down", "hexagon")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
NEUTRAL = "#7f7f7f"


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
    in_space = {
        "gridcolor": grid,
        "linecolor": line,
        "zerolinecolor": grid,
        "showbackground": False,
        "showspikes": False,
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
            "scene": dict.fromkeys(("xaxis", "yaxis", "zaxis"), in_space),
        }
    }
