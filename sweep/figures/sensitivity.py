"""Sensitivity against tuned score, one point an optimizer: the plane of Adkins et al. 2024.

arXiv 2412.07165, section 4. Tuned minus sensitivity is the score with one point for all studies, so
that score is the same all along a diagonal; the best one's is drawn.

Legend: O optimizers.
"""

import numpy as np
import plotly.graph_objects as go

from sweep.analysis.intervals import Estimate
from sweep.analysis.over_studies import OverStudies
from sweep.analysis.over_studies_words import ends_words
from sweep.analysis.spending import MIN_SEEDS
from sweep.analysis.wording import decimal
from sweep.figures.axes import Floats
from sweep.figures.drawing import Drawing, Table, figure
from sweep.figures.marks import interval_cells, named, no_width_notes
from sweep.figures.style import NEUTRAL, style
from sweep.figures.text import numbers, plain, tagless

NAME = "sensitivity"
MARGIN = 0.08
"""Of an axis' range, at both ends, as a share of what is drawn."""


def compute(found: OverStudies) -> tuple[Floats, Floats]:
    """Ends of the diagonal through the highest score with one point for all: x (2,) and y (2,)."""
    needed = found.sensitivity
    x = np.array(_reach(needed.sensitivity))
    return x, x + needed.shared.value.max()


def finding(found: OverStudies) -> str:
    """Who scores highest where each study is tuned, and who loses least where none is."""
    needed = found.sensitivity
    best = int(np.argmax(needed.tuned.value))
    least = int(np.argmin(needed.sensitivity.value))
    first = f"Tuned for each study, {found.names[best]} scores highest"
    lost = decimal(float(needed.sensitivity.value[least]))
    who = "it" if least == best else found.names[least]
    return (
        f"{first} ({decimal(float(needed.tuned.value[best]))}), and {who} loses least with one "
        f"point for all ({lost})"
    )


def draw(found: OverStudies) -> Drawing:
    """The figure."""
    needed, said = found.sensitivity, finding(found)
    return Drawing(
        name=NAME,
        finding=said,
        start=figure(
            [_diagonal(found), *(_point(found, o) for o in range(len(found.names)))],
            said,
            {
                "xaxis": {
                    "title": {"text": "sensitivity (← less is better)"},
                    "range": _reach(needed.sensitivity),
                },
                "yaxis": {
                    "title": {"text": "tuned score (more is better →)"},
                    "range": _reach(needed.tuned),
                },
            },
            height=460,
        ),
        alt="Tuned normalized score against sensitivity, one point an optimizer; the upper left "
        "corner is the one to be in.",
        table=_table(found),
        notes=_notes(found),
    )


def _notes(found: OverStudies) -> tuple[str, ...]:
    needed = found.sensitivity
    best = int(np.argmax(needed.shared.value))
    bars = (
        (f"Bars are 95 % intervals over {len(needed.seeds)} seeds.",)
        if len(needed.seeds) >= MIN_SEEDS
        else ()
    )
    return (
        "The upper left corner is the one to be in: a high score where each study is tuned, and "
        "little lost where none is.",
        "All along the dotted diagonal one point for all studies gives the same score as it does "
        f"with {found.names[best]} ({decimal(float(needed.shared.value[best]))}), above it a "
        "higher one, and below it a lower one.",
        "Scores of each study are normalized: the 5th percentile of all its means is 0, the 95th "
        "is 1. A best of noisy scores is too high, the more so the more points there are.",
        *bars,
        *no_width_notes(needed.sensitivity),
    )


def _reach(estimate: Estimate) -> list[float]:
    """From a little below to a little above all values and intervals."""
    ends = np.concatenate([estimate.value, estimate.low, estimate.high])
    low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
    around = MARGIN * (high - low) or 0.1
    return [low - around, high + around]


def _diagonal(found: OverStudies) -> go.Scatter:
    x, y = compute(found)
    return go.Scatter(
        x=numbers(x),
        y=numbers(y),
        mode="lines",
        line={"color": NEUTRAL, "width": 1.5, "dash": "dot"},
        showlegend=False,
        hoverinfo="skip",
    )


def _point(found: OverStudies, o: int) -> go.Scatter:
    needed, look, name = found.sensitivity, style(found.places[o]), found.names[o]
    said = (
        f"sensitivity {ends_words(needed.sensitivity, o)}<br>tuned {ends_words(needed.tuned, o)}"
        f"<br>one for all {ends_words(needed.shared, o)}, at {tagless(str(needed.shared_point[o]))}"
    )
    return go.Scatter(
        named(
            name,
            showlegend=True,
            x=numbers([needed.sensitivity.value[o]]),
            y=numbers([needed.tuned.value[o]]),
            mode="markers",
            marker={"symbol": look.marker, "size": 12, "color": look.colour},
            error_x=_bar(needed.sensitivity, o),
            error_y=_bar(needed.tuned, o),
            customdata=[said],
            hovertemplate=f"<b>{plain(name)}</b><br>%{{customdata}}<extra></extra>",
        )
    )


def _bar(estimate: Estimate, o: int) -> dict:
    value, low, high = (part[o] for part in (estimate.value, estimate.low, estimate.high))
    return {
        "array": numbers([high - value]),
        "arrayminus": numbers([value - low]),
        "thickness": 1.5,
        "width": 4,
    }


def _table(found: OverStudies) -> Table:
    needed = found.sensitivity
    rows = tuple(
        (
            name,
            *(
                cell
                for of in (needed.sensitivity, needed.tuned, needed.shared)
                for cell in (
                    decimal(float(of.value[o])),
                    *interval_cells(float(of.low[o]), float(of.high[o]), decimal),
                )
            ),
        )
        for o, name in enumerate(found.names)
    )
    ends = ("from", "to")
    return Table(("optimizer", "sensitivity", *ends, "tuned", *ends, "one for all", *ends), rows)
