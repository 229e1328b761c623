"""One self-contained HTML file that answers a study's question: verdict first, then figures.

From ``Evidence`` to a page that opens offline: plotly.js, styles and data are inside it. Loads no
TensorFlow.
"""

from collections.abc import Sequence
from typing import Any

from sweep.analysis.evidence import Evidence
from sweep.analysis.rounding_words import not_measured, not_repeated
from sweep.figures import FIGURES
from sweep.figures.drawing import Drawing
from sweep.report.frame import framed, whole_page
from sweep.report.method import method
from sweep.report.pictures import account_line, picture_warnings
from sweep.report.progress import progress, warnings
from sweep.report.provenance import provenance
from sweep.report.sections import Section, sections, trial_words
from sweep.results.records import Outcome
from sweep.results.results import Results
from sweep.results.trials import Trials


def render(evidence: Evidence, results: Results, drawn: Sequence[Drawing] | None = None) -> str:
    """The report as one HTML page that loads nothing from outside.

    Args:
        evidence: ``gather(results)``.
        results: a study's, finished or not.
        drawn: ``drawings(evidence, results)``, where the caller has them; None to draw them.
    """
    shown = _shown(evidence, results, drawn)
    return whole_page("report.html", shown, _said(evidence, results, shown) | {"trials_at": ""})


def drawings(evidence: Evidence, results: Results) -> list[Drawing]:
    """All figures that may have something to show, in a reader's order."""
    return [draw(evidence) for name, draw in FIGURES.items() if _is_of_use(name, results)]


def content(evidence: Evidence, results: Results) -> dict[str, Any]:
    """What the report's template says and draws, without styles and scripts."""
    shown = _shown(evidence, results, None)
    return _said(evidence, results, shown) | framed(shown)


def _shown(evidence: Evidence, results: Results, drawn: Sequence[Drawing] | None) -> list[Drawing]:
    every = drawings(evidence, results) if drawn is None else drawn
    return [drawing for drawing in every if not drawing.is_empty]


def _said(evidence: Evidence, results: Results, shown: Sequence[Drawing]) -> dict[str, Any]:
    """All that the template says, beside what every page has."""
    tables = list(sections(evidence, results))
    return {
        "page": _page(evidence, results, shown, tables),
        "method": method(
            evidence.measures,
            task=results.study.task,
            is_imported=results.study.imported is not None,
            products=results.study.model.head_products if results.study.has_head else "float32",
            has_flips=results.study.has_head and results.study.pictures.flips,
        ),
        "drawings": shown,
        "tables": tables,
    }


def _is_of_use(name: str, results: Results) -> bool:
    """Whether a figure may have something to show: where only ends are known, none by epoch has."""
    imported, axes = results.study.imported, results.study.axes
    if imported is None or imported.has_epochs:
        return True
    return name != "curves" and (name != "heatmap" or len(axes) > 1)


def _page(
    evidence: Evidence,
    results: Results,
    drawings: Sequence[Drawing],
    tables: Sequence[Section],
) -> dict[str, Any]:
    """Everything on the page that is neither figure nor table."""
    failures = Trials.of(results.trials).ended_as(Outcome.FAILED)
    entries = [
        *((drawing.name, ENTRIES[drawing.name]) for drawing in drawings),
        *((section.id, section.title) for section in tables),
        ("provenance", "Where this comes from"),
        ("method", "Method"),
    ]
    return {
        "name": results.study.name,
        "pictures": evidence.pictures,
        "question": results.study.question,
        "progress": progress(results),
        "headline": evidence.verdict.headline,
        "sentences": [
            *evidence.verdict.sentences,
            *not_measured(evidence.measures, can_be=results.study.has_head),
            *not_repeated(results.failed_repeats),
        ],
        "account": account_line(results),
        "picture_warnings": picture_warnings(results),
        "warnings": list(warnings(evidence, results)),
        "entries": [{"id": name, "title": title} for name, title in entries],
        "failures": [
            {"title": trial_words(trial), "error": trial.error or ""} for trial in failures
        ],
        "provenance": list(provenance(evidence, results)),
        "skipped": results.dataset.skipped if results.dataset else (),
    }


ENTRIES = {
    "robustness": "Robustness",
    "measures": "At a glance",
    "curves": "Training curves",
    "heatmap": "Heat map",
    "best-of-k": "Best of k",
    "effective-rate": "Effective learning rate",
    "improvement": "Who beats whom",
    "gradients": "Gradients",
    "adaptive-rate": "Adaptive rate",
}
"""What the page's contents call the figures."""
