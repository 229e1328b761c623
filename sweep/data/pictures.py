"""The pictures of a study: found, checked, chosen, and parted into training and validation.

The front door of the package. What comes out, a ``PictureSet``, is what features are computed from;
its account goes into the store.

What is skipped, by name and with the reason: files in the class folders that are no pictures by
their suffix (``Thumbs.db``), empty, damaged and undecodable pictures, and all but one of pictures
with the same content (all of them where their classes differ), so that no picture is in both
parts. Pictures that look the same in other bytes (``twins.py``) are all used, in one part. A GIF
called ``.jpg`` is used: what a picture is, its content says (see ``decoding``).

Choice and parts depend on the contents alone, and on the seed where each seed draws its own parts
(see ``ranking``, ``split``, ``by_seed``), unless the study keeps the split that its folder has. The
same pictures in a folder or in a zip, under whatever names, give the same set in the same order.
``results.account`` says what became of every file.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sweep.data.by_seed import SeedSplits
from sweep.data.decoding import FAULTS, decode, fault_in_words
from sweep.data.fetch import DOGS_VS_CATS as PUBLIC_PICTURES
from sweep.data.layouts import Layout, recognize
from sweep.data.manifest import examine
from sweep.data.pets import rendered_pets
from sweep.data.ranking import Ranked, rank, twin_groups
from sweep.data.readings import class_name
from sweep.data.refusals import checked_classes, reasons_said
from sweep.data.sources import Source, open_source
from sweep.data.split import Place, Split, given_split, split, split_by_seed
from sweep.data.tally import tally_of
from sweep.errors import DataError, NotFetchedError
from sweep.results.provenance import DatasetInfo, PictureTally
from sweep.study.tasks import DOGS_VS_CATS, RENDERED_PETS, Pictures
from sweep.util.paths import as_typed, printable, typed_path
from sweep.util.progress import Progress, silent

Pixels = NDArray[np.uint8]
MAX_NAMED_CLASSES = 4
"""Pictures without a name of their own are called by so many classes at most."""


@dataclass(frozen=True)
class PictureSet:
    """The pictures that a study uses, training pictures first, then validation.

    Where each seed draws its own parts they come by rank and label.

    Attributes:
        account: what they are, for the store.
        labels: (n,) the class of each, 0 … K − 1 for K classes.
        train_count: how many of them are to train on.
        picture: decodes one: (index, image_size) → (image_size, image_size, 3).
        by_seed: the splits that seeds draw; None where the first ``train_count`` train.
    """

    account: DatasetInfo
    labels: NDArray[np.integer]
    train_count: int
    picture: Callable[[int, int], Pixels]
    by_seed: SeedSplits | None = None

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

    def mirrored(self) -> Self:
        """The mirror images: left and right of every picture changed."""
        return replace(self, picture=lambda *asked: self.picture(*asked)[:, ::-1])


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
            f"no --data: it is not known where the pictures of {wanted.dataset!r} are",
            remedy="Pass --data with the folder or zip that holds them.",
        )
    return _found(wanted, typed_path(place), cache, progress)


def _fetched(cache: Path) -> Path:
    if not PUBLIC_PICTURES.is_there(cache):
        raise NotFetchedError(
            "the Dogs vs. Cats pictures are not in the cache: no "
            f"{as_typed(PUBLIC_PICTURES.place(cache))}",
            remedy="Run `sweep data fetch`, pass --data PATH if you have them elsewhere, "
            "or pass --data rendered-pets.",
        )
    return PUBLIC_PICTURES.place(cache)


def _found(wanted: Pictures, path: Path, cache: Path, progress: Progress) -> PictureSet:
    source = open_source(path, cache, progress)
    names = source.stamps()
    layout = recognize(names, wanted.classes)
    class_names = checked_classes(layout, path, len(names))
    findings = examine(source, layout.class_of, cache, progress)
    ranked, skipped = rank(findings, layout)
    twin_of = twin_groups(ranked)
    with reasons_said(skipped):
        parts = _parted(wanted, layout, ranked, twin_of)
    is_upright = wanted.orientation == "applied"
    order = [(label, ranked[label][position]) for label, position in parts.order]
    account = DatasetInfo(
        name=printable(_name(wanted, class_names)),
        source=printable(str(path.resolve())),
        class_names=tuple(map(printable, class_names)),
        train_counts=parts.counts(parts.train),
        valid_counts=parts.counts(parts.valid),
        skipped=tuple((printable(name), reason) for name, reason in skipped),
        content_hash=_content_hash(
            ((label, picture.decoded_content(upright=is_upright)) for label, picture in order),
            parts,
        ),
        tally=tally_of(wanted, layout, ranked, parts, twin_of),
    )
    labels = np.array([label for label, _ in order])
    names = [picture.name for _, picture in order]
    decoder = _decoder(source, names, upright=is_upright)
    return PictureSet(account, labels, len(parts.train), decoder, parts.by_seed)


def _parted(
    wanted: Pictures, layout: Layout, ranked: Ranked, twin_of: Mapping[Place, Place]
) -> Split:
    """The split that the study asks for."""
    if wanted.split == "given":
        parts = [[layout.part_of.get(picture.name) for picture in it] for it in ranked]
        return given_split(wanted, parts, layout.class_names)
    together = twin_of if wanted.twins == "together" else {}
    parted = split_by_seed if wanted.split == "by-seed" else split
    return parted(wanted, tuple(map(len, ranked)), layout.class_names, together)


def _decoder(
    source: Source, names: Sequence[str], *, upright: bool
) -> Callable[[int, int], Pixels]:
    def picture(index: int, image_size: int) -> Pixels:
        content, name = b"", names[index]
        try:
            content = source.read(name)
            return decode(content, image_size, upright=upright)
        except (*FAULTS, KeyError) as error:
            raise DataError(
                f"{as_typed(name)} in {source.shown} has changed since it was checked: "
                f"{fault_in_words(error, content, name)}",
                rule="Pictures stay as they are while a study reads them.",
                remedy="Run again: what has changed is checked anew.",
            ) from error

    return picture


def _rendered(wanted: Pictures, cache: Path, progress: Progress) -> PictureSet:
    _check_drawn(wanted)
    count = wanted.limit or rendered_pets.DEFAULT_COUNT
    pets = rendered_pets.rendered(count // 2 * 2, cache, progress)
    each = len(pets.labels) // 2
    parted = split_by_seed if wanted.split == "by-seed" else split
    parts = parted(wanted, (each, each), rendered_pets.CLASS_NAMES)
    # Drawn are cat, dog, cat, dog, …: the picture of a label and rank is the one at 2 rank + label.
    order = np.array([2 * rank + label for label, rank in parts.order])
    drawn, labels = pets.pixels[order], pets.labels[order]
    contents = (hashlib.sha256(picture.tobytes()).hexdigest() for picture in drawn)
    account = DatasetInfo(
        name="rendered pets",
        source="drawn by the program",
        class_names=rendered_pets.CLASS_NAMES,
        train_counts=parts.counts(parts.train),
        valid_counts=parts.counts(parts.valid),
        skipped=(),
        content_hash=_content_hash(zip(labels.tolist(), contents, strict=True), parts),
        tally=PictureTally("drawing", (each, each), (each, each), wanted.limit, split=wanted.split),
    )
    return PictureSet(
        account,
        labels,
        len(parts.train),
        lambda index, size: rendered_pets.resize(drawn[index], size),
        parts.by_seed,
    )


def _check_drawn(wanted: Pictures) -> None:
    classes = {class_name(name) for name in wanted.classes or rendered_pets.CLASS_NAMES}
    if wanted.split == "given" or classes != set(rendered_pets.CLASS_NAMES):
        raise DataError(
            f"no rendered pets in a split {wanted.split!r} of {', '.join(sorted(classes))}",
            rule="They are cats and dogs, without a split of their own.",
            remedy="Leave classes and split out, or name other pictures with --data.",
        )


def _content_hash(pictures: Iterable[tuple[int, str]], parts: Split) -> str:
    """Hash of every picture's content, label, part and place in the order.

    Where each seed draws its parts, of how it draws them: with the seed, which every fingerprint
    has, it says what a trial was trained on.
    """
    hashed = hashlib.sha256(f"{len(parts.train)} to train on\n".encode())
    for label, content in pictures:
        hashed.update(f"{label} {content}\n".encode())
    if parts.by_seed:
        hashed.update(parts.by_seed.definition().encode())
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
