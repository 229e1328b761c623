"""The course of every trial of a table: its epochs in order, up to its end. Pure.

Under ``rows``, which reads the cells.
"""

import math
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from sweep.importing.cells import Cells
from sweep.results.records import EpochRecord
from sweep.study.axis import Point

NAN = math.nan
Figures = Mapping[str, Sequence[float | None]]


@dataclass(frozen=True)
class Course:
    """One trial as it went.

    Attributes:
        optimizer, point, seed: which one.
        epochs: ascending; what is not known of them is NaN.
        diverged_at_epoch: None where it did not diverge.
        seconds: None where they are not known.
        row: the position of its last row in the table.
    """

    optimizer: str
    point: Point
    seed: int
    epochs: tuple[EpochRecord, ...]
    diverged_at_epoch: int | None
    seconds: float | None
    row: int

    @property
    def has_no_accuracy(self) -> bool:
        """Whether not one accuracy of it is finite."""
        return not any(math.isfinite(epoch.valid_accuracy) for epoch in self.epochs)


@dataclass(frozen=True)
class Courses:
    """The trials of a table that came to an end.

    Attributes:
        trials: in the order in which the table has them.
        has_epochs: whether there are several epochs of a trial.
        epochs: the number of the last one.
        notes: what was left out, as sentences.
    """

    trials: tuple[Course, ...]
    has_epochs: bool
    epochs: int
    notes: tuple[str, ...]


def courses(
    cells: Cells,
    keys: Sequence[tuple[str, Point, int] | None],
    figures: Figures,
    *,
    epochs: Sequence[float | None] | None,
    seconds: Sequence[float | None] | None,
    states: Sequence[bool],
    metric: str,
    is_own_export: bool,
) -> Courses:
    """The trials of a table.

    Args:
        cells: the rows that are read; is told what is wrong with them.
        keys: of each row its trial; None where it is wrong.
        figures: by figure, its value in each row; None where it has none.
        epochs: of each row, as the table counts them; None where it does not.
        seconds: of each row's trial; None where they are not known.
        states: which rows say that their trial diverged.
        metric: the column of the accuracy.
        is_own_export: whether sweep wrote the table, so that epoch 0 is before training.
    """
    there = _with_accuracy(cells, figures["valid_accuracy"], metric, may_lack=epochs is not None)
    trials = _by_trial(there, keys)
    notes = []
    if len(there) < len(cells.rows) and epochs is not None:
        notes.append(f"Rows without {metric}, left out: {len(cells.rows) - len(there):,}.")
    has_epochs = epochs is not None and any(len(rows) > 1 for rows in trials.values())
    at: Sequence[float | None] = epochs if has_epochs and epochs else [1.0] * len(cells.rows)
    numbers = _numbers(at, there, keeps_zero=is_own_export)
    if has_epochs:
        notes += _numbering(numbers)
    last = max(numbers.values(), default=1)
    reader = _Reader(cells, figures, at, numbers, seconds, states)
    every = [reader.course(key, rows) for key, rows in trials.items()]
    ended = [course for course in every if course.diverged_at_epoch or _end(course) == last]
    if len(ended) < len(every):
        count = len(every) - len(ended)
        notes.append(f"Trials that end before the last epoch, left out: {count:,}.")
    notes += reader.notes()
    return Courses(tuple(ended), has_epochs, last, tuple(notes))


def _end(course: Course) -> int:
    return course.epochs[-1].epoch


def _with_accuracy(
    cells: Cells, accuracy: Sequence[float | None], metric: str, *, may_lack: bool
) -> list[int]:
    """Positions among the read rows of those that have an accuracy; others are wrong, or lack it.

    Trackers write a row at every step, and an accuracy into some of them.
    """
    lacking = [at for at, value in enumerate(accuracy) if value is None]
    if not may_lack:
        told = {problem.line for problem in cells.problems if problem.column == metric}
        for at in lacking:
            if cells.line(at) not in told:
                cells.tell(cells.rows[at], metric, "there is nothing; say nan if it diverged")
    return [at for at, value in enumerate(accuracy) if value is not None]


def _by_trial(
    there: Sequence[int], keys: Sequence[tuple[str, Point, int] | None]
) -> dict[tuple[str, Point, int], list[int]]:
    found: dict[tuple[str, Point, int], list[int]] = defaultdict(list)
    for at in there:
        key = keys[at]
        if key is not None:
            found[key].append(at)
    return found


def _numbers(
    at: Sequence[float | None], there: Sequence[int], *, keeps_zero: bool
) -> dict[float, int]:
    """By epoch or step as the table counts them, its number: from 1, or 0 where it is known."""
    distinct = sorted({value for row in there if (value := at[row]) is not None})
    first = 0 if keeps_zero and distinct and distinct[0] == 0 else 1
    return {value: number for number, value in enumerate(distinct, first)}


def _numbering(numbers: Mapping[float, int]) -> list[str]:
    if all(value == number for value, number in numbers.items()):
        return []
    values = [*numbers]
    return [f"Its steps {values[0]:g} to {values[-1]:g} are epochs 1 to {len(values)} here."]


class _Reader:
    """Makes courses of rows."""

    def __init__(
        self,
        cells: Cells,
        figures: Figures,
        at: Sequence[float | None],
        numbers: Mapping[float, int],
        seconds: Sequence[float | None] | None,
        states: Sequence[bool],
    ) -> None:
        self._cells = cells
        self._figures = figures
        self._at = at
        self._numbers = numbers
        self._seconds = seconds
        self._states = states
        self._repeated = 0

    def notes(self) -> list[str]:
        """What was left out, as sentences."""
        return [f"Rows that stand there twice: {self._repeated:,}."] if self._repeated else []

    def course(self, key: tuple[str, Point, int], rows: Sequence[int]) -> Course:
        """The course of a trial, up to its divergence."""
        by_epoch: dict[int, int] = {}
        for row in rows:
            value = self._at[row]
            if value is None:
                self._cells.tell(self._cells.rows[row], None, "its epoch is missing")
                continue
            first = by_epoch.setdefault(self._numbers[value], row)
            if first != row:
                self._again(first, row)
        ordered = sorted(by_epoch.items())
        records = [self._record(number, row) for number, row in ordered]
        end = self._divergence(ordered, records)
        last_row = rows[-1]
        return Course(
            *key,
            epochs=tuple(records if end is None else records[: end + 1]),
            diverged_at_epoch=None if end is None else max(1, records[end].epoch),
            seconds=self._seconds[last_row] if self._seconds else None,
            row=self._cells.rows[last_row],
        )

    def _record(self, number: int, row: int) -> EpochRecord:
        def known(name: str) -> float:
            value = self._figures[name][row] if name in self._figures else None
            return NAN if value is None else value

        return EpochRecord(
            epoch=number,
            train_loss=known("train_loss"),
            train_accuracy=known("train_accuracy"),
            valid_loss=known("valid_loss"),
            valid_accuracy=known("valid_accuracy"),
            effective_learning_rate=NAN,
        )

    def _divergence(
        self, ordered: Sequence[tuple[int, int]], records: Sequence[EpochRecord]
    ) -> int | None:
        """The position of the epoch in which the trial diverged; None where it did not."""
        for place, (_, row) in enumerate(ordered):
            loss = self._figures["train_loss"][row] if "train_loss" in self._figures else None
            if not math.isfinite(records[place].valid_accuracy):
                return place
            if loss is not None and not math.isfinite(loss):
                return place
        is_said = any(self._states[row] for _, row in ordered)
        return len(records) - 1 if is_said and records else None

    def _again(self, first: int, row: int) -> None:
        """A row of the same trial and epoch as another one: the same, or wrong."""
        if self._said(first) == self._said(row):
            self._repeated += 1
            return
        found = f"says otherwise than line {self._cells.line(first)}, of the same trial and epoch"
        self._cells.tell(self._cells.rows[row], None, found)

    def _said(self, row: int) -> tuple[Hashable, ...]:
        return tuple(repr(values[row]) for values in self._figures.values())
