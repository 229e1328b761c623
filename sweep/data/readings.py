"""All ways in which a tree of pictures can be read as classes. Pure.

Under ``layouts.py``, which chooses among them. A *level* is one folder, or several that are read
as one (``train`` and ``validation``). At each level the folders in it are classes, pictures in
folders in them included, as Keras and torchvision read them; folders named after a part stand for
what is in them. So one tree has a reading for each level with two or more classes, and besides

- one by the names of the files, where they are as Kaggle's (``cat.200.jpg``),
- one by folders of cats and of dogs, wherever they are,
- one across numbered folders (``2019/wolf``, ``2020/wolf``), which may be parts or classes.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from sweep.data.listing import Listing

Level = tuple[PurePosixPath, ...]

SAME_SHARE = 0.95
"""Readings that agree on so large a share of the pictures that both explain are the same one."""

_CATS_AND_DOGS = frozenset({"cat", "dog"})
_SINGULAR = {"cats": "cat", "dogs": "dog"}
_FLAT_NAME = re.compile(r"(cat|dog)\.\d+\.\w+", re.IGNORECASE)
_NUMBERED = re.compile(r"(\D*?)[ _.-]*\d+|(?:(.+)[ _.-])?[a-z]")
_ROOT = PurePosixPath()


@dataclass(frozen=True)
class Reading:
    """One way to read a tree.

    Attributes:
        class_of: the class of each picture that is explained, by its name.
        by: where the classes come from, in words.
        is_by_folder: whether they come from folders, and not from files' names.
    """

    class_of: Mapping[str, str]
    by: str
    is_by_folder: bool = True

    @cached_property
    def counts(self) -> dict[str, int]:
        """Pictures of each class, by its name, sorted: the index of a class is its label."""
        return dict(sorted(Counter(self.class_of.values()).items()))

    @property
    def explained(self) -> int:
        """Pictures that have a class."""
        return len(self.class_of)

    @property
    def has_cats_and_dogs(self) -> bool:
        """Whether cats and dogs are among the classes: what names say, and not only structure."""
        return set(self.counts) >= _CATS_AND_DOGS

    @property
    def is_cats_and_dogs(self) -> bool:
        """Whether cats and dogs are all the classes."""
        return set(self.counts) == _CATS_AND_DOGS

    def is_same(self, other: "Reading") -> bool:
        """Whether both part the pictures that they have in common in the same way."""
        pairs = Counter(
            (self.class_of[name], other.class_of[name])
            for name in self.class_of.keys() & other.class_of.keys()
        )
        mine, theirs, agreed = set[str](), set[str](), 0
        for (own, foreign), count in pairs.most_common():
            if own not in mine and foreign not in theirs:
                agreed += count
            mine.add(own)
            theirs.add(foreign)
        return agreed > 0 and agreed >= SAME_SHARE * pairs.total() and len(mine) == len(theirs)

    def in_words(self) -> str:
        """The classes with their counts, and where they come from."""
        named = [f"{count:,} {name}" for name, count in self.counts.items()]
        shown = named if len(named) <= 6 else [*named[:6], f"… ({len(named)} classes)"]
        return f"{', '.join(shown)} (by {self.by})"


def readings(tree: Listing) -> list[Reading]:
    """All readings of a tree; where two are the same, the earlier is the better.

    Readings of one class are among them, for a message that names it.
    """
    found = [*_by_level(tree, (_ROOT,)), *_by_cats_and_dogs(tree), *_by_file_name(tree)]
    return [reading for reading in found if reading.class_of]


def reading_of(tree: Listing, classes: Collection[str]) -> Reading | None:
    """The reading by these classes alone: folders so named, outermost first, or files' names.

    Returns:
        None where one of them has no picture.
    """
    wanted = {class_name(name) for name in classes}
    for reading in (_by_named_folders(tree, wanted), *_by_file_name(tree)):
        chosen = {name: of for name, of in reading.class_of.items() if of in wanted}
        if set(chosen.values()) == wanted:
            return Reading(chosen, reading.by, reading.is_by_folder)
    return None


def class_name(folder: str) -> str:
    """What the class of a folder is called: one name, however a system writes its accents.

    Example:
        >>> class_name("Cats"), class_name("Wolves")
        ('cat', 'wolves')
    """
    name = unicodedata.normalize("NFC", folder).lower()
    return _SINGULAR.get(name, name)


def _by_level(tree: Listing, level: Level) -> Iterator[Reading]:
    classes = _classes(tree, level)
    if len(classes) == 1 and all(folder in tree.folders for folder in _only(classes)):
        yield from _by_level(tree, _only(classes))
        return
    if classes:
        yield _reading(tree, classes)
    merged = tuple(folder for folders in classes.values() for folder in folders)
    inner = _classes(tree, merged)
    if _is_rival(classes, inner):
        yield _reading(tree, inner)
    for folders in classes.values():
        yield from _by_level(tree, folders)


def _only(classes: Mapping[str, Level]) -> Level:
    (folders,) = classes.values()
    return folders


def _classes(tree: Listing, level: Level) -> dict[str, Level]:
    """The folders in a level by the class that they would be, parts opened.

    Where the training part has two or more classes, they are the classes: what only the others
    have (``test/unknown``) is none.
    """
    found: dict[str, list[PurePosixPath]] = defaultdict(list)
    trained: set[str] = set()
    for folder, is_training in _opened(tree, level):
        found[class_name(folder.name)].append(folder)
        if is_training:
            trained.add(class_name(folder.name))
    kept = trained if len(trained) >= 2 else set(found)
    return {name: tuple(folders) for name, folders in sorted(found.items()) if name in kept}


def _opened(
    tree: Listing, level: Level, is_training: bool = False
) -> Iterator[tuple[PurePosixPath, bool]]:
    """The folders in a level, and whether each is in the training part.

    A part in which there are only pictures is none of them: its pictures have no class.
    """
    for folder in (inner for outer in level for inner in tree.folders.get(outer, ())):
        part = tree.part_of_folder(folder)
        if part is None:
            yield folder, is_training
        else:
            yield from _opened(tree, (folder,), is_training or part == "train")


def _is_rival(classes: Mapping[str, Level], inner: Mapping[str, Level]) -> bool:
    """Whether what is in the classes' folders may be the classes: the same ones in each of them.

    That is so where the folders are numbered, or where cats and dogs are inside.
    """
    if len(classes) < 2 or len(inner) < 2:
        return False
    if set(inner) >= _CATS_AND_DOGS:
        return True
    shared = (len({folder.parent for folder in folders}) > 1 for folders in inner.values())
    return _is_numbered(classes) and any(shared)


def _is_numbered(names: Collection[str]) -> bool:
    """Whether names count on: ``2019``, ``2020``; ``batch1``, ``batch2``; ``farm-a``, ``farm-b``.

    Example:
        >>> _is_numbered(["batch_1", "batch_2"]), _is_numbered(["wolf", "fox"])
        (True, False)
        >>> _is_numbered(["red", "rex"])
        False
    """
    matched = [_NUMBERED.fullmatch(name) for name in names]
    return all(matched) and len({it[1] or it[2] or "" for it in matched if it}) == 1


def _reading(tree: Listing, classes: Mapping[str, Level]) -> Reading:
    class_of = {
        name: of
        for of, folders in classes.items()
        for folder in folders
        for name in tree.under[folder]
    }
    firsts = [folders[0] for folders in classes.values()]
    return Reading(class_of, _folders_in_words(firsts))


def _folders_in_words(folders: list[PurePosixPath]) -> str:
    shown = ", ".join(str(folder) for folder in folders[:3])
    return f"the folders {shown}{', …' if len(folders) > 3 else ''}"


def _by_cats_and_dogs(tree: Listing) -> Iterator[Reading]:
    reading = _by_named_folders(tree, _CATS_AND_DOGS)
    if reading.has_cats_and_dogs:
        yield reading


def _by_named_folders(tree: Listing, wanted: Collection[str]) -> Reading:
    """Every picture in a folder with one of the names, at any depth; the outermost one counts."""
    class_of: dict[str, str] = {}
    firsts: dict[str, PurePosixPath] = {}
    for inner, names in tree.inside.items():
        around = (folder for folder in reversed((inner, *inner.parents)) if folder.parts)
        folder = next((it for it in around if class_name(it.name) in wanted), None)
        if folder is not None:
            of = class_name(folder.name)
            class_of |= dict.fromkeys(names, of)
            firsts.setdefault(of, folder)
    return Reading(class_of, _folders_in_words([firsts[of] for of in sorted(firsts)]))


def _by_file_name(tree: Listing) -> Iterator[Reading]:
    class_of = {
        name: matched[1].lower()
        for name, path in tree.pictures.items()
        if (matched := _FLAT_NAME.fullmatch(path.name))
    }
    if class_of:
        example = tree.pictures[next(iter(class_of))].name
        yield Reading(class_of, f"the names of files such as {example}", is_by_folder=False)
