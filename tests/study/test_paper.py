"""The built-in collection names studies and figures that there are."""

from sweep.figures import FIGURES
from sweep.study import catalog


def test_every_chapter_has_its_study_and_figures():
    collection = catalog.find_collection("paper")
    assert collection is not None
    for chapter in collection.chapters:
        assert catalog.load(chapter.study).name == chapter.study
        assert {*chapter.figures} <= {*FIGURES}
