"""Which column of a table is what: as asked, else by what programs usually call it. Pure.

From a ``Table`` to ``Columns``; ``rows`` reads their cells.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweep.errors import UsageError
from sweep.importing.spellings import ROLES, Guess, guess, guesses
from sweep.importing.table import Table
from sweep.study.hyperparameters import HYPERPARAMETERS, hyperparameter
from sweep.study.study import MAX_AXES
from sweep.util.nearest import did_you_mean, nearest

OF_METRIC = {"valid_metric": "valid_accuracy", "train_metric": "train_accuracy"}
"""What columns are called of a metric that is no accuracy, and their roles."""
OPTIONAL = ("train_loss", "train_accuracy", "valid_loss", "seconds", "guessing")
"""What a table need not have; where several columns may be it, none is taken, and that is told."""


@dataclass(frozen=True)
class Columns:
    """Which column is what.

    Attributes:
        roles: by role (see ``spellings.ROLES``), the file's column; without those it lacks.
        axes: by swept hyperparameter, the file's column; one or two.
        notes: what was not taken, as sentences.
        metric: what the accuracies are of another metric; None where they are accuracies.
    """

    roles: Mapping[str, str]
    axes: Mapping[str, str]
    notes: tuple[str, ...] = ()
    metric: str | None = None

    @property
    def said(self) -> dict[str, str]:
        """All of it, by what sweep calls it."""
        order = ("optimizer", *self.axes, "seed", "valid_accuracy", *ROLES)
        every = {**self.roles, **self.axes}
        there = (name for name in dict.fromkeys(order) if name in every)
        return {_called(name, self.metric): every[name] for name in there}


def _called(role: str, metric: str | None) -> str:
    """A role as people know it."""
    names = {it: name for name, it in OF_METRIC.items()} if metric else {}
    return names.get(role, role)


def match(
    table: Table, asked: Mapping[str, str], *, has_label: bool = False, metric: str | None = None
) -> Columns:
    """Which column of a table is what.

    Args:
        table: the file's.
        asked: by the file's column, what it is; an empty text leaves it out.
        has_label: whether the optimizer is said elsewhere, so that no column needs to say it.
        metric: the name of what trials are judged by; None for the accuracy.

    Raises:
        UsageError: a column that is needed is missing or not clear; it says which there are, and
            how to say which one is meant.
    """
    asked = {column: OF_METRIC.get(name, name) for column, name in asked.items()}
    _check_asked(table, asked)
    found = _candidates(table, asked, _guesses(table, metric))
    notes: list[str] = []
    roles: dict[str, str] = {}
    for role in ROLES:
        columns = found.pop(role, [])
        if len(columns) == 1:
            roles[role] = columns[0]
        elif columns and role in OPTIONAL:
            notes.append(f"{_listed(columns)} may each be {role}: none was taken.")
        elif columns:
            raise _not_clear(_called(role, metric), columns)
    needed = ("optimizer", "seed", "valid_accuracy")
    for role in needed[has_label:]:
        if role not in roles:
            raise _missing(role, table, metric)
    if has_label:
        roles.pop("optimizer", None)
    axes = _axes(table, roles.get("optimizer"), found, asked, notes)
    return Columns(roles, axes, tuple(notes), metric)


def _guesses(table: Table, metric: str | None) -> Mapping[str, Guess]:
    if metric is not None:
        return guesses(table.columns, metric)
    return {column: it for column in table.columns if (it := guess(column)) is not None}


def _check_asked(table: Table, asked: Mapping[str, str]) -> None:
    for column, name in asked.items():
        if column not in table.columns:
            raise UsageError(
                f"no column {column!r} in the file{did_you_mean(column, table.columns)}",
                remedy=f"It has {_listed(table.columns)}.",
            )
        if name and name not in ROLES:
            _check_hyperparameter(column, name)


def _check_hyperparameter(column: str, name: str) -> None:
    try:
        hyperparameter(name)
    except ValueError as error:
        raise UsageError(
            f"column {column} cannot be {name!r}{did_you_mean(name, (*ROLES, *HYPERPARAMETERS))}",
            rule=f"A column is one of {', '.join(ROLES)}, or a hyperparameter.",
            remedy=f"{str(error).partition('; ')[2]}. One that sweep does not know is also "
            f"optimizer.NAME: `--map {column}=optimizer.{_identifier(name)}`.",
        ) from None


def _identifier(name: str) -> str:
    kept = "".join(letter if letter.isalnum() else "_" for letter in name)
    return kept if kept.isidentifier() else f"p_{kept}"


def _candidates(
    table: Table, asked: Mapping[str, str], guessed: Mapping[str, Guess]
) -> dict[str, list[str]]:
    """By role and hyperparameter, the columns that may be it: those asked for, else the surest."""
    by_tier: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for column in table.columns:
        found = None if column in asked else guessed.get(column)
        if asked.get(column):
            by_tier[asked[column]][-1].append(column)
        elif found is not None:
            by_tier[found.name][found.tier].append(column)
    return {name: tiers[min(tiers)] for name, tiers in by_tier.items()}


def _axes(
    table: Table,
    optimizer: str | None,
    found: Mapping[str, Sequence[str]],
    asked: Mapping[str, str],
    notes: list[str],
) -> dict[str, str]:
    """The swept hyperparameters: those whose values differ within an optimizer."""
    for name, columns in found.items():
        if len(columns) > 1:
            raise _not_clear(name, columns)
    columns = {name: columns[0] for name, columns in found.items()}
    labels = table.columns[optimizer] if optimizer else None
    whole = {
        name: column
        for name, column in columns.items()
        if column in asked or not any(map(_is_nothing, table.columns[column]))
    }
    varying = {
        name: column for name, column in whole.items() if _varies(table.columns[column], labels)
    }
    if len(varying) > MAX_AXES:
        raise UsageError(
            f"{len(varying)} columns have values that differ: {_listed(varying.values())}",
            rule="A study has one or two swept hyperparameters.",
            remedy="Import the rows of one value of the others, or leave out what does not matter "
            f"with `--map {[*varying.values()][-1]}=`.",
        )
    if not varying and not columns:
        raise _missing("learning_rate", table)
    axes = varying or _first(whole or columns)
    notes += [
        f"{column} does not differ within an optimizer, or is empty in some rows: it is left out."
        for name, column in columns.items()
        if name not in axes
    ]
    return axes


def _first(columns: Mapping[str, str]) -> dict[str, str]:
    name = "learning_rate" if "learning_rate" in columns else next(iter(columns))
    return {name: columns[name]}


def _varies(cells: Sequence[Any], labels: Sequence[Any] | None) -> bool:
    """Whether the cells of any one optimizer differ."""
    first: dict[str, Any] = {}
    return any(
        first.setdefault(str(label), _form(cell)) != _form(cell)
        for label, cell in zip(labels or ("",) * len(cells), cells, strict=True)
    )


def _form(cell: Any) -> Any:
    """A cell such that equal numbers are equal, however they are written."""
    try:
        return float(cell)
    except (TypeError, ValueError):
        return str(cell)


def _is_nothing(cell: Any) -> bool:
    return cell is None or cell == ""


def _not_clear(name: str, columns: Sequence[str]) -> UsageError:
    return UsageError(
        f"{_listed(columns)} may each be {name}",
        remedy=f"Say which with `--map {columns[0]}={name}`.",
    )


def _missing(name: str, table: Table, metric: str | None = None) -> UsageError:
    names = [column for column in table.columns if column]
    usual = ROLES[name][0] if name in ROLES else ("learning_rate", "lr", "batch_size")
    if metric and name == "valid_accuracy":
        name, usual = _called(name, metric), (f"valid_{metric}", metric)
    near = next((it for each in usual if (it := nearest(each, names))), None)
    likely = f" (did you mean {near}?)" if near else ""
    what = "a swept hyperparameter" if name == "learning_rate" else name
    extra = (
        ", or, of one optimizer, its label with --optimizer LABEL" if name == "optimizer" else ""
    )
    return UsageError(
        f"no column is {what}: there are {_listed(names)}{likely}",
        remedy=f"Say which with `--map {near or 'COLUMN'}={name}`{extra}.",
    )


def _listed(columns: Iterable[str]) -> str:
    names = [name for name in columns if name]
    more = f", … ({len(names)} columns)" if len(names) > 30 else ""
    return ", ".join(names[:30]) + more
