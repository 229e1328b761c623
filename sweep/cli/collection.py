"""A collection's page, of what is stored of its studies: for ``sweep run`` and ``sweep report``."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweep.cli.console import show_json, show_table, show_text
from sweep.settings import Settings

if TYPE_CHECKING:
    from sweep.report.collection import Told
    from sweep.study.collection import Collection


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

    told = _stored_chapters(collection, settings)
    place = path or settings.reports / f"{file_stem(collection.name)}.html"
    written = write_report(render(collection, told), place)
    verdicts = {
        chapter.study: told[chapter.study].evidence.verdict.headline
        if chapter.study in told
        else "not run"
        for chapter in collection.chapters
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
    from sweep.cli.stored import stored_name
    from sweep.report.collection import Told
    from sweep.store import open_store

    told = {}
    with closing(open_store(settings.store_url)) as store:
        known = store.names()
        for chapter in collection.chapters:
            name = stored_name(store, chapter.study)
            if name in known:
                results = store.results(name)
                told[chapter.study] = Told(results, gather(results))
    return told


def _as_json(collection: "Collection", verdicts: dict[str, str], page: Path) -> dict[str, Any]:
    return {"collection": collection.name, "verdicts": verdicts, "report": str(page)}
