"""A collection of studies: run one after the other, and shown on one page.

For ``sweep run`` and ``sweep report``.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweep.cli.console import show_error, show_json, show_note, show_table, show_text
from sweep.errors import StudyError, SweepError, UsageError
from sweep.settings import Settings

if TYPE_CHECKING:
    from sweep.report.over_studies import Told
    from sweep.runner import RunOutcome
    from sweep.study.collection import Collection
    from sweep.tasks.task import Places


RunOne = Callable[[str, float | None], "tuple[RunOutcome, Path]"]
"""Runs a study, by its name, in so many seconds; returns what it did, and where its report is."""


def refuse_own(collection: "Collection", options: Mapping[str, Any]) -> None:
    """Raise UsageError where an option is given that is for one study alone."""
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise UsageError(
            f"{collection.name} is a collection, and {given[0]} is for one study",
            rule=f"Its studies are {', '.join(collection.studies)}.",
            remedy=f"Run one of them with {given[0]}.",
        )


def of_study(
    target: str, changes: Mapping[str, Any], places: "Places"
) -> "tuple[Mapping[str, Any], Places]":
    """What options say of one study of several: those of pictures and weights are for heads."""
    from sweep.study import catalog
    from sweep.study.variation import OF_MODEL, OF_PICTURES

    if catalog.load(target).has_head:
        return changes, places
    of_heads = {*OF_PICTURES, *OF_MODEL}
    rest = {name: value for name, value in changes.items() if name not in of_heads}
    return rest, replace(places, data=None, weights=None)


def check_figures(collection: "Collection") -> None:
    """Raise StudyError where a study's figure is none.

    Before anything is trained: the figures are drawn at the end of a run.
    """
    from sweep.figures import FIGURES
    from sweep.util.nearest import did_you_mean

    for chapter in collection.chapters:
        for figure in chapter.figures if chapter.study else ():
            if figure not in FIGURES:
                raise StudyError(
                    f"no figure {figure!r} of {chapter.study} in the collection "
                    f"{collection.name}{did_you_mean(figure, FIGURES)}",
                    rule=f"There are {', '.join(FIGURES)}.",
                    remedy="Correct it in the collection's file.",
                )


def check_asked(collection: "Collection", check: Callable[[str], object]) -> None:
    """Raise the first error where none of the studies can be run as it is asked for.

    That is a wrong option, most likely, which is told once. What is wrong with one study alone is
    told in its turn, and the others are run.

    Args:
        collection: whose studies are asked for.
        check: raises UsageError where the study of this name cannot be.
    """
    errors = []
    for study in collection.studies:
        try:
            check(study)
        except UsageError as error:
            errors.append(error)
        else:
            return
    raise errors[0]


def run_collection(
    collection: "Collection",
    run_one: RunOne,
    settings: Settings,
    budget_seconds: float | None,
    *,
    as_json: bool,
) -> int:
    """Run each study, then show all; one that cannot be run is told and left out.

    Args:
        collection: whose studies are run, in its order.
        run_one: runs one.
        settings: where the store and the reports are.
        budget_seconds: of all together; None for as long as it takes.
        as_json: only the end is shown, for programs.

    Returns:
        The exit status: that of the first study that could not be run, 1 where a trial failed.
    """
    began, status = time.monotonic(), 0
    for number, study in enumerate(collection.studies, 1):
        left = None if budget_seconds is None else budget_seconds - (time.monotonic() - began)
        if left is not None and left <= 0:
            show_note(f"The budget is over: {study} and what follows are left.")
            break
        show_note(f"{collection.name}: {study}, {number} of {len(collection.studies)}")
        try:
            outcome, _ = run_one(study, left)
        except SweepError as error:
            show_error(error)
            status = status or error.exit_status
        else:
            status = status or (1 if outcome.has_failures else 0)
    show_collection(collection, settings, as_json=as_json)
    return status


def show_collection(
    collection: "Collection",
    settings: Settings,
    path: Path | None = None,
    *,
    as_json: bool,
) -> Path:
    """Write the page of what is stored by now; show each study's verdict, and where the page is."""
    from sweep.report.collection import render
    from sweep.report.writing import write_report
    from sweep.util.names import file_stem

    check_figures(collection)
    told = _stored_chapters(collection, settings)
    place = path or settings.reports / f"{file_stem(collection.name)}.html"
    written = write_report(render(collection, told), place)
    verdicts = {
        study: told[study].evidence.verdict.headline if study in told else "not run"
        for study in collection.studies
    }
    if as_json:
        show_json(_as_json(collection, verdicts, written))
    else:
        show_table(collection.title, ("study", "verdict"), list(verdicts.items()))
        show_text(f"Report: {written}")
    return written


def _stored_chapters(collection: "Collection", settings: Settings) -> "dict[str, Told]":
    """What is stored of each study, by the collection's name of it; those that were run."""
    from sweep.analysis.evidence import gather
    from sweep.report.over_studies import Told
    from sweep.store import open_store
    from sweep.store.named import stored_chapters

    told = {}
    with closing(open_store(settings.store_url)) as store:
        for study, name in stored_chapters(store, collection).items():
            if name is not None:
                results = store.results(name)
                told[study] = Told(results, gather(results))
    return told


def _as_json(collection: "Collection", verdicts: dict[str, str], page: Path) -> dict[str, Any]:
    return {"collection": collection.name, "verdicts": verdicts, "report": str(page)}
