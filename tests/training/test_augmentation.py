"""What becomes of inputs before a network sees them, against the same in NumPy."""

import numpy as np
import pytest

from sweep.study.networks import Inputs
from sweep.training.networks.augmentation import (
    Places,
    augmented,
    drawn_places,
    places_of,
    prepared,
)

PICTURES = np.random.default_rng(0).integers(1, 256, (7, 5, 6, 3)).astype(np.uint8)


@pytest.mark.parametrize("inputs", [Inputs(crop=2, flip=True), Inputs(crop=1), Inputs(flip=True)])
def test_pictures_are_cropped_and_mirrored(inputs):
    places = places_of(drawn_places(inputs, seed=3, epoch=2, train_count=40), np.arange(7))
    found = np.asarray(augmented(PICTURES, places, inputs.crop))
    assert found.dtype == np.uint8
    for picture, (down, right), is_mirrored, got in zip(
        PICTURES, places.offsets_B2, places.mirrored_B, found, strict=True
    ):
        crop = inputs.crop
        padded = np.pad(picture, ((crop, crop), (crop, crop), (0, 0)))
        expected = padded[down : down + 5, right : right + 6]
        np.testing.assert_array_equal(got, expected[:, ::-1] if is_mirrored else expected)


def test_places_are_drawn_from_seed_and_epoch_alone():
    inputs = Inputs(crop=4, flip=True)
    first = drawn_places(inputs, seed=0, epoch=1, train_count=5000)
    again = drawn_places(inputs, seed=0, epoch=1, train_count=5000)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
    for other in (drawn_places(inputs, 1, 1, 5000), drawn_places(inputs, 0, 2, 5000)):
        assert not np.array_equal(first.offsets_B2, other.offsets_B2)
    counts = np.bincount(first.offsets_B2.ravel(), minlength=9)
    assert len(counts) == 9
    assert counts.min() > 10_000 / 9 * 0.8  # uniform: 1,111 of each, with a deviation of 31
    assert abs(first.mirrored_B.mean() - 0.5) < 0.04


def test_without_flip_nothing_is_mirrored():
    assert not drawn_places(Inputs(crop=4), 0, 1, 100).mirrored_B.any()
    assert not drawn_places(Inputs(flip=True), 0, 1, 100).offsets_B2.any()


def test_inputs_are_scaled_and_normalized_by_channel():
    inputs = Inputs(scale=1 / 255, mean=(0.5, 0.4, 0.3), deviation=(0.2, 0.25, 0.5))
    found = np.asarray(prepared(PICTURES, inputs))
    expected = (PICTURES / 255 - np.array([0.5, 0.4, 0.3])) / np.array([0.2, 0.25, 0.5])
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert found.dtype == np.float32


def test_whole_numbers_that_nothing_is_done_to_stay():
    tokens = np.array([[3, 16_777_217]], np.int32)  # the second is no float32
    np.testing.assert_array_equal(np.asarray(prepared(tokens, Inputs())), tokens)
    assert np.asarray(prepared(PICTURES, Inputs())).dtype == np.float32


def test_places_of_a_batch():
    places = Places(np.arange(10).reshape(5, 2), np.arange(5))
    some = places_of(places, np.array([4, 1]))
    np.testing.assert_array_equal(some.offsets_B2, [[8, 9], [2, 3]])
    np.testing.assert_array_equal(some.mirrored_B, [4, 1])
