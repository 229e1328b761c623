"""The bars under the main figure: where each optimizer's accuracy is nearly the best.

Legend: see ``family``.
"""

import numpy as np

from sweep.analysis.arrays import Grid
from sweep.analysis.curves import MARGIN
from sweep.analysis.domain import Domain, Pieces
from sweep.figures.family import Floats, listed, number, plain, short, style
from sweep.figures.marks import Part, named


def compute(domain: Domain, mean_ON: Floats) -> tuple[Pieces, ...]:
    """Each optimizer's robust range; nothing where a value has no mean yet."""
    known = mean_ON[np.isfinite(mean_ON)]
    threshold = known.max(initial=-np.inf) - MARGIN
    return tuple(
        () if np.isnan(mean_N).any() else domain.pieces_above(mean_N, threshold)
        for mean_N in mean_ON
    )


def bar(grid: Grid, index: int, pieces: Pieces) -> Part:
    """One optimizer's pieces, all in one trace."""
    look = style(index)
    ends = [end for piece in pieces for end in (*piece, None)]
    fixed = named(
        grid.optimizers[index],
        yaxis="y2",
        mode="lines+markers",
        line={"color": look.colour, "width": 6},
        marker={"symbol": look.marker, "size": 8, "color": look.colour},
    )
    moving = {
        "x": [end and float(f"{end:.4g}") for end in ends],
        "y": [None if end is None else index for end in ends],
        "hovertemplate": (
            f"<b>{plain(grid.optimizers[index])}</b>, robust range<br>"
            f"{_words(grid, pieces)}<extra></extra>"
        ),
    }
    return fixed, moving


def _words(grid: Grid, pieces: Pieces) -> str:
    """The pieces and their length together, with ≥ where it touches an end of the grid."""
    if not pieces:
        return "none"
    decades = sum(np.log10(high / low) for low, high in pieces)
    is_open = np.isclose(pieces[0][0], grid.values_N[0]) or np.isclose(
        pieces[-1][1], grid.values_N[-1]
    )
    spans = listed([f"{number(low)} to {number(high)}" for low, high in pieces])
    return f"{spans}: {'≥ ' if is_open else ''}{decades:.2f} decades"


def height_share(grid: Grid) -> float:
    """The share of the height that the bars have."""
    return min(0.5, 0.09 + 0.03 * len(grid.optimizers))


def layout(grid: Grid) -> dict:
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
                "text": f"robust range: within {100 * MARGIN:.0f} points of the best mean",
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
