"""Broken zips, names and files that fuzzing found not to be told, or to be used."""

import zipfile
import zlib

import pytest
from data.picture_folders import as_zip, files_in, jpeg, write_folder, write_zip

from sweep.data.manifest import MAX_BYTES
from sweep.data.pictures import PictureSet, find_pictures
from sweep.errors import DataError
from sweep.study.tasks import Pictures

WANTED = Pictures(limit=None, validation_share=0.2)


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def found(path, cache) -> PictureSet:
    return find_pictures(WANTED, str(path), cache=cache)


@pytest.mark.parametrize("form", ["./{}", "pets//{}", "./pets/./{}"])
def test_names_in_a_zip_need_not_be_the_shortest(form, tmp_path, cache):
    files = files_in("microsoft")
    usual = found(write_zip(tmp_path / "usual.zip", files), cache)
    names = {form.format(name): content for name, content in files.items()}
    unusual = found(write_zip(tmp_path / "unusual.zip", names), cache)
    assert unusual.account.content_hash == usual.account.content_hash
    assert unusual.account.skipped == ()


def test_a_file_without_a_name_is_passed_over(tmp_path, cache):
    path = write_zip(tmp_path / "pets.zip", files_in("microsoft") | {"?": b"x"})
    content = path.read_bytes()
    at = content.rindex(b"PK\x01\x02")
    no_name = content[: at + 28] + b"\0\0" + content[at + 30 : at + 46]
    end = content.index(b"PK\x05\x06")
    fixed = bytearray(no_name + content[end:])
    fixed[-10:-6] = (end - 1 - zipfile.ZipFile(path).start_dir).to_bytes(4, "little")
    path.write_bytes(bytes(fixed))
    with zipfile.ZipFile(path) as archive:
        assert "" in archive.namelist()
    assert found(path, cache).account.skipped == ()


def test_a_damaged_zip_in_a_zip_is_refused(tmp_path, cache):
    inner = as_zip(files_in("kaggle"))
    path = tmp_path / "kaggle.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("train.zip", inner)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"train\.zip in it is damaged"):
        found(path, cache)
    assert not list((cache / "unpacked").iterdir())


def test_an_unpacked_zip_that_was_damaged_is_unpacked_again(tmp_path, cache):
    path = write_zip(tmp_path / "kaggle.zip", {"train.zip": as_zip(files_in("kaggle"))})
    account = found(path, cache).account
    (unpacked,) = (cache / "unpacked").iterdir()
    whole = unpacked.read_bytes()
    middle = len(whole) // 2
    for damaged in (whole[:middle], b"", whole[:middle] + bytes(9) + whole[middle + 9 :]):
        unpacked.write_bytes(damaged)
        (manifest,) = (cache / "manifests").iterdir()
        manifest.unlink()
        assert found(path, cache).account == account
        assert zlib.crc32(unpacked.read_bytes()) == zlib.crc32(whole)


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_a_huge_file_is_not_read(kind, tmp_path, cache):
    files = files_in("microsoft")
    name = "PetImages/Cat/huge.jpg"
    if kind == "folder":
        path = write_folder(tmp_path / "pets", files)
        with (path / name).open("wb") as file:
            file.truncate(10**13)
    else:
        path = tmp_path / "pets.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for picture, content in files.items():
                archive.writestr(picture, content)
            archive.writestr(name, bytes(MAX_BYTES + 1))
    assert found(path, cache).account.skipped == ((name, "larger than 256 MB"),)


def test_a_wrong_exif_is_no_fault(tmp_path, cache):
    content = jpeg(1000)
    exif = b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(40)
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    path = write_folder(
        tmp_path / "pets",
        files_in("microsoft") | {"PetImages/Cat/odd.jpg": content[:2] + segment + content[2:]},
    )
    assert found(path, cache).account.skipped == ()


@pytest.mark.parametrize("path", ["~no-such-user/pets", "x" * 300])
def test_a_path_that_leads_nowhere_is_told(path, cache):
    with pytest.raises(DataError, match="nothing at"):
        found(path, cache)


def test_names_that_are_no_text_are_shown_as_text(tmp_path, cache):
    root = tmp_path / "pets\udcff"
    files = {
        name.replace("Cat", "Cat\udce9"): content
        for name, content in (
            files_in("microsoft")
            | {"PetImages/Cat/\udcff.jpg": b"", "PetImages/Dog/\udcff.db": b""}
        ).items()
    }
    try:
        write_folder(root, files)
    except OSError:
        pytest.skip("this file system takes no such name")
    pictures = found(root, cache)
    assert len(pictures.pixels(0, len(pictures), 24)) == len(pictures) == len(files) - 2
    account = pictures.account
    assert account.class_names == ("cat\\udce9", "dog")
    assert {name for name, _ in account.skipped} == {
        "PetImages/Cat\\udce9/\\udcff.jpg",
        "PetImages/Dog/\\udcff.db",
    }
    for text in (account.source, account.name, *account.class_names):
        assert text.encode()
