"""A trial as rows of Optuna's tables: what the mirror is to show. Pure.

The rows go into Optuna's own table models (``optuna.storages._rdb.models``, whose columns have
stayed the same since its schema 12). Its storage interface is not enough here: it commits each
value by itself, and refuses to mend a finished trial or to add a choice to a parameter.
"""

import json
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
    distribution_to_json,
)
from optuna.storages._rdb import models
from optuna.trial import TrialState
from sqlalchemy import Table

from sweep.errors import in_one_line
from sweep.results.records import EpochRecord, Outcome, TrialRecord
from sweep.study.axis import Axis, Value
from sweep.study.study import Study

_STATES = {
    None: TrialState.RUNNING,
    Outcome.COMPLETED: TrialState.COMPLETE,
    Outcome.DIVERGED: TrialState.COMPLETE,
    Outcome.FAILED: TrialState.FAIL,
}
_FINITE = models.TrialValueModel.TrialValueType.FINITE.name
"""The kind of a finite value, of an epoch's too."""
_LAST_FIGURES = ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy")

Key = Hashable
Values = tuple[Any, ...]


@dataclass(frozen=True)
class Part:
    """One of the tables that hold what belongs to an Optuna trial.

    Attributes:
        table: with a ``trial_id`` column.
        row_id: its primary key.
        key: what tells the rows of a trial apart.
        values: the other columns.
        ours: the keys that the mirror decides; None means all.
    """

    table: Table
    row_id: str
    key: str
    values: tuple[str, ...]
    ours: frozenset[Key] | None = None

    def row(self, key: Key, values: Values) -> dict[str, Any]:
        """A row of a trial, without the trial's id."""
        return {self.key: key, **dict(zip(self.values, values, strict=True))}


PARAMS = Part(
    models.TrialParamModel.__table__,
    "param_id",
    "param_name",
    ("param_value", "distribution_json"),
)
VALUES = Part(
    models.TrialValueModel.__table__, "trial_value_id", "objective", ("value", "value_type")
)
INTERMEDIATE_VALUES = Part(
    models.TrialIntermediateValueModel.__table__,
    "trial_intermediate_value_id",
    "step",
    ("intermediate_value", "intermediate_value_type"),
)
ATTRIBUTES = Part(
    models.TrialUserAttributeModel.__table__,
    "trial_user_attribute_id",
    "key",
    ("value_json",),
    frozenset(
        {"outcome", "fingerprint", "diverged_at_epoch", "seconds", "copied_from", "error"}
        | set(_LAST_FIGURES)
    ),
)
PARTS = (PARAMS, VALUES, INTERMEDIATE_VALUES, ATTRIBUTES)


@dataclass(frozen=True)
class MirroredTrial:
    """What Optuna's tables are to say of one trial, states and kinds by their names there.

    Attributes:
        row: columns of the trial itself, without its ids.
        parts: of each part its rows, by key.
    """

    row: Mapping[str, Any]
    parts: Mapping[Part, Mapping[Key, Values]]


class Mirroring:
    """Turns the trials of one study into Optuna's rows.

    Args:
        study: as it is stored; its optimizers, axes and seeds are the search space.
        baseline: the majority-class baseline, or what the study says of its own metric.
    """

    def __init__(self, study: Study, baseline: float) -> None:
        self._baseline = baseline
        self._worse = min if study.metric.more_is_better else max
        self._is_imported = study.imported is not None
        seeds = study.seeds
        # All trials share these, and optimizers are only ever appended, so that Optuna takes the
        # trials of an extended study for one search space.
        self._space: dict[str, BaseDistribution] = {
            "optimizer": CategoricalDistribution([o.label for o in study.optimizers]),
            **{axis.name: _distribution(axis, _values(study, axis)) for axis in study.axes},
            "seed": IntDistribution(seeds[0], seeds[-1]),
        }
        self._space_json = {
            name: distribution_to_json(distribution) for name, distribution in self._space.items()
        }
        self._known_params: dict[tuple[str, Any], Values] = {}
        self._params_at: dict[tuple[str, tuple], dict[Key, Values]] = {}

    def mirrored(
        self, trial: TrialRecord, started_at: datetime, ended_at: datetime | None
    ) -> MirroredTrial:
        """The rows of a trial.

        Args:
            trial: as it is stored.
            started_at: when its cohort was, from ``naive``.
            ended_at: likewise; None where it was not.
        """
        state, values = self._end(trial)
        return MirroredTrial(
            row={
                "number": trial.number,
                "state": state.name,
                "datetime_start": started_at,
                "datetime_complete": ended_at,
            },
            parts={
                PARAMS: self._params(trial),
                VALUES: values,
                INTERMEDIATE_VALUES: intermediate_values(trial.epochs),
                ATTRIBUTES: {key: (_json(x),) for key, x in _attributes(trial).items()},
            },
        )

    def _params(self, trial: TrialRecord) -> dict[Key, Values]:
        """Those of an optimizer at a point are turned once, however many seeds there are."""
        at = trial.optimizer, trial.point.pairs
        if at not in self._params_at:
            names = (name for name in self._space if name != "seed")
            self._params_at[at] = {n: self._param(n, _parameter(trial, n)) for n in names}
        return {**self._params_at[at], "seed": self._param("seed", trial.seed)}

    def _param(self, name: str, value: Any) -> Values:
        """Few values are different ones, so that each is turned once."""
        known = self._known_params.get((name, value))
        if known is None:
            turned = float(self._space[name].to_internal_repr(value))
            known = self._known_params[name, value] = turned, self._space_json[name]
        return known

    def _end(self, trial: TrialRecord) -> tuple[TrialState, dict[Key, Values]]:
        """Its state and value: without any known value it is a failed one there, since a complete
        one needs a value."""
        state = _STATES[trial.outcome]
        if state != TrialState.COMPLETE:
            return state, {}
        value = self._value(trial)
        if not math.isfinite(value):
            return TrialState.FAIL, {}
        return state, {0: (value, _FINITE)}

    def _value(self, trial: TrialRecord) -> float:
        """The last value of the metric; of a diverged trial none better than the baseline, or than
        the first one where that is not known. NaN where nothing is known: Optuna's reads of the
        whole study would fail on it."""
        finite = [x.valid_accuracy for x in trial.epochs if math.isfinite(x.valid_accuracy)]
        last = finite[-1] if finite else self._baseline
        if trial.outcome != Outcome.DIVERGED:
            return last
        bound = self._baseline
        if math.isnan(bound) and not self._is_imported and trial.epochs[:1]:
            first = trial.epochs[0]
            bound = first.valid_accuracy if first.epoch == 0 else bound
        return self._worse(last, bound) if math.isfinite(bound) else last


def _values(study: Study, axis: Axis) -> list[Value]:
    """All values of an axis, those that only some optimizers have included."""
    return [x for optimizer in study.optimizers for x in study.axis_of(optimizer, axis).values]


def _distribution(axis: Axis, values: Sequence[Value]) -> BaseDistribution:
    """Optuna knows no scale but linear and log."""
    low, high, is_log = min(values), max(values), axis.scale == "log"
    if axis.hyperparameter.is_whole:
        return IntDistribution(int(low), int(high), log=is_log)
    return FloatDistribution(low, high, log=is_log)


def intermediate_values(epochs: Iterable[EpochRecord]) -> dict[Key, Values]:
    """Of epochs: the validation accuracy of each."""
    return {epoch.epoch: _stored(epoch.valid_accuracy) for epoch in epochs}


def _parameter(trial: TrialRecord, name: str) -> Any:
    return trial.point[name] if name in trial.point else getattr(trial, name)


def _attributes(trial: TrialRecord) -> dict[str, Any]:
    """What the dashboard shows beside parameters and values; the figures are the last epoch's."""
    attributes: dict[str, Any] = {
        "outcome": str(trial.outcome) if trial.outcome else "running",
        "fingerprint": trial.fingerprint,
        "diverged_at_epoch": trial.diverged_at_epoch,
        "seconds": trial.seconds,
        "copied_from": trial.copied_from,
        "error": trial.error and in_one_line(trial.error),
    }
    if trial.outcome and trial.epochs:
        attributes |= _figures(trial.epochs[-1])
    return {key: value for key, value in attributes.items() if value is not None}


def _figures(epoch: EpochRecord) -> dict[str, float | str]:
    """JSON knows no NaN and no infinity, so those are words."""
    figures = {name: getattr(epoch, name) for name in _LAST_FIGURES}
    return {name: x if math.isfinite(x) else str(x) for name, x in figures.items()}


def _json(value: Any) -> str:
    """As ``json.dumps``, which takes much longer for a number."""
    is_plain = type(value) is float and math.isfinite(value)
    return repr(value) if is_plain else json.dumps(value)


def _stored(value: float) -> Values:
    if math.isfinite(value):
        return value, _FINITE
    number, kind = models.TrialIntermediateValueModel.intermediate_value_to_stored_repr(value)
    return number, kind.name


def naive(moment: datetime) -> datetime:
    """As Optuna keeps it: in UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)
