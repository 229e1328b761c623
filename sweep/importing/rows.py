"""The rows of a table as trials, or all that is wrong with them. Pure.

From ``Table`` and ``Columns`` to ``Found``; ``definition`` makes a study of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sweep.errors import UsageError
from sweep.importing.cells import Cells, epoch, label, number, seed, value_of
from sweep.importing.columns import Columns
from sweep.importing.courses import Course, Courses, courses
from sweep.importing.shares import is_percent, shares
from sweep.importing.table import Problem, Table
from sweep.study.axis import Point
from sweep.study.hyperparameters import hyperparameter
from sweep.study.metric import ACCURACY, Metric

MAX_TOLD = 5
"""So many wrong rows are named."""
UNFINISHED = frozenset(
    {"running", "failed", "crashed", "killed", "killing", "scheduled", "pending", "preempted"}
)
"""States of runs that have no result, as trackers and sweep call them."""
FIGURES = ("train_loss", "train_accuracy", "valid_loss")
"""What a table may say of an epoch beside the accuracy."""


@dataclass(frozen=True)
class Found:
    """What a table says.

    Attributes:
        courses: each trial's epochs.
        figures: which figures of an epoch are known.
        has_epochs: whether there are several epochs of a trial.
        epochs: the number of the last one.
        guessing: the metric where nothing is learned; None where it is not said.
        notes: what was left out or taken otherwise than it stands there, as sentences.
        metric: what the trials are judged by.
    """

    courses: tuple[Course, ...]
    figures: tuple[str, ...]
    has_epochs: bool
    epochs: int
    guessing: float | None
    notes: tuple[str, ...]
    metric: Metric = ACCURACY


def find(
    table: Table,
    columns: Columns,
    *,
    optimizer: str | None = None,
    percent: bool | None = None,
    guessing: float | None = None,
    metric: Metric = ACCURACY,
) -> Found:
    """The trials of a table.

    Args:
        table, columns: the file's.
        optimizer: the label of all rows; None where a column says it.
        percent: whether accuracies are from 0 to 100; None where they tell it themselves.
        guessing: the metric where nothing is learned; None where a column may say it.
        metric: what trials are judged by.

    Raises:
        UsageError: rows are wrong; it names the first ones by line and column, and their count.
    """
    rows, notes = _with_results(table, columns.roles.get("state"))
    cells = Cells(table, rows)
    cells.problems += table.problems
    keys = _keys(cells, columns, optimizer)
    accuracy = cells.read(columns.roles["valid_accuracy"], number)
    in_percent = None
    if metric.is_share:
        in_percent = is_percent(accuracy) if percent is None else percent
    if in_percent:
        what = "Accuracies are" if metric == ACCURACY else f"The {metric.name} is"
        notes.append(f"{what} in percent there.")
    figures = _figures(cells, columns, accuracy, in_percent=in_percent)
    found = courses(
        cells,
        keys,
        figures,
        epochs=_optional(cells, columns, "epoch", epoch),
        seconds=_optional(cells, columns, "seconds", number),
        states=_states(cells, columns),
        metric=columns.roles["valid_accuracy"],
        is_own_export="effective_learning_rate" in table.columns,
    )
    level = _level(cells, columns, guessing, is_share=metric.is_share)
    if cells.problems:
        raise wrong_rows(table, cells.problems)
    _check(found, level, columns.roles["valid_accuracy"], table, metric)
    return Found(
        courses=found.trials,
        figures=tuple(figures),
        has_epochs=found.has_epochs,
        epochs=found.epochs,
        guessing=level,
        notes=(*columns.notes, *notes, *found.notes),
        metric=metric,
    )


def wrong_rows(table: Table, problems: Sequence[Problem]) -> UsageError:
    """The error that names what is wrong, the first ones in the order of their lines."""
    ordered = sorted(problems, key=lambda problem: problem.line)
    told = [_in_words(problem) for problem in ordered[:MAX_TOLD]]
    lines = len({problem.line for problem in problems})
    more = f"\n    … ({lines} lines in all)" if len(ordered) > MAX_TOLD else ""
    return UsageError(
        f"nothing was imported from {table.name}, since these lines are wrong\n    "
        + "\n    ".join(told)
        + more,
        remedy="Mend these lines, or take them out.",
    )


def _in_words(problem: Problem) -> str:
    where = "" if problem.column is None else f", column {problem.column}"
    return f"line {problem.line}{where}: {problem.found}"


def _with_results(table: Table, state: str | None) -> tuple[list[int], list[str]]:
    """The rows of trials that have not failed and are not under way, and a note on the others."""
    every = range(len(table.lines))
    if state is None:
        return list(every), []
    states = table.columns[state]
    kept = [row for row in every if str(states[row]).strip().lower() not in UNFINISHED]
    left_out = len(every) - len(kept)
    if not left_out:
        return kept, []
    return kept, [f"Rows of trials without a result ({state}), left out: {left_out:,}."]


def _keys(cells: Cells, columns: Columns, optimizer: str | None) -> list[Any]:
    """Of each row what tells its trial: optimizer, point and seed; None where it is wrong."""
    labels = (
        cells.needed(columns.roles["optimizer"], label)
        if optimizer is None
        else [optimizer] * len(cells.rows)
    )
    seeds = cells.needed(columns.roles["seed"], seed)
    values = [
        cells.needed(column, value_of(hyperparameter(name)))
        for name, column in columns.axes.items()
    ]
    known: dict[tuple, Point] = {}
    keys = []
    for one, at, *there in zip(labels, seeds, *values, strict=True):
        if None in (one, at) or None in there:
            keys.append(None)
            continue
        place = tuple(there)
        if place not in known:
            known[place] = Point(tuple(zip(columns.axes, place, strict=True)))
        keys.append((one, known[place], at))
    return keys


def _figures(
    cells: Cells, columns: Columns, accuracy: Sequence[float | None], *, in_percent: bool | None
) -> dict[str, list[float | None]]:
    """By figure, its value in each row; without figures that no row has.

    Args:
        cells, columns: of the table.
        accuracy: of each row.
        in_percent: whether accuracies are; None where the metric is no share, and stays as it is.
    """

    def as_meant(column: str, values: Sequence[float | None]) -> list[float | None]:
        return [*values] if in_percent is None else shares(cells, column, values, in_percent)

    found = {}
    for name in FIGURES:
        if name in columns.roles:
            column = columns.roles[name]
            values = cells.read(column, number)
            if name == "train_accuracy":
                values = as_meant(column, values)
            if any(value is not None for value in values):
                found[name] = values
    column = columns.roles["valid_accuracy"]
    return found | {"valid_accuracy": as_meant(column, accuracy)}


def _optional(cells: Cells, columns: Columns, role: str, read: Any) -> list[float | None] | None:
    return cells.read(columns.roles[role], read) if role in columns.roles else None


def _states(cells: Cells, columns: Columns) -> list[bool]:
    """Which rows are said to be of a diverged trial."""
    if "state" not in columns.roles:
        return [False] * len(cells.rows)
    states = cells.read(columns.roles["state"], str)
    return [state is not None and state.strip().lower() == "diverged" for state in states]


def _level(cells: Cells, columns: Columns, said: float | None, *, is_share: bool) -> float | None:
    """The metric where nothing is learned: as said, else the one value of its column."""
    if said is not None or "guessing" not in columns.roles:
        return said
    column = columns.roles["guessing"]
    values = cells.read(column, number)
    known = {value for value in values if value is not None}
    if not known:
        return None
    first = next(row for row, value in zip(cells.rows, values, strict=True) if value is not None)
    level = known.pop()
    level = level / 100 if is_share and level > 1 else level
    if known:
        cells.tell(first, column, "the level of guessing is not the same in all rows")
    elif is_share and not 0 < level < 1:
        cells.tell(first, column, f"{level:g} is no level of guessing above 0 and below 1")
    return level


def _check(found: Courses, level: float | None, column: str, table: Table, metric: Metric) -> None:
    if not found.trials:
        raise UsageError(
            f"{table.name} has no trial that came to its end ({' '.join(found.notes) or 'no row'})",
            remedy="Import it when trials have ended.",
        )
    unknown = sum(course.has_no_accuracy for course in found.trials)
    if unknown and level is None:
        raise UsageError(
            f"{unknown:,} trials have no finite {column}",
            rule=f"A trial that diverged counts with the {metric.name} where nothing is learned, "
            "which is not in the file.",
            remedy="Say it, as a share: --guessing 0.5 where guessing one of two classes is right."
            if metric == ACCURACY
            else "Say it, in the metric's unit, with --guessing.",
        )
