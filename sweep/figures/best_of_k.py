"""Figure 5: the best accuracy to expect of k points, tried at random.

Legend: see ``drawing``; K = N points tried.
"""

import numpy as np
import plotly.graph_objects as go

from sweep.analysis.evidence import Evidence
from sweep.analysis.measures import Measures
from sweep.analysis.wording import counted, counted_values, listed
from sweep.figures import crowd
from sweep.figures.axes import Floats, metric_axis
from sweep.figures.drawing import Drawing, Table, figure
from sweep.figures.marks import band, interval_cells, interval_words, lined, named, no_width_notes
from sweep.figures.text import numbers, plain, tagless, thinned

NAME = "best-of-k"


def compute(measures: Measures) -> Floats:
    """How many points are tried: k = 1 … N; the accuracies are in ``measures``."""
    return np.arange(1, measures.expected_best_OK.value.shape[1] + 1, dtype=np.float64)


def finding(evidence: Evidence) -> str:
    """What one point tried at random gives, and what all of them give."""
    measures, level = evidence.measures, evidence.measures.words.level
    best_OK = measures.expected_best_OK.value
    if not np.isfinite(best_OK).any():
        return f"Nothing can be compared yet ({evidence.pictures})"
    order = [index for index in np.argsort(-best_OK[:, 0]) if np.isfinite(best_OK[index, 0])]
    told = order if len(order) <= 3 else [order[0], order[-1]]
    said = [
        f"{measures.optimizers[index]} {level(best_OK[index, 0])} (best of all "
        f"{level(best_OK[index, -1])})"
        for index in told
    ]
    one = tried_words(measures, 1).removeprefix("1 ")
    return f"One {one} tried at random gives {listed(said)} ({evidence.pictures})"


def tried_words(measures: Measures, count: int) -> str:
    """``7 learning rates``; of two axes ``42 pairs of batch size and learning rate``."""
    if len(measures.axes) == 1:
        return counted_values(count, measures.hyperparameter)
    return f"{counted(count, 'pair')} of {measures.hyperparameter}"


def draw(evidence: Evidence) -> Drawing:
    """The figure."""
    measures = evidence.measures
    said = finding(evidence)
    tried = compute(measures)
    ticks = [int(tried[position]) for position in thinned(len(tried), 10)]
    rows = range(len(measures.optimizers))
    shown = crowd.at_first(measures.expected_best_OK.value[:, 0])
    several = plain(tried_words(measures, 2).removeprefix("2 "))
    return Drawing(
        name=NAME,
        finding=said,
        start=figure(
            [*(_band(evidence, tried, row) for row in rows)]
            + [_line(evidence, tried, row) for row in rows],
            said,
            {
                "xaxis": {
                    "title": {"text": f"{several} tried, k"},
                    "tickvals": ticks,
                },
                "yaxis": metric_axis(measures.words, "expected best"),
            },
            height=420,
            hidden=[label for row, label in enumerate(measures.optimizers) if row not in shown],
        ),
        alt=f"Expected best {measures.metric.name} against the number of values tried, one line "
        "an optimizer.",
        table=_table(measures, tried),
        notes=(
            f"The expected best {measures.words.mean} of k of "
            f"{tried_words(measures, len(tried))}, drawn at random without replacement: what "
            "tuning at that budget would give.",
            *(("Bands are 95 % intervals over seeds.",) if measures.has_intervals else ()),
            *crowd.notes(shown, len(rows)),
            *no_width_notes(measures.expected_best_OK),
        ),
    )


def _band(evidence: Evidence, tried: Floats, row: int) -> go.Scatter:
    measures = evidence.measures
    label, best = measures.optimizers[row], measures.expected_best_OK.in_values(measures.metric)
    index = evidence.grid.optimizers.index(label)
    part = band(evidence.grid.optimizers, index, tried, best.low[row], best.high[row])
    return part.whole()


def _line(evidence: Evidence, tried: Floats, row: int) -> go.Scatter:
    measures, label = evidence.measures, evidence.measures.optimizers[row]
    best, write = measures.expected_best_OK.in_values(measures.metric), measures.words.written
    texts = [
        tagless(write(value) + interval_words(low, high, len(measures.seeds), write))
        for value, low, high in zip(best.value[row], best.low[row], best.high[row], strict=True)
    ]
    return go.Scatter(
        named(
            label,
            showlegend=True,
            x=numbers(tried),
            y=numbers(best.value[row]),
            customdata=texts,
            hovertemplate=(
                f"<b>{plain(label)}</b><br>best of %{{x}}: %{{customdata}}<extra></extra>"
            ),
        )
        | lined(evidence.grid.optimizers.index(label))
    )


def _table(measures: Measures, tried: Floats) -> Table:
    best, words = measures.expected_best_OK.in_values(measures.metric), measures.words
    rows = tuple(
        (
            label,
            str(int(k)),
            words.written(best.value[row, at]),
            *interval_cells(best.low[row, at], best.high[row, at], words.written),
        )
        for row, label in enumerate(measures.optimizers)
        for at, k in enumerate(tried)
    )
    return Table(
        ("optimizer", "tried", f"expected best {measures.metric.name}", "from", "to"), rows
    )
