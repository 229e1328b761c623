"""The rows of a study's results by column: what ``Results`` writes to files and shows.

Columns, since a study may have 100,000 trials; a row is made where one is asked for.

Legend: K trials, X epochs of all of them.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sweep.results.records import FIGURES
from sweep.results.trials import Trials
from sweep.study.metric import Metric
from sweep.study.programs import Command, Function
from sweep.study.study import Study

Columns = Mapping[str, Sequence[Any]]
"""By name, in order; all of one length."""

_OF_TRIALS = (
    *("seed", "outcome", "diverged_at_epoch", "epochs"),
    *("train_loss", "train_accuracy", "valid_loss", "valid_accuracy", "best_valid_accuracy"),
    *("seconds", "fingerprint"),
)
_OF_EPOCHS = (
    *("seed", "epoch", "train_loss", "train_accuracy", "valid_loss", "valid_accuracy"),
    "effective_learning_rate",
)


def names_of_columns(study: Study, *, epochs: bool) -> tuple[str, ...]:
    """Trial, optimizer, each axis, seed, and the rest."""
    axes = [axis.name for axis in study.axes]
    rest = [told(study.metric, name) for name in (_OF_EPOCHS if epochs else _OF_TRIALS)]
    return ("trial", "optimizer", *axes, *(name for name in rest if name not in axes))


def told(metric: Metric, figure: str) -> str:
    """What the rows call a figure of accuracies: by the metric's name, or a plain one."""
    name = re.sub(r"\W+", "_", metric.name.lower()).strip("_")
    return figure.replace("accuracy", "metric" if name in ("", "loss") else name)


def trial_columns(study: Study, trials: Trials) -> Columns:
    """A value for each trial; its figures are those of its last epoch, None where it has none."""
    courses = trials.courses
    is_most = study.metric.more_is_better
    found = {
        "outcome": [str(each) if each else "running" for each in trials.column("outcome")],
        "diverged_at_epoch": trials.column("diverged_at_epoch"),
        "epochs": [0 if last is None else int(last) for last in courses.last("epoch")],
        **{name: courses.last(name) for name in FIGURES},
        "best_valid_accuracy": courses.best("valid_accuracy", is_most=is_most),
        "seconds": trials.column("seconds"),
        "fingerprint": trials.column("fingerprint"),
    }
    # Swept epochs are those of the point, also where a trial diverged.
    return _in_order(study, found | _of_trials(study, trials), _OF_TRIALS, trials)


def epoch_columns(study: Study, trials: Trials) -> Columns:
    """A value for each epoch of each trial, (X,)."""
    trial_X, values_XF = trials.courses.laid()
    at_X = trial_X.tolist()
    found = {name: [column[k] for k in at_X] for name, column in _of_trials(study, trials).items()}
    epochs, *figures = values_XF.T
    found["epoch"] = epochs.astype(np.int64).tolist()
    found |= {name: values.tolist() for name, values in zip(FIGURES, figures, strict=True)}
    return _in_order(study, found, _OF_EPOCHS, trials)


def _of_trials(study: Study, trials: Trials) -> dict[str, Sequence[Any]]:
    """What each trial is."""
    return {
        "trial": trials.column("number"),
        "optimizer": trials.column("optimizer"),
        **_of_points(study, trials),
        "seed": trials.column("seed"),
    }


def _of_points(study: Study, trials: Trials) -> dict[str, Sequence[Any]]:
    """The value of each axis at each trial's point; most points are the same objects."""
    points = trials.column("point")
    different = {id(point): point for point in points}
    found = {}
    for axis in study.axes:
        values = {key: point[axis.name] for key, point in different.items()}
        found[axis.name] = [values[id(point)] for point in points]
    return found


def _in_order(
    study: Study, found: Columns, names: Sequence[str], trials: Trials
) -> dict[str, Sequence[Any]]:
    """The columns in their order, in the study's own words, without what it does not know."""
    axes = [axis.name for axis in study.axes]
    unknown = _unknown(study, trials) - {*axes}
    count = len(found["trial"])
    shown = {name: found[name] for name in ("trial", "optimizer", *axes)}
    for name in (name for name in names if name not in axes):
        shown[told(study.metric, name)] = [None] * count if name in unknown else found[name]
    return shown


def _unknown(study: Study, trials: Trials) -> set[str]:
    """Of an imported study what was not in its file, of a user's program what it never reports."""
    if study.imported is not None:
        ends_only = {"epoch", "epochs", "diverged_at_epoch", "best_valid_accuracy"}
        return {*FIGURES} - {*study.imported.figures} | (
            set() if study.imported.has_epochs else ends_only
        )
    if not isinstance(study.task, Function | Command):
        return set()
    _, values_XF = trials.courses.laid()
    is_unknown_XF = np.isnan(values_XF[:, 1:])
    return {name for place, name in enumerate(FIGURES) if is_unknown_XF[:, place].all()}
