"""Which folders are the classes: trees as people have them, each with its right reading."""

from collections import Counter

import pytest

from sweep.data.layouts import recognize
from sweep.errors import DataError

SORTED = {"train/cats/{}.jpg": 60, "train/dogs/{}.jpg": 60}


def names_in(tree: dict[str, int]) -> list[str]:
    """So many files of each pattern."""
    return [pattern.format(number) for pattern, count in tree.items() for number in range(count)]


def counts(tree: dict[str, int], classes=None) -> dict[str, int]:
    return dict(Counter(recognize(names_in(tree), classes).class_of.values()))


def times(count: int, *patterns: str) -> dict[str, int]:
    return dict.fromkeys(patterns, count)


RIGHT = {
    "loose files named as Kaggle's beside sorted folders": (
        SORTED | {"train/cat.{}.jpg": 4, "train/dog.{}.jpg": 4},
        {"cat": 60, "dog": 60},
        8,
    ),
    "loose and sorted files are named as Kaggle's": (
        {
            "train/cats/cat.{}.jpg": 60,
            "train/dogs/dog.{}.jpg": 60,
            "train/cat.9{}.jpg": 4,
            "train/dog.9{}.jpg": 4,
        },
        {"cat": 60, "dog": 60},
        8,
    ),
    "loose files above": (SORTED | {"cat.{}.jpg": 5, "dog.{}.jpg": 5}, {"cat": 60, "dog": 60}, 10),
    "one loose file": (SORTED | {"train/cat.{}.jpg": 1}, {"cat": 60, "dog": 60}, 1),
    "a few sorted files beside Kaggle's": (
        {
            "train/cat.{}.jpg": 90,
            "train/dog.{}.jpg": 90,
            "samples/cats/{}.jpg": 5,
            "samples/dogs/{}.jpg": 5,
        },
        {"cat": 90, "dog": 90},
        10,
    ),
    "half of Kaggle's sorted into folders": (
        {
            "cats/cat.{}.jpg": 50,
            "dogs/dog.{}.jpg": 50,
            "cat.9{}.jpg": 40,
            "dog.9{}.jpg": 40,
        },
        {"cat": 90, "dog": 90},
        0,
    ),
    "a picture that was sorted by hand": (
        {"cats/cat.{}.jpg": 50, "dogs/dog.{}.jpg": 50, "dogs/cat.9{}.jpg": 1},
        {"cat": 50, "dog": 51},
        0,
    ),
    "the same folders in each class": (
        times(10, *(f"{a}/{b}/{{}}.jpg" for a in ("cats", "dogs") for b in ("indoor", "outdoor"))),
        {"cat": 20, "dog": 20},
        0,
    ),
    "the same folders in each of other classes": (
        times(10, *(f"{a}/{b}/{{}}.jpg" for a in ("apple", "pear") for b in ("red", "green"))),
        {"apple": 20, "pear": 20},
        0,
    ),
    "breeds in species": (
        times(10, "cats/siamese/{}.jpg", "cats/manx/{}.jpg", "dogs/pug/{}.jpg", "birds/{}.jpg"),
        {"birds": 10, "cat": 20, "dog": 10},
        0,
    ),
    "a class with more folders than the others have pictures": (
        {"cats/indoor/{}.jpg": 90, "cats/outdoor/{}.jpg": 90, "dogs/{}.jpg": 10},
        {"cat": 180, "dog": 10},
        0,
    ),
    "parts of each class": (
        times(9, *(f"{a}/{b}/{{}}.jpg" for a in ("cats", "dogs") for b in ("train", "test"))),
        {"cat": 18, "dog": 18},
        0,
    ),
    "classes far down": (
        times(9, "a/b/c/wolf/x/{}.jpg", "a/b/c/fox/{}.jpg"),
        {"fox": 9, "wolf": 9},
        0,
    ),
    "pictures beside the folder that holds the classes": (
        {"PetImages/Cat/{}.jpg": 50, "PetImages/Dog/{}.jpg": 50, "samples/{}.jpg": 5},
        {"cat": 50, "dog": 50},
        5,
    ),
    "Kaggle's training_set and test_set": (
        times(
            9,
            *(
                f"{part}/{part}/{name}s/{name}.{{}}.jpg"
                for part in ("training_set", "test_set")
                for name in ("cat", "dog")
            ),
        ),
        {"cat": 18, "dog": 18},
        0,
    ),
    "parts that share a prefix": (
        times(
            9,
            *(
                f"seg_{part}/seg_{part}/{name}/{{}}.jpg"
                for part in ("train", "test")
                for name in ("sea", "street", "forest")
            ),
            "seg_pred/seg_pred/{}.jpg",
        ),
        {"forest": 18, "sea": 18, "street": 18},
        0,
    ),
    "pictures in a folder in each part": (
        times(9, *(f"{a}/images/{b}/{{}}.jpg" for a in ("train", "val") for b in ("wolf", "fox"))),
        {"fox": 18, "wolf": 18},
        0,
    ),
    "unlabelled pictures in a folder for tests": (
        times(9, "train/cats/{}.jpg", "train/dogs/{}.jpg", "test/unknown/{}.jpg"),
        {"cat": 9, "dog": 9},
        0,
    ),
    "cats and dogs of several years": (
        times(9, *(f"{a}/{b}/{{}}.jpg" for a in ("2019", "2020") for b in ("cats", "dogs"))),
        {"cat": 18, "dog": 18},
        0,
    ),
    "cats and dogs in folders of their own": (
        times(9, "a/cats/{}.jpg", "b/dogs/{}.jpg"),
        {"cat": 9, "dog": 9},
        0,
    ),
    "a copy of everything": (
        times(9, "cats/{}.jpg", "dogs/{}.jpg", "backup/cats/{}.jpg", "backup/dogs/{}.jpg"),
        {"cat": 18, "dog": 18},
        0,
    ),
    "numbered classes": (
        times(9, *(f"{digit}/{{}}.png" for digit in range(3))),
        {"0": 9, "1": 9, "2": 9},
        0,
    ),
    "a class that is called as a part's kin": (
        times(9, "express_train/{}.jpg", "bus/{}.jpg"),
        {"bus": 9, "express_train": 9},
        0,
    ),
    "thumbnails of a storage device": (
        times(9, "cats/{}.jpg", "dogs/{}.jpg", "cats/@eaDir/{}.jpg/SYNOPHOTO_THUMB_M.jpg"),
        {"cat": 9, "dog": 9},
        0,
    ),
}


@pytest.mark.parametrize("case", RIGHT)
def test_the_reading_that_explains_most_wins(case):
    tree, expected, unexplained = RIGHT[case]
    layout = recognize(names_in(tree))
    assert dict(Counter(layout.class_of.values())) == expected
    assert len(layout.unexplained) == unexplained
    explained = layout.class_of.keys() | {*layout.unexplained} | {*layout.unlabelled}
    left = set(names_in(tree)) - explained
    assert all("@eaDir" in name for name in left), "every picture is accounted for"


def test_what_is_not_explained_is_named():
    layout = recognize(names_in(SORTED | {"train/cat.{}.jpg": 2, "test1/{}.jpg": 3}))
    assert layout.unexplained == ("train/cat.0.jpg", "train/cat.1.jpg")
    assert layout.unlabelled == ("test1/0.jpg", "test1/1.jpg", "test1/2.jpg")
    assert layout.by == "the folders train/cats, train/dogs"


AMBIGUOUS = {
    "as many loose ones as sorted ones": (
        {"cats/{}.jpg": 50, "dogs/{}.jpg": 50, "cat.{}.jpg": 40, "dog.{}.jpg": 40},
        ("50 cat, 50 dog (by the folders cats, dogs)", "40 cat, 40 dog (by the names of files"),
    ),
    "names of files that contradict the folders": (
        {
            "cats/cat.{}.jpg": 50,
            "cats/dog.{}.jpg": 30,
            "dogs/dog.9{}.jpg": 50,
            "dogs/cat.9{}.jpg": 30,
        },
        ("80 cat, 80 dog (by the folders cats, dogs)", "80 cat, 80 dog (by the names of files"),
    ),
    "the same folders in numbered ones": (
        times(9, *(f"{a}/{b}/{{}}.jpg" for a in ("2019", "2020") for b in ("wolf", "fox"))),
        ("18 2019, 18 2020 (by the folders 2019, 2020)", "18 fox, 18 wolf (by the folders"),
    ),
    "pictures beside the folder that holds the classes": (
        {"pets/wolf/{}.jpg": 50, "pets/fox/{}.jpg": 50, "samples/{}.jpg": 5},
        ("100 pets, 5 samples (by", "50 fox, 50 wolf (by the folders pets/fox, pets/wolf)"),
    ),
}


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_two_readings_that_explain_about_as_much_are_both_shown(case):
    tree, words = AMBIGUOUS[case]
    with pytest.raises(DataError, match="--classes") as raised:
        recognize(names_in(tree))
    assert all(expected in str(raised.value) for expected in words), raised.value


class TestClasses:
    def test_choose_among_readings(self):
        tree, _ = AMBIGUOUS["the same folders in numbered ones"]
        assert counts(tree, ["wolf", "fox"]) == {"fox": 18, "wolf": 18}
        assert counts(tree, ["2019", "2020"]) == {"2019": 18, "2020": 18}

    def test_leave_a_class_out(self):
        tree = times(9, "cats/{}.jpg", "dogs/{}.jpg", "unknown/{}.jpg")
        assert counts(tree, ("Cats", "Dogs")) == {"cat": 9, "dog": 9}
        assert len(recognize(names_in(tree), ("cats", "dogs")).unexplained) == 9

    def test_may_be_called_as_a_part(self):
        tree = times(9, "plane/{}.jpg", "car/{}.jpg", "train/{}.jpg")
        assert counts(tree) == {"car": 9, "plane": 9}
        assert counts(tree, ("plane", "car", "train")) == {"car": 9, "plane": 9, "train": 9}

    def test_in_the_names_of_files(self):
        tree = times(9, "x/cat.{}.jpg", "y/dog.{}.jpg")
        assert counts(tree, ("cat", "dog")) == {"cat": 9, "dog": 9}

    def test_that_are_not_there_are_told_with_what_is(self):
        with pytest.raises(DataError, match=r"no class wolf \(there is cat, dog\)"):
            recognize(names_in(SORTED), ("cats", "wolf"))


def test_an_accent_is_one_letter_however_it_is_written():
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    tree = times(5, f"train/{composed}/{{}}.jpg", f"val/{decomposed}/{{}}.jpg", "train/bar/{}.jpg")
    assert counts(tree) == {"bar": 5, composed: 10}


def test_parts_are_known():
    layout = recognize(
        names_in(SORTED | {"validation/cats/{}.jpg": 5, "validation/dogs/{}.jpg": 5})
    )
    assert Counter(layout.part_of.values()) == {"train": 120, "valid": 10}


def test_a_folder_above_is_not_a_hidden_one():
    assert counts(times(5, "../Cat/{}.jpg", "../Dog/{}.jpg")) == {"cat": 5, "dog": 5}
