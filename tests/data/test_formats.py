"""Files that are no pictures, or of formats that are not read: told with what they are."""

import importlib.util
import os
import sys
import tarfile
import zipfile
from contextlib import contextmanager

import numpy as np
import pytest
from data.picture_folders import as_zip, encoded, files_in, jpeg, write_folder, write_zip
from PIL import Image, features

from sweep.data import formats
from sweep.data.decoding import decode
from sweep.data.pets.rendered_pets import draw_pet
from sweep.data.pictures import PictureSet, find_pictures
from sweep.errors import DataError
from sweep.study.tasks import Pictures

LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)
HAS_HEIC = importlib.util.find_spec("pillow_heif") is not None


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def no_plug_in(monkeypatch):
    """As where ``pillow-heif`` is not installed."""
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    formats.formats.cache_clear()
    yield
    formats.formats.cache_clear()


@pytest.fixture
def as_anybody(tmp_path):
    """A user to whom things can be forbidden, which nothing is to root."""

    @contextmanager
    def lowered():
        user = os.geteuid()
        if user == 0:
            closed = (it for it in tmp_path.parents if not it.stat().st_mode & 0o077)
            for folder in (tmp_path, *closed):
                folder.chmod(0o755)
            os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(user)

    return lowered


def found(path, cache) -> PictureSet:
    return find_pictures(Pictures(limit=None), str(path), cache=cache)


def refused(path, cache) -> str:
    with pytest.raises(DataError) as raised:
        found(path, cache)
    return str(raised.value)


def all_of(content: bytes, suffix: str = ".jpg") -> dict[str, bytes]:
    """A set of files that are all the same kind of thing."""
    return {
        f"{name}/{number}{suffix}": content + bytes([number])
        for name in ("cats", "dogs")
        for number in range(5)
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (LFS_POINTER, "a Git LFS pointer"),
        (b"<!DOCTYPE html><html>404</html>", "a web page"),
        (b"\0\0\0\x0cJXL \r\n", "JPEG XL, which is not read"),
        (b"\0\0\0\x0cjP  \r\n", "JPEG 2000, which is not read"),
        (b"8BPS\0\1", "Photoshop, which is not read"),
        (b"%PDF-1.7", "PDF, which is not read"),
        (b"<?xml version='1.0'?><svg>", "SVG, which is not read"),
        (as_zip({"a": b"b"}), "an archive under this name"),
        (b"II*\0" + bytes(30), "a TIFF of a kind that Pillow cannot read"),
        (b"nothing known", "not a picture in a known format"),
    ],
)
def test_what_a_file_is_instead_of_a_picture_is_told(content, words, tmp_path, cache):
    place = write_folder(
        tmp_path / "pets", files_in("microsoft") | {"PetImages/Cat/x.jpg": content}
    )
    ((name, reason),) = found(place, cache).account.skipped
    assert name == "PetImages/Cat/x.jpg"
    assert reason.startswith(words)


def test_a_suffix_tells_what_the_content_does_not(tmp_path, cache):
    raw = {"PetImages/Cat/x.cr2": b"..."}
    place = write_folder(tmp_path / "pets", files_in("microsoft") | raw)
    assert dict(found(place, cache).account.skipped) == {
        "PetImages/Cat/x.cr2": "a camera's raw format, which is not read"
    }


@pytest.mark.parametrize(
    ("content", "suffix", "words"),
    [
        (
            LFS_POINTER,
            ".jpg",
            ["a Git LFS pointer, not the file itself: 10 (cats/0.jpg", "git lfs pull"],
        ),
        (b"8BPS", ".psd", ["Photoshop, which is not read: 10", "JPEG, PNG, GIF, BMP, WebP, TIFF"]),
        (b"", ".jpg", ["empty: 10 (cats/0.jpg"]),
    ],
)
def test_where_no_picture_is_usable_the_reasons_are_told(content, suffix, words, tmp_path, cache):
    files = all_of(content, suffix)
    if not content:
        files = dict.fromkeys(files, b"")
    message = refused(write_folder(tmp_path / "pets", files), cache)
    assert "0 usable of cat, 0 of dog" in message
    assert all(word in message for word in words), message


@pytest.mark.usefixtures("no_plug_in")
def test_only_heic_without_the_plug_in(tmp_path, cache):
    message = refused(write_folder(tmp_path / "pets", all_of(HEIC, ".heic")), cache)
    assert "HEIC, which needs the plug-in pillow-heif: 10 (cats/0.heic" in message
    assert "pip install pillow-heif" in message


def test_links_to_nothing_are_told(tmp_path, cache):
    place = write_folder(tmp_path / "pets", files_in("microsoft"))
    (place / "PetImages/Cat/x.jpg").symlink_to(tmp_path / "not fetched.jpg")
    assert found(place, cache).account.skipped == (
        ("PetImages/Cat/x.jpg", "a link to a file that is not there"),
    )


def test_only_links_to_nothing(tmp_path, cache):
    for name in all_of(b""):
        path = tmp_path / "pets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(tmp_path / "not fetched.jpg")
    assert "a link to a file that is not there: 10 (" in refused(tmp_path / "pets", cache)


def test_a_folder_that_cannot_be_read_is_no_class_less(tmp_path, cache, as_anybody):
    place = write_folder(tmp_path / "pets", files_in("microsoft"))
    (place / "PetImages/Dog").chmod(0)
    with as_anybody():
        message = refused(place, cache)
    assert (
        "PetImages/Dog, a folder among the pictures, cannot be read: Permission denied" in message
    )


def test_no_picture_by_its_suffix_names_what_is_read(tmp_path, cache):
    message = refused(write_folder(tmp_path / "pets", all_of(b"x", ".dat")), cache)
    assert "what is read is JPEG, PNG, GIF, BMP, WebP, TIFF" in message


def pets(kind: str, suffix: str) -> dict[str, bytes]:
    formats.formats()  # registers the plug-in, which writes HEIC too
    return {
        f"{name}/{number}{suffix}": encoded(
            Image.fromarray(draw_pet(10 * label + number)).resize((96, 96)), kind
        )
        for label, name in enumerate(("cats", "dogs"))
        for number in range(5)
    }


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow reads no AVIF")
def test_avif_is_read(tmp_path, cache):
    pictures = found(write_folder(tmp_path / "pets", pets("AVIF", ".avif")), cache)
    assert (len(pictures), pictures.account.skipped) == (10, ())


@pytest.mark.skipif(not HAS_HEIC, reason="pillow-heif is not installed")
def test_heic_is_read_where_the_plug_in_is(tmp_path, cache):
    assert "HEIF" in formats.formats()
    files = pets("HEIF", ".heic")
    pictures = found(write_folder(tmp_path / "pets", files), cache)
    assert (len(pictures), pictures.account.skipped) == (10, ())
    drawn = np.asarray(Image.fromarray(draw_pet(0)).resize((96, 96)), float)
    assert np.abs(decode(files["cats/0.heic"], 96) - drawn).mean() < 12


@pytest.mark.skipif(not HAS_HEIC, reason="pillow-heif is not installed")
def test_a_plug_in_that_comes_later_is_used(tmp_path, cache, monkeypatch):
    files = pets("JPEG", ".jpg") | {"cats/x.heic": pets("HEIF", ".heic")["cats/0.heic"]}
    place = write_folder(tmp_path / "pets", files)
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "pillow_heif", None)
        formats.formats.cache_clear()
        assert "needs the plug-in" in found(place, cache).account.skipped[0][1]
    formats.formats.cache_clear()
    assert found(place, cache).account.skipped == ()


class TestZips:
    def test_backslashes_part_folders(self, tmp_path, cache):
        files = files_in("microsoft") | {"PetImages/Cat/": b""}
        slashes = found(write_zip(tmp_path / "slashes.zip", files), cache)
        backslashes = {name.replace("/", "\\"): content for name, content in files.items()}
        place = write_zip(tmp_path / "backslashes.zip", backslashes)
        pictures = found(place, cache)
        assert pictures.account.content_hash == slashes.account.content_hash
        assert pictures.account.skipped == ()
        np.testing.assert_array_equal(pictures.pixels(0, 20, 32), slashes.pixels(0, 20, 32))

    def test_a_password_is_told(self, tmp_path, cache):
        message = refused(with_flag(tmp_path, flag=1), cache)
        assert "in an archive with a password: 20 (PetImages/Cat/0.jpg" in message
        assert "Unpack the archive with its password" in message

    def test_a_packing_that_is_not_known_is_told(self, tmp_path, cache):
        message = refused(with_flag(tmp_path, method=9), cache)
        assert "in an archive packed by a method that is not known: 20 (" in message
        assert "with the program that made it" in message

    def test_a_broken_zip_in_a_zip_is_called_as_its_user_knows_it(self, tmp_path, cache):
        broken = as_zip(files_in("kaggle"))[:-3000]
        path = write_zip(tmp_path / "dogs-vs-cats.zip", {"train.zip": broken})
        message = refused(path, cache)
        assert f"{path}, train.zip in it is cut off or damaged" in message
        assert str(cache) not in message

    def test_a_zip_with_a_password_in_a_zip(self, tmp_path, cache):
        inner = with_flag(tmp_path, flag=1).read_bytes()
        message = refused(write_zip(tmp_path / "outer.zip", {"train.zip": inner}), cache)
        assert "in an archive with a password" in message

    def test_a_file_that_has_gone_is_called_as_its_user_knows_it(self, tmp_path, cache):
        path = write_zip(tmp_path / "kaggle.zip", {"train.zip": as_zip(files_in("kaggle"))})
        pictures = found(path, cache)
        (unpacked,) = (cache / "unpacked").iterdir()
        unpacked.write_bytes(b"")
        with pytest.raises(DataError) as raised:
            pictures.pixels(0, 20, 32)
        assert f"in {path}, train.zip in it" in str(raised.value)

    def test_a_pointer_instead_of_a_zip(self, tmp_path, cache):
        (tmp_path / "pets.zip").write_bytes(LFS_POINTER)
        assert "not a zip (a Git LFS pointer" in refused(tmp_path / "pets.zip", cache)

    def test_another_archive(self, tmp_path, cache):
        with tarfile.open(tmp_path / "pets.tar", "w") as archive:
            archive.add(__file__, "cats/0.jpg")
        message = refused(tmp_path / "pets.tar", cache)
        assert "not a zip (an archive under this name)" in message
        assert "Unpack it" in message

    def test_a_class_is_left_out_of_a_zip(self, tmp_path, cache):
        extra = {f"PetImages/unknown/{n}.jpg": jpeg(700 + n) for n in range(5)}
        place = write_zip(tmp_path / "pets.zip", files_in("microsoft") | extra)
        assert found(place, cache).account.class_names == ("cat", "dog", "unknown")
        wanted = Pictures(limit=None, classes=("Cat", "Dog"))
        account = find_pictures(wanted, str(place), cache=cache).account
        assert account.class_names == ("cat", "dog")
        assert account.tally is not None
        assert account.tally.unexplained_count == 5


def with_flag(folder, flag: int = 0, method: int | None = None):
    """A zip whose files say that they are encrypted, or packed in another way."""
    path = write_zip(folder / "pets.zip", files_in("microsoft"))
    content = bytearray(path.read_bytes())
    for signature, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        start = content.find(signature)
        while start >= 0:
            content[start + at] |= flag
            if method is not None:
                content[start + at + 2] = method
            start = content.find(signature, start + 4)
    path.write_bytes(content)
    assert zipfile.is_zipfile(path)
    return path


def test_pictures_without_a_suffix_are_told_as_other_files(tmp_path):
    place = write_folder(tmp_path / "pets", {f"{name}/1": jpeg(1) for name in ("cat", "dog")})
    with pytest.raises(DataError, match="which has 2 other files"):
        find_pictures(Pictures(), str(place), cache=tmp_path / "cache")
