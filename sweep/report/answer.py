"""The report at the end of a run, drawn where the answer has changed since it was drawn last.

In the flow: ``runner`` and ``importer`` ask for it once all is stored. A run that finds nothing to
train, and whatever else leaves the answer as it was, gets the report that was published before,
and loads nothing that draws.
"""

from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from sweep.analysis.evidence import Evidence
from sweep.analysis.tables import measures_table
from sweep.results.results import Results
from sweep.results.trials import Trials
from sweep.store import Store
from sweep.util.collecting import no_cycles
from sweep.util.distribution import __version__
from sweep.util.hashing import digest


@no_cycles()
def report_of(store: Store, results: Results, evidence: Evidence, artifacts: Path) -> str:
    """The report as one HTML page, which is in optuna-dashboard too afterwards.

    Args:
        store: where the study is; nobody else writes to it meanwhile.
        results: the study's, as they are now.
        evidence: ``gather(results)``.
        artifacts: folder of Optuna's artifacts, where reports are.
    """
    state = _state(store, results, evidence)
    page = store.published(results.study.name, state, artifacts)
    if page is not None:
        return page
    from sweep.report.dashboard_note import publish
    from sweep.report.page import drawings, render

    drawn = drawings(evidence, results)
    page = render(evidence, results, drawn)
    publish(store, results, evidence, drawn, page, artifacts, state)
    return page


def _state(store: Store, results: Results, evidence: Evidence) -> str:
    """A text that is another one once the report says more than that a run trained nothing.

    On what that run ran is told too, where it has changed; its command is not.
    """
    last = results.runs[-1].provenance if results.runs else None
    return digest(
        {
            "versions": [__version__, version("plotly")],
            "study": results.study.model_dump(mode="json"),
            "stored": store.answer_version(results.study.name),
            "copied": sorted({*Trials.of(results.trials).column("copied_from")} - {None, ""}),
            "last run": repr(last and replace(last, process=0, command="")),
            "looks": repr((evidence.measures.spending, results.look_design)),
            "answer": [evidence.verdict.headline, *evidence.verdict.sentences],
            "measures": measures_table(evidence.labelled_measures),
        }
    )
