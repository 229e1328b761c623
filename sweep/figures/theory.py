"""The curves of normal gradients: theory, its approximation, simulation, and RAdam's r.

In the flow: two figures draw them, one beside what was measured of a study and one alone.
"""

from collections.abc import Iterator
from typing import Any

from sweep.analysis.adaptive_rate import Theory
from sweep.figures.axes import Floats
from sweep.figures.marks import Part, named
from sweep.figures.style import NEUTRAL
from sweep.figures.text import numbers, plain

_WIDE = {"width": 7, "color": "rgba(127,127,127,.3)"}
_LINE = {"width": 2, "color": NEUTRAL}


def theory_parts(curves: Theory) -> Iterator[Part]:
    """A line each; what another β₂ changes is what moves."""
    known: tuple[tuple[str, Floats, dict[str, Any]], ...] = (
        ("normal gradients, simulated", curves.simulated, _WIDE),
        ("theory (Theorem 1)", curves.exact, _LINE),
        ("its approximation", curves.approximate, _LINE | {"dash": "dot"}),
    )
    for name, values, line in known:
        yield theory_part(name, curves, values, line)
    line = {"width": 2.5, "color": NEUTRAL, "dash": "dash"}
    yield theory_part("RAdam's r", curves, curves.rectification, line, "r is %{y:.3f}", "y2")


def theory_part(
    name: str,
    curves: Theory,
    values: Floats,
    line: dict[str, Any],
    hover: str = "relative variance %{y:.3~g}",
    axis: str = "y",
) -> Part:
    """One line over steps."""
    fixed = named(
        name,
        showlegend=True,
        mode="lines",
        line=line,
        yaxis=axis,
        hovertemplate=f"{plain(name)}<br>step %{{x}}: {hover}<extra></extra>",
    )
    return Part(fixed, {}, {"x": numbers(curves.steps, 6), "y": numbers(values, 4)})


def theory_layout() -> dict[str, Any]:
    """Variances above, r below, over the same steps."""
    return {
        "xaxis": {
            "title": {"text": "training step (log scale)"},
            "type": "log",
            "dtick": 1,
            "anchor": "y2",
        },
        "yaxis": {
            "title": {"text": "relative variance (log scale)"},
            "type": "log",
            "domain": [0.36, 1],
            "tickformat": "~g",
            "dtick": 1,
        },
        "yaxis2": {"title": {"text": "RAdam's r"}, "domain": [0, 0.28], "range": [0, 1.05]},
    }
