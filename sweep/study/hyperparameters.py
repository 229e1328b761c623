"""Every hyperparameter that can be swept or set: what it is, its rule, its scale, its unit.

One table; studies, plans, measures, figures and the command line ask it, and none of them knows a
hyperparameter by itself.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

from sweep.util.nearest import did_you_mean

Scale = Literal["log", "reverse_log", "linear", "ordinal"]

MAX_NUMBER = 2**53
"""Of any whole number: beyond it, a number in JSON is not the same in every program."""


@dataclass(frozen=True)
class Hyperparameter:
    """What can be swept by an axis or set for a study.

    Attributes:
        name: as an axis and ``--set`` call it.
        words: as sentences and figures call it.
        is_whole: whether its values are whole numbers.
        scale: how its values lie beside each other, unless an axis says otherwise.
        low, high: its range.
        is_low_open, is_high_open: whether an end of the range is no value itself.
        unit: of its values, in the plural; empty where they are plain numbers.
    """

    name: str
    words: str
    is_whole: bool
    scale: Scale
    low: float
    high: float
    is_low_open: bool = False
    is_high_open: bool = False
    unit: str = ""

    @property
    def range_words(self) -> str:
        """Its range as people write it, e.g. ``[0, 1)``; for whole numbers ``1 or more``."""
        if self.is_whole:
            most = f"to {self.high:,.0f}" if self.high < MAX_NUMBER else "or more"
            return f"a whole number, {self.low:g} {most}"
        if math.isinf(self.high):
            return f"{'above' if self.is_low_open else 'at least'} {self.low:g}"
        left, right = "(["[not self.is_low_open], ")]"[not self.is_high_open]
        return f"in {left}{self.low:g}, {self.high:g}{right}"

    def checked(self, value: float) -> int | float:
        """The value as its kind of number.

        Raises:
            ValueError: it is outside the range.
        """
        inside = (self.low < value if self.is_low_open else self.low <= value) and (
            value < self.high if self.is_high_open else value <= self.high
        )
        if isinstance(value, bool) or not inside or (self.is_whole and value != int(value)):
            raise ValueError(f"{self.words} {value} is not {self.range_words}")
        return int(value) if self.is_whole else float(value)


def _whole(
    name: str, words: str, unit: str, high: float = MAX_NUMBER, low: float = 1
) -> Hyperparameter:
    return Hyperparameter(name, words, True, "log", low, high, unit=unit)


def _setting(name: str, words: str, scale: Scale, low: float, high: float) -> Hyperparameter:
    return Hyperparameter(
        f"optimizer.{name}",
        words,
        False,
        scale,
        low,
        high,
        is_low_open=scale == "log" and low == 0 and math.isinf(high) and name in _ABOVE_ZERO,
        is_high_open=high == 1,
    )


_ABOVE_ZERO = {"clipnorm", "clipvalue", "global_clipnorm"}
_INFINITE = math.inf

HYPERPARAMETERS: dict[str, Hyperparameter] = {
    known.name: known
    for known in (
        Hyperparameter("learning_rate", "learning rate", False, "log", 0, 1000, is_low_open=True),
        _whole("batch_size", "batch size", "examples"),
        _whole("epochs", "epochs", "epochs", 100_000),
        _whole("hidden_units", "hidden units", "units"),
        _whole("warmup.steps", "warm-up length", "steps"),
        Hyperparameter("warmup.share", "warm-up share", False, "linear", 0, 1, is_low_open=True),
        _setting("beta_1", "β₁", "reverse_log", 0, 1),
        _setting("beta_2", "β₂", "reverse_log", 0, 1),
        _setting("rho", "ρ", "reverse_log", 0, 1),
        _setting("momentum", "momentum", "reverse_log", 0, 1),
        _setting("epsilon", "ε", "log", 0, _INFINITE),
        _setting("weight_decay", "weight decay", "log", 0, _INFINITE),
        _setting("clipnorm", "clipping norm", "log", 0, _INFINITE),
        _setting("clipvalue", "clipping value", "log", 0, _INFINITE),
        _setting("global_clipnorm", "global clipping norm", "log", 0, _INFINITE),
        _setting("initial_accumulator_value", "initial accumulator", "log", 0, _INFINITE),
        _setting("learning_rate_power", "learning-rate power", "linear", -_INFINITE, 0),
        _setting("l2", "L2", "log", 0, _INFINITE),
        _setting("l1_regularization_strength", "L1 regularization", "log", 0, _INFINITE),
        _setting("l2_regularization_strength", "L2 regularization", "log", 0, _INFINITE),
        _setting("l2_shrinkage_regularization_strength", "L2 shrinkage", "log", 0, _INFINITE),
        _setting("beta", "β", "linear", 0, _INFINITE),
        _whole("optimizer.variance_steps", "steps of variance alone", "steps", low=0),
        _setting("threshold", "threshold of ρ", "linear", 4, _INFINITE),
    )
}
"""By name. Of a setting of an optimizer of your own nothing but its name is known."""

_SETTING = "optimizer."
_OWN = "own."

TOGETHER: dict[str, frozenset[str]] = {
    "adadelta": frozenset({"rho", "epsilon", "weight_decay"}),
    "adagrad": frozenset({"epsilon", "weight_decay"}),
    "adam": frozenset({"beta_1", "beta_2", "epsilon", "weight_decay"}),
    "adam-2k": frozenset({"beta_1", "beta_2", "epsilon", "weight_decay", "variance_steps"}),
    "adamax": frozenset({"beta_1", "beta_2", "epsilon", "weight_decay"}),
    "adamw": frozenset({"beta_1", "beta_2", "epsilon", "weight_decay"}),
    "ftrl": frozenset(
        {
            *("beta", "l2_regularization_strength", "l2_shrinkage_regularization_strength"),
            *("learning_rate_power", "weight_decay"),
        }
    ),
    "lion": frozenset({"beta_1", "beta_2", "weight_decay"}),
    "nadam": frozenset({"beta_1", "beta_2", "epsilon", "weight_decay"}),
    "radam": frozenset({"beta_1", "beta_2", "epsilon", "weight_decay"}),
    "rmsprop": frozenset({"rho", "epsilon", "weight_decay"}),
    "schedule-free-adamw": frozenset({"beta_1", "beta_2", "epsilon", "weight_decay"}),
    "sgd": frozenset({"weight_decay"}),
    "sgd-l2": frozenset({"l2", "weight_decay"}),
}
"""By algorithm, the settings that can be an array (P, 1): trials that differ in them train at once.

The learning rate and the length of a warm-up can always be one. What is not here groups cohorts:
Keras asks for it in Python (``momentum``, ``clipvalue``), or reads it once (``threshold``,
``initial_accumulator_value``). A test trains with every entry, and sees the others refuse.
"""


def hyperparameter(name: str) -> Hyperparameter:
    """The hyperparameter of this name.

    ``optimizer.NAME`` may be any setting of any optimizer, and ``own.NAME`` any hyperparameter that
    a training function or program of the user's own has.

    Raises:
        ValueError: there is none; it names those there are.

    Example:
        >>> hyperparameter("batch_size").words
        'batch size'
    """
    if name in HYPERPARAMETERS:
        return HYPERPARAMETERS[name]
    rest = setting_name(name) or own_name(name) or ""
    if rest.isidentifier():
        return Hyperparameter(name, rest.replace("_", " "), False, "linear", -math.inf, math.inf)
    raise ValueError(
        f"no hyperparameter {name!r}{did_you_mean(name, HYPERPARAMETERS)} (known: "
        f"{', '.join(_GENERAL)}, the optimizers' settings as optimizer.NAME, e.g. "
        "optimizer.beta_2, and what a program of your own has as own.NAME)"
    )


def check_setting(name: str, value: Any) -> None:
    """Refuse a value of an optimizer's setting that is outside its range, where one is known.

    Raises:
        ValueError: it is, or it is no number.

    Example:
        >>> check_setting("beta_2", 2.0)
        Traceback (most recent call last):
        ValueError: beta_2 2.0 is not in [0, 1)
    """
    known = HYPERPARAMETERS.get(f"{_SETTING}{name}")
    if known is None:
        return
    try:
        known.checked(value)
    except (ValueError, TypeError):
        raise ValueError(f"{name} {value!r} is not {known.range_words}") from None


_GENERAL = tuple(name for name in HYPERPARAMETERS if not name.startswith(_SETTING))


def setting_name(name: str) -> str | None:
    """``beta_2`` of ``optimizer.beta_2``; None of what is no setting of an optimizer."""
    return name.removeprefix(_SETTING) if name.startswith(_SETTING) else None


def own_name(name: str) -> str | None:
    """``dropout`` of ``own.dropout``; None of what is no hyperparameter of a program's own."""
    return name.removeprefix(_OWN) if name.startswith(_OWN) else None
