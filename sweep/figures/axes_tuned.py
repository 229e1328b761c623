"""Tuned score against the number of axes that are tuned for each study.

The effective dimensionality of Adkins et al. 2024 (arXiv 2412.07165, section 4) is where a line
comes to 95 % of its end.

Legend: O optimizers, C = A + 1 counts of tuned axes.
"""

import numpy as np
import plotly.graph_objects as go

from sweep.analysis.over_studies import OverStudies
from sweep.analysis.over_studies_words import ends_words
from sweep.analysis.sensitivity import NEAR_PEAK
from sweep.analysis.spending import MIN_SEEDS
from sweep.analysis.wording import decimal, listed, percent
from sweep.figures import crowd
from sweep.figures.axes import Floats
from sweep.figures.drawing import Drawing, Table, figure
from sweep.figures.marks import band, interval_cells, lined, named
from sweep.figures.text import numbers, plain

NAME = "axes-tuned"


def compute(found: OverStudies) -> Floats:
    """How many axes are tuned: 0 … A; the scores are in ``found``."""
    return np.arange(len(found.sensitivity.axes) + 1, dtype=np.float64)


def finding(found: OverStudies) -> str:
    """How many axes bring each optimizer near its tuned score; of many optimizers, two."""
    needed = found.sensitivity
    order = np.argsort(needed.dimensionality, kind="stable").tolist()
    told = order if len(order) <= 4 else [order[0], order[-1]]
    said = [f"{found.names[o]} {needed.dimensionality[o]}" for o in told]
    return (
        f"Axes to tune for each study, to come to {percent(NEAR_PEAK, 0)} of the tuned score: "
        f"{listed(said)} of {len(needed.axes)}"
    )


def draw(found: OverStudies) -> Drawing:
    """The figure."""
    said, counts = finding(found), compute(found)
    rows = range(len(found.names))
    shown = crowd.at_first(found.sensitivity.shared.value)
    return Drawing(
        name=NAME,
        finding=said,
        start=figure(
            [*(_band(found, counts, o) for o in rows), *(_line(found, counts, o) for o in rows)],
            said,
            {
                "xaxis": {
                    "title": {"text": "axes tuned for each study"},
                    "tickvals": numbers(counts),
                },
                "yaxis": {"title": {"text": "normalized score"}},
            },
            height=420,
            hidden=[name for o, name in enumerate(found.names) if o not in shown],
        ),
        alt="The normalized score against the number of axes tuned, one line an optimizer.",
        table=_table(found, counts),
        notes=(
            "Those axes are tuned for each study that gain most; the others stay at the best point "
            "for all.",
            *(
                ("Bands are 95 % intervals over seeds.",)
                if len(found.sensitivity.seeds) >= MIN_SEEDS
                else ()
            ),
            *crowd.notes(shown, len(rows)),
        ),
    )


def _band(found: OverStudies, counts: Floats, o: int) -> go.Scatter:
    of = found.sensitivity.by_tuned_OC
    return band(found.names_of_first, found.places[o], counts, of.low[o], of.high[o]).whole()


def _line(found: OverStudies, counts: Floats, o: int) -> go.Scatter:
    of, name = found.sensitivity.by_tuned_OC, found.names[o]
    return go.Scatter(
        named(
            name,
            showlegend=True,
            x=numbers(counts),
            y=numbers(of.value[o]),
            customdata=[ends_words(of, (o, c)) for c in range(len(counts))],
            hovertemplate=f"<b>{plain(name)}</b><br>%{{x}} tuned: %{{customdata}}<extra></extra>",
        )
        | lined(found.places[o])
    )


def _table(found: OverStudies, counts: Floats) -> Table:
    of = found.sensitivity.by_tuned_OC
    rows = tuple(
        (
            name,
            str(int(count)),
            decimal(float(of.value[o, c])),
            *interval_cells(float(of.low[o, c]), float(of.high[o, c]), decimal),
        )
        for o, name in enumerate(found.names)
        for c, count in enumerate(counts)
    )
    return Table(("optimizer", "axes tuned", "score", "from", "to"), rows)
