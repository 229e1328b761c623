"""The story of an import, from a file of results to a study in the store.

    table      the file is read
    columns    which column is what, as asked or guessed; told before anything is stored
    rows       become trials, or it is said what is wrong with them
    store      takes them all, or none
    report     shows the answer, in a page and in optuna-dashboard

For ``sweep import`` and ``sweep.import_results``. (``sweep store import`` is another thing: it
takes over a whole store that was exported.)
"""

import os
import platform
import shlex
import socket
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sweep.analysis.evidence import Evidence, gather
from sweep.deciding import record_look
from sweep.errors import UsageError
from sweep.importing.columns import Columns, match
from sweep.importing.definition import name_of, records, study_of
from sweep.importing.rows import Found, find
from sweep.importing.table import Table, read_table
from sweep.report.answer import report_of
from sweep.results.provenance import ImportedFile, Provenance
from sweep.results.results import Results
from sweep.settings import Settings, without_password
from sweep.store import open_store
from sweep.store.imports import Arrival, Imports
from sweep.study.metric import ACCURACY, Metric
from sweep.util.collecting import no_cycles
from sweep.util.distribution import __version__
from sweep.util.paths import printable


@dataclass(frozen=True)
class Request:
    """What is to be imported, and how.

    Attributes:
        path: of the file.
        name: of the study; None for the file's.
        columns: by the file's column, what it is; an empty text leaves it out.
        optimizer: the label of all rows; None where a column says it.
        percent: whether accuracies are from 0 to 100; None where they tell it themselves.
        guessing: the metric where nothing is learned; None where it is not known.
        question: what the study asks; None for words of ours.
        results: what titles call the results; None for ``imported results``.
        metric: what trials are judged by; its columns are called after it.
    """

    path: Path
    name: str | None = None
    columns: Mapping[str, str] | None = None
    optimizer: str | None = None
    percent: bool | None = None
    guessing: float | None = None
    question: str | None = None
    results: str | None = None
    metric: Metric = ACCURACY


@dataclass(frozen=True)
class Prepared:
    """What a file says, before it is stored.

    Attributes:
        table: as it was read.
        columns: which column is what.
        found: the trials.
        arrival: what the store is to take.
    """

    table: Table
    columns: Columns
    found: Found
    arrival: Arrival


@dataclass(frozen=True)
class ImportOutcome:
    """What came of an import.

    Attributes:
        imports: what was stored.
        results: the study's, as they are now.
        evidence: made of them.
        page: the report.
    """

    imports: Imports
    results: Results
    evidence: Evidence
    page: str


@no_cycles()
def prepare(request: Request, command: str | None = None) -> Prepared:
    """Read a file, and see what it says; nothing is stored.

    Args:
        request: what is to be imported.
        command: how the user asked for it, for the record.

    Raises:
        UsageError: the file is no table, a column is missing or not clear, or rows are wrong.
        MissingError: Parquet needs pyarrow.
    """
    _check(request)
    table = read_table(request.path)
    columns = match(
        table,
        request.columns or {},
        has_label=request.optimizer is not None,
        metric=None if request.metric == ACCURACY else request.metric.name,
    )
    found = find(
        table,
        columns,
        optimizer=request.optimizer,
        percent=request.percent,
        guessing=request.guessing,
        metric=request.metric,
    )
    name = request.name or name_of(request.path)
    words = {"question": request.question, "results": request.results}
    arrival = Arrival(
        study=study_of(found, name, **words),
        trials=records(found, name),
        lines=tuple(table.lines[course.row] for course in found.courses),
        provenance=_provenance(table, columns, found, command),
        **words,
    )
    return Prepared(table, columns, found, arrival)


@no_cycles()
def store(prepared: Prepared, settings: Settings) -> ImportOutcome:
    """Store what was prepared, all of it or nothing, and answer with what is there now.

    Raises:
        SweepError: see ``Store.add_imported``.
    """
    with closing(open_store(settings.store_url, create=True)) as opened:
        imports = opened.add_imported(prepared.arrival)
        results = opened.results(imports.study.name)
        evidence = gather(results)
        page = report_of(opened, results, evidence, settings.artifacts)
        record_look(opened, results, evidence)
        return ImportOutcome(imports, results, evidence, page)


def _check(request: Request) -> None:
    if request.percent is not None and not request.metric.is_share:
        raise UsageError(
            f"--percent and --share say nothing of {request.metric.name}",
            rule="It is no share of 1.",
            remedy="Leave it out, or say --unit share too.",
        )
    if request.guessing is None or not request.metric.is_share:
        return
    if not 0 < request.guessing < 1:
        raise UsageError(
            f"guessing is right in a share of {request.guessing:g}",
            rule="The share is above 0 and below 1.",
            remedy="For example 0.1, where guessing one of ten classes is right.",
        )


def _provenance(table: Table, columns: Columns, found: Found, command: str | None) -> Provenance:
    """Who imported what; what it was made with is not known."""
    return Provenance(
        command=command or printable(shlex.join(map(without_password, sys.argv))),
        host=socket.gethostname(),
        process=os.getpid(),
        versions={"python": platform.python_version(), "sweep": __version__},
        device="",
        backend="",
        features_key="",
        pictures=None,
        weights=None,
        file=ImportedFile(
            name=table.name,
            content_hash=table.content_hash,
            rows=len(table.lines),
            columns=columns.said,
            notes=found.notes,
        ),
    )
