"""A network's pictures: real ones by folder, rendered pets where the public ones are not here."""

import pytest
from data.picture_folders import files_in, write_folder

from sweep.errors import DataError, NotFetchedError, UsageError
from sweep.study import Inputs, Network, Pictures, Study
from sweep.tasks.resolve import resolve
from sweep.tasks.task import Places

SMALL_CNN = Network(model="small-cnn", data="pictures", image_size=16)
VGG = Network(model="vgg16", data="pictures", weights="imagenet", image_size=224)


def study(network=SMALL_CNN, **pictures) -> Study:
    return Study(
        name="mine",
        question="?",
        pictures=Pictures(**{"limit": 20} | pictures),
        optimizers=["adam"],
        learning_rates=(0.1,),
        seeds=1,
        task=network,
    )


def task_of(asked, tmp_path, data=None, weights=None):
    return resolve(asked, Places(data, weights, tmp_path / "cache", download=False))


def test_pictures_of_a_folder(tmp_path):
    folder = write_folder(tmp_path / "zoo", files_in("filtered"))
    task = task_of(study(), tmp_path, str(folder))
    assert task.examples.inputs_N.shape == (20, 16, 16, 3)
    assert task.study == study()
    assert task.examples.by_seed is not None
    given = task_of(study(split="given", limit=None), tmp_path, str(folder))
    assert given.examples.by_seed is None
    assert given.key != task.key
    larger = task_of(study(SMALL_CNN.model_copy(update={"image_size": 24})), tmp_path, str(folder))
    assert larger.key != task.key


@pytest.mark.parametrize("network", [SMALL_CNN, VGG])
def test_rendered_pets_where_nothing_is_here_and_nothing_was_named(network, tmp_path):
    task = task_of(study(network), tmp_path)
    assert task.study.name == "mine-rendered-pets"
    assert task.study.task.model == "small-cnn"
    assert "RENDERED PETS" in task.notice
    assert "not in the cache" in task.notice
    assert task.dataset.name == "rendered pets"
    assert task.examples.inputs_N.shape[1:] == (task.study.task.image_size,) * 2 + (3,)
    assert len(task.examples.inputs_N) == 20


def test_rendered_pets_by_name_have_no_notice(tmp_path):
    assert task_of(study(VGG), tmp_path, "rendered-pets").notice is None
    by_dataset = task_of(study(dataset="rendered-pets"), tmp_path)
    assert by_dataset.study == study(dataset="rendered-pets")


def test_vggs_pixels_are_scaled_for_the_small_network():
    flipped = VGG.model_copy(update={"inputs": Inputs(flip=True)})
    inputs = study(flipped).on_rendered_pets().task.inputs
    assert inputs == Inputs(flip=True, scale=1 / 255)
    assert study(SMALL_CNN).on_rendered_pets().task == SMALL_CNN


def test_what_was_named_is_not_replaced(tmp_path):
    with pytest.raises(NotFetchedError):
        task_of(study(), tmp_path, "dogs-vs-cats")
    with pytest.raises(DataError, match="nothing at"):
        task_of(study(), tmp_path, str(tmp_path / "none"))
    with pytest.raises(UsageError, match="--weights imagenet with rendered pets"):
        task_of(study(VGG), tmp_path, "rendered-pets", "imagenet")
