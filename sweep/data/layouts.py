"""Which class a picture belongs to, told from nothing but the names of files.

All layouts in which Dogs vs. Cats is found, and folders of any other classes, two or more, in a
folder as in a zip:

    PetImages/Cat/0.jpg                 Microsoft's archive
    train/cat.0.jpg                     Kaggle's, whose unlabelled test1/1.jpg is left out
    train/cats/…, validation/dogs/…     cats_and_dogs_filtered; both parts are pooled, the split is
                                        our own
    wolf/…, husky/…, fox/…              any classes

A class is the folder that a picture lies in, in lower case (``cats`` and ``dogs`` are ``cat`` and
``dog``), wherever that folder is. A folder named after a part (``train``, ``test1``, …) is no
class: what lies in it directly has its class in its name, as at Kaggle, or has none.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jfif", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff"}
)
_PARTS = frozenset(
    {
        "",
        "train",
        "training",
        "valid",
        "validation",
        "val",
        "test",
        "test1",
        "testing",
        "unlabelled",
    }
)
_SINGULAR = {"cats": "cat", "dogs": "dog"}
_FLAT_NAME = re.compile(r"(cat|dog)\.\d+\.\w+", re.IGNORECASE)


@dataclass(frozen=True)
class Layout:
    """What a listing of names holds.

    Attributes:
        class_of: the class of each labelled picture, by its name.
        strays: files among the labelled pictures that are no pictures by their suffix.
        unlabelled: how many pictures have no class.
    """

    class_of: dict[str, str]
    strays: tuple[str, ...]
    unlabelled: int

    @property
    def class_names(self) -> tuple[str, ...]:
        """Sorted: the index of a class here is its label."""
        return tuple(sorted(set(self.class_of.values())))


def recognize(names: Iterable[str]) -> Layout:
    """Find the classes in the relative, slash-separated ``names`` of files.

    Hidden files and what macOS adds to archives are passed over. Names that say the same in two
    ways (``./Cat/0.jpg`` and ``Cat/0.jpg``) are two files of one folder.

    Example:
        >>> recognize(["PetImages/Cat/0.jpg", "PetImages/Dog/0.jpg", "readme.txt"]).class_of
        {'PetImages/Cat/0.jpg': 'cat', 'PetImages/Dog/0.jpg': 'dog'}
    """
    folders: dict[PurePosixPath, dict[str, PurePosixPath]] = defaultdict(dict)
    for name, path in sorted((name, PurePosixPath(name)) for name in names):
        if not any(part.startswith((".", "__MACOSX")) for part in path.parts):
            folders[path.parent][name] = path
    flat = {folder: files for folder, files in folders.items() if _is_flat(folder, files.values())}
    labelled = flat or {
        folder: files
        for folder, files in folders.items()
        if folder.name.lower() not in _PARTS and any(map(_is_picture, files.values()))
    }
    class_of: dict[str, str] = {}
    strays: list[str] = []
    for folder, files in labelled.items():
        for name, path in files.items():
            if not _is_picture(path):
                strays.append(name)
            elif folder not in flat:
                class_of[name] = _class_name(folder.name)
            elif matched := _FLAT_NAME.fullmatch(path.name):
                class_of[name] = matched[1].lower()
    pictures = sum(_is_picture(path) for files in folders.values() for path in files.values())
    return Layout(class_of, tuple(strays), pictures - len(class_of))


def inner_zip(names: Iterable[str]) -> str | None:
    """The zip that the labelled pictures are in, where a listing holds zips instead of pictures.

    Kaggle's download is ``train.zip`` and ``test1.zip`` in one zip.
    """
    zips = [name for name in names if name.lower().endswith(".zip")]
    train = [name for name in zips if PurePosixPath(name).name.lower() == "train.zip"]
    if train:
        return train[0]
    return zips[0] if len(zips) == 1 else None


def _is_flat(folder: PurePosixPath, paths: Iterable[PurePosixPath]) -> bool:
    """Whether the files themselves are named after classes, as in Kaggle's ``train``."""
    classes = {matched[1].lower() for path in paths if (matched := _FLAT_NAME.fullmatch(path.name))}
    return len(classes) == 2 or (len(classes) == 1 and folder.name.lower() in _PARTS)


def _is_picture(path: PurePosixPath) -> bool:
    return path.suffix.lower() in PICTURE_SUFFIXES


def _class_name(folder: str) -> str:
    return _SINGULAR.get(folder.lower(), folder.lower())
