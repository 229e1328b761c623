"""The pictures of a study: found, checked, chosen, and parted into training and validation.

The front door of the package. What comes out, a ``PictureSet``, is what features are computed from;
its account goes into the store.

What is skipped, by name and with the reason: files in the class folders that are no pictures by
their suffix (``Thumbs.db``), empty, damaged and undecodable pictures, and all but one of pictures
with the same content (all of them where their classes differ), so that no picture is in both
parts. A GIF called ``.jpg`` is used: what a picture is, its content says (see ``decoding``).

Choice and parts depend on the contents alone: each class is ordered by the hash of the files'
contents (see ``split``). The same pictures in a folder or in a zip, under whatever names, give the
same set in the same order.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sweep.data.decoding import FAULTS, decode, fault_in_words
from sweep.data.fetch import DOGS_VS_CATS as PUBLIC_PICTURES
from sweep.data.layouts import Layout, recognize
from sweep.data.manifest import Finding, examine
from sweep.data.pets import rendered_pets
from sweep.data.sources import Source, open_source
from sweep.data.split import split
from sweep.errors import DataError, NotFetchedError
from sweep.results.provenance import DatasetInfo
from sweep.study.tasks import DOGS_VS_CATS, RENDERED_PETS, Pictures
from sweep.util.paths import printable, typed_path
from sweep.util.progress import Progress, silent

Pixels = NDArray[np.uint8]
MAX_NAMED_CLASSES = 4
"""Pictures without a name of their own are called by so many classes at most."""


@dataclass(frozen=True)
class PictureSet:
    """The pictures that a study uses, training pictures first, then validation.

    Attributes:
        account: what they are, for the store.
        labels: (n,) the class of each, 0 … K − 1 for K classes.
        train_count: how many of them are to train on.
        picture: decodes one: (index, image_size) → (image_size, image_size, 3).
    """

    account: DatasetInfo
    labels: NDArray[np.integer]
    train_count: int
    picture: Callable[[int, int], Pixels]

    def __len__(self) -> int:
        return len(self.labels)

    def pixels(self, start: int, stop: int, image_size: int) -> Pixels:
        """Pictures ``start`` … ``stop`` − 1, RGB, decoded now; from any thread.

        Returns:
            (stop − start, image_size, image_size, 3).

        Raises:
            DataError: a file has gone or changed since it was checked.
        """
        batch = np.empty((stop - start, image_size, image_size, 3), np.uint8)
        for index in range(start, stop):
            batch[index - start] = self.picture(index, image_size)
        return batch


@dataclass(frozen=True)
class _Candidate:
    """A usable picture: where it is, and the hash of its content."""

    name: str
    content: str


def find_pictures(
    wanted: Pictures, place: str | None, *, cache: Path, progress: Progress = silent
) -> PictureSet:
    """Find, check, choose and part the pictures of a study.

    Args:
        wanted: which, how many, how parted.
        place: ``dogs-vs-cats`` (the archive in the cache), ``rendered-pets`` (drawn), the path of
            a folder or zip, or None for what ``wanted.dataset`` names.
        cache: the cache folder.
        progress: told of the checking, which the first use of a place takes.

    Raises:
        NotFetchedError: the public archive is wanted and not in the cache.
        DataError: the pictures are not there, or not of two or more classes.
        CacheError: the cache cannot be written.
    """
    named = place or wanted.dataset
    if named == RENDERED_PETS:
        return _rendered(wanted, cache, progress)
    if named == DOGS_VS_CATS:
        return _found(wanted, _fetched(cache), cache, progress)
    if place is None:
        raise DataError(
            "Pictures of your own need a place.",
            got=f"a study of {wanted.dataset!r}, and no place",
            remedy="Pass --data with the folder or zip that holds them.",
        )
    return _found(wanted, typed_path(place), cache, progress)


def _fetched(cache: Path) -> Path:
    if not PUBLIC_PICTURES.is_there(cache):
        raise NotFetchedError(
            "The Dogs vs. Cats pictures must be in the cache.",
            got=f"no {PUBLIC_PICTURES.place(cache)}",
            remedy="Run `sweep data fetch`, pass --data PATH if you have them elsewhere, "
            "or pass --data rendered-pets.",
        )
    return PUBLIC_PICTURES.place(cache)


def _found(wanted: Pictures, path: Path, cache: Path, progress: Progress) -> PictureSet:
    source = open_source(path, cache, progress)
    layout = recognize(source.stamps())
    class_names = _classes(layout, path)
    findings = examine(source, layout.class_of, cache, progress)
    ranked, skipped = _rank(findings, layout)
    parts = split(wanted, tuple(map(len, ranked)), class_names)
    order = [(label, ranked[label][rank]) for label, rank in parts.train + parts.valid]
    account = DatasetInfo(
        name=printable(_name(wanted, class_names)),
        source=printable(str(path.resolve())),
        class_names=tuple(map(printable, class_names)),
        train_counts=parts.counts(parts.train),
        valid_counts=parts.counts(parts.valid),
        skipped=tuple((printable(name), reason) for name, reason in skipped),
        content_hash=_content_hash(
            ((label, candidate.content) for label, candidate in order), len(parts.train)
        ),
    )
    names = [candidate.name for _, candidate in order]
    labels = np.array([label for label, _ in order])
    return PictureSet(account, labels, len(parts.train), _decoder(source, names))


def _classes(layout: Layout, path: Path) -> tuple[str, ...]:
    names = layout.class_names
    if len(names) >= 2:
        return names
    remedy = (
        "Pass the folder or zip that holds one folder of pictures for each of two or more "
        "classes, such as Cat and Dog."
    )
    if names:
        raise DataError(
            "Pictures are of two or more classes.",
            got=f"1 class in {path}: {names[0]}",
            remedy=remedy,
        )
    if layout.unlabelled:
        raise DataError(
            "A picture's class is the folder that it lies in.",
            got=f"{layout.unlabelled} pictures in {path}, none in a class folder",
            remedy=remedy,
        )
    raise DataError("There must be pictures.", got=f"none in {path}", remedy=remedy)


def _rank(
    findings: dict[str, Finding], layout: Layout
) -> tuple[tuple[list[_Candidate], ...], tuple[tuple[str, str], ...]]:
    """The usable pictures of each class by the hash of their content, and what is skipped."""
    skipped = [(name, "not a picture file") for name in layout.strays]
    names_of: dict[str, list[str]] = defaultdict(list)
    for name, finding in findings.items():
        if finding.content is None:
            skipped.append((name, finding.fault or "no good"))
        else:
            names_of[finding.content].append(name)
    label_of = {name: label for label, name in enumerate(layout.class_names)}
    ranked: tuple[list[_Candidate], ...] = tuple([] for _ in label_of)
    for content, names in sorted(names_of.items()):
        labels = {label_of[layout.class_of[name]] for name in names}
        if len(labels) > 1:
            where = "both" if len(label_of) == 2 else str(len(labels))
            skipped += [(name, f"the same picture is in {where} classes") for name in names]
            continue
        ranked[labels.pop()].append(_Candidate(names[0], content))
        skipped += [(name, f"the same picture as {names[0]}") for name in names[1:]]
    return ranked, tuple(sorted(skipped))


def _decoder(source: Source, names: list[str]) -> Callable[[int, int], Pixels]:
    def picture(index: int, image_size: int) -> Pixels:
        try:
            return decode(source.read(names[index]), image_size)
        except (*FAULTS, KeyError) as error:
            raise DataError(
                "Pictures must stay as they are while a study reads them.",
                got=f"{source.path / names[index]}: {fault_in_words(error)}",
                remedy="Run again: what has changed is checked anew.",
            ) from error

    return picture


def _rendered(wanted: Pictures, cache: Path, progress: Progress) -> PictureSet:
    count = wanted.limit or rendered_pets.DEFAULT_COUNT
    pets = rendered_pets.rendered(count // 2 * 2, cache, progress)
    each = len(pets.labels) // 2
    parts = split(wanted, (each, each), rendered_pets.CLASS_NAMES)
    # Drawn are cat, dog, cat, dog, …: the picture of a label and rank is the one at 2 rank + label.
    order = np.array([2 * rank + label for label, rank in parts.train + parts.valid])
    drawn, labels = pets.pixels[order], pets.labels[order]
    contents = (hashlib.sha256(picture.tobytes()).hexdigest() for picture in drawn)
    account = DatasetInfo(
        name="rendered pets",
        source="drawn by the program",
        class_names=rendered_pets.CLASS_NAMES,
        train_counts=parts.counts(parts.train),
        valid_counts=parts.counts(parts.valid),
        skipped=(),
        content_hash=_content_hash(zip(labels.tolist(), contents, strict=True), len(parts.train)),
    )
    return PictureSet(
        account,
        labels,
        len(parts.train),
        lambda index, size: rendered_pets.resize(drawn[index], size),
    )


def _content_hash(pictures: Iterable[tuple[int, str]], train_count: int) -> str:
    """Hash of every picture's content, label, part and place in the order."""
    hashed = hashlib.sha256(f"{train_count} to train on\n".encode())
    for label, content in pictures:
        hashed.update(f"{label} {content}\n".encode())
    return hashed.hexdigest()[:32]


def _name(wanted: Pictures, class_names: tuple[str, ...]) -> str:
    """What titles call them: by the study's own name for them, or else by their classes."""
    if wanted.dataset not in (DOGS_VS_CATS, RENDERED_PETS):
        return wanted.dataset
    if class_names == ("cat", "dog"):
        return "Dogs vs. Cats"
    if len(class_names) > MAX_NAMED_CLASSES:
        return f"pictures of {len(class_names)} classes"
    return " vs. ".join(class_names)
