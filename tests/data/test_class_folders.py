"""Pictures of more than two classes: labels, the balanced split, and what is skipped or refused."""

import numpy as np
import pytest
from data.picture_folders import jpeg, write_folder, write_zip

from sweep.data.decoding import decode
from sweep.data.pictures import PictureSet, find_pictures
from sweep.data.split import split
from sweep.errors import DataError
from sweep.results.provenance import DatasetInfo
from sweep.study.tasks import Pictures

WANTED = Pictures(limit=None, validation_share=0.2)


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def found(path, cache, wanted=WANTED) -> PictureSet:
    return find_pictures(wanted, str(path), cache=cache)


def zoo(*names: str, per_class: int = 10) -> dict[str, bytes]:
    """A folder a class, in no order, with pictures of their own."""
    return {
        f"{name}/{number}.jpg": jpeg(1000 * label + number)
        for label, name in reversed([*enumerate(names)])
        for number in range(per_class)
    }


@pytest.mark.parametrize("write", [write_folder, write_zip])
def test_labels_are_the_sorted_names_of_the_folders(write, tmp_path, cache):
    place = write(tmp_path / "zoo", zoo("Rabbit", "cats", "dogs"))
    pictures = found(place, cache)
    account = pictures.account
    assert account.class_names == ("cat", "dog", "rabbit")
    assert account.name == "cat vs. dog vs. rabbit"
    assert account.train_counts == (8, 8, 8)
    assert account.valid_counts == (2, 2, 2)
    assert account.baseline == pytest.approx(1 / 3)
    assert pictures.labels[:6].tolist() == [0, 1, 2, 0, 1, 2]
    assert np.bincount(pictures.labels[24:]).tolist() == [2, 2, 2]


def test_limit_takes_equally_many_of_each_and_at_most_so_many(tmp_path, cache):
    files = zoo("cat", "dog", "rabbit") | {f"dog/more{n}.jpg": jpeg(9000 + n) for n in range(9)}
    place = write_folder(tmp_path / "zoo", files)
    limited = found(place, cache, Pictures(limit=17, validation_share=0.2)).account
    assert (limited.train_counts, limited.valid_counts) == ((4,) * 3, (1,) * 3)
    everything = found(place, cache).account
    assert (everything.train_counts, everything.valid_counts) == ((8, 15, 8), (2, 4, 2))
    assert everything.baseline == 0.5


def test_the_same_picture_in_several_classes_is_not_used(tmp_path, cache):
    names = ["ant", "bee", "cow", "dog"]
    twin = {f"{name}/twin.jpg": jpeg(7) for name in names[:3]}
    place = write_folder(tmp_path / "zoo", zoo(*names) | twin | {"dog/99.jpg": jpeg(3001)})
    assert found(place, cache).account.skipped == (
        *((name, "the same picture is in 3 classes") for name in sorted({*twin, "ant/7.jpg"})),
        ("dog/99.jpg", "the same picture as dog/1.jpg"),
    )


def test_many_classes_are_counted_in_titles_and_named_in_part(tmp_path, cache):
    names = [f"kind-{letter}" for letter in "abcdefghij"]
    place = write_folder(tmp_path / "zoo", zoo(*names, per_class=2))
    wanted = Pictures(limit=None, validation_share=0.5)
    assert found(place, cache, wanted).account.name == "pictures of 10 classes"
    (place / "kind-j/0.jpg").unlink()
    with pytest.raises(DataError) as raised:
        found(place, cache, wanted)
    assert raised.value.wrong.startswith("too few pictures: 1 usable of kind-j, 2 of kind-a")
    assert "…" in raised.value.wrong


@pytest.mark.parametrize("share", [0.1, 0.29, 0.5])
@pytest.mark.parametrize("classes", [2, 3, 10])
def test_split_is_balanced_by_class(classes, share):
    parts = split(Pictures(limit=None, validation_share=share), (40,) * classes, ["k"] * classes)
    assert len({*parts.counts(parts.train)}) == len({*parts.counts(parts.valid)}) == 1
    assert {*parts.train}.isdisjoint(parts.valid)
    assert len(parts.train + parts.valid) == 40 * classes


def test_a_description_without_classes_cannot_be_built():
    with pytest.raises(ValueError, match="two or more classes"):
        DatasetInfo("n", "s", ("cat",), (1,), (1,), (), "h")
    with pytest.raises(ValueError, match="two or more classes"):
        DatasetInfo("n", "s", ("cat", "dog"), (1, 1), (1, 1, 1), (), "h")


GIVEN = Pictures(limit=None, split="given")
TRAIN_NAMES = ("Train", "TRAIN", "training", "training_set")
VALID_NAMES = ("validation", "valid", "val", "Validation", "VAL", "validation_set", "test", "Test")


SPELLINGS = [*(("train", name) for name in VALID_NAMES), *((it, "val") for it in TRAIN_NAMES)]


@pytest.mark.parametrize(("train", "valid"), SPELLINGS)
def test_a_given_split_is_kept_however_its_parts_are_spelled(train, valid, tmp_path, cache):
    place = write_folder(tmp_path / "zoo", parted(zoo("ant", "bee", "cow"), train, valid))
    account = found(place, cache, GIVEN).account
    assert account.class_names == ("ant", "bee", "cow")
    assert (account.train_counts, account.valid_counts) == ((8, 8, 8), (2, 2, 2))


@pytest.mark.parametrize("write", [write_folder, write_zip])
@pytest.mark.parametrize("around", ["", "data/"])
@pytest.mark.parametrize("names", [("ant", "bee"), ("ant", "bee", "cow", "dog")])
def test_a_given_split_validates_with_its_own_pictures(names, around, write, tmp_path, cache):
    files = parted(zoo(*names), f"{around}train", f"{around}validation")
    given = found(write(tmp_path / "zoo", files), cache, GIVEN)
    assert given.by_seed is None
    pixels = [given.pixels(at, at + 1, 8)[0].tobytes() for at in range(len(given))]
    expected = {decode(files[name], 8).tobytes() for name in files if "/validation/" in f"/{name}"}
    assert {*pixels[given.train_count :]} == expected


def parted(files: dict[str, bytes], train: str, valid: str) -> dict[str, bytes]:
    """Two of each class in the one folder, the others in the other."""
    return {
        f"{valid if name.endswith(('/0.jpg', '/1.jpg')) else train}/{name}": content
        for name, content in files.items()
    }


def test_a_validation_folder_comes_before_a_test_folder(tmp_path, cache):
    files = {
        f"{part}/{name}": jpeg(100 * shift + number)
        for shift, part in enumerate(("train", "val", "test"))
        for number, name in enumerate(f"{kind}/{n}.jpg" for kind in "abc" for n in range(4))
    }
    place = write_folder(tmp_path / "zoo", files)
    account = found(place, cache, GIVEN).account
    assert (account.train_counts, account.valid_counts) == ((4, 4, 4), (4, 4, 4))
    pooled = found(place, cache).account
    assert sum(pooled.train_counts + pooled.valid_counts) == 36
