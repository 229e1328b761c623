"""A comparison of two studies as one HTML page, and as Markdown for a pull request."""

from sweep.analysis import comparison_words as words
from sweep.analysis.comparison import Comparison
from sweep.figures import comparison as figure
from sweep.report.dashboard_note import plain
from sweep.report.frame import whole_page


def render(comparison: Comparison) -> str:
    """The comparison as one HTML page that loads nothing from outside."""
    drawings = (
        [drawn] if comparison.points and not (drawn := figure.draw(comparison)).is_empty else []
    )
    said = {
        "base": comparison.base,
        "head": comparison.head,
        "headline": words.headline(comparison),
        "sentences": [words.sentence(comparison, at) for at in range(len(comparison.decisions))],
        "where": words.where(comparison),
        "mean": comparison.words.mean,
        "notes": comparison.notes,
        "drawings": drawings,
    }
    return whole_page("compare.html", drawings, said)


def markdown(comparison: Comparison) -> str:
    """The comparison as a pull request's comment."""
    return words.markdown(comparison, plain)
