"""Which class a picture belongs to, told from nothing but the names of files.

All layouts in which Dogs vs. Cats is found, and folders of any other classes, two or more, in a
folder as in a zip:

    PetImages/Cat/0.jpg                 Microsoft's archive
    train/cat.0.jpg                     Kaggle's, whose unlabelled test1/1.jpg is left out
    train/cats/…, validation/dogs/…     cats_and_dogs_filtered; what becomes of its parts is the
                                        study's to say (``Pictures.split``)
    wolf/…, husky/winter/…, fox/…       any classes; folders in a class belong to it

The rule. All readings of the tree are made (``readings.py``), and

1. the one that explains the most pictures as two or more classes wins;
2. readings that agree are one: by folders, unless names of files explain many more;
3. another that explains about as much (``FLAT_SHARE``, ``INNER_SHARE``) makes the tree ambiguous,
   unless only one of them has cats and dogs: that one wins. An ambiguous tree is an error that
   shows both; ``Pictures.classes`` or a folder further down says which.

A class is called as its folder, in lower case (``cats`` and ``dogs`` are ``cat`` and ``dog``).
What the reading does not explain is counted and named.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from sweep.data.listing import Listing, Part, is_picture, listing
from sweep.data.readings import Reading, class_name, reading_of, readings
from sweep.errors import DataError
from sweep.util.nearest import did_you_mean

FLAT_SHARE = 0.5
"""Of the winner's pictures; names of files against folders: so many make the tree ambiguous."""
INNER_SHARE = 0.75
"""The same for one folder's classes against those of the folder that it is in."""
_PREFERRED_SHARE = 0.9
"""Folders that explain so much of what names of files explain are preferred, if both agree."""


@dataclass(frozen=True)
class Layout:
    """What a listing of names holds.

    Attributes:
        class_of: the class of each labelled picture, by its name.
        part_of: the part (``train``, ``valid``, ``test``) that each labelled picture lies in,
            if any.
        by: where the classes come from, in words; empty where there are none.
        strays: files among the labelled pictures that are no pictures by their suffix.
        unexplained: pictures that the reading leaves without a class.
        unlabelled: pictures in folders for unlabelled ones, such as Kaggle's ``test1``.
    """

    class_of: dict[str, str]
    part_of: dict[str, Part]
    by: str
    strays: tuple[str, ...]
    unexplained: tuple[str, ...]
    unlabelled: tuple[str, ...]

    @property
    def class_names(self) -> tuple[str, ...]:
        """Sorted: the index of a class here is its label."""
        return tuple(sorted(set(self.class_of.values())))


def recognize(names: Iterable[str], classes: Collection[str] | None = None) -> Layout:
    """Find the classes in the relative, slash-separated ``names`` of files.

    Hidden files and what systems add to folders and archives are passed over.

    Args:
        names: of all files.
        classes: the classes to take, if not all that there are.

    Raises:
        DataError: two readings explain about as much, or there are no such classes.

    Example:
        >>> recognize(["PetImages/Cat/0.jpg", "PetImages/Dog/0.jpg", "readme.txt"]).class_of
        {'PetImages/Cat/0.jpg': 'cat', 'PetImages/Dog/0.jpg': 'dog'}
    """
    tree = listing(names)
    reading = _chosen(tree) if classes is None else _asked(tree, classes)
    class_of = dict(sorted(reading.class_of.items())) if reading else {}
    folders = {tree.paths[name].parent for name in class_of}
    part_of: dict[str, Part] = {
        name: part for name in tree.pictures if (part := tree.part_of(name)) is not None
    }
    others = [name for name in tree.pictures if name not in class_of]
    return Layout(
        class_of,
        {name: part for name, part in part_of.items() if name in class_of},
        reading.by if reading else "",
        tuple(
            name
            for name, path in tree.paths.items()
            if path.parent in folders and not is_picture(path)
        ),
        tuple(name for name in others if part_of.get(name) != "test"),
        tuple(name for name in others if part_of.get(name) == "test"),
    )


def holds_classes(names: Iterable[str]) -> bool:
    """Whether any picture among them has a class."""
    return bool(readings(listing(names)))


def inner_zip(names: Iterable[str]) -> str | None:
    """The zip that the labelled pictures are in, where a listing holds zips instead of pictures.

    Kaggle's download is ``train.zip`` and ``test1.zip`` in one zip.
    """
    zips = [name for name in names if name.lower().endswith(".zip")]
    train = [name for name in zips if PurePosixPath(name).name.lower() == "train.zip"]
    if train:
        return train[0]
    return zips[0] if len(zips) == 1 else None


def _chosen(tree: Listing) -> Reading | None:
    """The reading that wins; one of a single class where there is no other.

    Raises:
        DataError: another explains about as much.
    """
    found = readings(tree)
    whole = [reading for reading in found if len(reading.counts) >= 2]
    if not whole:
        return max(found, key=lambda it: it.explained, default=None)
    best = _best(whole)
    rivals = [rival for rival in whole if _is_near(rival, best)]
    named = [rival for rival in rivals if rival.has_cats_and_dogs]
    if named and not best.has_cats_and_dogs:
        best = _best(named)
    if best.has_cats_and_dogs:
        rivals = named
    rivals = [rival for rival in rivals if _contradicts(rival, best)]
    if rivals:
        raise _ambiguous(best, rivals[0])
    return best


def _best(whole: list[Reading]) -> Reading:
    """The one that explains the most, or one by folders that agrees and explains nearly as much."""
    best = max(whole, key=lambda reading: (reading.explained, reading.is_cats_and_dogs))
    return max(
        (
            reading
            for reading in whole
            if reading.is_by_folder
            and reading.explained >= _PREFERRED_SHARE * best.explained
            and reading.is_same(best)
        ),
        key=lambda reading: (reading.has_cats_and_dogs, reading.explained),
        default=best,
    )


def _contradicts(rival: Reading, best: Reading) -> bool:
    """Whether a rival parts the pictures otherwise, and names do not say that it is wrong.

    Where there are ``cats``, ``dogs`` and a folder with both in it, that folder is no class.
    """
    is_outdone = best.is_cats_and_dogs and rival.is_by_folder and rival.explained <= best.explained
    return not is_outdone and not rival.is_same(best)


def _is_near(rival: Reading, best: Reading) -> bool:
    both_by_folder = rival.is_by_folder and best.is_by_folder
    share = INNER_SHARE if both_by_folder else FLAT_SHARE
    return rival is not best and rival.explained >= share * best.explained


def _asked(tree: Listing, classes: Collection[str]) -> Reading:
    if reading := reading_of(tree, classes):
        return reading
    known = sorted({name for reading in readings(tree) for name in reading.counts})
    missing = [name for name in classes if class_name(name) not in known]
    near = did_you_mean(class_name(missing[0]), known) if missing else ""
    raise DataError(
        f"no class {' and no '.join(missing or classes)}{near} (there is {_listed(known)})",
        rule="A class has a folder of its name, or files named after it.",
        remedy="Correct the classes (--classes), or leave them out to take all that there are.",
    )


def _listed(names: list[str]) -> str:
    return ", ".join(names[:12]) + (", …" if len(names) > 12 else "") if names else "no class"


def _ambiguous(best: Reading, rival: Reading) -> DataError:
    by_best, by_rival = (f"--classes {','.join([*it.counts][:6])}" for it in (best, rival))
    say = f"Say which classes you mean, {by_best} or {by_rival}"
    if by_best == by_rival:
        say = f"Sort all of them into folders, say {by_best} to take those in folders alone"
    return DataError(
        "the pictures can be read as classes in two ways, which explain about as many: "
        f"{best.in_words()}; or {rival.in_words()}",
        remedy=f"{say}, or pass a folder further down.",
    )
