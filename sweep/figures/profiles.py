"""Performance profiles: the share of trainings whose normalized score is at least τ, over τ.

After Agarwal et al. 2021 (arXiv 2108.13264, Figure 3).

Legend: O optimizers, K values of τ.
"""

import numpy as np
import plotly.graph_objects as go

from sweep.analysis.over_studies import OverStudies
from sweep.analysis.spending import MIN_SEEDS
from sweep.analysis.wording import decimal, listed, percent
from sweep.figures import crowd
from sweep.figures.axes import Floats
from sweep.figures.drawing import Drawing, Table, figure
from sweep.figures.marks import band, interval_cells, interval_words, named
from sweep.figures.style import style
from sweep.figures.text import numbers, plain, tagless

NAME = "profiles"
HALF = 0.5
TOLD = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)
"""Scores that the table has."""


def compute(found: OverStudies) -> tuple[Floats, Floats]:
    """Scores τ (K,), and the share of each optimizer's trainings at or above them (O, K)."""
    return found.profiles.tau_K, found.profiles.share_OK.value


def finding(found: OverStudies) -> str:
    """How many trainings come to half of the normalized range; of many optimizers, two."""
    share_O = found.profiles.at(HALF).value
    order = np.argsort(-share_O, kind="stable").tolist()
    told = order if len(order) <= 4 else [order[0], order[-1]]
    said = [f"{percent(float(share_O[o]), 0)} with {found.names[o]}" for o in told]
    return f"A normalized score of {HALF} or more: {listed(said)} of all trainings"


def draw(found: OverStudies) -> Drawing:
    """The figure."""
    said, rows = finding(found), range(len(found.names))
    shown = crowd.at_first(found.profiles.share_OK.value.mean(axis=1))
    return Drawing(
        name=NAME,
        finding=said,
        start=figure(
            [*(_band(found, o) for o in rows), *(_line(found, o) for o in rows)],
            said,
            {
                "xaxis": {"title": {"text": "normalized score, τ"}},
                "yaxis": {
                    "title": {"text": "trainings at or above τ"},
                    "tickformat": ".0%",
                    "range": [-0.02, 1.02],
                },
            },
            height=440,
            hidden=[name for o, name in enumerate(found.names) if o not in shown],
        ),
        alt="The share of trainings with a normalized score of at least τ, over τ, one line an "
        "optimizer.",
        table=_table(found),
        notes=_notes(found, shown),
    )


def _notes(found: OverStudies, shown: frozenset[int]) -> tuple[str, ...]:
    has_bands = len(found.sensitivity.seeds) >= MIN_SEEDS
    return (
        f"Of {found.profiles.trainings:,} trainings of each optimizer: every study, point and "
        "seed, each counting the same. A line that is nowhere below another is the better one "
        "whatever score is asked for.",
        *(
            ("Bands are pointwise 95 % intervals over seeds; none is drawn where seeds agree.",)
            if has_bands
            else ()
        ),
        *crowd.notes(shown, len(found.names)),
    )


def _band(found: OverStudies, o: int) -> go.Scatter:
    of = found.profiles.share_OK
    return band(
        found.names_of_first, found.places[o], found.profiles.tau_K, of.low[o], of.high[o]
    ).whole()


def _line(found: OverStudies, o: int) -> go.Scatter:
    of, look, seeds = found.profiles.share_OK, style(found.places[o]), len(found.sensitivity.seeds)
    texts = [
        tagless(percent(value) + interval_words(low, high, seeds, percent))
        for value, low, high in zip(of.value[o], of.low[o], of.high[o], strict=True)
    ]
    return go.Scatter(
        named(
            found.names[o],
            showlegend=True,
            x=numbers(found.profiles.tau_K),
            y=numbers(of.value[o]),
            mode="lines",
            line={"color": look.colour, "width": 2.5, "dash": look.dash},
            customdata=texts,
            hovertemplate=(
                f"<b>{plain(found.names[o])}</b><br>τ = %{{x}}: %{{customdata}}<extra></extra>"
            ),
        )
    )


def _table(found: OverStudies) -> Table:
    rows = []
    for tau in TOLD:
        of = found.profiles.at(tau)
        for o, name in enumerate(found.names):
            ends = interval_cells(float(of.low[o]), float(of.high[o]))
            rows.append((name, decimal(tau, 2), percent(float(of.value[o])), *ends))
    return Table(("optimizer", "τ", "trainings at or above", "from", "to"), tuple(rows))
