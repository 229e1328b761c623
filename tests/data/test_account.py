"""What became of every file, told in numbers and in sentences."""

import json
from dataclasses import asdict, replace

import pytest
from data.picture_folders import files_in, jpeg, write_folder
from pydantic import TypeAdapter

from sweep.data.pictures import find_pictures
from sweep.errors import DataError
from sweep.results.account import account_of
from sweep.results.account_words import in_a_line, statements, warnings
from sweep.results.provenance import DatasetInfo
from sweep.study.tasks import Pictures

ALL = Pictures(limit=None)


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def described(files: dict[str, bytes], tmp_path, wanted: Pictures = ALL) -> DatasetInfo:
    place = write_folder(tmp_path / "pets", files)
    return find_pictures(wanted, str(place), cache=tmp_path / "cache").account


def told(info: DatasetInfo) -> tuple[str, ...]:
    return tuple(f"{term}: {text}" for term, text in statements(account_of(info))[1:])


def test_everything_that_was_found_is_told(tmp_path):
    files = files_in("microsoft", per_class=20)
    files |= {f"PetImages/Cat/empty-{n}.jpg": b"" for n in range(4)}
    files |= {"PetImages/Dog/text.jpg": b"text", "PetImages/Dog/Thumbs.db": b"x"}
    files |= {"PetImages/Cat/again.jpg": jpeg(0), "PetImages/Dog/wrong.jpg": jpeg(2)}
    files |= {f"loose-{n}.jpg": jpeg(900 + n) for n in range(2)}
    files |= {f"PetImages/Dog/more-{n}.jpg": jpeg(800 + n) for n in range(10)}
    info = described(files, tmp_path, Pictures(limit=1000))
    account = account_of(info)
    assert statements(account)[0] == ("Pictures", f"Dogs vs. Cats ({tmp_path / 'pets'})")
    assert account.found_count == 59
    assert (account.train_count, account.valid_count) == (30, 8)
    assert [(it.reason, it.count) for it in account.unusable] == [
        ("empty", 4),
        ("not a picture in a known format", 1),
    ]
    assert account.unusable[0].names == tuple(f"PetImages/Cat/empty-{n}.jpg" for n in range(3))
    assert sum(it.count for it in account.duplicates) == 3
    assert [it.balanced_away for it in account.classes] == [0, 11]
    assert account.over_limit_count == 0
    assert account.stray_count == 1
    assert told(info) == (
        "Used: 38 of 59 picture files, 30 to train on and 8 for validation",
        "Classes: 19 cat, 19 dog, by the folders PetImages/Cat, PetImages/Dog",
        "Skipped: 5 pictures; empty: 4 (PetImages/Cat/empty-0.jpg, PetImages/Cat/empty-1.jpg, "
        "PetImages/Cat/empty-2.jpg, …); not a picture in a known format: 1 "
        "(PetImages/Dog/text.jpg)",
        "Not used: the same picture is in both classes: 2 (PetImages/Cat/1.jpg, "
        "PetImages/Dog/wrong.jpg)",
        "Not used: the same picture again: 1 (PetImages/Cat/again.jpg)",
        "Left out: 11 dog, to use equally many of each class",
        "Left out: 2 pictures in no class (loose-0.jpg, loose-1.jpg)",
        "Split: by seed: each seed draws its own from all of them, balanced by class",
    )
    assert in_a_line(account) == (
        "Used: 38 of 59 picture files, 30 to train on and 8 for validation · Classes: 19 cat, "
        "19 dog · Skipped: 5 · Duplicates: 3 · Balanced away: 11 · In no class: 2 · "
        "Split: by seed"
    )


def test_the_numbers_add_up(tmp_path):
    files = files_in("microsoft", per_class=30) | {"PetImages/Cat/x.jpg": b"x", "loose.jpg": b""}
    files |= {"PetImages/Cat/again.jpg": jpeg(0), "test1/1.jpg": jpeg(1)}
    account = account_of(described(files, tmp_path, Pictures(limit=20)))
    away = sum(it.balanced_away for it in account.classes) + account.over_limit_count
    unused = sum(it.count for it in account.unusable + account.duplicates)
    beside = 2  # loose.jpg and test1/1.jpg
    assert account.found_count == account.train_count + account.valid_count + away + unused + beside


def warnings_of(files: dict[str, bytes], tmp_path, wanted: Pictures = ALL) -> tuple[str, ...]:
    return warnings(account_of(described(files, tmp_path, wanted)))


class TestWarnings:
    def test_none_where_all_is_well(self, tmp_path):
        assert warnings_of(files_in("microsoft"), tmp_path) == ()

    def test_none_for_a_limit(self, tmp_path):
        files = files_in("microsoft", per_class=40)
        assert warnings_of(files, tmp_path, Pictures(limit=10)) == ()

    def test_most_files_are_broken(self, tmp_path):
        files = files_in("microsoft", per_class=6)
        files |= {f"PetImages/Cat/broken-{n}.jpg": b"broken" for n in range(100)}
        share, cut = warnings_of(files, tmp_path)
        assert share == (
            "100 of 112 pictures (89 %) cannot be used; most: not a picture in a known format: 100 "
            "(PetImages/Cat/broken-0.jpg, PetImages/Cat/broken-1.jpg, PetImages/Cat/broken-10.jpg, "
            "…)."
        )
        assert cut == "cat is cut to 6 of 106 pictures: the others cannot be used."

    @pytest.mark.parametrize(("broken", "warns"), [(2, False), (3, True)])
    def test_more_than_a_twentieth(self, broken, warns, tmp_path):
        files = files_in("microsoft", per_class=20)
        files |= {f"PetImages/Cat/broken-{n}.jpg": b"broken" for n in range(broken)}
        assert bool(warnings_of(files, tmp_path)) == warns

    def test_a_class_is_cut_to_the_other(self, tmp_path):
        files = files_in("microsoft", per_class=6)
        files |= {f"PetImages/Dog/more-{n}.jpg": jpeg(500 + n) for n in range(20)}
        assert warnings_of(files, tmp_path, Pictures(limit=1000)) == (
            "dog is cut to 6 of 26 pictures: all classes get as many.",
        )
        assert warnings_of(files, tmp_path) == (), "without a limit all are used"

    def test_pictures_in_no_class(self, tmp_path):
        files = files_in("microsoft") | {f"loose-{n}.jpg": jpeg(700 + n) for n in range(3)}
        assert warnings_of(files, tmp_path) == (
            "3 of 23 pictures are in no class and left out, such as loose-0.jpg.",
        )

    def test_unlabelled_pictures_for_tests_are_no_reason(self, tmp_path):
        files = files_in("kaggle") | {f"test1/{n}.jpg": jpeg(700 + n) for n in range(30)}
        info = described(files, tmp_path)
        assert warnings(account_of(info)) == ()
        assert "Left out: 30 pictures without labels, in folders for tests" in told(info)


class TestStored:
    kind = TypeAdapter(DatasetInfo)

    def test_comes_back_as_it_was(self, tmp_path):
        info = described(files_in("microsoft"), tmp_path)
        assert self.kind.validate_python(json.loads(json.dumps(asdict(info)))) == info

    def test_a_run_of_version_0_1_says_what_it_knows(self, tmp_path):
        info = described(files_in("microsoft") | {"PetImages/Cat/x.jpg": b""}, tmp_path)
        stored = json.loads(json.dumps(asdict(info)))
        del stored["tally"]
        old = self.kind.validate_python(stored)
        assert old == replace(info, tally=None)
        assert told(old) == (
            "Used: 20 pictures, 16 to train on and 4 for validation",
            "Classes: 10 cat, 10 dog",
            "Skipped: 1 picture; empty: 1 (PetImages/Cat/x.jpg)",
        )
        assert in_a_line(account_of(old)) == (
            "Used: 20 pictures, 16 to train on and 4 for validation · Classes: 10 cat, 10 dog · "
            "Skipped: 1"
        )
        assert warnings(account_of(old)) == ()


def filtered(per_class: int = 12) -> dict[str, bytes]:
    return files_in("filtered", per_class)


class TestGivenSplit:
    GIVEN = Pictures(limit=None, split="given")

    def test_keeps_the_parts_of_the_folder(self, tmp_path, cache):
        place = write_folder(tmp_path / "pets", filtered())
        pictures = find_pictures(self.GIVEN, str(place), cache=cache)
        info = pictures.account
        assert (info.train_counts, info.valid_counts) == ((8, 8), (4, 4))
        validation = {
            path.read_bytes() for path in place.rglob("*.jpg") if "validation" in path.parts
        }
        kept = write_folder(
            tmp_path / "kept",
            {f"{'cat' if n % 2 else 'dog'}/{n}.jpg": it for n, it in enumerate(validation)},
        )
        expected = sorted(
            it.tobytes()
            for it in find_pictures(
                Pictures(limit=None, validation_share=0.5), str(kept), cache=cache
            ).pixels(0, 8, 32)
        )
        assert sorted(it.tobytes() for it in pictures.pixels(16, 24, 32)) == expected
        assert "Split: as given by the folder (train, validation)" in told(info)

    def test_otherwise_the_parts_are_pooled_and_it_is_told(self, tmp_path):
        assert (
            "Split: the folder's own parts (train, validation) were pooled and split anew; "
            "--split given keeps them"
        ) in told(described(filtered(), tmp_path, Pictures(limit=None, split="own")))

    def test_a_limit_is_shared_out(self, tmp_path):
        wanted = self.GIVEN.model_copy(update={"limit": 10})
        info = described(filtered(20), tmp_path, wanted)
        assert (info.train_counts, info.valid_counts) == ((4, 4), (1, 1))

    def test_test_stands_in_for_validation(self, tmp_path):
        files = {name.replace("validation", "test"): it for name, it in filtered().items()}
        info = described(files, tmp_path, self.GIVEN)
        assert (info.train_counts, info.valid_counts) == ((8, 8), (4, 4))

    def test_a_third_part_is_left_out(self, tmp_path):
        files = filtered()
        files |= {f"cats_and_dogs_filtered/test/cats/{n}.jpg": jpeg(600 + n) for n in range(3)}
        info = described(files, tmp_path, self.GIVEN)
        assert (info.train_counts, info.valid_counts) == ((8, 8), (4, 4))
        assert [it.balanced_away for it in account_of(info).classes] == [3, 0]

    def test_without_parts_it_is_refused(self, tmp_path):
        with pytest.raises(DataError, match="of a given split: no parts") as raised:
            described(files_in("microsoft"), tmp_path, self.GIVEN)
        assert "Leave --split given out" in str(raised.value)

    def test_rendered_pets_have_none(self, cache):
        with pytest.raises(
            DataError,
            match="no rendered pets in a split 'given'",
        ):
            find_pictures(self.GIVEN, "rendered-pets", cache=cache)


class TestOrientation:
    def files(self) -> dict[str, bytes]:
        content = jpeg(5000)
        exif = b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"
        segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
        turned = content[:2] + segment + content[2:]
        return files_in("microsoft") | {"PetImages/Cat/turned.jpg": turned}

    def test_is_ignored_and_told(self, tmp_path):
        assert ("EXIF orientation: ignored, as in Keras' loaders; 1 picture has one") in told(
            described(self.files(), tmp_path)
        )

    def test_is_applied_where_the_study_asks(self, tmp_path, cache):
        place = write_folder(tmp_path / "pets", self.files())
        applied, ignored = (
            find_pictures(Pictures(limit=None, orientation=how), str(place), cache=cache)
            for how in ("applied", "ignored")
        )
        assert applied.account.content_hash != ignored.account.content_hash
        ours, theirs = (it.pixels(0, 21, 24).astype(int) for it in (applied, ignored))
        differing = [n for n in range(21) if (ours[n] != theirs[n]).any()]
        assert len(differing) == 1
        (it,) = differing
        turned = abs(ours[it] - theirs[it].swapaxes(0, 1)[:, ::-1]).mean()
        assert turned < abs(ours[it] - theirs[it]).mean() / 4
        assert "EXIF orientation: applied; 1 picture has one" in told(applied.account)
