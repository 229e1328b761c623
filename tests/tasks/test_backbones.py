"""Backbones by the names of ``keras.applications``: their preprocessing, sizes and weights."""

import keras
import numpy as np
import pytest
from pydantic import ValidationError

from sweep.errors import WeightsError
from sweep.study.backbones import BACKBONES
from sweep.study.tasks import Model
from sweep.tasks.backbones import build_backbone, feature_count, weights_info

SHAPE = (64, 64, 3)
MOBILE = Model(backbone="mobilenet", weights="random", image_size=64, precision="float32")


@pytest.fixture(scope="module")
def pixels():
    return np.random.default_rng(0).integers(0, 256, (2, *SHAPE)).astype(np.uint8)


def test_features_are_those_of_the_network_with_its_own_preprocessing(pixels, tmp_path):
    network = keras.applications.MobileNet(include_top=False, weights=None, input_shape=SHAPE)
    for variable in network.trainable_variables:
        variable.assign(variable * 1.5)  # as they are drawn, features vanish
    path = tmp_path / "mine.weights.h5"
    network.save_weights(path)
    prepared = keras.applications.mobilenet.preprocess_input(pixels.astype(np.float32))
    expected = np.asarray(network.predict_on_batch(prepared)).reshape(2, -1)
    from_file = Model(**MOBILE.model_dump() | {"weights": "file"})
    features = build_backbone(from_file, path)(pixels)
    assert features.shape == (2, feature_count(MOBILE))
    # The same weights and operations, compiled apart: rounding alone.
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-6 * expected.max())
    assert len(weights_info(from_file, path).content_hash) == 64


def test_features_of_random_weights_neither_vanish_nor_explode_and_are_drawn_again(pixels):
    features = build_backbone(MOBILE, None)(pixels)
    assert 0.1 < features.std() < 10  # as drawn by Keras alone it is 1e-20
    np.testing.assert_array_equal(build_backbone(MOBILE, None)(pixels), features)


def test_a_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "mine.weights.h5"
    path.write_text("no weights")
    with pytest.raises(WeightsError, match="has no weights of MobileNet"):
        build_backbone(Model(**MOBILE.model_dump() | {"weights": "file"}), path)


@pytest.mark.parametrize(
    ("name", "size"), [("xception", 100), ("inceptionv3", 100), ("nasnetmobile", 33)]
)
def test_sizes_of_feature_maps_that_no_power_of_two_gives(name, size):
    known = BACKBONES[name]
    with keras.device("cpu"):
        built = getattr(keras.applications, known.kind)(
            include_top=False, weights=None, input_shape=(size, size, 3)
        )
    assert np.prod(built.output_shape[1:]) == known.feature_count(size)


def test_every_network_of_keras_is_a_backbone():
    of_keras = {
        name
        for name, value in vars(keras.applications).items()
        if callable(value) and not name.startswith("_")
    }
    assert of_keras == {known.kind for known in BACKBONES.values()}


def test_pictures_have_the_size_that_the_backbone_was_made_for():
    assert Model(backbone="xception").image_size == 299
    assert Model(backbone="nasnetlarge").image_size == 331
    assert Model(backbone="resnet50").image_size == Model().image_size == 224
    assert Model(backbone="xception", image_size=100).image_size == 100


@pytest.mark.parametrize(
    ("parts", "wrong"),
    [
        ({"backbone": "resnet5O"}, "did you mean resnet50"),
        ({"backbone": "xception", "image_size": 64}, "takes pictures of 71 pixels or more"),
        ({"backbone": "small"}, "no imagenet weights of the small backbone"),
    ],
)
def test_what_no_backbone_is(parts, wrong):
    with pytest.raises(ValidationError) as caught:
        Model(**parts)
    assert wrong in str(caught.value)


def test_published_weights_are_known_before_they_are_fetched():
    info = weights_info(Model(backbone="resnet50"), None)
    assert info.name == "ResNet50, ImageNet"
    assert info.content_hash != weights_info(Model(backbone="resnet101"), None).content_hash
