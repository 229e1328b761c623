"""The page of a collection: each study's verdict and figures beside what was published.

From ``Collection`` and what is stored of its studies to one HTML page that loads nothing from
outside, and points to each study's own report.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from plotly.offline import get_plotlyjs

from sweep.analysis.evidence import Evidence
from sweep.figures import FIGURES
from sweep.figures.drawing import Drawing
from sweep.report.markup import inlined, source, templates
from sweep.report.page import page_content
from sweep.report.progress import progress
from sweep.report.sections import Section, sections
from sweep.report.writing import file_name
from sweep.results.results import Results
from sweep.study.collection import Chapter, Collection
from sweep.util.distribution import __version__
from sweep.util.times import zoned


@dataclass(frozen=True)
class Told:
    """What is stored of a chapter's study.

    Attributes:
        results: all of it.
        evidence: ``gather(results)``.
    """

    results: Results
    evidence: Evidence


@dataclass(frozen=True)
class _Part:
    """A chapter as the template takes it; ``told`` is None where its study was not run."""

    chapter: Chapter
    told: Told | None
    drawings: Sequence[Drawing] = ()
    published: Section | None = None

    @property
    def report(self) -> str:
        """The file name of the study's own report, beside this page."""
        return file_name(self.told.results) if self.told else ""

    @property
    def progress(self) -> str:
        """How far the study is, in words."""
        return progress(self.told.results) if self.told else ""


def render(collection: Collection, told: Mapping[str, Told]) -> str:
    """The collection as one HTML page.

    Args:
        collection: what it shows.
        told: of each study that was run, by the chapter's name of it.
    """
    parts = [_part(chapter, told.get(chapter.study)) for chapter in collection.chapters]
    drawings = [drawing for part in parts for drawing in part.drawings]
    return (
        templates()
        .get_template("collection.html")
        .render(
            collection=collection,
            parts=parts,
            figures=inlined(page_content(drawings)),
            version=__version__,
            made_at=zoned(datetime.now(UTC)),
            style=source("report.css"),
            script=source("report.js"),
            plotly=get_plotlyjs(),
        )
    )


def _part(chapter: Chapter, told: Told | None) -> _Part:
    if told is None:
        return _Part(chapter, None)
    drawn = (FIGURES[name](told.evidence) for name in chapter.figures)
    return _Part(
        chapter,
        told,
        [
            replace(drawing, name=f"{chapter.study}-{drawing.name}")
            for drawing in drawn
            if not drawing.is_empty
        ],
        next(
            (each for each in sections(told.evidence, told.results) if each.id == "published"), None
        ),
    )
