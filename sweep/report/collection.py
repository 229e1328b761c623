"""The page of a collection: each study's verdict and figures beside what was published.

Studies that sweep the same, and are judged by the same, are taken together at its end.

From ``Collection`` and what is stored of its studies to one HTML page that loads nothing from
outside, and points to each study's own report.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sweep.figures import FIGURES
from sweep.figures.drawing import Drawing
from sweep.report.frame import whole_page
from sweep.report.over_studies import Part, Told, found_over
from sweep.report.over_studies import part as part_over
from sweep.report.sections import Section, sections
from sweep.report.simulation import simulated
from sweep.report.writing import file_name
from sweep.study.collection import Chapter, Collection


@dataclass(frozen=True)
class _Part:
    """A chapter as the template takes it; ``told`` is None where no study was run."""

    chapter: Chapter
    told: Told | None
    drawings: Sequence[Drawing] = ()
    published: Section | None = None

    @property
    def report(self) -> str:
        """The file name of the study's own report, beside this page."""
        return file_name(self.told.results) if self.told else ""


def render(collection: Collection, told: Mapping[str, Told]) -> str:
    """The collection as one HTML page.

    Args:
        collection: what it shows.
        told: of each study that was run, by the chapter's name of it.
    """
    parts = [_part(chapter, told.get(chapter.id)) for chapter in collection.chapters]
    over = _over(told)
    drawings = [drawing for part in parts for drawing in part.drawings]
    drawings += over.drawings if over else ()
    said = {"collection": collection, "parts": parts, "over": over}
    return whole_page("collection.html", drawings, said)


def _part(chapter: Chapter, told: Told | None) -> _Part:
    if chapter.study is None:
        return _Part(chapter, None, _named(chapter, [simulated()]))
    if told is None:
        return _Part(chapter, None)
    drawn = (FIGURES[name](told.evidence) for name in chapter.figures)
    return _Part(
        chapter,
        told,
        _named(chapter, drawn),
        next(
            (each for each in sections(told.evidence, told.results) if each.id == "published"), None
        ),
    )


def _named(chapter: Chapter, drawn: Iterable[Drawing]) -> list[Drawing]:
    """Those with something on them, under names that no other chapter has."""
    return [
        replace(drawing, name=f"{chapter.id}-{drawing.name}")
        for drawing in drawn
        if not drawing.is_empty
    ]


def _over(told: Mapping[str, Told]) -> Part | None:
    """What is measured over the studies that were run; None where they cannot be taken together."""
    found = found_over({name: each.results for name, each in told.items()})
    if found is None:
        return None
    over = part_over(found)
    named = (replace(each, name=f"all-studies-{each.name}") for each in over.drawings)
    return replace(over, drawings=tuple(named))
