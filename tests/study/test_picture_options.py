"""The definition of pictures: what may be asked, and what version 0.1 stored."""

import pytest
from pydantic import ValidationError

from sweep.errors import StudyChangedError
from sweep.study.extension import as_begun, extended, kept_in_words
from sweep.study.study import Study
from sweep.study.tasks import Model, Pictures
from sweep.study.variation import vary

STUDY = Study(
    name="mine", question="Which?", optimizers=["adam"], learning_rates=(0.01, 0.1), seeds=1
)


def stored_by_0_1() -> Study:
    """Its definition has none of the fields that came later."""
    definition = STUDY.model_dump(mode="json")
    for field in ("classes", "split", "twins", "orientation"):
        del definition["pictures"][field]
    return Study.stored(definition)


def test_a_definition_of_0_1_lets_twins_fall_apart_and_has_one_split_as_it_did():
    assert stored_by_0_1().pictures == Pictures(twins="apart", split="own")
    assert Study.stored(STUDY.model_dump(mode="json")).pictures == Pictures()


def test_a_study_of_0_1_goes_on_as_it_was_begun():
    taken = as_begun(stored_by_0_1(), STUDY)
    assert taken.pictures.twins == "apart"
    assert extended(stored_by_0_1(), "key", taken, "key") == stored_by_0_1()
    assert kept_in_words(STUDY, taken) == (
        "mine goes on as it was begun, with split 'own' (now the default is 'by-seed') and twins "
        "'apart' (now the default is 'together')."
    )


def test_what_is_asked_for_is_no_default():
    asked = vary(STUDY, {"twins": "together"})
    assert as_begun(stored_by_0_1(), asked).pictures.twins == "together"
    with pytest.raises(StudyChangedError) as raised:
        extended(stored_by_0_1(), "key", asked, "another")
    assert "pictures.twins: stored 'apart', now 'together'" in str(raised.value)


def test_another_change_of_the_pictures_leaves_defaults_defaults():
    asked = vary(STUDY, {"limit": 100, "split": "given"})
    taken = as_begun(stored_by_0_1(), asked)
    assert taken.pictures == Pictures(limit=100, split="given", twins="apart")


def test_a_study_that_the_store_does_not_have_is_taken_as_it_is():
    assert as_begun(None, STUDY) == STUDY
    assert as_begun(STUDY, STUDY) == STUDY
    assert kept_in_words(STUDY, STUDY) is None


def test_a_stored_definition_without_a_precision_is_in_float32():
    definition = STUDY.model_dump(mode="json")
    assert definition["model"].pop("precision") == "auto"
    stored = Study.stored(definition)
    assert stored.model.precision == "float32"
    assert as_begun(stored, STUDY).model == stored.model


def test_a_precision_is_asked_for_beside_other_changes_of_the_model():
    asked = vary(STUDY, {"precision": "mixed_bfloat16", "base": {"hidden_units": 7}})
    assert asked.model == Model(precision="mixed_bfloat16", hidden_units=7)
    assert as_begun(STUDY.replace(model=Model(precision="float32")), asked).model == asked.model


def test_the_order_of_classes_says_nothing():
    assert Pictures(classes=("dogs", "cats")) == Pictures(classes=("cats", "dogs"))


@pytest.mark.parametrize("classes", [("cats",), ("cats", "Cats"), ()])
def test_classes_are_two_or_more_each_once(classes):
    with pytest.raises(ValidationError):
        Pictures(classes=classes)
