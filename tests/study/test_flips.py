"""Mirror images in a definition: said only where there are any, and of heads alone."""

import pytest
from pydantic import ValidationError

from sweep.errors import StudyChangedError, StudyError
from sweep.study.extension import extended
from sweep.study.networks import Inputs, Network
from sweep.study.study import Study
from sweep.study.tasks import Pictures
from sweep.study.variation import vary

STUDY = Study(
    name="mine", question="Which?", optimizers=["adam"], learning_rates=(0.01, 0.1), seeds=1
)
FLIPPED = STUDY.replace(pictures=Pictures(flips=True))
NETWORK = Network(model="small-cnn", data="pictures")


def test_they_are_dumped_only_where_they_are():
    assert "flips" not in Pictures(flips=False).model_dump()
    dumped, flipped = (study.model_dump(mode="json") for study in (STUDY, FLIPPED))
    assert "flips" not in dumped["pictures"]
    assert flipped["pictures"] == dumped["pictures"] | {"flips": True}
    assert Study.stored(dumped) == STUDY
    assert not Study.stored(dumped).pictures.flips
    assert Study.stored(flipped) == FLIPPED


def test_they_are_asked_for_beside_what_the_study_says():
    limited = STUDY.replace(pictures=Pictures(limit=100))
    asked = vary(limited, {"flips": True})
    assert asked.pictures == Pictures(limit=100, flips=True)
    assert vary(asked, {"flips": False}) == limited
    assert vary(asked, {"split": "own"}).pictures.flips
    assert asked.on_rendered_pets().pictures.flips


@pytest.mark.parametrize(
    ("stored", "asked", "told"),
    [(STUDY, FLIPPED, "stored False, now True"), (FLIPPED, STUDY, "stored True, now False")],
)
def test_a_stored_study_stays_with_or_without_them(stored, asked, told):
    assert extended(stored, "key", stored.replace(seeds=2), "key").pictures == stored.pictures
    with pytest.raises(StudyChangedError, match=f"pictures.flips: {told}"):
        extended(stored, "key", asked, "key")


def test_a_network_mirrors_its_inputs_itself():
    with pytest.raises(ValidationError, match=r"inputs=Inputs\(flip=True\)"):
        FLIPPED.replace(task=NETWORK)
    study = STUDY.replace(
        task=Network(model="small-cnn", data="pictures", inputs=Inputs(flip=True))
    )
    assert vary(study, {"split": "own"}).pictures.split == "own"
    with pytest.raises(StudyError, match="--flips has no effect on mine"):
        vary(study, {"flips": True})
