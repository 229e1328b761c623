"""Shortcuts from results to what a run shows at its end."""

from pathlib import Path

from sweep.analysis.evidence import gather
from sweep.report.dashboard_note import publish
from sweep.report.page import render
from sweep.results.results import Results
from sweep.store import Store


def rendered(results: Results) -> str:
    """The report."""
    return render(gather(results), results)


def show(store: Store, results: Results, artifacts: Path) -> None:
    """Publish a study's answer in optuna-dashboard, as a run does at its end."""
    evidence = gather(results)
    publish(store, results, evidence, render(evidence, results), artifacts)
