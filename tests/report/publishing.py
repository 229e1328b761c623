"""Shortcuts from results to what a run shows at its end."""

from pathlib import Path

from sweep.analysis.evidence import gather
from sweep.report.answer import report_of
from sweep.report.page import render
from sweep.results.results import Results
from sweep.store import Store


def rendered(results: Results) -> str:
    """The report."""
    return render(gather(results), results)


def show(store: Store, results: Results, artifacts: Path) -> str:
    """Publish a study's answer in optuna-dashboard, as a run does at its end; the report."""
    return report_of(store, results, gather(results), artifacts)
