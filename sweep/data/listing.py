"""The names of files as a tree of pictures: what is passed over, what is a picture, what is a part.

Under ``layouts.py``, which reads classes from it. Everything here is told from names alone.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Literal

from sweep.data.formats import PICTURE_SUFFIXES

Part = Literal["train", "valid", "test"]

_HOUSEKEEPING = frozenset(
    {
        *("@eadir", "#recycle", "#snapshot", "lost+found", "$recycle.bin", "__pycache__"),
        *("system volume information", "node_modules"),
    }
)
"""Folders that a storage device or a program makes for itself, thumbnails in them included."""

_PART_WORDS: Mapping[str, Part] = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("valid", "validation", "validate", "val", "dev"), "valid"),
    **dict.fromkeys(("test", "testing", "eval", "evaluation", "holdout", "unseen"), "test"),
    **dict.fromkeys(("pred", "prediction", "predict", "unlabelled", "unlabeled"), "test"),
}
_PART = re.compile(
    rf"(?P<prefix>.*[ _.-])?(?P<word>{'|'.join(_PART_WORDS)})"
    r"(?:[ _.-]*(?:set|data|dataset|images?|imgs?|pictures?|pics|photos?|split|folder))*"
    r"[ _.-]*\d*"
)


@dataclass(frozen=True)
class Listing:
    """A tree of files, from which hidden ones are left out.

    Attributes:
        paths: the path of every file, by its name; names that say the same in two ways
            (``./Cat/0.jpg`` and ``Cat/0.jpg``) are two files of one folder.
    """

    paths: Mapping[str, PurePosixPath]

    @cached_property
    def pictures(self) -> Mapping[str, PurePosixPath]:
        """The files that are pictures by their suffix."""
        return {name: path for name, path in self.paths.items() if is_picture(path)}

    @cached_property
    def inside(self) -> Mapping[PurePosixPath, tuple[str, ...]]:
        """The pictures in each folder itself."""
        found: dict[PurePosixPath, list[str]] = defaultdict(list)
        for name, path in self.pictures.items():
            found[path.parent].append(name)
        return {folder: tuple(names) for folder, names in found.items()}

    @cached_property
    def under(self) -> Mapping[PurePosixPath, tuple[str, ...]]:
        """The pictures in each folder and in all folders in it."""
        found: dict[PurePosixPath, list[str]] = defaultdict(list)
        for inner, names in self.inside.items():
            for folder in (inner, *inner.parents):
                found[folder] += names
        return {folder: tuple(names) for folder, names in found.items()}

    @cached_property
    def folders(self) -> Mapping[PurePosixPath, tuple[PurePosixPath, ...]]:
        """The folders in each folder that hold pictures, at any depth."""
        found: dict[PurePosixPath, list[PurePosixPath]] = defaultdict(list)
        for folder in sorted(self.under):
            if folder.parts:
                found[folder.parent].append(folder)
        return {folder: tuple(inner) for folder, inner in found.items()}

    def part_of_folder(self, folder: PurePosixPath) -> Part | None:
        """The part that a folder is named after, such as ``train`` or ``test_set``.

        ``seg_train`` is one only beside another part of that prefix, such as ``seg_test``: an
        ``express_train`` is not.
        """
        matched = _PART.fullmatch(folder.name.lower())
        if not matched:
            return None
        if prefix := matched["prefix"]:
            beside = (_PART.fullmatch(other.name.lower()) for other in self._beside(folder))
            words = {it["word"] for it in beside if it and it["prefix"] == prefix}
            if len({_PART_WORDS[word] for word in words}) < 2:
                return None
        return _PART_WORDS[matched["word"]]

    def _beside(self, folder: PurePosixPath) -> tuple[PurePosixPath, ...]:
        """All folders beside it, itself included; one folder down, those of its like."""
        beside = self.folders.get(folder.parent, ())
        if len(beside) == 1 and folder.parent.name == folder.name:  # seg_train/seg_train
            return self._beside(folder.parent)
        return beside

    @cached_property
    def parts(self) -> Mapping[PurePosixPath, Part | None]:
        """The part that each folder is in: that of the outermost folder named after one."""
        found: dict[PurePosixPath, Part | None] = {}
        for folder in sorted(self.under, key=lambda folder: len(folder.parts)):
            around = found.get(folder.parent) if folder.parts else None
            found[folder] = around or self.part_of_folder(folder)
        return found

    def part_of(self, name: str) -> Part | None:
        """The part that a picture lies in."""
        return self.parts[self.pictures[name].parent]


def listing(names: Iterable[str]) -> Listing:
    """The tree of the relative, slash-separated ``names`` of files."""
    paths = sorted((name, PurePosixPath(name)) for name in names)
    return Listing({name: path for name, path in paths if not _is_passed_over(path)})


def is_picture(path: PurePosixPath) -> bool:
    """Whether its suffix is one of a picture, of a format that is read or not."""
    return path.suffix.lower() in PICTURE_SUFFIXES


def _is_passed_over(path: PurePosixPath) -> bool:
    """Whether it is hidden, or of what a system adds to folders and archives."""
    return any(
        part != ".." and (part.startswith((".", "__MACOSX")) or part.lower() in _HOUSEKEEPING)
        for part in path.parts
    )
