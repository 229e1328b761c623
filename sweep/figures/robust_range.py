"""The bars under the main figure: where each optimizer's accuracy is nearly the best.

Legend: see ``drawing``; M points of a slice.
"""

from typing import Any

import numpy as np

from sweep.analysis import curves
from sweep.analysis.arrays import Grid
from sweep.analysis.domain import Pieces
from sweep.analysis.extents import crossings
from sweep.analysis.wording import listed, number
from sweep.figures.axes import Floats, drawn_at
from sweep.figures.marks import Part, named
from sweep.figures.slices import Slice
from sweep.figures.style import style
from sweep.figures.text import numbers, plain, short


def compute(
    positions_M: Floats, mean_M: Floats, best: float, baseline: float, near: float = curves.MARGIN
) -> Pieces:
    """An optimizer's robust range, in positions.

    Nothing where a point has no mean yet, and where no point is above the baseline by the margin.

    Args:
        positions_M: of its points along the axis.
        mean_M: its mean scores there.
        best: of any optimizer; the range lies within ``near`` of it.
        baseline: score where nothing is learned.
        near: how close to the best is as good.
    """
    if not len(mean_M) or np.isnan(mean_M).any() or curves.learned_nothing(mean_M, baseline, near):
        return ()
    threshold = curves.robust_threshold(np.array(best), baseline, near)
    return crossings(mean_M, positions_M, float(threshold))


def bar(grid: Grid, part: Slice, index: int, pieces: Pieces) -> Part:
    """One optimizer's pieces, all in one trace."""
    look = style(index)
    fixed = named(
        grid.optimizers[index],
        yaxis="y2",
        mode="lines+markers",
        line={"color": look.colour, "width": 6},
        marker={"symbol": look.marker, "size": 8, "color": look.colour},
    )
    shift = 0.0 if part.view is None else float(part.view.shift_O[index])
    drawn = [drawn_at(part.axis, np.array(piece) + shift) for piece in pieces]
    ends = [end for piece in drawn for end in (*numbers(piece), None)]
    moving = {
        "x": ends,
        "y": [None if end is None else index for end in ends],
        "hovertemplate": (
            f"<b>{plain(grid.optimizers[index])}</b>, robust range<br>"
            f"{plain(_words(part, pieces))}{'' if part.view is None else ' (nominal)'}"
            "<extra></extra>"
        ),
    }
    return Part(fixed, {}, moving)


def _words(part: Slice, pieces: Pieces) -> str:
    """The pieces and their length together, with ≥ where it touches an end of the grid."""
    if not pieces:
        return "none"
    axis = part.axis
    length = sum(high - low for low, high in pieces)
    first, last = axis.position(part.values_M[[0, -1]])
    is_open = np.isclose(pieces[0][0], first) or np.isclose(pieces[-1][1], last)
    spans = [
        f"{number(low)} to {number(high)}"
        for low, high in (axis.at(piece).tolist() for piece in pieces)
    ]
    return f"{listed(spans)}: {'≥ ' if is_open else ''}{length:.2f} {axis.length_unit}"


def height_share(grid: Grid) -> float:
    """The share of the height that the bars have."""
    return min(0.5, 0.09 + 0.03 * len(grid.optimizers))


def layout(grid: Grid) -> dict[str, Any]:
    """The axis of the bars and what they are."""
    count, share = len(grid.optimizers), height_share(grid)
    return {
        "yaxis2": {
            "domain": [0, share - 0.06],
            "range": [count - 0.4, -0.6],
            "tickmode": "array",
            "tickvals": list(range(count)),
            "ticktext": [short(label, 20) for label in grid.optimizers],
            "showgrid": False,
            "fixedrange": True,
        },
        "annotations": [
            {
                "text": f"robust range: within {plain(grid.words.near)} of the best mean",
                "x": 0,
                "xref": "paper",
                "y": share - 0.055,
                "yref": "paper",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 12},
            }
        ],
    }
