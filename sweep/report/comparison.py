"""A comparison of two studies as one HTML page, and as Markdown for a pull request."""

from datetime import UTC, datetime

from plotly.offline import get_plotlyjs

from sweep.analysis import comparison_words as words
from sweep.analysis.comparison import Comparison
from sweep.figures import comparison as figure
from sweep.report.dashboard_note import plain
from sweep.report.markup import inlined, source, templates
from sweep.report.page import page_content
from sweep.util.distribution import __version__
from sweep.util.times import zoned


def render(comparison: Comparison) -> str:
    """The comparison as one HTML page that loads nothing from outside."""
    drawings = (
        [drawn] if comparison.points and not (drawn := figure.draw(comparison)).is_empty else []
    )
    return (
        templates()
        .get_template("compare.html")
        .render(
            base=comparison.base,
            head=comparison.head,
            headline=words.headline(comparison),
            sentences=[words.sentence(comparison, at) for at in range(len(comparison.decisions))],
            where=words.where(comparison),
            mean=comparison.words.mean,
            notes=comparison.notes,
            drawings=drawings,
            figures=inlined(page_content(drawings)),
            version=__version__,
            made_at=zoned(datetime.now(UTC)),
            style=source("report.css"),
            script=source("report.js"),
            plotly=get_plotlyjs(),
        )
    )


def markdown(comparison: Comparison) -> str:
    """The comparison as a pull request's comment."""
    return words.markdown(comparison, plain)
