"""How far each piece of work is: bars that move where a person watches, lines elsewhere.

In the flow: ``progress`` knows the run, and tells one of the two; ``console`` prints.
"""

import textwrap
import time
from dataclasses import dataclass

from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from sweep.cli.console import notes, show_note

SECONDS_BETWEEN_LINES = 10.0
MIN_DESCRIPTION = len("drawing pets")
MIN_SPACE = 3
_TIME = len("0:00:00")


@dataclass(frozen=True)
class Shape:
    """What a line with a bar has space for.

    Attributes:
        bar: columns of the bar; 0 for none.
        has_elapsed: whether the time since the start is shown beside the time left.
    """

    bar: int
    has_elapsed: bool

    def space(self, width: int, description: int) -> int:
        """Columns that are left to the words about a task, beside its description.

        Example:
            >>> [shape_of(width).space(width, 12) for width in (60, 80, 120)]
            [28, 37, 55]
        """
        others = [max(description, MIN_DESCRIPTION), len("100%"), len("left:"), _TIME]
        others += [self.bar] if self.bar else []
        others += [_TIME] if self.has_elapsed else []
        return max(width - sum(others) - len(others), MIN_SPACE)


def shape_of(width: int) -> Shape:
    """As much as leaves space for words on a terminal of this width."""
    if width >= 110:
        return Shape(24, True)
    return Shape(10, False) if width >= 80 else Shape(0, False)


class Bars:
    """Progress bars on a terminal, with the time left; no number is cut for want of space."""

    def __init__(self) -> None:
        self._shape = shape_of(notes.width)
        self._rich = Progress(
            *_columns(self._shape), console=notes, redirect_stdout=False, redirect_stderr=False
        )
        self._tasks: dict[str, TaskID] = {}

    def start(self) -> None:
        """Show the first of them."""
        self._rich.start()

    def stop(self) -> None:
        """Leave them as they are."""
        self._rich.stop()

    def update(self, task: str, done: int, total: int | None, detail: str) -> None:
        """A task is that far."""
        longest = max(map(len, [task, *self._tasks]))
        space = self._shape.space(notes.width, longest)
        shown = textwrap.shorten(
            notes.spelt(detail), space, placeholder=notes.spelt(" …"), break_on_hyphens=False
        )
        if task not in self._tasks:
            # What an earlier run has left done is where this one starts, so that the time left
            # is reckoned from what this one does.
            self._tasks[task] = self._rich.add_task(task, total=total, detail=shown)
        self._rich.update(self._tasks[task], completed=done, total=total, detail=shown)


def _columns(shape: Shape) -> list[str | ProgressColumn]:
    return [
        "{task.description:<9}",
        *([BarColumn(shape.bar)] if shape.bar else []),
        TaskProgressColumn(),
        TextColumn("{task.fields[detail]}", markup=False),
        *([TimeElapsedColumn()] if shape.has_elapsed else []),
        "left:",
        TimeRemainingColumn(),
    ]


class Lines:
    """Plain lines where there is no terminal: at the start, every some seconds, at the end."""

    def __init__(self) -> None:
        self._shown: dict[str, float] = {}
        self._begun: dict[str, tuple[float, int]] = {}

    def start(self) -> None:
        """Nothing to prepare."""

    def stop(self) -> None:
        """Nothing to clear away."""

    def update(self, task: str, done: int, total: int | None, detail: str) -> None:
        """A task is that far."""
        now = time.monotonic()
        begin, first = self._begun.setdefault(task, (now, done))
        due = now - self._shown.get(task, -SECONDS_BETWEEN_LINES) >= SECONDS_BETWEEN_LINES
        finished = total is not None and done >= total
        if not due and not finished:
            return
        self._shown[task] = float("inf") if finished else now
        left = ""
        if total is not None and first < done < total:
            left = f", {_duration((now - begin) / (done - first) * (total - done))} left"
        show_note(f"{task}: {detail}{left}")


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"
