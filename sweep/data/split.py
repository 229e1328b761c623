"""Which pictures are used, and which of them are kept for validation. Pure.

Every class's pictures come in a fixed order. A limit takes the first ones, and every so manieth is
kept for validation: whoever raises the limit keeps every picture in its part. Twins go where the
first of them goes. A given split keeps the parts that the pictures lie in. Where each seed draws
its own split (``by_seed``), only the pool is chosen here.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sweep.data.by_seed import SeedSplits, seed_splits
from sweep.errors import DataError
from sweep.study.tasks import Pictures

MAX_SHOWN_CLASSES = 8
"""A message names so many classes at most."""

Place = tuple[int, int]
"""A picture by its label and its position in the order of its class."""


@dataclass(frozen=True)
class Split:
    """Pictures by position, then label.

    Attributes:
        train, valid: the parts; where each seed draws its own, those of seed 0.
        class_count: K.
        by_seed: the splits of all seeds, of the pictures in the order of ``order``; None where
            there is one split.
    """

    train: tuple[Place, ...]
    valid: tuple[Place, ...]
    class_count: int
    by_seed: SeedSplits | None = None

    @property
    def order(self) -> tuple[Place, ...]:
        """All that are used: training pictures first, or, where seeds draw them, as they come."""
        if self.by_seed is None:
            return self.train + self.valid
        return tuple(sorted(self.train + self.valid, key=_by_rank))

    def counts(self, part: Sequence[Place]) -> tuple[int, ...]:
        """Pictures of each class in a part."""
        counted = Counter(label for label, _ in part)
        return tuple(counted[label] for label in range(self.class_count))


def split(
    wanted: Pictures,
    available: Sequence[int],
    class_names: Sequence[str],
    twin_of: Mapping[Place, Place] | None = None,
) -> Split:
    """Choose and part the pictures.

    With a limit, equally many of each class; without, all. Of k pictures of a class,
    k × ``validation_share``, rounded, are kept for validation, but for twins.

    Args:
        wanted: the limit and the share.
        available: usable pictures of each class.
        class_names: for the message.
        twin_of: of pictures that have twins, the first of them, whose part they go to.

    Raises:
        DataError: a class would have no picture in one of the parts.

    Example:
        >>> parts = split(Pictures(limit=10, validation_share=0.2), (7, 5), ("cat", "dog"))
        >>> parts.valid
        ((0, 2), (1, 2))
        >>> len(parts.train)
        8
    """
    places, first = _pool(wanted, available), twin_of or {}
    kept = {
        place
        for place in places
        if _is_validation(first.get(place, place)[1], wanted.validation_share)
    }
    return _parted(
        (place for place in places if place not in kept),
        kept,
        class_names,
        _share_in_words(wanted, available, class_names),
    )


def split_by_seed(
    wanted: Pictures,
    available: Sequence[int],
    class_names: Sequence[str],
    twin_of: Mapping[Place, Place] | None = None,
) -> Split:
    """Choose the pool, and let every seed part it.

    Args:
        wanted, available, class_names, twin_of: as of ``split``, which chooses the same pictures.

    Raises:
        DataError: a class would have no picture in one of the parts.

    Example:
        >>> parts = split_by_seed(Pictures(limit=10), (7, 5), ("cat", "dog"))
        >>> parts.valid, len(parts.order)
        (((1, 1), (0, 4)), 10)
    """
    pool, first = sorted(_pool(wanted, available), key=_by_rank), twin_of or {}
    splits = seed_splits(
        [label for label, _ in pool],
        [first.get(place, place) for place in pool],
        wanted.validation_share,
    )
    rows = splits.rows(0)
    parts = _parted(
        (pool[row] for row in rows.train),
        (pool[row] for row in rows.valid),
        class_names,
        _share_in_words(wanted, available, class_names),
    )
    return replace(parts, by_seed=splits)


def given_split(
    wanted: Pictures, parts: Sequence[Sequence[str | None]], class_names: Sequence[str]
) -> Split:
    """Keep the parts that the pictures lie in: train, and valid or else test.

    With a limit, equally many of each class, and of those the ``validation_share`` for validation.

    Args:
        wanted: the limit and the share.
        parts: the part of each picture of each class, in its order.
        class_names: for the message.

    Raises:
        DataError: a class has no picture in one of the parts.
    """
    kept = "valid" if any("valid" in of_class for of_class in parts) else "test"
    trains = [[rank for rank, part in enumerate(it) if part == "train"] for it in parts]
    valids = [[rank for rank, part in enumerate(it) if part == kept] for it in parts]
    if wanted.limit is not None:
        each = wanted.limit // len(parts)
        valid_each = math.floor(each * wanted.validation_share + 0.5)
        trains = _cut(trains, each - valid_each)
        valids = _cut(valids, valid_each)
    return _parted(
        _places(trains),
        _places(valids),
        class_names,
        _given_in_words(parts, class_names),
        "Leave --split given out, or name the parts train and validation, with each class in both.",
    )


def _pool(wanted: Pictures, available: Sequence[int]) -> list[Place]:
    """With a limit, equally many of each class; without, all."""
    limit = wanted.limit
    used = available if limit is None else (_equal(limit, available),) * len(available)
    return [(label, rank) for label, count in enumerate(used) for rank in range(count)]


def _share_in_words(wanted: Pictures, available: Sequence[int], class_names: Sequence[str]) -> str:
    share = wanted.validation_share
    return f"{usable_in_words(available, class_names)}; a validation share of {share:g}"


def _cut(ranks: list[list[int]], most: int) -> list[list[int]]:
    """The first ones of each class, equally many of each."""
    count = min(most, *map(len, ranks))
    return [of_class[:count] for of_class in ranks]


def _places(ranks: list[list[int]]) -> list[Place]:
    return [(label, rank) for label, of_class in enumerate(ranks) for rank in of_class]


def _equal(limit: int, available: Sequence[int]) -> int:
    """How many of each class."""
    return min(limit // len(available), *available)


def _parted(
    train: Iterable[Place],
    valid: Iterable[Place],
    class_names: Sequence[str],
    found: str,
    remedy: str = "Add pictures, or raise --pictures.",
) -> Split:
    result = Split(
        tuple(sorted(train, key=_by_rank)), tuple(sorted(valid, key=_by_rank)), len(class_names)
    )
    if 0 in result.counts(result.train) or 0 in result.counts(result.valid):
        raise DataError(
            f"too few pictures: {found}",
            rule="Each class needs a picture to train on and one for validation.",
            remedy=remedy,
        )
    return result


def usable_in_words(available: Sequence[int], class_names: Sequence[str]) -> str:
    """Of each class, the fewest first where not all can be named."""
    named = [f"{count} of {name}" for count, name in zip(available, class_names, strict=True)]
    if len(named) > MAX_SHOWN_CLASSES:
        fewest = sorted(range(len(named)), key=lambda label: available[label])
        named = [*(named[label] for label in fewest[:MAX_SHOWN_CLASSES]), "…"]
    first, *rest = named
    return ", ".join([first.replace(" of ", " usable of ", 1), *rest])


def _given_in_words(parts: Sequence[Sequence[str | None]], class_names: Sequence[str]) -> str:
    counts = Counter(str(part) for of_class in parts for part in of_class if part)
    found = ", ".join(f"{count} in {part}" for part, count in sorted(counts.items())) or "no parts"
    available = [len(of_class) for of_class in parts]
    return f"{usable_in_words(available, class_names)}; of a given split: {found}"


def _by_rank(place: Place) -> Place:
    label, rank = place
    return rank, label


def _is_validation(rank: int, share: float) -> bool:
    return math.floor((rank + 1) * share + 0.5) > math.floor(rank * share + 0.5)
