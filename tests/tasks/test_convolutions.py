"""VGG's convolutions by ncnn, beside Keras' own."""

import sys

import keras
import numpy as np
import pytest

from sweep.data.pictures import find_pictures
from sweep.study.tasks import Model, Pictures
from sweep.tasks.backbones import build_backbone
from sweep.tasks.convolutions import are_by_ncnn
from sweep.tasks.features import load_or_compute

pytest.importorskip("ncnn", reason="ncnn, an extra, is not installed")


def network(backbone="vgg16", size=64, **more):
    return Model(backbone=backbone, image_size=size, precision="float32", weights="random", **more)


@pytest.fixture
def by_keras(monkeypatch):
    """A backbone as it is where ncnn is not installed."""

    def build(*args):
        with monkeypatch.context() as patch:
            patch.setattr("sweep.tasks.backbones.are_by_ncnn", lambda _model: False)
            return build_backbone(*args)

    return build


@pytest.mark.parametrize(("backbone", "size"), [("vgg16", 50), ("vgg16", 96), ("vgg19", 64)])
def test_features_are_those_of_keras_but_for_rounding(backbone, size, by_keras):
    """13 or 16 layers of float32 sums in another order: some millionths of the largest feature.

    What a pooling leaves over, as of 25 × 25, is left out as Keras does.
    """
    model = network(backbone, size)
    pixels = np.random.default_rng(1).integers(0, 256, (3, size, size, 3)).astype(np.uint8)
    expected, found = (build(model, None)(pixels) for build in (by_keras, build_backbone))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * expected.max())
    assert (expected > 0.1 * expected.max()).any(axis=1).all()


def test_a_picture_has_the_same_bits_whatever_is_beside_it(monkeypatch):
    pixels = np.random.default_rng(2).integers(0, 256, (5, 64, 64, 3)).astype(np.uint8)
    predict = build_backbone(network(), None)
    together = predict(pixels)
    np.testing.assert_array_equal(np.concatenate([predict(one[None]) for one in pixels]), together)
    monkeypatch.setattr("sweep.tasks.convolutions.processors", lambda: 5)
    np.testing.assert_array_equal(predict(pixels), together)


def test_what_is_stored_of_real_pictures_is_what_keras_gives_but_for_the_last_bit(
    shared_data, tmp_path, by_keras
):
    """Features are rounded to float16: a few land on the other side of a rounding."""
    model = Model(precision="float32", weights="file")
    pictures = find_pictures(Pictures(limit=10), str(shared_data / "dogs-vs-cats"), cache=tmp_path)
    weights = shared_data / "vgg16_notop.weights.h5"
    told = []
    stored = load_or_compute(
        pictures, model, weights, "0" * 32, cache=tmp_path, progress=lambda *it: told.append(it[3])
    )
    assert {*told} == {"pictures in float32 by ncnn"}
    expected = by_keras(model, weights)(pictures.pixels(0, len(pictures), 224)).astype(np.float16)
    steps = np.abs(stored.view(np.int16).astype(int) - expected.view(np.int16))
    size = np.maximum(stored, expected)
    # smaller ones are differences of numbers of that size
    assert steps[size > 0.01 * size.max()].max() <= 1
    assert (steps > 0).mean() < 0.01
    np.testing.assert_allclose(stored, expected, rtol=2**-10, atol=1e-5 * float(size.max()))


@pytest.mark.parametrize(
    "change", [{"precision": "mixed_bfloat16"}, {"backbone": "resnet50"}, {"backbone": "small"}]
)
def test_other_precisions_and_backbones_are_keras_own(change):
    assert are_by_ncnn(network())
    assert not are_by_ncnn(network().model_copy(update=change))


def test_so_it_is_with_an_accelerator_or_without_ncnn(monkeypatch):
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: ["gpu:0"])
    assert not are_by_ncnn(network())
    monkeypatch.undo()
    monkeypatch.setattr("sweep.tasks.convolutions.find_spec", {"ncnn": None}.get)
    assert not are_by_ncnn(network())
    assert "ncnn" in sys.modules
