"""Features: the backbone's output, cached so that nothing damaged or half done is ever trusted."""

import logging
import os

import numpy as np
import pytest

from sweep.data.pictures import find_pictures
from sweep.errors import CacheError, DataError, WeightsError
from sweep.study.tasks import Model, Pictures
from sweep.tasks.backbones import build_backbone, feature_count, weights_info
from sweep.tasks.features import _finite_float16, cached_features, features_key, load_or_compute
from sweep.training.keras_runtime import load_keras

SMALL = Model(backbone="small", weights="random", image_size=48, precision="float32")
KEY = "0" * 32


@pytest.fixture(scope="module", autouse=True)
def keras_backend():
    load_keras(os.environ.get("KERAS_BACKEND") or "tensorflow")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    wanted = Pictures(dataset="rendered-pets", limit=80, split="own")
    return find_pictures(wanted, None, cache=tmp_path_factory.mktemp("cache"))


class Watched:
    """A picture set that counts what is decoded, and can be interrupted."""

    def __init__(self, pictures, interrupt_at=None):
        self._pictures = pictures
        self.interrupt_at = interrupt_at
        self.train_count, self.by_seed = pictures.train_count, pictures.by_seed
        self.decoded = []

    def __len__(self):
        return len(self._pictures)

    def pixels(self, start, stop, image_size):
        if self.interrupt_at is not None and start >= self.interrupt_at:
            raise KeyboardInterrupt
        self.decoded.append(start)
        return self._pictures.pixels(start, stop, image_size)


def test_small_backbone_equals_its_definition(pictures, tmp_path):
    """Three of Conv3×3 + ReLU + MaxPool with He weights, by hand for one picture."""
    features = load_or_compute(pictures, SMALL, None, KEY, cache=tmp_path)
    assert features.shape == (80, feature_count(SMALL)) == (80, 4608)
    assert features.dtype == np.float16
    random = np.random.default_rng(0)
    x = pictures.pixels(0, 1, 48)[0].astype(np.float64) / 127.5 - 1
    for channels in (32, 64, 128):
        kernel = random.normal(0, np.sqrt(2 / (9 * x.shape[-1])), (3, 3, x.shape[-1], channels))
        random.normal(0, 0, channels)
        padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))
        x = np.maximum(np.einsum("hwcij,ijco->hwo", windows, kernel), 0)
        x = x.reshape(x.shape[0] // 2, 2, x.shape[1] // 2, 2, channels).max(axis=(1, 3))
    ratio = x.reshape(-1)[x.reshape(-1) > 0.1] / features[0].astype(float)[x.reshape(-1) > 0.1]
    assert ratio.std() / ratio.mean() < 2e-3  # one scale for all; float16 has 11 bits


def test_random_backbones_features_have_unit_rms_over_the_training_pictures(pictures, tmp_path):
    features = load_or_compute(pictures, SMALL, None, KEY, cache=tmp_path)
    rms = np.sqrt(np.square(features[: pictures.train_count].astype(float)).mean())
    assert rms == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("backbone", ["vgg16", "vgg19"])
def test_vgg_equals_keras_applications(backbone, pictures, tmp_path):
    import keras

    application = getattr(keras.applications, backbone)
    network = getattr(keras.applications, backbone.upper())
    keras.utils.set_random_seed(1)
    reference = network(include_top=False, weights=None, input_shape=(32, 32, 3))
    path = tmp_path / "made.weights.h5"
    reference.save_weights(path)
    model = Model(backbone=backbone, weights="file", image_size=32, precision="float32")
    features = load_or_compute(pictures, model, path, KEY, cache=tmp_path)
    pixels = pictures.pixels(0, 80, 32).astype(np.float32)
    expected = reference.predict(application.preprocess_input(pixels), verbose=0).reshape(80, -1)
    assert features.shape == (80, feature_count(model))
    np.testing.assert_allclose(features, expected, rtol=2e-3, atol=1e-4 * np.abs(expected).max())


def test_mixed_bfloat16_is_near_float32(pictures):
    mixed = SMALL.model_copy(update={"precision": "mixed_bfloat16"})
    pixels = pictures.pixels(0, 8, 48)
    exact, near = build_backbone(SMALL, None)(pixels), build_backbone(mixed, None)(pixels)
    assert near.dtype == np.float32
    # bfloat16 has 8 bits: 0.4 % an operation, over three layers
    assert np.abs(near - exact).max() < 0.03 * np.abs(exact).max()
    assert not np.array_equal(near, exact)


def test_second_time_nothing_is_decoded(pictures, tmp_path):
    first = load_or_compute(pictures, SMALL, None, KEY, cache=tmp_path)
    watched = Watched(pictures)
    again = load_or_compute(watched, SMALL, None, KEY, cache=tmp_path)
    assert watched.decoded == []
    assert np.array_equal(first, again)
    assert isinstance(again, np.memmap)


def test_interrupted_computation_continues_and_ends_the_same(pictures, tmp_path):
    whole = load_or_compute(pictures, SMALL, None, KEY, cache=tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        load_or_compute(Watched(pictures, 64), SMALL, None, KEY, cache=tmp_path / "cut")
    assert cached_features(KEY, tmp_path / "cut") is None
    watched = Watched(pictures)
    resumed = load_or_compute(watched, SMALL, None, KEY, cache=tmp_path / "cut")
    assert watched.decoded == [64]  # the finished chunks were kept
    assert np.array_equal(resumed, whole)


def test_damaged_chunk_of_an_interrupted_computation_is_not_trusted(pictures, tmp_path):
    whole = load_or_compute(pictures, SMALL, None, KEY, cache=tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        load_or_compute(Watched(pictures, 64), SMALL, None, KEY, cache=tmp_path / "cut")
    flip_a_byte(tmp_path / "cut" / "features" / f"{KEY}.partial" / "features.npy", 200)
    watched = Watched(pictures)
    resumed = load_or_compute(watched, SMALL, None, KEY, cache=tmp_path / "cut")
    assert min(watched.decoded) == 0
    assert np.array_equal(resumed, whole)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("features.npy", b""),
        ("features.npy", b"\x93NUMPY\x01\0\x03\0{'('"),
        ("features.npy", b"PK\x03\x04 no zip"),
        ("features.npy", None),
        ("chunks.jsonl", b"5\n"),
        ("chunks.jsonl", b"[" * 100_000),
        ("chunks.jsonl", None),
    ],
)
def test_nonsense_left_by_an_interrupted_computation_is_not_trusted(
    file, content, pictures, tmp_path
):
    whole = load_or_compute(pictures, SMALL, None, KEY, cache=tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        load_or_compute(Watched(pictures, 64), SMALL, None, KEY, cache=tmp_path / "cut")
    path = tmp_path / "cut" / "features" / f"{KEY}.partial" / file
    path.unlink()
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    resumed = load_or_compute(pictures, SMALL, None, KEY, cache=tmp_path / "cut")
    assert np.array_equal(resumed, whole)


def test_a_manifest_of_nonsense_is_not_trusted(pictures, tmp_path, caplog):
    whole = np.array(load_or_compute(pictures, SMALL, None, KEY, cache=tmp_path))
    (tmp_path / "features" / KEY / "manifest.json").write_text("[" * 100_000)
    assert np.array_equal(load_or_compute(pictures, SMALL, None, KEY, cache=tmp_path), whole)
    assert "damaged" in caplog.text


@pytest.mark.parametrize("file", ["features.npy", "manifest.json"])
def test_damaged_cache_is_computed_again_with_a_warning(file, pictures, tmp_path, caplog):
    whole = np.array(load_or_compute(pictures, SMALL, None, KEY, cache=tmp_path))
    flip_a_byte(tmp_path / "features" / KEY / file, -9)
    with caplog.at_level(logging.WARNING, logger="sweep"):
        again = load_or_compute(pictures, SMALL, None, KEY, cache=tmp_path)
    assert "damaged" in caplog.text
    assert np.array_equal(again, whole)


def flip_a_byte(path, position):
    content = bytearray(path.read_bytes())
    content[position] ^= 0xFF
    path.write_bytes(content)


def test_features_beyond_float16_are_an_error():
    with pytest.raises(DataError, match="finite in float16"):
        _finite_float16(np.array([[1e6]], np.float32))


def test_cache_that_cannot_be_made(pictures, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(CacheError, match="SWEEP_CACHE"):
        load_or_compute(pictures, SMALL, None, KEY, cache=tmp_path / "file")


def test_weights_of_another_network_are_refused(tmp_path):
    import keras

    other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    path = tmp_path / "other.weights.h5"
    other.save_weights(path)
    with pytest.raises(WeightsError, match="has no weights of VGG16: "):
        build_backbone(Model(weights="file", image_size=32, precision="float32"), path)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_refused(value, tmp_path):
    import h5py
    import keras

    path = tmp_path / "damaged.weights.h5"
    layers = [keras.layers.Conv2D(channels, 3, padding="same") for channels in (32, 64, 128)]
    keras.Sequential([keras.Input((48, 48, 3)), *layers]).save_weights(path)
    with h5py.File(path, "r+") as file:
        file["layers/conv2d_1/vars/0"][0, 0, 0, 0] = value
    with pytest.raises(WeightsError, match="not finite"):
        build_backbone(SMALL, path)


def test_weights_that_are_no_weights_are_refused(tmp_path):
    path = tmp_path / "text.weights.h5"
    path.write_text("no weights")
    with pytest.raises(WeightsError, match="has no weights of VGG16: "):
        build_backbone(Model(weights="file", image_size=32, precision="float32"), path)
    with pytest.raises(WeightsError, match="No such file"):
        weights_info(Model(weights="file"), tmp_path / "none.h5")


def test_key_covers_all_that_features_depend_on():
    keys = {
        features_key("pictures", SMALL, "weights"),
        features_key("others", SMALL, "weights"),
        features_key("pictures", SMALL, "others"),
        features_key("pictures", SMALL.model_copy(update={"image_size": 64}), "weights"),
        features_key("pictures", SMALL.model_copy(update={"precision": "mixed_bfloat16"}), "w"),
    }
    assert len(keys) == 5
    wider = SMALL.model_copy(update={"hidden_units": 3})
    assert features_key("pictures", wider, "weights") in keys


def test_real_weights_give_the_features_of_keras(shared_data, tmp_path):
    import keras

    weights = shared_data / "vgg16_notop.weights.h5"
    wanted = Pictures(limit=10)
    real = find_pictures(wanted, str(shared_data / "dogs-vs-cats"), cache=tmp_path)
    model = Model(weights="file", precision="float32")
    features = load_or_compute(real, model, weights, KEY, cache=tmp_path)
    reference = keras.applications.VGG16(include_top=False, weights=str(weights))
    pixels = real.pixels(0, 10, 224).astype(np.float32)
    inputs = keras.applications.vgg16.preprocess_input(pixels)
    expected = reference.predict(inputs, verbose=0).reshape(10, -1)
    np.testing.assert_allclose(features, expected, rtol=2e-3, atol=1e-4 * expected.max())
