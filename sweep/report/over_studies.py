"""What is measured over several studies: the page of ``sweep sensitivity``, and a collection's end.

From ``OverStudies`` and what is stored of its studies to one HTML page that loads nothing from
outside.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sweep.analysis import over_studies_words as words
from sweep.analysis.collect import grid_of
from sweep.analysis.evidence import Evidence
from sweep.analysis.over_studies import OverStudies, over_studies
from sweep.errors import UsageError
from sweep.figures import axes_tuned, profiles, sensitivity
from sweep.figures.drawing import Drawing, Table
from sweep.report.frame import whole_page
from sweep.report.progress import progress
from sweep.report.provenance import Term, provenance
from sweep.results.results import Results


@dataclass(frozen=True)
class Told:
    """What is stored of a study.

    Attributes:
        results: all of it.
        evidence: ``gather(results)``.
    """

    results: Results
    evidence: Evidence

    @property
    def progress(self) -> str:
        """How far the study is, in words."""
        return progress(self.results)

    @property
    def provenance(self) -> list[Term]:
        """Where its numbers come from."""
        return [*provenance(self.evidence, self.results)]


@dataclass(frozen=True)
class Part:
    """What templates show of several studies.

    Attributes:
        headline: the answer in a sentence.
        sentences: what belongs to it.
        left_out: what not all studies have.
        drawings: its figures.
        table: one row an optimizer.
        notes: how the table is read.
        parts: what the scores depend on, one row a part.
        parts_note: how that is read.
    """

    headline: str
    sentences: tuple[str, ...]
    left_out: tuple[str, ...]
    drawings: tuple[Drawing, ...]
    table: Table
    notes: tuple[str, ...]
    parts: Table
    parts_note: str = words.PARTS_NOTE


def found_over(told: Mapping[str, Results]) -> OverStudies | None:
    """What is measured over the studies; None where they cannot be taken together."""
    with suppress(UsageError):
        return over_studies([*told], [grid_of(results) for results in told.values()])
    return None


def part(found: OverStudies) -> Part:
    """What a page shows of several studies."""
    return Part(
        headline=words.headline(found),
        sentences=(*words.sentences(found), words.where(found)),
        left_out=found.left_out,
        drawings=drawings(found),
        table=Table(words.COLUMNS, tuple(words.rows(found))),
        notes=words.notes(found),
        parts=Table(words.PARTS, tuple(words.part_rows(found))),
    )


def drawings(found: OverStudies) -> tuple[Drawing, ...]:
    """The figures; of one axis there is nothing to count."""
    draws: Sequence[Callable[[OverStudies], Drawing]] = (
        (sensitivity.draw, profiles.draw, axes_tuned.draw)
        if len(found.sensitivity.axes) > 1
        else (sensitivity.draw, profiles.draw)
    )
    return tuple(draw(found) for draw in draws)


def render(found: OverStudies, told: Mapping[str, Told]) -> str:
    """The page over several studies.

    Args:
        found: what is measured over them.
        told: what is stored of each, by what it is called.
    """
    shown = part(found)
    return whole_page("sensitivity.html", shown.drawings, {"over": shown, "told": told})
