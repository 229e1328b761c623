"""The same picture in files of other bytes: found, kept on one side of the split, and told."""

import io

import numpy as np
import pytest
from data.picture_folders import encoded, files_in, jpeg, write_folder
from PIL import Image

from sweep.data.pets.rendered_pets import draw_pet
from sweep.data.pictures import PictureSet, find_pictures
from sweep.data.split import split
from sweep.data.twins import MAX_BITS_APART, MAX_GREYS_APART, look_of, twins
from sweep.results.account import account_of
from sweep.results.account_words import statements, warnings
from sweep.study.tasks import Pictures

TOGETHER = Pictures(limit=None, validation_share=0.5, split="own")
APART = TOGETHER.model_copy(update={"twins": "apart"})


def pet(number: int) -> Image.Image:
    return Image.fromarray(draw_pet(number)).resize((128, 96), Image.Resampling.BICUBIC)


def written(picture: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def place(tmp_path):
    """Every pet as PNG and as JPEG."""
    return write_folder(
        tmp_path / "pets",
        {
            f"{name}/{number}.{kind.lower()}": encoded(pet(20 * label + number), kind)
            for label, name in enumerate(("cats", "dogs"))
            for number in range(12)
            for kind in ("PNG", "JPEG")
        },
    )


def sides(pictures: PictureSet) -> list[set[int]]:
    """Of each part, which pets are in it, told by their pixels."""
    drawn = {
        20 * label + number: np.asarray(pet(20 * label + number).resize((32, 32)), float)
        for label in (0, 1)
        for number in range(12)
    }
    pixels = pictures.pixels(0, len(pictures), 32).astype(float)
    known = [
        min(drawn, key=lambda number, it=it: np.abs(it - drawn[number]).mean()) for it in pixels
    ]
    return [set(known[: pictures.train_count]), set(known[pictures.train_count :])]


def smooth(number: int) -> Image.Image:
    patches = np.random.default_rng(number).integers(0, 255, (6, 6, 3), np.uint8)
    return Image.fromarray(patches).resize((128, 120), Image.Resampling.BICUBIC)


def gradient(number: int) -> Image.Image:
    """From one grey value to another, at an angle of its own."""
    angle = number / 30 * 2 * np.pi
    rows, columns = np.mgrid[-1:1:100j, -1:1:120j]
    ramp = 128 + 80 * (np.sin(angle) * rows + np.cos(angle) * columns) / 1.5
    return Image.fromarray(ramp.astype(np.uint8)).convert("RGB")


def faint(number: int) -> Image.Image:
    return smooth(number).point(lambda value: 100 + value // 6)


def beside_other_thumbnails(hashes: list[str]) -> list[str]:
    """Looks with these hashes, and thumbnails that agree as much as those of noise."""
    rng = np.random.default_rng(1)
    shared = rng.integers(40, 200, 256, np.uint8)
    own = rng.integers(0, 20, (len(hashes), 256), np.uint8)
    return [each + (shared + it).tobytes().hex() for each, it in zip(hashes, own, strict=True)]


class TestLooks:
    @pytest.mark.parametrize(
        "other",
        [
            written(pet(1), "JPEG", quality=30),
            written(pet(1), "WEBP"),
            written(pet(1), "GIF"),
            written(pet(1).resize((64, 48)), "PNG"),
            written(pet(1).resize((256, 192)), "JPEG"),
        ],
        ids=["JPEG of low quality", "WebP", "GIF", "half the size", "twice the size"],
    )
    def test_of_other_bytes_are_near(self, other):
        looks = [look_of(pet(1)), look_of(Image.open(io.BytesIO(other)).convert("RGB"))]
        assert twins(looks) == [0, 0]

    def test_of_others_are_not(self):
        looks = [look_of(pet(number)) for number in range(80)]
        looks += [look_of(Image.open(io.BytesIO(jpeg(number)))) for number in range(80)]
        assert twins(looks) == [*range(160)]

    @pytest.mark.parametrize("make", [smooth, gradient, faint], ids=lambda make: make.__name__)
    def test_pictures_without_detail_have_twins_too(self, make):
        pictures = [make(number) for number in range(30)]
        again = [Image.open(io.BytesIO(encoded(it, "JPEG"))).convert("RGB") for it in pictures]
        smaller = [it.resize((64, 60), Image.Resampling.BICUBIC) for it in pictures]
        looks = [look_of(it) for it in (*pictures, *again, *smaller)]
        assert twins(looks) == [*range(30)] * 3

    def test_fine_patterns_with_one_mean_are_others(self):
        rng = np.random.default_rng(0)
        grains = rng.normal(128, 40, (40, 200, 200)).clip(0, 255).astype(np.uint8)
        assert twins([look_of(Image.fromarray(it)) for it in grains]) == [*range(40)]

    def test_blank_pages_have_none(self):
        assert look_of(Image.new("RGB", (40, 40), "white")) is None
        assert twins([None, None]) == [0, 1]

    def test_twins_of_twins_are_twins_and_the_first_one_counts(self):
        step = (1 << MAX_BITS_APART) - 1
        chain = [f"{value:064x}" for value in (0, step << MAX_BITS_APART | step, step)]
        assert twins(beside_other_thumbnails(["f" * 64, *chain])) == [0, 1, 1, 1]

    def test_as_by_comparing_every_pair(self):
        rng = np.random.default_rng(0)
        bits = rng.integers(0, 2, (300, 256)).astype(bool)
        bits[100:130] = bits[:30]
        bits[100:130, :MAX_BITS_APART] ^= True
        bits[130:160] = bits[:30]
        bits[130:160, : MAX_BITS_APART + 1] ^= True
        looks = beside_other_thumbnails([np.packbits(row).tobytes().hex() for row in bits])
        apart = (bits[:, None] != bits[None]).sum(-1)
        expected = [int(np.nonzero(row <= MAX_BITS_APART)[0][0]) for row in apart]
        # Those one bit too far are near their neighbour of 100 … 129, so they are its twins.
        assert twins(looks) == [expected[first] for first in expected]

    def test_as_by_comparing_every_pair_of_thumbnails(self):
        rng = np.random.default_rng(0)
        greys = rng.integers(20, 230, (300, 256)).astype(np.uint8)
        greys[100:200] = greys[:100] + rng.integers(0, 5, (100, 256), np.uint8)
        looks = [
            rng.integers(0, 255, 32, np.uint8).tobytes().hex() + it.tobytes().hex() for it in greys
        ]
        apart = np.abs(greys[:, None].astype(float) - greys[None]).mean(-1)
        expected = [int(np.nonzero(row <= MAX_GREYS_APART)[0][0]) for row in apart]
        assert 20 < sum(first < own for own, first in enumerate(expected)) < 100
        assert twins(looks) == expected


class TestSplit:
    def test_is_as_before_without_twins(self, tmp_path, cache):
        place = write_folder(tmp_path / "pets", files_in("microsoft"))
        hashes = {
            find_pictures(wanted, str(place), cache=cache).account.content_hash
            for wanted in (TOGETHER, APART)
        }
        assert len(hashes) == 1

    def test_keeps_twins_on_one_side(self, place, cache):
        apart = find_pictures(APART, str(place), cache=cache)
        train, valid = sides(apart)
        assert train & valid, "the case is one where they would fall apart"
        together = find_pictures(TOGETHER, str(place), cache=cache)
        train, valid = sides(together)
        assert train.isdisjoint(valid)
        assert len(together) == len(apart) == 48

    def test_tells(self, place, cache):
        apart, together = (
            account_of(find_pictures(wanted, str(place), cache=cache).account)
            for wanted in (APART, TOGETHER)
        )
        assert dict(statements(together))["Twins"] == (
            "48 pictures look like another one in other bytes, all on one side of the split with "
            "their twins"
        )
        assert warnings(together) == ()
        assert "with a twin that is trained on" in dict(statements(apart))["Twins"]
        (warning,) = warnings(apart)
        assert warning.endswith(
            "in validation look like one that is trained on: the accuracy is too high. "
            "--twins together keeps them on one side."
        )

    @pytest.mark.parametrize("limit", [20, 40, 60])
    def test_a_limit_keeps_every_picture_in_its_part(self, limit):
        twin_of = {(0, 3): (0, 3), (0, 30): (0, 3), (1, 7): (0, 3), (1, 50): (1, 2), (1, 2): (1, 2)}
        names = ("cat", "dog")
        wanted = Pictures(limit=limit, validation_share=0.3)
        small = split(wanted, (60, 60), names, twin_of)
        large = split(wanted.model_copy(update={"limit": None}), (60, 60), names, twin_of)
        assert set(small.train) < set(large.train)
        assert set(small.valid) < set(large.valid)
        for part in (large.train, large.valid):
            assert len({(0, 3), (0, 30), (1, 7)} & set(part)) in (0, 3)
            assert len({(1, 50), (1, 2)} & set(part)) in (0, 2)

    def test_twins_in_two_classes_are_told(self, tmp_path, cache):
        files = files_in("microsoft")
        files |= {"PetImages/Cat/pet.png": encoded(pet(1), "PNG")}
        files |= {"PetImages/Dog/pet.jpg": encoded(pet(1), "JPEG")}
        place = write_folder(tmp_path / "pets", files)
        info = find_pictures(TOGETHER, str(place), cache=cache).account
        told = dict(statements(account_of(info)))["Twins"]
        assert told.endswith("; 2 of them with a twin in another class")


def test_the_real_twins_are_found(shared_data, cache):
    """A photo as JPEG and as GIF, another at two sizes; both pairs were in training before."""
    own = Pictures(split="own")
    info = find_pictures(own, str(shared_data / "dogs-vs-cats"), cache=cache).account
    assert info.tally is not None
    assert (info.tally.twin_count, info.tally.parted_twin_count) == (4, 0)
    apart = Pictures(split="own", twins="apart")
    before = find_pictures(apart, str(shared_data / "dogs-vs-cats"), cache=cache).account
    assert before.content_hash == info.content_hash
