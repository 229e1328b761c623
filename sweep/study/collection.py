"""Studies that belong together: of a paper's figures, or of one question and several models."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from sweep.study.part import Part

Text = Annotated[str, Field(min_length=1, max_length=1000)]

SIMULATION = "simulation"
"""The figure of ``sweep simulate``, with its usual options: it needs no study."""


class Chapter(Part):
    """A study of a collection, or a figure that needs none.

    Attributes:
        study: its name, as ``sweep run`` takes it; None for a chapter of ``simulation`` alone.
        heading: what it is about, e.g. ``Figure 1: RAdam is robust to the learning rate``.
        claim: what was published there, in a sentence or two of your own; empty where nothing was.
        figures: that stand on the collection's page, by the names that ``sweep report --figure``
            takes; ``simulation`` where there is no study.

    Raises:
        pydantic.ValidationError: there is no study, and figures but ``simulation``; or both.
    """

    study: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    heading: Text
    claim: Annotated[str, Field(max_length=1000)] = ""
    figures: Annotated[tuple[str, ...], Field(min_length=1)] = ("robustness",)

    @model_validator(mode="after")
    def _study_or_simulation(self) -> Self:
        if self.study is None and self.figures != (SIMULATION,):
            raise ValueError(f"name its study, or say figures=({SIMULATION!r},), which needs none")
        if self.study is not None and SIMULATION in self.figures:
            raise ValueError(f"{SIMULATION} is a chapter of its own, without a study")
        return self

    @property
    def id(self) -> str:
        """What the page's address calls it: its study, or the figure that needs none."""
        return self.study or SIMULATION


class LeftOut(Part):
    """What a publication shows, and the collection does not.

    Attributes:
        what: e.g. ``Figure 4: language models``.
        why: the reason, and what was published there.
    """

    what: Text
    why: Text


class Collection(Part):
    """Studies that one command runs and one page shows; a file defines one as ``collection``.

    Attributes:
        name: what ``sweep run`` takes.
        title: of its page.
        source: the publication whose figures it follows, as it is cited; empty where it follows
            none.
        chapters: its studies, in a reader's order; each once.
        left_out: what of the publication is not rebuilt, and why.

    Example:
        >>> Collection(
        ...     name="mine", title="What I read", source="A. Author 2026",
        ...     chapters=[Chapter(study="beta2", heading="Figure 1", claim="β₂ matters.")],
        ... ).chapters[0].figures
        ('robustness',)
    """

    name: Annotated[str, Field(min_length=1, max_length=200)]
    title: Text
    source: Annotated[str, Field(max_length=1000)] = ""
    chapters: Annotated[tuple[Chapter, ...], Field(min_length=1)]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def studies(self) -> tuple[str, ...]:
        """Names of its studies, in a reader's order."""
        return tuple(chapter.study for chapter in self.chapters if chapter.study is not None)

    @model_validator(mode="after")
    def _each_study_once(self) -> Self:
        if not self.studies:
            raise ValueError("it has no study")
        names = [chapter.id for chapter in self.chapters]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} is there more than once")
        return self
