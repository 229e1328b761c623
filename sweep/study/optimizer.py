"""What a study compares: optimizers, each an algorithm with its settings and schedule."""

import re
from typing import Annotated, Any, Self

from pydantic import (
    Field,
    field_validator,
    model_validator,
)

from sweep.study.part import IMPORT_PATH, Part, Whole
from sweep.study.schedules import StepDecay, Warmup
from sweep.util.nearest import did_you_mean

Setting = bool | Whole | float | str | None

COMMON_SETTINGS: dict[str, Setting] = {
    "weight_decay": None,
    "clipvalue": None,
    "clipnorm": None,
    "global_clipnorm": None,
}
"""Settings that every Keras optimizer takes, with their defaults."""

_ADAM: dict[str, Setting] = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}

ALGORITHMS: dict[str, dict[str, Setting]] = {
    "adadelta": {"rho": 0.95, "epsilon": 1e-7},
    "adafactor": {
        "beta_2_decay": -0.8,
        "epsilon_1": 1e-30,
        "epsilon_2": 0.001,
        "clip_threshold": 1.0,
        "relative_step": True,
    },
    "adagrad": {"initial_accumulator_value": 0.1, "epsilon": 1e-7},
    "adam": _ADAM | {"amsgrad": False},
    "adamax": _ADAM,
    "adamw": _ADAM | {"amsgrad": False, "weight_decay": 0.004},
    "ftrl": {
        "learning_rate_power": -0.5,
        "initial_accumulator_value": 0.1,
        "l1_regularization_strength": 0.0,
        "l2_regularization_strength": 0.0,
        "l2_shrinkage_regularization_strength": 0.0,
        "beta": 0.0,
    },
    "lamb": _ADAM,
    "lion": {"beta_1": 0.9, "beta_2": 0.99},
    "muon": {
        "adam_beta_1": 0.9,
        "adam_beta_2": 0.999,
        "adam_weight_decay": 0.004,
        "epsilon": 1e-7,
        "weight_decay": 0.004,
        "muon_a": 3.4445,
        "muon_b": -4.775,
        "muon_c": 2.0315,
        "adam_lr_ratio": 1,
        "momentum": 0.95,
        "ns_steps": 5,
        "nesterov": True,
        "rms_rate": 0.2,
    },
    "nadam": _ADAM,
    "radam": _ADAM | {"threshold": 5.0, "below_threshold": "momentum"},
    "rmsprop": {"rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False},
    "schedule-free-adamw": _ADAM | {"epsilon": 1e-8, "warmup_steps": 0},
    "sgd": {"momentum": 0.0, "nesterov": False},
    "sgd-l2": {"momentum": 0.0, "nesterov": False, "l2": 0.0},
}
"""The algorithms known by name, each with its settings beside the common ones, and their defaults.

The defaults are those of the installed Keras, which a test compares, and of ``optimizers.RAdam``
and ``optimizers.sgd_l2``. (Keras' ``weight_decay`` is decoupled in every algorithm: a step takes
learning rate × weight decay off each weight. The ``l2`` of ``sgd-l2`` is coupled.)
"""


WHOLE_VARIABLE_ALGORITHMS = {
    "adafactor": "it takes means over whole variables",
    "lamb": "it takes the norms of whole variables",
    "muon": "it makes whole matrices orthogonal",
}
"""Algorithms that look at a variable as a whole, and how: their trials cannot train together.

They train one by one, in variables of their own plain shapes. All others of the table treat every
weight by itself.
"""
WHOLE_VARIABLE_SETTINGS = {
    "clipnorm": "clipnorm takes the norms of whole gradients",
    "global_clipnorm": "global_clipnorm takes the norm of all gradients",
}
"""The same of settings."""

IMPORTED = "imported"
"""The algorithm of an optimizer of which the label alone is known: its results were imported."""

_KERAS_PATH = re.compile(r"keras(?:\.src)?\.optimizers(?:\.\w+)*:(\w+)")


class Optimizer(Part):
    """One of the things compared: an algorithm with its settings and schedule, under one label.

    Attributes:
        label: what it is called in tables and plots.
        algorithm: a key of ``ALGORITHMS``, or ``module:Class`` of a Keras optimizer of your own.
        settings: what the algorithm's constructor gets beside the learning rate.
        warmup: the warm-up of the learning rate, if any.
        schedule: what becomes of the learning rate from epoch to epoch; None where it stays.
        learning_rate: its own, where the learning rate is not swept (or fixed for it).
        fixed: swept hyperparameters that it does not follow: it keeps its own value, so that it is
            the same at every value of that axis.
        values: its own values of an axis, in place of the study's.
    """

    label: Annotated[str, Field(min_length=1, max_length=60)]
    algorithm: str
    settings: dict[str, Setting] = Field(default={})
    warmup: Warmup | None = None
    schedule: StepDecay | None = None
    learning_rate: Annotated[float, Field(gt=0, le=1000)] | None = None
    fixed: tuple[str, ...] = ()
    values: dict[str, tuple[int | float, ...]] = Field(default={})

    @field_validator("algorithm")
    @classmethod
    def _known(cls, algorithm: str) -> str:
        is_known = algorithm in ALGORITHMS or algorithm == IMPORTED
        if not is_known and not IMPORT_PATH.fullmatch(algorithm):
            raise ValueError(
                f"no algorithm {algorithm!r}{did_you_mean(algorithm, ALGORITHMS)} "
                f"(known: {', '.join(ALGORITHMS)}, and your own as module:Class)"
            )
        return algorithm

    @model_validator(mode="after")
    def _settings_exist(self) -> Self:
        allowed = ALGORITHMS.get(self.algorithm)
        if allowed is not None:
            known = sorted(allowed | COMMON_SETTINGS)
            unknown = sorted(set(self.settings) - {*known})
            if unknown:
                raise ValueError(
                    f"{self.algorithm} has no setting {', '.join(unknown)}"
                    f"{did_you_mean(unknown[0], known)} (it has {', '.join(known)})"
                )
        return self

    @property
    def known_algorithm(self) -> str | None:
        """The key of ``ALGORITHMS`` that it is, also where it is named as ``keras.optimizers:…``.

        None of one of your own: whether its trials can train together, a probe finds when it is
        built (see ``optimizers.probe``).
        """
        if self.algorithm in ALGORITHMS:
            return self.algorithm
        by_path = _KERAS_PATH.fullmatch(self.algorithm)
        named = {name.replace("-", ""): name for name in ALGORITHMS if name != "radam"}
        return named.get(by_path[1].lower()) if by_path else None

    @property
    def alone_because(self) -> str | None:
        """Why its trials cannot train together; None where nothing is known against it."""
        for name, reason in WHOLE_VARIABLE_SETTINGS.items():
            if self.settings.get(name) is not None:
                return reason
        return WHOLE_VARIABLE_ALGORITHMS.get(self.known_algorithm or "")

    @property
    def element_wise(self) -> bool:
        """Whether its step treats every weight by itself, so that trials can train together."""
        return self.alone_because is None

    @property
    def defaults(self) -> dict[str, Setting]:
        """The settings' defaults; of an algorithm of your own nothing is known."""
        known = ALGORITHMS.get(self.algorithm)
        return {} if known is None else COMMON_SETTINGS | known

    def setting(self, name: str) -> Setting:
        """A setting's value, or its default; None where that is not known."""
        return self.settings.get(name, self.defaults.get(name))

    def has(self, setting: str) -> bool:
        """Whether it takes a setting of this name; one of your own may take any."""
        return self.algorithm not in ALGORITHMS or setting in self.defaults

    def definition(self) -> dict[str, Any]:
        """All that makes its trainings what they are beside the learning rate, as JSON values.

        Settings that say the algorithm's own defaults are left out, and so are fields that say
        nothing: the same optimizer has one definition, however it is written, and fields that are
        added later leave old definitions as they are.
        """
        said = self.model_dump(
            mode="json",
            include={"algorithm", "settings", "warmup", "schedule"},
            exclude_defaults=True,
        )
        settings = {name: value for name, value in self.settings.items() if self._says(name)}
        if settings:
            said["settings"] = settings
        else:
            said.pop("settings", None)
        if self.warmup is not None and self.warmup.steps is not None:
            start = {"start": self.warmup.start} if self.warmup.start else {}
            said["warmup"] = {"steps": self.warmup.steps} | start
        return said

    def _says(self, name: str) -> bool:
        """Whether a setting is another one than its default, or the default is not known."""
        value, defaults = self.settings[name], self.defaults
        if name == "weight_decay" and not value and not defaults.get(name, True):
            return False  # without decay, and a decay of 0, are the same
        return name not in defaults or value != defaults[name]


BUILT_IN_OPTIMIZERS: dict[str, Optimizer] = {
    optimizer.label: optimizer
    for optimizer in (
        Optimizer(label="radam", algorithm="radam"),
        Optimizer(label="radam-skip", algorithm="radam", settings={"below_threshold": "skip"}),
        Optimizer(label="adam", algorithm="adam"),
        Optimizer(label="adam-warmup", algorithm="adam", warmup=Warmup()),
        *(
            Optimizer(label=name, algorithm=name)
            for name in ALGORITHMS
            if name not in ("adam", "radam")
        ),
    )
}
"""Optimizers that a study can name by their label alone."""
