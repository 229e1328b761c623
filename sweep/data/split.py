"""Which pictures are used, and which of them are kept for validation. Pure.

Every class's pictures come in a fixed order. A limit takes the first ones, and every so manieth is
kept for validation: whoever raises the limit keeps every picture in its part.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sweep.errors import DataError
from sweep.study.tasks import Pictures

MAX_SHOWN_CLASSES = 8
"""A message names so many classes at most."""


@dataclass(frozen=True)
class Split:
    """Pictures as (label, position in the order of their class), by position, then label."""

    train: tuple[tuple[int, int], ...]
    valid: tuple[tuple[int, int], ...]
    class_count: int

    def counts(self, part: Sequence[tuple[int, int]]) -> tuple[int, ...]:
        """Pictures of each class in a part."""
        counted = Counter(label for label, _ in part)
        return tuple(counted[label] for label in range(self.class_count))


def split(wanted: Pictures, available: Sequence[int], class_names: Sequence[str]) -> Split:
    """Choose and part the pictures.

    With a limit, equally many of each class; without, all. Of k pictures of a class,
    k × ``validation_share``, rounded, are kept for validation.

    Args:
        wanted: the limit and the share.
        available: usable pictures of each class.
        class_names: for the message.

    Raises:
        DataError: a class would have no picture in one of the parts.

    Example:
        >>> parts = split(Pictures(limit=10, validation_share=0.2), (7, 5), ("cat", "dog"))
        >>> parts.valid
        ((0, 2), (1, 2))
        >>> len(parts.train)
        8
    """
    classes = len(available)
    limit, share = wanted.limit, wanted.validation_share
    used = available if limit is None else (min(limit // classes, *available),) * classes
    ranks = sorted(
        ((label, rank) for label in range(classes) for rank in range(used[label])), key=_by_rank
    )
    train = tuple((label, rank) for label, rank in ranks if not _is_validation(rank, share))
    valid = tuple((label, rank) for label, rank in ranks if _is_validation(rank, share))
    result = Split(train, valid, classes)
    if 0 in result.counts(train) or 0 in result.counts(valid):
        raise DataError(
            "Each class needs a picture to train on and one for validation.",
            got=f"{_usable(available, class_names)}; a validation share of {share:g}",
            remedy="Add pictures, or raise --pictures.",
        )
    return result


def _usable(available: Sequence[int], class_names: Sequence[str]) -> str:
    """Of each class, the fewest first where not all can be named."""
    named = [f"{count} of {name}" for count, name in zip(available, class_names, strict=True)]
    if len(named) > MAX_SHOWN_CLASSES:
        fewest = sorted(range(len(named)), key=lambda label: available[label])
        named = [*(named[label] for label in fewest[:MAX_SHOWN_CLASSES]), "…"]
    first, *rest = named
    return ", ".join([first.replace(" of ", " usable of ", 1), *rest])


def _by_rank(picture: tuple[int, int]) -> tuple[int, int]:
    label, rank = picture
    return rank, label


def _is_validation(rank: int, share: float) -> bool:
    return math.floor((rank + 1) * share + 0.5) > math.floor(rank * share + 0.5)
