"""The answer of a study as commands show it: accuracies, measures, verdict, the report's place.

In the flow: ``run``, ``report`` and ``results`` hand their evidence to it; ``console`` prints.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sweep.analysis.accuracies import accuracy_table
from sweep.analysis.evidence import Evidence
from sweep.analysis.ledger import NOTES, claims, claims_rows, ledger_columns, ledger_rows
from sweep.analysis.pairs import pair_rows
from sweep.analysis.rounding_words import not_repeated
from sweep.analysis.tables import measures_rows, measures_table
from sweep.cli.account import account_json, show_warnings
from sweep.cli.axes import axes_json
from sweep.cli.console import show_json, show_note, show_table, show_text, show_verdict
from sweep.cli.until import budget_json, ending_json, refined_json
from sweep.errors import in_one_line
from sweep.results.results import Results

if TYPE_CHECKING:
    from sweep.runner import RunOutcome

MAX_POINTS_SHOWN = 60
"""Rows of the table of accuracies; ``sweep results`` shows all."""
_Row = TypeVar("_Row")


def show_run(
    outcome: "RunOutcome", report: Path, *, as_json: bool, budget_seconds: float | None = None
) -> None:
    """The accuracies, the measures, the verdict, how the run ended, and where the report is."""
    evidence = outcome.evidence
    if as_json:
        counts = {name: getattr(outcome, name) for name in ("trained", "copied", "failed")}
        ended = _ended(outcome, budget_seconds)
        show_json(counts | _summary(outcome.results, evidence, report) | ended)
        return
    _show_accuracies(outcome.results, evidence)
    _show_answer(outcome.results, evidence)
    told = [outcome.ending, outcome.refined, None if outcome.ending else outcome.left]
    for end in filter(None, told):
        show_text(str(end))
    for failure in not_repeated(outcome.failed_repeats):
        show_note(failure)
    if not any(told) and not outcome.trained and not outcome.failed:
        show_note("Nothing was left to train.")
    _show_place(report)


def _ended(outcome: "RunOutcome", budget_seconds: float | None) -> dict[str, Any]:
    """How a run ended that adds seeds or values, has a budget, or could not measure rounding."""
    ended = {}
    if outcome.ending:
        ended["until_decided"] = ending_json(outcome.ending)
    if outcome.refined:
        ended["refine"] = refined_json(outcome.refined)
    if outcome.failed_repeats:
        failed = [(len(each.fingerprints), each.error) for each in outcome.failed_repeats]
        ended["failed_repeats"] = [{"trials": n, "error": in_one_line(it)} for n, it in failed]
    if budget_seconds is not None:
        ended["budget"] = budget_json(budget_seconds, outcome.left)
    return ended


def show_report(results: Results, evidence: Evidence, report: Path, *, as_json: bool) -> None:
    """The measures, the verdict, and where the report is."""
    if as_json:
        show_json(_summary(results, evidence, report))
    else:
        _show_answer(results, evidence)
        _show_place(report)
    if results.dataset:
        show_warnings(results.dataset)


def show_measures(results: Results, evidence: Evidence) -> None:
    """The table of measures; nothing where nothing was measured."""
    rows = measures_table(evidence.labelled_measures)
    if rows:
        show_table(
            f"{title_of(results, evidence)}: robustness, with 95 % intervals over seeds",
            tuple(rows[0]),
            [tuple(row.values()) for row in rows],
        )


def show_published(results: Results, evidence: Evidence) -> None:
    """The published numbers beside the measured ones; a note where none was published."""
    words, published = evidence.grid.words, results.study.published
    if not published:
        show_note(f"The study {results.study.name} names no published number (published=[…]).")
        return
    show_table(
        f"{title_of(results, evidence)}: published and measured",
        ledger_columns(words),
        list(ledger_rows(claims(evidence, published), words)),
        note="\n".join(NOTES),
    )


def _published(results: Results, evidence: Evidence) -> dict[str, Any]:
    """The same for programs; nothing where none was published."""
    published = results.study.published
    return {"published": claims_rows(claims(evidence, published))} if published else {}


def title_of(results: Results, evidence: Evidence) -> str:
    """What tables are headed with."""
    return f"{results.study.name} on {evidence.pictures}"


def _show_accuracies(results: Results, evidence: Evidence) -> None:
    table, words = accuracy_table(evidence), evidence.grid.words
    rows = thinned(table.rows)
    left_out = len(table.rows) - len(rows)
    notes = [f"{left_out} of {len(table.rows)} points are left out here."] if left_out else []
    show_table(
        f"Validation {words.name} on {evidence.pictures} after {_epochs(results)}"
        f"{f', in {words.unit}' if words.unit else ''}: mean over seeds (lowest–highest)",
        table.columns,
        rows,
        note="\n".join([*table.notes, *notes]) or None,
        keys=len(results.study.axes),
    )


def thinned(rows: Sequence[_Row], most: int = MAX_POINTS_SHOWN) -> Sequence[_Row]:
    """At most so many rows, evenly spread, with the first and the last.

    Example:
        >>> thinned(range(100), 4)
        [0, 33, 66, 99]
    """
    if len(rows) <= most:
        return rows
    return [rows[index * (len(rows) - 1) // (most - 1)] for index in range(most)]


def _epochs(results: Results) -> str:
    if any(axis.name == "epochs" for axis in results.study.axes):
        return "the last epoch"
    return f"{results.study.epochs} epochs"


def _show_answer(results: Results, evidence: Evidence) -> None:
    show_measures(results, evidence)
    show_verdict(evidence.verdict.headline, evidence.verdict.sentences)


def _show_place(report: Path) -> None:
    show_text(f"Report: {report}")


def _summary(results: Results, evidence: Evidence, report: Path) -> dict[str, Any]:
    model = results.study.model if results.study.has_head else None
    return {
        "study": results.study.name,
        "axes": axes_json(results.study),
        "pictures": evidence.pictures,
        "precision": model.precision if model else None,
        "head_products": model.head_products if model else None,
        "flips": results.study.pictures.flips if model else None,
        "account": account_json(results.dataset) if results.dataset else None,
        "outcomes": dict(Counter(results.table()["outcome"])),
        "verdict": [evidence.verdict.headline, *evidence.verdict.sentences],
        "pairs": pair_rows(evidence.labelled_measures),
        "measures": measures_rows(evidence.labelled_measures),
        **_published(results, evidence),
        "report": str(report),
    }
