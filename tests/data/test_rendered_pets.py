import logging

import numpy as np
import pytest

from sweep.data.pets.rendered_pets import draw_pet, rendered
from sweep.data.pets.traits import CAT, DOG
from sweep.data.pictures import find_pictures
from sweep.errors import CacheError
from sweep.study.tasks import Pictures

GOLDEN = np.array(
    [
        [[103.2, 86.1], [103.1, 91.2]],
        [[138.1, 121.7], [105.1, 91.6]],
        [[83.6, 94.7], [74.7, 77.3]],
        [[147.1, 143.8], [152.5, 156.1]],
    ]
)
"""Mean brightness of the quarters of the first four pictures."""

PETS = Pictures(dataset="rendered-pets", limit=40)


@pytest.fixture
def pets(tmp_path):
    return find_pictures(PETS, None, cache=tmp_path)


def test_account(pets):
    account = pets.account
    assert (account.name, account.class_names) == ("rendered pets", ("cat", "dog"))
    assert (account.train_counts, account.valid_counts) == ((16, 16), (4, 4))
    assert pets.train_count == 32
    assert len(pets) == 40


def test_the_pictures_are_those_that_were_drawn(pets):
    drawn = {draw_pet(index).tobytes(): index % 2 for index in range(40)}
    assert [drawn[picture.tobytes()] for picture in pets.pixels(0, 40, 48)] == pets.labels.tolist()


def test_a_picture_depends_on_its_number_alone(tmp_path):
    few, more = rendered(4, tmp_path), rendered(8, tmp_path)
    np.testing.assert_array_equal(few.pixels, more.pixels[:4])
    np.testing.assert_array_equal(draw_pet(3), few.pixels[3])


def test_raising_the_limit_keeps_every_picture_in_its_part(pets, tmp_path):
    more = find_pictures(PETS.model_copy(update={"limit": 80}), None, cache=tmp_path)
    train = {picture.tobytes() for picture in more.pixels(0, more.train_count, 48)}
    assert {picture.tobytes() for picture in pets.pixels(0, 32, 48)} < train


def test_looks_as_it_did():
    """Where this fails, raise the recipe's number: results on other pictures are other results."""
    coarse = np.stack([draw_pet(index) for index in range(4)]).reshape(4, 2, 24, 2, 24, 3)
    np.testing.assert_allclose(coarse.mean(axis=(2, 4, 5)), GOLDEN, atol=2)


def test_other_sizes(pets):
    assert pets.pixels(0, 2, 96).shape == (2, 96, 96, 3)
    assert draw_pet(0, 128).shape == (128, 128, 3)


def test_named_as_a_place_whatever_the_study_says(pets, tmp_path):
    named = find_pictures(Pictures(limit=40), "rendered-pets", cache=tmp_path)
    assert named.account == pets.account


def test_second_time_draws_nothing(pets, tmp_path):
    told = []
    again = find_pictures(PETS, None, cache=tmp_path, progress=lambda *call: told.append(call))
    assert told == []
    assert again.account == pets.account


@pytest.mark.parametrize("damage", ["cut off", "changed", "emptied"])
def test_a_damaged_cache_is_drawn_again_and_said(damage, pets, tmp_path, caplog):
    (stored,) = (tmp_path / "rendered-pets").iterdir()
    content = bytearray(stored.read_bytes())
    if damage == "changed":
        content[5000] ^= 1
    stored.write_bytes({"cut off": content[:9000], "changed": content, "emptied": b""}[damage])
    with caplog.at_level(logging.WARNING):
        again = find_pictures(PETS, None, cache=tmp_path)
    assert "damaged" in caplog.text
    assert again.account == pets.account


def test_a_cache_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_bytes(b"in the way")
    with pytest.raises(CacheError, match="SWEEP_CACHE"):
        rendered(2, tmp_path / "file")


def test_every_trait_overlaps_between_the_classes():
    for name, cat in vars(CAT).items():
        dog = getattr(DOG, name)
        if isinstance(cat, dict):
            assert all(cat[choice] > 0 and dog[choice] > 0 for choice in cat), name
        elif name == "irises":
            assert min(cat + dog) > 0
        elif isinstance(cat, tuple):
            assert max(cat[0], dog[0]) < min(cat[1], dog[1]), name
        else:
            assert 0 < cat < 1, name
            assert 0 < dog < 1, name


def test_brightness_does_not_tell_the_classes_apart(tmp_path):
    """The best threshold on the mean of a picture is little better than guessing."""
    pets = rendered(400, tmp_path)
    brightness = pets.pixels.mean(axis=(1, 2, 3))
    dogs = pets.labels[np.argsort(brightness)] == 1
    correct = np.abs(np.cumsum(np.where(dogs, 1, -1))).max() / 2 + 200
    assert correct / 400 < 0.62
