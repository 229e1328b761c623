"""The trials of a study by column, so that very many take little: records only where one is asked.

From ``store`` to whatever reads many trials (``tables``, ``collect``, the report). To all others
it is a sequence of records.

Legend: K trials, X epochs of all of them, F figures of each, in the order of ``EpochRecord``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import chain, islice
from typing import Any, Self, overload

import numpy as np
from numpy.typing import NDArray

from sweep.results.records import EpochRecord, Outcome, TrialRecord

COLUMNS = tuple(each.name for each in fields(TrialRecord) if each.name != "epochs")
"""What is kept of each trial beside its epochs, as ``TrialRecord`` has it and in its order."""

TRIALS_AT_ONCE = 1_000
"""So many are made records at once where one after another is asked for."""

_FIELDS = EpochRecord._fields


@dataclass(frozen=True)
class Courses:
    """The epochs of trials.

    Attributes:
        values_XF: epochs, those of a training below each other.
        first_K, end_K: which of them are a trial's: from ``first`` on, before ``end``. Trials that
            share a training share its rows.
    """

    values_XF: NDArray[np.float64]
    first_K: NDArray[np.int64]
    end_K: NDArray[np.int64]

    @classmethod
    def of(cls, courses: Sequence[Sequence[EpochRecord]]) -> Self:
        """Of trials' records."""
        ends = np.cumsum([0, *map(len, courses)])
        values = np.fromiter(chain.from_iterable(chain.from_iterable(courses)), np.float64)
        return cls(values.reshape(-1, len(_FIELDS)), ends[:-1], ends[1:])

    @property
    def counts_K(self) -> NDArray[np.int64]:
        """How many epochs each trial has."""
        return self.end_K - self.first_K

    def __getitem__(self, k: int) -> tuple[EpochRecord, ...]:
        rows = self.values_XF[self.first_K[k] : self.end_K[k]].tolist()
        return tuple(EpochRecord(int(epoch), *figures) for epoch, *figures in rows)

    def __iter__(self) -> Iterator[tuple[EpochRecord, ...]]:
        """Those of one trial after another: for very many much quicker than each by itself."""
        for start in range(0, len(self.first_K), TRIALS_AT_ONCE):
            some = self.taken(slice(start, start + TRIALS_AT_ONCE))
            _, values_XF = some.laid()
            records = iter([EpochRecord(int(x), *figures) for x, *figures in values_XF.tolist()])
            for count in some.counts_K.tolist():
                yield tuple(islice(records, count))

    def taken(self, at_K: NDArray[np.int64] | slice) -> Self:
        """Those of some trials, by their positions."""
        return type(self)(self.values_XF, self.first_K[at_K], self.end_K[at_K])

    def laid(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """All epochs of all trials in order: which trial each is of, (X,), and itself, (X, F)."""
        counts_K = self.counts_K
        trial_X = np.repeat(np.arange(len(counts_K)), counts_K)
        before_K = np.cumsum(counts_K) - counts_K
        if np.array_equal(before_K, self.first_K):  # as they mostly are
            return trial_X, self.values_XF[: len(trial_X)]
        row_X = np.arange(len(trial_X)) - before_K[trial_X] + self.first_K[trial_X]
        return trial_X, self.values_XF[row_X]

    def last(self, name: str) -> list[float | None]:
        """A field of each trial's last epoch, (K,); None where a trial has none."""
        has_K = self.counts_K > 0
        found_K = np.full(len(has_K), None, object)
        found_K[has_K] = self.values_XF[self.end_K[has_K] - 1, _FIELDS.index(name)].tolist()
        return found_K.tolist()

    def best(self, name: str, *, is_most: bool) -> list[float | None]:
        """The highest of each trial's, or the lowest, (K,), without NaN; None where none is left.

        Args:
            name: of the field.
            is_most: whether it is the highest.
        """
        has_K = self.counts_K > 0
        found_K = np.full(len(has_K), np.nan)
        if has_K.any():
            column = np.append(self.values_XF[:, _FIELDS.index(name)], np.nan)
            ends = np.column_stack([self.first_K[has_K], self.end_K[has_K]]).ravel()
            found_K[has_K] = (np.fmax if is_most else np.fmin).reduceat(column, ends)[::2]
        return [None if value != value else value for value in found_K.tolist()]


@dataclass(frozen=True, eq=False, repr=False)
class Trials(Sequence[TrialRecord]):
    """A sequence of trials that keeps columns; each record that is asked for is made then.

    Attributes:
        values: the ``COLUMNS``, K values each.
        courses: the epochs.
    """

    values: Mapping[str, Sequence[Any]]
    courses: Courses

    @classmethod
    def of(cls, trials: Iterable[TrialRecord]) -> "Trials":
        """These trials by column, which they may be already."""
        if isinstance(trials, Trials):
            return trials
        records = tuple(trials)
        values = {name: [getattr(trial, name) for trial in records] for name in COLUMNS}
        return cls(values, Courses.of([trial.epochs for trial in records]))

    def column(self, name: str) -> Sequence[Any]:
        """One of the ``COLUMNS``, K values."""
        return self.values[name]

    def ended_as(self, *outcomes: Outcome) -> "Trials":
        """Those that had one of these outcomes."""
        known = self.column("outcome")
        return self.taken([k for k, outcome in enumerate(known) if outcome in outcomes])

    def taken(self, at_K: Sequence[int]) -> "Trials":
        """Some of the trials, by their positions, in this order."""
        if len(at_K) == len(self) and at_K == [*range(len(self))]:
            return self
        values = {name: [column[k] for k in at_K] for name, column in self.values.items()}
        return Trials(values, self.courses.taken(np.array(at_K, np.int64)))

    def __len__(self) -> int:
        return len(self.courses.first_K)

    def __iter__(self) -> Iterator[TrialRecord]:
        return map(TrialRecord, *self.values.values(), self.courses)

    @overload
    def __getitem__(self, index: int) -> TrialRecord: ...
    @overload
    def __getitem__(self, index: slice) -> "Trials": ...
    def __getitem__(self, index: int | slice) -> "TrialRecord | Trials":
        if isinstance(index, slice):
            values = {name: column[index] for name, column in self.values.items()}
            return Trials(values, self.courses.taken(index))
        return self._record(range(len(self))[index])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trials) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    def _record(self, k: int) -> TrialRecord:
        return TrialRecord(*(column[k] for column in self.values.values()), epochs=self.courses[k])
