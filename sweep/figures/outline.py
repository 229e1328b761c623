"""The outline of the region in which a surface over two axes is at or above a level. Pure.

The surface is the one whose area is measured (``extents.area_above``): linear on the four triangles
between a cell's corners and its middle, where it has the corners' mean.

Legend: Y positions of the first dimension, X of the second.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Place = tuple[float, float]
"""Along the first and the second dimension."""
Segments = tuple[tuple[Place, Place], ...]


def outline(surface_YX: Floats, y: Floats, x: Floats, level: float) -> Segments:
    """The pieces of the line along which a surface crosses a level.

    Args:
        surface_YX: heights; where a corner of a cell is not known, the cell has no outline.
        y, x: positions of its lines and columns, ascending.
        level: the height that is crossed.

    Example:
        >>> outline(np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([0.0, 2.0]),
        ...         np.array([0.0, 2.0]), 0.75)[0]
        ((0.0, 1.5), (0.5, 1.5))
    """
    return tuple(
        crossed
        for corners in _triangles(surface_YX, y, x)
        if (crossed := _crossing(corners, level)) is not None
    )


_Corner = tuple[float, float, float]
"""Position along both dimensions, and height."""


def _triangles(surface_YX: Floats, y: Floats, x: Floats) -> Iterator[tuple[_Corner, ...]]:
    for i in range(len(y) - 1):
        for j in range(len(x) - 1):
            around = [
                (float(y[at]), float(x[to]), float(surface_YX[at, to]))
                for at, to in ((i, j), (i, j + 1), (i + 1, j + 1), (i + 1, j))
            ]
            middle = tuple(float(np.mean(part)) for part in zip(*around, strict=True))
            for at, corner in enumerate(around):
                yield corner, around[(at + 1) % 4], middle  # type: ignore[misc]


def _crossing(corners: tuple[_Corner, ...], level: float) -> tuple[Place, Place] | None:
    """Where the plane through three corners is at the level: between two of its sides."""
    heights = [height for _, _, height in corners]
    inside = [height >= level for height in heights]
    if np.isnan(heights).any() or len({*inside}) == 1:
        return None
    ends = [
        _between(corners[at], corners[(at + 1) % 3], level)
        for at in range(3)
        if inside[at] != inside[(at + 1) % 3]
    ]
    return ends[0], ends[1]


def _between(low: _Corner, high: _Corner, level: float) -> Place:
    share = (level - low[2]) / (high[2] - low[2])
    return low[0] + share * (high[0] - low[0]), low[1] + share * (high[1] - low[1])
