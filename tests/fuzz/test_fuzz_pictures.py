"""Zips and pictures, broken: what is whole is used as it is, what is not is skipped and named."""

import io
import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import numpy as np
import pytest
from fuzz.cases import run_cases
from fuzz.damage import damaged
from PIL import Image

from sweep.data.decoding import decode
from sweep.data.layouts import Layout, recognize
from sweep.data.pets.rendered_pets import draw_pet
from sweep.data.pictures import PictureSet, find_pictures
from sweep.errors import DataError
from sweep.study.tasks import Pictures

IMAGE_SIZE = 32
PER_CLASS = 6
WANTED = Pictures(dataset="mine", limit=None)

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")


@cache
def pets(classes: tuple[str, ...] = ("Cat", "Dog")) -> dict[str, bytes]:
    """Whole JPEG files by name, in class folders."""
    return {
        f"PetImages/{classes[index % len(classes)]}/{index}.jpg": encoded(draw_pet(index), "JPEG")
        for index in range(len(classes) * PER_CLASS)
    }


def encoded(pixels: np.ndarray | Image.Image, kind: str, **options) -> bytes:
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that says that it is so large, and has next to nothing in it."""
    small = bytearray(encoded(Image.new("RGB", (1, 1)), "PNG"))
    small[16:24] = struct.pack(">II", width, height)
    small[29:33] = struct.pack(">I", zipfile.crc32(bytes(small[12:29])))
    return bytes(small)


@cache
def odd_pictures() -> tuple[bytes, ...]:
    """Pictures that are not what a camera writes, whole in themselves."""
    pet = Image.fromarray(draw_pet(1000))
    frames = [Image.fromarray(draw_pet(index)) for index in (1001, 1002)]
    grey16 = Image.fromarray(np.arange(48 * 48, dtype=np.uint16).reshape(48, 48) * 25)
    return (
        encoded(pet.convert("CMYK"), "JPEG"),
        encoded(pet.convert("L"), "JPEG", progressive=True),
        encoded(pet, "JPEG", exif=b"Exif\0\0" + b"II*\0\x08\0\0\0\xff\xff" + bytes(40)),
        *(encoded(grey16, kind) for kind in ("PNG", "TIFF")),
        *(encoded(pet.convert(mode), "PNG") for mode in ("P", "1", "LA", "RGBA")),
        *(encoded(pet, kind) for kind in ("PNG", "BMP", "GIF", "WEBP", "TIFF", "ICO", "PPM")),
        encoded(pet, "TIFF", compression="tiff_lzw"),
        encoded(pet.convert("F"), "TIFF"),
        encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        encoded(frames[0], "PNG", save_all=True, append_images=frames[1:]),
        encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:]),
        encoded(Image.new("RGB", (1, 1)), "JPEG"),
        encoded(Image.new("RGB", (1, 3000)), "JPEG"),
        *(png_of_size(*size) for size in ((0, 0), (15_000, 10_000), (60_000, 60_000))),
        png_of_size(2**31 - 1, 2**31 - 1),
    )


def broken_picture(rng: Random) -> bytes:
    whole = rng.choice((*pets().values(), *odd_pictures()))
    if whole in odd_pictures() and rng.random() < 0.3:
        return whole
    return damaged(whole, rng, odd_pictures())


def assert_right(found: PictureSet, contents: dict[str, bytes], classes: tuple[str, ...]) -> None:
    """What is used decodes to the pixels of its content, and all that is whole is used."""
    skipped = {name for name, _ in found.account.skipped}
    assert not skipped & set(pets(classes)), found.account.skipped
    assert found.account.class_names == tuple(name.lower() for name in classes)
    assert np.bincount(found.labels).min() >= PER_CLASS
    assert all(reason for _, reason in found.account.skipped)
    used = [content for name, content in contents.items() if name not in skipped]
    assert len(found) == len(used)
    expected = sorted(decode(content, IMAGE_SIZE).tobytes() for content in used)
    pixels = found.pixels(0, len(found), IMAGE_SIZE)
    assert sorted(picture.tobytes() for picture in pixels) == expected


def broken_pictures_in_a_folder(rng: Random, folder: Path) -> None:
    """Whole pictures, and a broken one, or something odd of that name, among them."""
    classes = rng.choice((("Cat", "Dog"), ("Cat", "Dog", "Fox", "Hare", "Owl")))
    contents = dict(pets(classes))
    for number in range(rng.randint(1, 3)):
        contents[f"PetImages/{rng.choice(classes)}/broken-{number}.jpg"] = broken_picture(rng)
    for name, content in contents.items():
        path = folder / "pictures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with suppress(OSError):  # not every file system takes every name
        odd_file(rng, folder / "pictures" / "PetImages" / "Cat")
    found = find_pictures(WANTED, str(folder / "pictures"), cache=folder / "cache")
    assert_right(found, contents, classes)
    again = find_pictures(WANTED, str(folder / "pictures"), cache=folder / "cache")
    assert again.account == found.account


def odd_file(rng: Random, place: Path) -> None:
    """Something that is called a picture and is none; never used."""
    make: Callable[[Path], object] = rng.choice(
        (
            Path.mkdir,
            lambda path: path.symlink_to(path),
            lambda path: path.symlink_to(place.parent, target_is_directory=True),
            lambda path: path.symlink_to(place / "nowhere.jpg"),
            lambda path: path.touch(mode=0),
            huge_file,
        )
    )
    names = ("odd.jpg", "ö dd.jpg", "odd\n.jpg", ".jpg", "x" * 250 + ".jpg", "odd\udcff.jpg")
    make(place / rng.choice(names))


def huge_file(path: Path) -> None:
    """One of 3 TB, with nothing in it."""
    with path.open("wb") as file:
        file.truncate(3 * 10**12)


def made_zip(files: dict[str, bytes], rng: Random) -> bytes:
    file = io.BytesIO()
    method = rng.choice(
        (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    )
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def broken_zip(rng: Random) -> tuple[bytes, bool]:
    """A zip of pets with something wrong in it, and whether the pets in it are whole."""
    files = {rng.choice((name, f"./{name}", f"a//{name}")): file for name, file in pets().items()}
    way = rng.choice(("bytes", "bytes", "directory", "directory", "names", "nested", "bomb"))
    if way == "names":
        for name in rng.sample(ODD_NAMES, 3):
            files[name] = encoded(draw_pet(rng.randrange(2000, 2100)), "JPEG")
    if way == "bomb":
        files["PetImages/Cat/bomb.jpg"] = bytes(rng.choice((10**6, 10**8)))
    content = made_zip(files, rng)
    if way == "bytes":
        return damaged(content, rng), False
    if way == "directory":
        return broken_directory(content, rng), False
    if way == "nested":
        inner = damaged(content, rng) if rng.random() < 0.7 else content
        outer = made_zip({"train.zip": inner, "test1.zip": content[:50]}, rng)
        if rng.random() < 0.5:
            return damaged(outer, rng), False
        return outer, inner == content
    return content, set(pets().values()) <= set(files.values())


ODD_NAMES = (
    *("../outside.jpg", "/absolute.jpg", "//net/x.jpg", "C:\\x.jpg", "Cat/../Dog/up.jpg"),
    *("Cat/.jpg", "PetImages/Cat/0.jpg", "./PetImages/Cat/0.jpg", "PetImages//Cat/0.jpg"),
    *("PetImages/Dog/0.jpg/x.jpg", "PetImages/Cat/ö.jpg", "PetImages/Cat/\x01.jpg", ".", ".."),
    *("PetImages/Cat/" + "x" * 5000 + ".jpg", "PetImages/Cat/", "__MACOSX/Cat/x.jpg", "/", "a/"),
    *("PetImages/Cat/x.jpg ", "PetImages/Cat/con.jpg"),
)


def broken_directory(content: bytes, rng: Random) -> bytes:
    """Fields of entries changed in the directory: flags, method, sizes, checksum, place, name."""
    broken = bytearray(content)
    starts = [at for at in range(len(broken)) if broken.startswith(b"PK\x01\x02", at)]
    for start in rng.sample(starts, rng.randint(1, 3)):
        at, width = rng.choice(
            ((6, 2), (8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (42, 4), (46, 8))
        )
        value = rng.choice((0, 1, 0x0801, 0x20, 0xFFFF, 2**31, 2**32 - 1, rng.getrandbits(32)))
        field = (value % (1 << (8 * width))).to_bytes(width, "little")
        broken[start + at : start + at + width] = field
    return bytes(broken)


def contents_by_name(path: Path) -> dict[str, bytes]:
    """What an independent reader makes of a zip: every file that its checksum confirms."""
    whole = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            with suppress(Exception):
                whole[entry.filename] = archive.read(entry)
    return whole


def a_broken_zip(rng: Random, folder: Path) -> None:
    path = folder / "pictures.zip"
    content, is_whole = broken_zip(rng)
    path.write_bytes(content)
    found = find_pictures(WANTED, str(path), cache=folder / "cache")
    assert all(reason for _, reason in found.account.skipped)
    whole = {decode(content, IMAGE_SIZE).tobytes() for content in known_pictures(path)}
    try:
        pixels = found.pixels(0, len(found), IMAGE_SIZE)
    except DataError:
        return
    used = {picture.tobytes() for picture in pixels}
    assert used <= whole
    if is_whole:
        assert {decode(content, IMAGE_SIZE).tobytes() for content in pets().values()} <= used
    assert sorted(entry.name for entry in folder.iterdir()) == ["cache", "pictures.zip"]


def known_pictures(path: Path) -> list[bytes]:
    """Every picture in the zip, or in a zip in it, that can be read to its end."""
    known = []
    for name, content in contents_by_name(path).items():
        if name.endswith(".zip") and zipfile.is_zipfile(io.BytesIO(content)):
            inner = path.parent / "cache" / "inner.zip"
            inner.write_bytes(content)
            known += known_pictures(inner)
            inner.unlink()
        elif content:
            with suppress(Exception):
                decode(content, IMAGE_SIZE)
                known.append(content)
    return known


FOLDERS = (
    *("cats", "Dog", "dogs", "wolf", "fox", "train", "test", "val", "test1", "unknown", "2019"),
    *("2020", "images", "pets_train", "pets_test", "@eaDir", ".hidden", "batch1", "batch2", "é"),
)
FILES = ("{}.jpg", "cat.{}.jpg", "dog.{}.jpg", "{}.PNG", "{}.txt", "Thumbs{}.db", ".{}.jpg", "{}")


def random_tree(rng: Random) -> list[str]:
    """Names of files in folders as people may have them, any number of levels deep."""
    names = set[str]()
    for _ in range(rng.randint(1, 6)):
        parts = [rng.choice(FOLDERS) for _ in range(rng.randint(0, 4))]
        pattern, count = rng.choice(FILES), rng.choice((1, 3, 10, 50))
        names |= {"/".join([*parts, pattern.format(number)]) for number in range(count)}
    return sorted(names)


def outcome(names: list[str], prefix: str = "") -> Layout | None:
    """The layout, its names without the prefix; None where it is ambiguous or of no two classes."""
    with suppress(DataError):
        layout = recognize([prefix + name for name in names])
        if len(layout.class_names) >= 2:
            return replace(
                layout,
                class_of={bare(name, prefix): of for name, of in layout.class_of.items()},
                part_of={bare(name, prefix): part for name, part in layout.part_of.items()},
                by="",
                strays=tuple(bare(name, prefix) for name in layout.strays),
                unexplained=tuple(bare(name, prefix) for name in layout.unexplained),
                unlabelled=tuple(bare(name, prefix) for name in layout.unlabelled),
            )
    return None


def bare(name: str, prefix: str) -> str:
    return name.removeprefix(prefix)


def a_tree_of_any_kind(rng: Random, _: Path) -> None:
    """Every picture is accounted for once, in whatever order and whatever folder all of it lies."""
    names = random_tree(rng)
    read = outcome(names)
    assert outcome(rng.sample(names, len(names))) == read
    assert outcome(names, "downloads/") == read
    if read is not None:
        seen = [*read.class_of, *read.unexplained, *read.unlabelled]
        assert len(seen) == len(set(seen))
        passed_over = {name for name in names if "/." in f"/{name}" or "@eaDir" in name}
        pictures = {name for name in names if name.lower().endswith((".jpg", ".png"))}
        assert set(seen) == pictures - passed_over


def test_trees(cases, tmp_path):
    run_cases(cases, a_tree_of_any_kind, tmp_path)


def test_pictures(cases, tmp_path):
    run_cases(cases, broken_pictures_in_a_folder, tmp_path)


def test_zips(cases, tmp_path):
    run_cases(cases, a_broken_zip, tmp_path)
