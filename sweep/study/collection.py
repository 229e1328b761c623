"""Studies that belong together: of a paper's figures, or of one question and several models."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from sweep.study.part import Part

Text = Annotated[str, Field(min_length=1, max_length=1000)]


class Chapter(Part):
    """A study of a collection.

    Attributes:
        study: its name, as ``sweep run`` takes it.
        heading: what it is about, e.g. ``Figure 1: RAdam is robust to the learning rate``.
        claim: what was published there, in a sentence or two of your own; empty where nothing was.
        figures: that stand on the collection's page, by the names that ``sweep report --figure``
            takes.
    """

    study: Annotated[str, Field(min_length=1, max_length=200)]
    heading: Text
    claim: Annotated[str, Field(max_length=1000)] = ""
    figures: Annotated[tuple[str, ...], Field(min_length=1)] = ("robustness",)


class Collection(Part):
    """Studies that one command runs and one page shows; a file defines one as ``collection``.

    Attributes:
        name: what ``sweep run`` takes.
        title: of its page.
        source: the publication whose figures it follows, as it is cited; empty where it follows
            none.
        chapters: its studies, in a reader's order; each study once.

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

    @model_validator(mode="after")
    def _each_study_once(self) -> Self:
        names = [chapter.study for chapter in self.chapters]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} is there more than once")
        return self
