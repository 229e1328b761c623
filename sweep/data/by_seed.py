"""A split for every seed: which pictures of one pool are kept for validation. Pure.

Under ``split.py``, which chooses the pool. Where each seed draws its own split, seeds differ in
their pictures as well, so an interval over seeds covers the choice of pictures too (Bouthillier et
al. 2021, arXiv 2103.03098). The same seed gives every optimizer and point the same split.

Legend: N pictures of the pool, G groups, m pictures of a group.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RULE = 1
"""Raised when the same seed would draw other pictures, so that no old result is reused."""

STREAM = 2
"""Of the seed's random numbers; the streams 0 and 1 are initial weights and orders of examples."""

Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Rows:
    """One split of examples, as their numbers, each in ascending order.

    Attributes:
        train, valid: the examples to train on, and those for validation.
    """

    train: Indices
    valid: Indices


def fixed_rows(count: int, train_count: int) -> Rows:
    """The split of examples of which the first ``train_count`` are to train on."""
    return Rows(np.arange(train_count), np.arange(train_count, count))


@dataclass(frozen=True, eq=False)
class Stratum:
    """Groups of pictures with the same classes, of which some are drawn for validation.

    Attributes:
        members_Gm: the pictures of each group, as numbers in the pool.
        valid_count: so many groups are drawn.
    """

    members_Gm: Indices
    valid_count: int


@dataclass(frozen=True, eq=False)
class SeedSplits:
    """The splits of all seeds, drawn from one pool.

    Attributes:
        count: N.
        strata: each picture of the pool is in one of them.
    """

    count: int
    strata: tuple[Stratum, ...]

    def rows(self, seed: int) -> Rows:
        """The split of a seed; of every seed with equally many pictures of each class."""
        random = np.random.default_rng([seed, STREAM])
        drawn = [np.zeros(0, np.intp)]
        for stratum in self.strata:
            chosen = random.permutation(len(stratum.members_Gm))[: stratum.valid_count]
            drawn.append(stratum.members_Gm[chosen].ravel())
        valid = np.sort(np.concatenate(drawn))
        return Rows(np.setdiff1d(np.arange(self.count), valid), valid)

    def definition(self) -> str:
        """All that decides which pictures a seed draws, but for the pictures themselves."""
        said = (f"{it.valid_count} of {it.members_Gm.tolist()}" for it in self.strata)
        return "\n".join((f"split by seed, rule {RULE}", *said))


def seed_splits(labels_N: Sequence[int], group_N: Sequence[Hashable], share: float) -> SeedSplits:
    """How the seeds split a pool: balanced by class, and no group in both parts.

    Groups of the same classes are drawn with equal chances, and equally many of them for every
    seed: the share of the groups of two pictures and more, rounded, and then single pictures until
    each class has its share. So all seeds have as many validation pictures. (Where a group is the
    only one of its kind, its share may round to none, and then no seed validates with it.)

    Args:
        labels_N: of each picture its class.
        group_N: of each picture what it stays together with: pictures of equal values do.
        share: of each class for validation, in (0, 1).

    Example:
        >>> splits = seed_splits([0, 1] * 5, range(10), 0.2)
        >>> [splits.rows(seed).valid.tolist() for seed in (0, 1, 2)]
        [[3, 8], [7, 8], [0, 9]]
    """
    wanted = Counter(
        {label: math.floor(count * share + 0.5) for label, count in Counter(labels_N).items()}
    )
    strata = []
    for classes, members_Gm in _by_classes(labels_N, group_N):
        size = Counter(classes)
        most = min(wanted[label] // count for label, count in size.items())
        rounded = math.floor(len(members_Gm) * share + 0.5)
        valid_count = min(most, len(members_Gm) if len(classes) == 1 else rounded)
        wanted.subtract({label: valid_count * count for label, count in size.items()})
        strata.append(Stratum(np.array(members_Gm, np.intp), valid_count))
    return SeedSplits(len(labels_N), tuple(strata))


def _by_classes(
    labels_N: Sequence[int], group_N: Sequence[Hashable]
) -> list[tuple[tuple[int, ...], list[list[int]]]]:
    """The groups by the classes of their pictures, the largest groups first."""
    members: dict[Hashable, list[int]] = defaultdict(list)
    for row, group in enumerate(group_N):
        members[group].append(row)
    kinds: dict[tuple[int, ...], list[list[int]]] = defaultdict(list)
    for rows in members.values():
        kinds[tuple(sorted(labels_N[row] for row in rows))].append(rows)
    return sorted(kinds.items(), key=lambda kind: (-len(kind[0]), kind[0]))
