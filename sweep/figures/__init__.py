"""One figure a file: arrays in, Plotly figure out; ``FIGURES`` has them in a reader's order."""

from collections.abc import Callable

from sweep.figures import curves, robustness
from sweep.figures.family import Drawing, Evidence

FIGURES: dict[str, Callable[[Evidence], Drawing]] = {
    robustness.NAME: robustness.draw,
    curves.NAME: curves.draw,
}
"""By the name that ``sweep report --figure`` takes, in the order in which a reader asks."""
