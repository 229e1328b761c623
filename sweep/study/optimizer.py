"""What a study compares: optimizers, each an algorithm with its settings and schedule."""

import re
from typing import Annotated, Any, Self

from pydantic import (
    Field,
    field_validator,
    model_validator,
)

from sweep.study.part import Part, Whole
from sweep.study.schedules import Warmup

COMMON_SETTINGS = frozenset({"weight_decay", "clipvalue", "clipnorm", "global_clipnorm"})
"""Settings that every Keras optimizer takes."""


ALGORITHMS: dict[str, frozenset[str]] = {
    "adadelta": frozenset({"rho", "epsilon"}),
    "adagrad": frozenset({"initial_accumulator_value", "epsilon"}),
    "adam": frozenset({"beta_1", "beta_2", "epsilon", "amsgrad"}),
    "adamax": frozenset({"beta_1", "beta_2", "epsilon"}),
    "adamw": frozenset({"beta_1", "beta_2", "epsilon", "amsgrad"}),
    "ftrl": frozenset(
        {
            "learning_rate_power",
            "initial_accumulator_value",
            "l1_regularization_strength",
            "l2_regularization_strength",
            "l2_shrinkage_regularization_strength",
            "beta",
        }
    ),
    "lamb": frozenset({"beta_1", "beta_2", "epsilon"}),
    "lion": frozenset({"beta_1", "beta_2"}),
    "nadam": frozenset({"beta_1", "beta_2", "epsilon"}),
    "radam": frozenset({"beta_1", "beta_2", "epsilon", "threshold", "below_threshold"}),
    "rmsprop": frozenset({"rho", "momentum", "epsilon", "centered"}),
    "sgd": frozenset({"momentum", "nesterov"}),
}
"""The algorithms known by name, each with the settings that it takes beside the common ones."""


WHOLE_VARIABLE_ALGORITHMS = frozenset({"lamb"})
"""Algorithms that take a norm over a whole variable: their trials cannot train together."""


WHOLE_VARIABLE_SETTINGS = frozenset({"clipnorm", "global_clipnorm"})


_IMPORT_PATH = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


class Optimizer(Part):
    """One of the things compared: an algorithm with its settings and schedule, under one label.

    Attributes:
        label: what it is called in tables and plots.
        algorithm: a key of ``ALGORITHMS``, or ``module:Class`` of a Keras optimizer of your own.
        settings: what the algorithm's constructor gets beside the learning rate.
        warmup: the warm-up of the learning rate, if any.
    """

    label: Annotated[str, Field(min_length=1, max_length=60)]
    algorithm: str
    settings: dict[str, bool | Whole | float | str | None] = Field(default={})
    warmup: Warmup | None = None

    @field_validator("algorithm")
    @classmethod
    def _known(cls, algorithm: str) -> str:
        if algorithm not in ALGORITHMS and not _IMPORT_PATH.fullmatch(algorithm):
            raise ValueError(
                f"unknown optimizer {algorithm!r}; known are {', '.join(ALGORITHMS)}, "
                "and your own as module:Class"
            )
        return algorithm

    @model_validator(mode="after")
    def _settings_exist(self) -> Self:
        allowed = ALGORITHMS.get(self.algorithm)
        if allowed is not None:
            unknown = sorted(set(self.settings) - allowed - COMMON_SETTINGS)
            if unknown:
                raise ValueError(
                    f"{self.algorithm} has no setting {', '.join(unknown)}; "
                    f"it has {', '.join(sorted(allowed | COMMON_SETTINGS))}"
                )
        return self

    @property
    def element_wise(self) -> bool:
        """Whether its step treats every weight by itself, so that trials can train together."""
        return self.algorithm not in WHOLE_VARIABLE_ALGORITHMS and not any(
            self.settings.get(name) is not None for name in WHOLE_VARIABLE_SETTINGS
        )

    def definition(self) -> dict[str, Any]:
        """All that the training depends on, as JSON values: everything but the label.

        Defaults are left out, so that a field added later leaves old fingerprints as they are.
        """
        return self.model_dump(mode="json", exclude={"label"}, exclude_defaults=True)


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
