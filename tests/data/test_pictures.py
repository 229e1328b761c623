import io
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import numpy as np
import pytest
from data.picture_folders import (
    LAYOUTS,
    PER_CLASS,
    as_zip,
    encoded,
    files_in,
    jpeg,
    write_folder,
    write_zip,
)
from PIL import Image

from sweep.data.fetch import DOGS_VS_CATS
from sweep.data.pictures import PictureSet, _content_hash, find_pictures
from sweep.data.split import Split, split
from sweep.errors import CacheError, DataError, NotFetchedError
from sweep.study.tasks import Pictures

WANTED = Pictures(limit=None, validation_share=0.2)


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def found(path, cache, wanted=WANTED) -> PictureSet:
    return find_pictures(wanted, str(path), cache=cache)


def write_pets(root, **more: bytes):
    """Microsoft's layout, with more files among the cats."""
    return write_folder(
        root, files_in("microsoft") | {f"PetImages/Cat/{name}": more[name] for name in more}
    )


@pytest.fixture
def reference(tmp_path, cache) -> PictureSet:
    return found(write_folder(tmp_path / "reference", files_in("microsoft")), cache)


class TestLayouts:
    @pytest.mark.parametrize("kind", ["folder", "zip"])
    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_every_layout_gives_the_same_set(self, layout, kind, tmp_path, cache, reference):
        write = write_folder if kind == "folder" else write_zip
        place = write(tmp_path / "pictures", files_in(layout) | {"notes/readme.txt": b"hello"})
        pictures = found(place, cache)
        assert pictures.account.class_names == ("cat", "dog")
        assert pictures.account.name == "Dogs vs. Cats"
        assert pictures.account.content_hash == reference.account.content_hash
        assert pictures.account.skipped == ()
        np.testing.assert_array_equal(pictures.labels, reference.labels)
        np.testing.assert_array_equal(pictures.pixels(0, 20, 16), reference.pixels(0, 20, 16))

    @pytest.mark.parametrize("kind", ["folder", "zip"])
    def test_kaggle_zip_in_zip_without_its_unlabelled_pictures(
        self, kind, tmp_path, cache, reference
    ):
        download = {
            "train.zip": as_zip(files_in("kaggle")),
            "test1.zip": as_zip({f"test1/{n}.jpg": jpeg(99 + n) for n in range(5)}),
            "sampleSubmission.csv": b"id,label\n",
        }
        write = write_folder if kind == "folder" else write_zip
        place = write(tmp_path / "dogs-vs-cats", download)
        assert found(place, cache).account.content_hash == reference.account.content_hash

    def test_unlabelled_pictures_beside_kaggle_ones_are_left_out(self, tmp_path, cache, reference):
        files = files_in("kaggle") | {f"test1/{n}.jpg": jpeg(99 + n) for n in range(5)}
        pictures = found(write_folder(tmp_path / "kaggle", files), cache)
        assert pictures.account.content_hash == reference.account.content_hash

    def test_any_two_classes_are_labelled_by_name(self, tmp_path, cache):
        files = {
            f"{name}/{n}.png": jpeg(n + 50 * len(name))
            for name in ("Wolf", "husky")
            for n in range(9)
        }
        pictures = found(write_folder(tmp_path / "own", files), cache)
        assert pictures.account.class_names == ("husky", "wolf")
        assert pictures.account.name == "husky vs. wolf"

    def test_labels_belong_to_their_pictures(self, tmp_path, cache):
        def grey(level):
            return encoded(Image.new("RGB", (20, 20), (level,) * 3), "PNG")

        files = {f"cat/{n}.png": grey(n) for n in range(8)}
        files |= {f"dog/{n}.png": grey(200 + n) for n in range(8)}
        pictures = found(write_folder(tmp_path / "own", files), cache)
        bright = pictures.pixels(0, 16, 32).mean(axis=(1, 2, 3)) > 128
        np.testing.assert_array_equal(bright, pictures.labels == 1)

    def test_links_are_followed_once(self, tmp_path, cache, reference):
        real = write_folder(tmp_path / "real", files_in("inside PetImages"))
        linked = tmp_path / "linked"
        linked.mkdir()
        (linked / "cats").symlink_to(real / "Cat")
        (linked / "dogs").symlink_to(real / "Dog")
        (linked / "again").symlink_to(linked)
        account = found(linked, cache).account
        assert account.content_hash == reference.account.content_hash
        assert account.skipped == ()


def test_pixels_come_right_to_several_threads_at_once(tmp_path, cache):
    pictures = found(write_zip(tmp_path / "pets.zip", files_in("microsoft")), cache)
    alone = pictures.pixels(0, 20, 16)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda _: pictures.pixels(0, 20, 16), range(16)))
    for pixels in together:
        np.testing.assert_array_equal(pixels, alone)


class TestChoice:
    def test_split_is_balanced_and_in_order(self, reference):
        account = reference.account
        assert account.train_counts == (8, 8)
        assert account.valid_counts == (2, 2)
        assert reference.train_count == 16
        assert reference.labels[16:].tolist().count(0) == 2

    def test_does_not_depend_on_order_or_names(self, tmp_path, cache, reference):
        renamed = {}
        for name, content in reversed(files_in("microsoft").items()):
            folder, _, number = name.rpartition("/")
            renamed[f"{folder}/{97 * int(number.split('.')[0]) % 101}.jpg"] = content
        pictures = found(write_zip(tmp_path / "renamed.zip", renamed), cache)
        assert pictures.account.content_hash == reference.account.content_hash

    def test_limit_takes_equally_many_and_at_most_so_many(self, tmp_path, cache):
        files = files_in("microsoft")
        files |= {f"PetImages/Dog/more{n}.jpg": jpeg(500 + n) for n in range(20)}
        place = write_folder(tmp_path / "pets", files)
        limited = found(place, cache, Pictures(limit=13, validation_share=0.2)).account
        assert (limited.train_counts, limited.valid_counts) == ((5, 5), (1, 1))
        smaller_class = found(place, cache, Pictures(limit=1000, validation_share=0.2)).account
        assert (smaller_class.train_counts, smaller_class.valid_counts) == ((8, 8), (2, 2))
        everything = found(place, cache).account
        assert (everything.train_counts, everything.valid_counts) == ((8, 24), (2, 6))

    @pytest.mark.parametrize("share", [0.1, 0.2, 0.29, 0.5, 0.77])
    def test_raising_the_limit_keeps_every_picture_in_its_part(self, share):
        names = ("cat", "dog")
        small = split(Pictures(limit=60, validation_share=share), (400, 500), names)
        large = split(Pictures(limit=600, validation_share=share), (400, 500), names)
        assert set(small.train) < set(large.train)
        assert set(small.valid) < set(large.valid)
        assert len(large.valid) == pytest.approx(600 * share, abs=2)

    def test_content_hash_covers_content_label_and_part(self, tmp_path, cache, reference):
        files = files_in("microsoft")
        changed = files | {"PetImages/Cat/0.jpg": jpeg(777)}
        swapped = {
            name.replace("Cat", "x").replace("Dog", "Cat").replace("x", "Dog"): content
            for name, content in files.items()
        }
        hashes = {
            reference.account.content_hash,
            found(write_folder(tmp_path / "1", changed), cache).account.content_hash,
            found(write_folder(tmp_path / "2", swapped), cache).account.content_hash,
            found(
                tmp_path / "reference", cache, Pictures(limit=None, validation_share=0.3)
            ).account.content_hash,
        }
        assert len(hashes) == 4

    def test_content_hash_tells_the_same_order_with_other_labels_or_parts_apart(self):
        hashes = {
            _content_hash([(0, "a"), (1, "b"), (1, "c")], Split(((0, 0), (1, 0)), ((1, 1),), 2)),
            _content_hash([(0, "a"), (0, "b"), (1, "c")], Split(((0, 0), (0, 1)), ((1, 0),), 2)),
            _content_hash([(0, "a"), (1, "b"), (1, "c")], Split(((0, 0),), ((1, 0), (1, 1)), 2)),
        }
        assert len(hashes) == 3


class TestSkipping:
    def test_broken_files_are_named_with_their_reasons(self, tmp_path, cache, reference):
        place = write_pets(
            tmp_path / "pets",
            **{
                "empty.jpg": b"",
                "cut.jpg": jpeg(900, 200)[:2000],
                "text.jpg": b"this is no picture at all",
                "Thumbs.db": b"\xd0\xcf\x11\xe0",
                ".DS_Store": b"hidden",
            },
        )
        pictures = found(place, cache)
        reasons = {name.rpartition("/")[2]: reason for name, reason in pictures.account.skipped}
        assert reasons.pop("cut.jpg").startswith("cut off or damaged: ")
        assert reasons == {
            "empty.jpg": "empty",
            "text.jpg": "not a picture in a known format",
            "Thumbs.db": "not a picture file",
        }
        assert pictures.account.content_hash == reference.account.content_hash

    def test_what_a_picture_is_its_content_says(self, tmp_path, cache):
        noise = Image.open(io.BytesIO(jpeg(3)))
        see_through = Image.new("RGBA", (20, 20), (10, 20, 30, 0))
        place = write_pets(
            tmp_path / "pets",
            **{
                "gif.jpg": encoded(noise.convert("P"), "GIF"),
                "grey.jpg": encoded(noise.convert("L"), "JPEG"),
                "cmyk.jpg": encoded(noise.convert("CMYK"), "JPEG"),
                "clear.png": encoded(see_through, "PNG"),
            },
        )
        pictures = found(place, cache)
        assert pictures.account.skipped == ()
        assert pictures.account.train_counts[0] + pictures.account.valid_counts[0] == PER_CLASS + 4
        whites = (pictures.pixels(0, len(pictures), 32) == 255).all(axis=(1, 2, 3))
        assert whites.sum() == 1, "transparent becomes white"

    def test_the_same_picture_twice_is_used_once(self, tmp_path, cache, reference):
        files = files_in("microsoft")
        place = write_pets(tmp_path / "pets", **{"99.jpg": files["PetImages/Cat/0.jpg"]})
        pictures = found(place, cache)
        assert pictures.account.skipped == (
            ("PetImages/Cat/99.jpg", "the same picture as PetImages/Cat/0.jpg"),
        )
        assert pictures.account.content_hash == reference.account.content_hash

    def test_the_same_picture_in_both_classes_is_not_used(self, tmp_path, cache):
        files = files_in("microsoft")
        place = write_pets(tmp_path / "pets", **{"99.jpg": files["PetImages/Dog/0.jpg"]})
        skipped = dict(found(place, cache).account.skipped)
        assert skipped == dict.fromkeys(
            ["PetImages/Cat/99.jpg", "PetImages/Dog/0.jpg"], "the same picture is in both classes"
        )

    @pytest.mark.parametrize("limit", [100, 500], ids=["error", "warning"])
    def test_too_many_pixels_are_skipped(self, limit, tmp_path, cache, monkeypatch):
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 24 * 30 + limit)
        place = write_pets(
            tmp_path / "pets", **{"bomb.png": jpeg(1000, 50 if limit == 100 else 36)}
        )
        assert found(place, cache).account.skipped == (
            ("PetImages/Cat/bomb.png", "too many pixels to decode safely"),
        )

    def test_a_damaged_member_of_a_zip_is_skipped(self, tmp_path, cache):
        path = write_zip(tmp_path / "pets.zip", files_in("microsoft"))
        content = bytearray(path.read_bytes())
        start = content.index(jpeg(0))
        content[start + 100 : start + 110] = b"0123456789"
        path.write_bytes(content)
        assert found(path, cache).account.skipped == (
            ("PetImages/Cat/0.jpg", "damaged in the archive"),
        )


class TestManifest:
    def test_second_time_reads_no_picture(self, tmp_path, cache):
        place = write_pets(tmp_path / "pets")
        told = []
        first = find_pictures(
            WANTED, str(place), cache=cache, progress=lambda *call: told.append(call)
        )
        assert told[-1] == ("checking pictures", 20, 20, "pictures")
        for path in place.rglob("*.jpg"):  # other bytes behind the same size and time
            state = path.stat()
            path.write_bytes(bytes(state.st_size))
            os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
        told.clear()
        second = find_pictures(
            WANTED, str(place), cache=cache, progress=lambda *call: told.append(call)
        )
        assert second.account == first.account
        assert told == []

    def test_what_changes_is_checked_anew_and_nothing_else(self, tmp_path, cache):
        place = write_pets(tmp_path / "pets")
        first = found(place, cache)
        (place / "PetImages/Cat/0.jpg").write_bytes(jpeg(555))
        told = []
        second = find_pictures(
            WANTED, str(place), cache=cache, progress=lambda *call: told.append(call)
        )
        assert told == [("checking pictures", 1, 1, "pictures")]
        assert second.account.content_hash != first.account.content_hash

    @pytest.mark.parametrize("damage", ["emptied", "cut off", "other shape", "other hash"])
    def test_a_damaged_manifest_is_not_trusted(self, damage, tmp_path, cache):
        place = write_pets(tmp_path / "pets")
        first = found(place, cache)
        (manifest,) = (cache / "manifests").iterdir()
        whole = manifest.read_text()
        manifest.write_text(
            {
                "emptied": "",
                "cut off": whole[:-40],
                "other shape": '{"version": 1}',
                "other hash": whole.replace(sha256(jpeg(0)).hexdigest(), "0" * 64),
            }[damage]
        )
        assert manifest.read_text() != whole
        assert found(place, cache).account == first.account
        assert manifest.read_text() == whole

    def test_a_cache_that_cannot_be_made_is_said(self, tmp_path):
        place = write_pets(tmp_path / "pets")
        (tmp_path / "file").write_bytes(b"in the way")
        with pytest.raises(CacheError, match="SWEEP_CACHE"):
            found(place, tmp_path / "file")

    def test_a_picture_that_has_gone_is_said(self, tmp_path, cache):
        place = write_pets(tmp_path / "pets")
        pictures = found(place, cache)
        shutil.rmtree(place)
        with pytest.raises(DataError, match="Run again"):
            pictures.pixels(0, 1, 32)


class TestRefusals:
    def refused(self, path, cache) -> str:
        with pytest.raises(DataError) as raised:
            found(path, cache)
        assert raised.value.exit_status == 3
        assert raised.value.remedy
        return str(raised.value)

    def test_nothing_there(self, tmp_path, cache):
        assert "nothing at" in self.refused(tmp_path / "missing", cache)

    def test_no_pictures(self, tmp_path, cache):
        (tmp_path / "notes.txt").write_text("none")
        assert "no pictures in " in self.refused(tmp_path, cache)

    def test_no_classes(self, tmp_path, cache):
        write_folder(tmp_path / "flat", {f"{n}.jpg": jpeg(n) for n in range(4)})
        assert "4 pictures" in self.refused(tmp_path / "flat", cache)

    def test_one_class(self, tmp_path, cache):
        write_folder(tmp_path / "pets", {f"cats/{n}.jpg": jpeg(n) for n in range(4)})
        assert "only one class in" in (message := self.refused(tmp_path / "pets", cache))
        assert message.splitlines()[0].endswith(": cat")

    def test_one_class_of_kaggle(self, tmp_path, cache):
        files = {name: data for name, data in files_in("kaggle").items() if "cat" in name}
        files |= {"test1/1.jpg": jpeg(1)}
        assert "only one class in" in self.refused(write_folder(tmp_path / "kaggle", files), cache)

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (as_zip(files_in("microsoft"))[:-3000], "cut off or damaged"),
            (b"no zip at all", "not a zip"),
            (b"", "not a zip"),
        ],
        ids=["cut off", "another file", "empty"],
    )
    def test_no_zip(self, content, words, tmp_path, cache):
        (tmp_path / "pets.zip").write_bytes(content)
        assert words in self.refused(tmp_path / "pets.zip", cache)

    def test_too_few(self, tmp_path, cache):
        files = files_in("microsoft", per_class=1)
        message = self.refused(write_folder(tmp_path / "pets", files), cache)
        assert "1 usable of cat, 1 of dog" in message

    def test_none_usable(self, tmp_path, cache):
        files = dict.fromkeys(files_in("microsoft"), b"")
        message = self.refused(write_folder(tmp_path / "pets", files), cache)
        assert "0 usable of cat, 0 of dog" in message

    def test_a_dataset_of_ones_own_needs_a_place(self, cache):
        with pytest.raises(DataError, match="Pass --data"):
            find_pictures(Pictures(dataset="mine"), None, cache=cache)

    @pytest.mark.parametrize("place", [None, "dogs-vs-cats"])
    def test_archive_not_fetched(self, place, cache):
        with pytest.raises(NotFetchedError, match="sweep data fetch"):
            find_pictures(Pictures(), place, cache=cache)

    def test_half_an_archive_is_not_fetched(self, cache):
        DOGS_VS_CATS.place(cache).parent.mkdir(parents=True)
        DOGS_VS_CATS.place(cache).write_bytes(as_zip(files_in("microsoft")))
        with pytest.raises(NotFetchedError):
            find_pictures(Pictures(), None, cache=cache)


class TestRealPictures:
    def test_all_good_ones_are_used(self, shared_data, cache):
        pictures = found(shared_data / "dogs-vs-cats", cache, Pictures(split="own"))
        account = pictures.account
        assert account.class_names == ("cat", "dog")
        assert sum(account.train_counts + account.valid_counts) == 2498
        assert account.train_counts == (999, 999)
        # As version 0.1 had it: with another, every stored trial would be trained again.
        assert account.content_hash == "28c90208a2d4c8aba99ad8b861e12236"
        assert {name: reason.split(":")[0] for name, reason in account.skipped} == {
            "PetImages/Cat/10404.jpg": "cut off or damaged",
            "PetImages/Cat/666.jpg": "empty",
            "PetImages/Cat/Thumbs.db": "not a picture file",
            "PetImages/Dog/11702.jpg": "empty",
            "PetImages/Dog/Thumbs.db": "not a picture file",
        }
        assert pictures.pixels(0, 3, 224).shape == (3, 224, 224, 3)
