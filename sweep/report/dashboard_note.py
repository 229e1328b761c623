"""A study's question, verdict, table, main figure and report, for optuna-dashboard's page of it.

At the end of a run: from evidence to texts, which the store puts beside its mirrored study.
"""

import logging
import re
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from sweep.analysis.evidence import Evidence
from sweep.analysis.tables import measures_table
from sweep.errors import SweepError
from sweep.figures import robustness, text
from sweep.figures.drawing import Drawing
from sweep.report.pictures import picture_warnings
from sweep.report.writing import file_name
from sweep.results.results import Results
from sweep.store import Store

FIGURE_ID = "sweep-robustness"
TITLE_LETTERS = 64
"""Of a line of the figure's title: the dashboard's figures are half a window wide."""
_log = logging.getLogger(__name__)


def publish(
    store: Store,
    results: Results,
    evidence: Evidence,
    drawn: Sequence[Drawing],
    page: str,
    artifacts: Path,
    state: str,
) -> None:
    """Show the answer in optuna-dashboard too; trouble there is a warning, never an error.

    Args:
        store: where the study is; nobody else writes to it meanwhile.
        results: the study's, as they are now.
        evidence: ``gather(results)``.
        drawn: from ``page.drawings``; the figure of robustness is among them.
        page: the report, from ``page.render``.
        artifacts: folder of Optuna's artifacts, where the report goes.
        state: of the answer; see ``Store.published``.
    """
    name = results.study.name
    try:
        figure = still(next(each for each in drawn if each.name == robustness.NAME))
        store.publish(name, note(results, evidence), {FIGURE_ID: figure})
        store.attach(name, page.encode(), file_name(results), artifacts, state)
    except (SweepError, ValueError, ImportError) as error:
        _log.warning("optuna-dashboard does not show all about %s: %s", name, error)


def note(results: Results, evidence: Evidence) -> str:
    """The study's note: question, verdict, warnings and table, in Markdown."""
    return "\n".join(_lines(results, evidence))


def _lines(results: Results, evidence: Evidence) -> Iterator[str]:
    said, measures = evidence.verdict, evidence.measures
    yield f"## {plain(results.study.question)}"
    yield ""
    yield f"**{plain(said.headline)}** {plain(' '.join(said.sentences))}"
    yield ""
    for warning in picture_warnings(results):
        yield f"**Warning:** {plain(warning)}"
        yield ""
    rows = measures_table(measures)
    columns = tuple(rows[0]) if rows else ("measure",)
    yield _row(columns)
    yield "|---" * len(columns) + "|"
    for row in rows:
        yield _row([str(row[column]) for column in columns])
    yield ""
    yield "In brackets: 95 % intervals over seeds."


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(plain(cell) for cell in cells)} |"


def plain(text: str) -> str:
    """``text`` in one line, such that Markdown shows it as it is: no tag, no link, no column.

    Example:
        >>> plain("<b>a_b|c")
        '&lt;b\\\\>a\\\\_b\\\\|c'
    """
    escaped = re.sub(r"([\\`*_\[\]|~>$])", r"\\\1", " ".join(text.split()))
    return escaped.replace("&", "&amp;").replace("<", "&lt;")


def still(drawing: Drawing) -> str:
    """A figure's first state as Plotly's JSON, in the size that the dashboard gives it."""
    shown = drawing.first_state
    parts = textwrap.wrap(drawing.finding, TITLE_LETTERS, break_on_hyphens=False)
    lines = [text.plain(line) for line in parts]
    shown.update_layout(
        title={
            "text": "<br>".join(lines),
            "font": {"size": 13},
            "pad": {"b": 32 + 17 * (len(lines) - 1)},
        },
        margin={"t": 48 + 17 * len(lines)},
        height=None,
        autosize=True,
    )
    return str(shown.to_json())
