"""One figure a file: arrays in, Plotly figure out; ``FIGURES`` has them in a reader's order."""

from collections.abc import Callable

from sweep.analysis.evidence import Evidence
from sweep.figures import (
    adaptive_rate,
    best_of_k,
    curves,
    effective_rate,
    gradients,
    heatmap,
    improvement,
    measures,
    robustness,
)
from sweep.figures.drawing import Drawing

FIGURES: dict[str, Callable[[Evidence], Drawing]] = {
    robustness.NAME: robustness.draw,
    measures.NAME: measures.draw,
    curves.NAME: curves.draw,
    heatmap.NAME: heatmap.draw,
    best_of_k.NAME: best_of_k.draw,
    improvement.NAME: improvement.draw,
    effective_rate.NAME: effective_rate.draw,
    gradients.NAME: gradients.draw,
    adaptive_rate.NAME: adaptive_rate.draw,
}
"""By the name that ``sweep report --figure`` takes, in the order in which a reader asks."""
