"""Features of mirror images: what the backbone gives for them, once, beside the others' cache."""

import os

import numpy as np
import pytest
from made_plans import trials_of
from small_study import SMALL

from sweep.errors import MemoryShortError
from sweep.study.tasks import Model
from sweep.tasks.backbones import build_backbone
from sweep.tasks.features import SCALE_PICTURES, features_key
from sweep.tasks.frozen_features import _in_memory, resolve
from sweep.tasks.task import Places
from sweep.training.keras_runtime import load_keras
from sweep.training.memory import estimated_memory_bytes
from sweep.util.progress import silent

FLIPPED = SMALL.replace(pictures=SMALL.pictures.model_copy(update={"flips": True}))
OWN = FLIPPED.replace(pictures=FLIPPED.pictures.model_copy(update={"split": "own"}))


def load():
    load_keras(os.environ.get("KERAS_BACKEND") or "tensorflow")


def never():
    raise AssertionError("Keras was loaded")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def plain(cache):
    return resolve(SMALL, Places(None, None, cache))


@pytest.fixture(scope="module")
def flipped(cache):
    return resolve(FLIPPED, Places(None, None, cache))


def test_what_is_cached_is_used_and_the_rest_computed_once(plain, flipped, cache):
    without = plain.load(load, silent)
    told = []
    data = flipped.load(load, lambda *said: told.append((said[1], said[3])))
    assert told == [(count, "mirrored pictures in float32") for count in (0, 32, 60)]
    again = flipped.load(never, silent)
    assert without.features_NF.shape == (60, 2048)
    assert data.features_NF.shape == again.features_NF.shape == (120, 2048)
    assert data.have_mirrored
    assert not without.have_mirrored
    np.testing.assert_array_equal(data.features_NF[:60], without.features_NF)
    np.testing.assert_array_equal(data.features_NF, again.features_NF)
    assert {each.name for each in (cache / "features").iterdir() if each.is_dir()} == {
        *flipped.features_keys
    }
    np.testing.assert_array_equal(data.feature_labels, [*data.labels_N, *data.labels_N])
    for seed in (0, 1):
        np.testing.assert_array_equal(data.rows(seed).train, without.rows(seed).train)
        np.testing.assert_array_equal(data.rows(seed).valid, without.rows(seed).valid)


@pytest.mark.parametrize("study", [FLIPPED, OWN], ids=["by seed", "own"])
def test_they_are_what_the_backbone_gives_for_mirrored_pixels(study, cache):
    """By one scale with the others: the root mean square of those that these are scaled by."""
    task = resolve(study, Places(None, None, cache))
    mirrored_NF = task.load(load, silent).features_NF[60:].astype(np.float64)
    predict = build_backbone(task.study.model, None)
    pixels = task.pictures.pixels(0, 60, task.study.model.image_size)
    count = 60 if task.pictures.by_seed else task.pictures.train_count
    rms = np.sqrt(np.square(predict(pixels).astype(np.float64))[:count].mean())
    expected_NF = predict(np.ascontiguousarray(np.flip(pixels, axis=2))) / rms
    assert count > SCALE_PICTURES
    # Rounded to float16 twice, each time by at most 2⁻¹¹ of itself (2⁻²⁵ of what is denormal).
    np.testing.assert_allclose(mirrored_NF, expected_NF, rtol=2**-10 * 1.01, atol=2**-24)
    # The scale is that of the others to some millionths, so rounding leaves no trace in the mean.
    assert np.sum(mirrored_NF * expected_NF) / np.sum(expected_NF**2) == pytest.approx(1, abs=2e-5)


def test_keys_without_them_are_those_of_before(plain, flipped):
    small = Model(backbone="small", weights="random", image_size=48, precision="float32")
    assert features_key("pictures", small, "weights") == "8b8c66aec196f87cdc853db9d0e30262"
    assert [plain.key] == plain.features_keys == flipped.features_keys[:1]
    assert len({plain.key, flipped.key, *flipped.features_keys}) == 3


def test_memory_is_planned_for_them(plain, flipped):
    trials = trials_of(SMALL)
    without, sizes = plain.sizes(trials), flipped.sizes(trials)
    assert (without.examples, without.data_bytes) == (60, 2 * 60 * 2048)
    assert (sizes.examples, sizes.data_bytes) == (60, 4 * 60 * 2048)
    more = estimated_memory_bytes(trials, sizes) - estimated_memory_bytes(trials, without)
    assert more == 2 * without.data_bytes


def test_what_does_not_fit_into_memory_is_told():
    endless = np.broadcast_to(np.float16(1), (1 << 44, 96))  # of more bytes than there are anywhere
    with pytest.raises(MemoryShortError, match="leave --flips out"):
        _in_memory(endless, endless)
