"""A file that defines a collection of studies is found, and told from a study."""

import pytest
from pydantic import ValidationError

from sweep.errors import StudyError
from sweep.study import catalog
from sweep.study.collection import Chapter, Collection

TEXT = """
from sweep.study import Chapter, Collection

collection = Collection(
    name="mine", title="What I read", source="A. Author 2026",
    chapters=[
        Chapter(study="beta2", heading="Figure 1", claim="β₂ matters."),
        Chapter(study="{second}", heading="Figure 2", claim="Decay matters."),
    ],
)
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(TEXT.format(second="weight-decay"))
    return path


def test_it_is_found_by_name_and_by_path(path, monkeypatch):
    (path.parent / "studies").mkdir()
    path.rename(path.parent / "studies" / path.name)
    monkeypatch.chdir(path.parent)
    by_name, by_path = catalog.find_collection("mine"), catalog.find_collection("studies/mine.py")
    assert isinstance(by_name, Collection)
    assert by_name == by_path
    assert by_name.studies == ("beta2", "weight-decay")


def test_a_study_and_nothing_are_no_collection():
    assert catalog.find_collection("lr-robustness") is None
    assert catalog.find_collection("xyzzy") is None


def test_where_one_study_is_asked_for_it_is_refused_with_the_names_of_its_studies(path):
    with pytest.raises(StudyError, match="a collection of studies") as caught:
        catalog.load(str(path))
    assert caught.value.rule == "Its studies are beta2, weight-decay."


def test_a_study_that_is_there_twice_is_told(path):
    path.write_text(TEXT.format(second="beta2"))
    with pytest.raises(StudyError, match="beta2 is there more than once"):
        catalog.load_any(str(path))


@pytest.mark.parametrize(
    ("parts", "wrong"),
    [
        ({}, "name its study"),
        ({"study": "beta2", "figures": ["simulation"]}, "a chapter of its own"),
    ],
)
def test_a_chapter_has_a_study_or_the_simulation(parts, wrong):
    assert Chapter(heading="Figure 8", figures=("simulation",)).id == "simulation"
    with pytest.raises(ValidationError, match=wrong):
        Chapter(heading="Figure 1", **parts)


def test_a_simulation_alone_is_no_collection():
    alone = Chapter(heading="Figure 8", figures=("simulation",))
    with pytest.raises(ValidationError, match="has no study"):
        Collection(name="mine", title="What I read", chapters=(alone,))
