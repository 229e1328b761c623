"""The built-in collections name studies and figures that there are."""

import pytest

from sweep.figures import FIGURES
from sweep.study import catalog
from sweep.study.collection import SIMULATION

TOGETHER = ("architecture", "digits-architecture")
"""Collections whose studies are taken together at the end."""


@pytest.mark.parametrize("name", ["paper", *TOGETHER])
def test_every_chapter_has_its_study_and_figures(name):
    collection = catalog.find_collection(name)
    assert collection is not None
    for study in collection.studies:
        assert catalog.load(study).name == study
    for chapter in collection.chapters:
        assert {*chapter.figures} <= {*FIGURES, SIMULATION}


@pytest.mark.parametrize("name", TOGETHER)
def test_their_studies_differ_in_the_model_alone(name):
    collection = catalog.find_collection(name)
    assert collection is not None
    studies = [catalog.load(study) for study in collection.studies]
    for of in ("optimizers", "axes", "epochs", "batch_size", "pictures", "metric"):
        assert len({repr(getattr(study, of)) for study in studies}) == 1
    models = {repr((study.task, study.model)) for study in studies}
    assert len(models) == len(studies)
