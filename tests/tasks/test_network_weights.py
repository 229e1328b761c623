"""VGG16 whose weights are all trained starts from a file, as a frozen one does."""

import keras
import numpy as np
import pytest
from data.picture_folders import files_in, write_folder

from sweep.errors import UsageError
from sweep.study import Model, Network, Pictures, Study
from sweep.tasks import models
from sweep.tasks.backbones import build_backbone
from sweep.tasks.resolve import resolve
from sweep.tasks.task import Places

VGG = Network(model="vgg16", data="pictures", weights="imagenet", image_size=32)


def task_of(tmp_path, network, weights):
    folder = tmp_path / "zoo"
    if not folder.exists():
        write_folder(folder, files_in("filtered"))
    study = Study(
        name="mine",
        question="?",
        pictures=Pictures(limit=20),
        optimizers=["adam"],
        learning_rates=(0.1,),
        seeds=1,
        task=network,
    )
    return resolve(study, Places(str(folder), weights, tmp_path / "cache", download=False))


def test_a_file_of_weights_is_where_training_starts(shared_data, tmp_path):
    path = shared_data / "vgg16_notop.weights.h5"
    task = task_of(tmp_path, VGG, str(path))
    assert task.study.task.weights == "file"
    assert task.weights.name == "VGG16, from a file"
    drawn = task_of(tmp_path, VGG, "random")
    assert drawn.weights is None
    assert drawn.key != task.key
    model = models.build(task.network, (32, 32, 3), 2, seed=0, weights=task.weights_file)
    flatten = next(each for each in model.layers if isinstance(each, keras.layers.Flatten))
    features_of = keras.Model(model.input, flatten.output)
    pictures = task.examples.inputs_N[:4]
    frozen = Model(backbone="vgg16", weights="file", image_size=32, precision="float32")
    expected = build_backbone(frozen, path)(pictures)
    found = np.asarray(features_of(pictures.astype(np.float32)))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)


def test_weights_without_an_effect_are_refused(tmp_path):
    small = Network(model="small-cnn", data="pictures", image_size=16)
    with pytest.raises(UsageError, match="--weights random has no effect: mine draws its weights"):
        task_of(tmp_path, small, "random")
