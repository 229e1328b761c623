"""Weights are told by content: what Keras has written is read, whatever its name and format."""

import os
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from tasks.made_weights import WAYS, head, network, save_legacy, save_weights, trained

from sweep.errors import WeightsError
from sweep.study.tasks import Model
from sweep.tasks.backbones import build_backbone, weights_info
from sweep.tasks.weights import check_weights, read_weights
from sweep.training.keras_runtime import load_keras

SMALL = Model(backbone="small", weights="random", image_size=48, precision="float32")


@pytest.fixture(scope="module", autouse=True)
def keras_backend():
    load_keras(os.environ.get("KERAS_BACKEND") or "tensorflow")


@pytest.fixture(scope="module")
def with_top():
    return trained(network(*head()))


@pytest.mark.parametrize("name", ["w.weights.h5", "w.h5", "w.keras", "w", "w.hdf5", "w ü\n.bin"])
@pytest.mark.parametrize("way", WAYS)
def test_every_format_under_every_name_gives_the_same_numbers(way, name, with_top, tmp_path):
    WAYS[way](with_top, tmp_path / name)
    for mine, kept in zip(
        read_weights(tmp_path / name, "small"), with_top.get_weights()[:6], strict=True
    ):
        np.testing.assert_array_equal(mine, kept)
        assert mine.dtype == np.float32


@pytest.mark.parametrize("way", WAYS)
def test_the_base_of_a_model_in_a_model_is_read(way, tmp_path):
    import keras

    base = network()
    WAYS[way](keras.Sequential([keras.Input((48, 48, 3)), base, *head()]), tmp_path / "nested")
    for mine, kept in zip(
        read_weights(tmp_path / "nested", "small"), base.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(mine, kept)


def test_layers_that_an_older_file_lists_in_another_order_are_refused(tmp_path):
    """Where a part of a base was frozen, older files list that part last."""
    import keras

    base = network(widths=(8, 8, 8))
    base.layers[0].trainable = base.layers[2].trainable = False
    save_legacy(keras.Sequential([keras.Input((48, 48, 3)), base]), tmp_path / "part.h5")
    with pytest.raises(WeightsError, match="another order"):
        check_weights(tmp_path / "part.h5", "small")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_other_types_are_read_as_float32(dtype, tmp_path):
    model = network(dtype=dtype)
    save_weights(model, tmp_path / "w")
    for mine, kept in zip(read_weights(tmp_path / "w", "small"), model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, kept.astype(np.float32))


def test_many_layers_are_read_in_the_order_that_they_run(tmp_path):
    """conv2d_10 after conv2d_9; and an attribute that is split since it is long."""
    import keras

    keras.utils.set_random_seed(0)
    vgg = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    for way in (save_weights, save_legacy):
        way(vgg, tmp_path / "w")
        for mine, kept in zip(
            read_weights(tmp_path / "w", "vgg16"), vgg.get_weights(), strict=True
        ):
            np.testing.assert_array_equal(mine, kept)
    with h5py.File(tmp_path / "w", "r+") as file:
        names = file.attrs["layer_names"]
        del file.attrs["layer_names"]
        file.attrs["layer_names0"], file.attrs["layer_names1"] = names[:7], names[7:]
    assert len(read_weights(tmp_path / "w", "vgg16")) == 26


def test_a_network_is_built_without_a_word_from_keras(with_top, tmp_path, capfd):
    save_legacy(with_top, tmp_path / "w.weights.h5")
    build_backbone(SMALL, tmp_path / "w.weights.h5")
    assert capfd.readouterr() == ("", "")


def test_names_do_not_enter_the_hash(with_top, tmp_path):
    save_weights(with_top, tmp_path / "a.weights.h5")
    shutil.copyfile(tmp_path / "a.weights.h5", tmp_path / "b.h5")
    hashes = {
        weights_info(SMALL, tmp_path / name).content_hash for name in ("a.weights.h5", "b.h5")
    }
    assert len(hashes) == 1


def with_integers(path: Path) -> None:
    save_weights(network(), path)
    with h5py.File(path, "r+") as file:
        del file["layers/conv2d/vars/0"]
        file["layers/conv2d/vars/0"] = np.zeros((3, 3, 3, 32), np.int8)


def test_weights_that_are_no_floating_point_numbers_are_refused(tmp_path):
    with_integers(tmp_path / "w")
    with pytest.raises(WeightsError, match="type int8"):
        read_weights(tmp_path / "w", "small")


def test_another_width_is_told_with_its_place(tmp_path):
    save_weights(network(widths=(32, 65, 128)), tmp_path / "w")
    with pytest.raises(WeightsError, match=r"convolution 2 has a kernel of \(3, 3, 32, 65\)"):
        check_weights(tmp_path / "w", "small")


def test_real_weights_are_the_same_in_every_format(shared_data, tmp_path):
    """Those of VGG16 trained on ImageNet, with a top added."""
    import keras

    path = shared_data / "vgg16_notop.weights.h5"
    vgg = keras.applications.VGG16(include_top=False, weights=path, input_shape=(32, 32, 3))
    kept = vgg.get_weights()
    top = [keras.layers.Flatten(), keras.layers.Dense(2)]
    for model, way in (
        (vgg, "legacy weights"),
        (keras.Sequential([*vgg.layers, *top]), "Keras 3 model"),
    ):
        WAYS[way](model, tmp_path / "w")
        for mine, other in zip(read_weights(tmp_path / "w", "vgg16"), kept, strict=True):
            np.testing.assert_array_equal(mine, other)
    for mine, other in zip(read_weights(path, "vgg16"), kept, strict=True):
        np.testing.assert_array_equal(mine, other)
