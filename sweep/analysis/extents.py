"""Weights, lengths and areas of curves and surfaces over positions. Pure, vectorised.

Legend: N positions of one axis; I, J positions of two; X any leading axes.
"""

import numpy as np

from sweep.analysis.arrays import Bools, Floats

ROUNDING = 1e-9
"""Accuracies and losses that are nearer to each other are the same."""


def trapezoid_weights(position_N: Floats) -> Floats:
    """Weights of the trapezoid rule over positions, of sum 1.

    Args:
        position_N: ascending.

    Example:
        >>> trapezoid_weights(np.array([0.0, 1.0, 3.0])).round(3).tolist()
        [0.167, 0.5, 0.333]
    """
    if len(position_N) == 1:
        return np.ones(1)
    steps = np.diff(position_N)
    weights_N = np.zeros(len(position_N))
    weights_N[:-1] += steps / 2
    weights_N[1:] += steps / 2
    return weights_N / weights_N.sum()


def length_above(curve_XN: Floats, position_N: Floats, threshold_X: Floats) -> Floats:
    """Total length over which a curve is at or above a threshold; all pieces together.

    The curve is linear between the positions.

    Args:
        curve_XN: (…, N).
        position_N: ascending.
        threshold_X: (…,) or what broadcasts to it.

    Returns:
        (…,); 0 where N is 1.
    """
    left, right = curve_XN[..., :-1], curve_XN[..., 1:]
    above = np.maximum(left, right) - (threshold_X[..., None] - ROUNDING)
    rise = np.maximum(np.abs(right - left), ROUNDING)
    return np.clip(above / rise, 0, 1) @ np.diff(position_N)


def area_above(
    surface_XIJ: Floats, position_I: Floats, position_J: Floats, threshold_X: Floats
) -> Floats:
    """Total area over which a surface is at or above a threshold; all pieces together.

    The surface is linear on the four triangles between a cell's corners and its middle, where it
    has the corners' mean: no direction is preferred.

    Args:
        surface_XIJ: (…, I, J).
        position_I, position_J: ascending.
        threshold_X: (…,) or what broadcasts to it.

    Returns:
        (…,); 0 where I or J is 1.
    """
    corners = np.stack(
        [
            surface_XIJ[..., :-1, :-1],
            surface_XIJ[..., :-1, 1:],
            surface_XIJ[..., 1:, 1:],
            surface_XIJ[..., 1:, :-1],
        ]
    )
    shares = share_of_triangle(
        corners, np.roll(corners, -1, axis=0), corners.mean(axis=0), threshold_X[..., None, None]
    )
    cells_IJ = np.outer(np.diff(position_I), np.diff(position_J))
    return np.sum(shares.mean(axis=0) * cells_IJ, axis=(-2, -1))


def share_of_triangle(a_X: Floats, b_X: Floats, c_X: Floats, threshold_X: Floats) -> Floats:
    """Share of a triangle's area on which the plane through three corner values is at or above.

    Example:
        >>> share_of_triangle(*map(np.array, (0.0, 0.0, 1.0)), np.array(0.5)).round(3).item()
        0.25
    """
    corners = np.stack(np.broadcast_arrays(a_X, b_X, c_X), axis=-1)
    low, middle, high = np.moveaxis(np.sort(corners, axis=-1), -1, 0)
    level = threshold_X - ROUNDING
    whole = np.maximum(high - low, ROUNDING)
    top = (high - level) ** 2 / (whole * np.maximum(high - middle, ROUNDING))
    bottom = 1 - (level - low) ** 2 / (whole * np.maximum(middle - low, ROUNDING))
    share = np.where(level > middle, top, bottom)
    return np.where(level <= low, 1.0, np.where(level > high, 0.0, np.clip(share, 0, 1)))


def touches_edge(surface: Floats, dimensions: int, threshold_X: Floats) -> Bools:
    """Whether a curve (…, N) or a surface (…, I, J) is at or above a threshold at an edge.

    Of a single point it is, where it is at or above the threshold there.
    """
    if dimensions < 2:
        highest = np.maximum(surface[..., 0], surface[..., -1])
        return highest >= threshold_X - ROUNDING
    edges = (surface[..., 0, :], surface[..., -1, :], surface[..., :, 0], surface[..., :, -1])
    highest = np.max([edge.max(axis=-1) for edge in edges], axis=0)
    return highest >= threshold_X - ROUNDING


def crossings(
    curve_N: Floats, position_N: Floats, threshold: float
) -> tuple[tuple[float, float], ...]:
    """The pieces (from, to), in positions, on which a curve is at or above a threshold.

    The pieces of one curve whose lengths ``length_above`` adds up. A piece may be a single
    position.
    """
    over = curve_N - threshold
    inside = over >= -ROUNDING
    pieces: list[tuple[float, float]] = []
    start: float | None = float(position_N[0]) if inside[0] else None
    for at in range(1, len(position_N)):
        if inside[at - 1] == inside[at]:
            continue
        share = float(np.clip(over[at - 1] / (over[at - 1] - over[at]), 0, 1))
        crossing = float(position_N[at - 1] + share * (position_N[at] - position_N[at - 1]))
        if start is None:
            start = crossing
        else:
            pieces.append((start, crossing))
            start = None
    if start is not None:
        pieces.append((start, float(position_N[-1])))
    return tuple(pieces)
