"""Which pictures are used, and which of them are kept for validation. Pure.

Every class's pictures come in a fixed order. A limit takes the first ones, and every so manieth is
kept for validation: whoever raises the limit keeps every picture in its part.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sweep.errors import DataError
from sweep.study.tasks import Pictures


@dataclass(frozen=True)
class Split:
    """Pictures as (label, position in the order of their class), by position, then label."""

    train: tuple[tuple[int, int], ...]
    valid: tuple[tuple[int, int], ...]

    def counts(self, part: Sequence[tuple[int, int]]) -> tuple[int, int]:
        """Pictures of each of the two classes in a part."""
        dogs = sum(label for label, _ in part)
        return len(part) - dogs, dogs


def split(wanted: Pictures, available: tuple[int, int], class_names: tuple[str, str]) -> Split:
    """Choose and part the pictures.

    With a limit, equally many of both classes; without, all. Of k pictures of a class,
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
    used = available if wanted.limit is None else (min(wanted.limit // 2, *available),) * 2
    share = wanted.validation_share
    ranks = sorted(((label, rank) for label in (0, 1) for rank in range(used[label])), key=_by_rank)
    train = tuple((label, rank) for label, rank in ranks if not _is_validation(rank, share))
    valid = tuple((label, rank) for label, rank in ranks if _is_validation(rank, share))
    result = Split(train, valid)
    if 0 in result.counts(train) or 0 in result.counts(valid):
        raise DataError(
            "Each class needs a picture to train on and one for validation.",
            got=f"{available[0]} usable of {class_names[0]}, {available[1]} of {class_names[1]}; "
            f"a validation share of {share:g}",
            remedy="Add pictures, or raise --pictures.",
        )
    return result


def _by_rank(picture: tuple[int, int]) -> tuple[int, int]:
    label, rank = picture
    return rank, label


def _is_validation(rank: int, share: float) -> bool:
    return math.floor((rank + 1) * share + 0.5) > math.floor(rank * share + 0.5)
