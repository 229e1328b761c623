"""The definition of pictures: what may be asked, and what version 0.1 stored."""

import pytest
from pydantic import ValidationError

from sweep.errors import StudyChangedError
from sweep.study.extension import extended
from sweep.study.study import Study
from sweep.study.tasks import Pictures

STUDY = Study(
    name="mine", question="Which?", optimizers=["adam"], learning_rates=(0.01, 0.1), seeds=1
)


def stored_by_0_1() -> Study:
    """Its definition has none of the fields that came later."""
    definition = STUDY.model_dump(mode="json")
    for field in ("classes", "split", "twins", "orientation"):
        del definition["pictures"][field]
    return Study.stored(definition)


def test_a_definition_of_0_1_lets_twins_fall_apart_as_it_did():
    assert stored_by_0_1().pictures == Pictures(twins="apart")
    assert Study.stored(STUDY.model_dump(mode="json")).pictures == Pictures(twins="together")


def test_a_study_of_0_1_goes_on_where_the_pictures_are_the_same():
    goes_on = extended(stored_by_0_1(), "key", STUDY, "key")
    assert goes_on.pictures.twins == "apart"


def test_a_study_of_0_1_is_told_how_to_go_on_where_they_are_not():
    with pytest.raises(StudyChangedError) as raised:
        extended(stored_by_0_1(), "key", STUDY, "another")
    assert "pictures.twins: stored 'apart', now 'together'" in str(raised.value)


@pytest.mark.parametrize("classes", [("cats",), ("cats", "Cats"), ()])
def test_classes_are_two_or_more_each_once(classes):
    with pytest.raises(ValidationError):
        Pictures(classes=classes)
