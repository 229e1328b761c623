"""What a writer keeps in mind while a run goes on: cohorts under way, and numbers of trials.

Under ``writer.py``; nothing of it is stored.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count, islice


@dataclass
class Attempt:
    """A cohort under way.

    Attributes:
        cohort_id: its row.
        training_ids: of its trainings, in the order of its trials.
        numbers: of each training, those of the trials that refer to it.
        diverged: places of the trainings that have diverged.
    """

    cohort_id: int
    training_ids: tuple[int, ...]
    numbers: tuple[tuple[int, ...], ...]
    diverged: set[int] = field(default_factory=set)

    @property
    def all_numbers(self) -> set[int]:
        """Of all its trials."""
        return {number for some in self.numbers for number in some}


class Numbers:
    """The numbers that a study's trials have; a free one is the lowest that is not used."""

    def __init__(self, used: Iterable[int]) -> None:
        self._used = set(used)
        self._lowest = 0

    def take(self, how_many: int) -> tuple[int, ...]:
        """So many free numbers, which are used from now on."""
        free = (number for number in count(self._lowest) if number not in self._used)
        taken = tuple(islice(free, how_many))
        self._used.update(taken)
        self._lowest = taken[-1] + 1 if taken else self._lowest
        return taken

    def give_back(self, numbers: Iterable[int]) -> None:
        """They are free again."""
        given = set(numbers)
        self._used -= given
        self._lowest = min(given | {self._lowest})
