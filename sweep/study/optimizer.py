"""What a study compares: optimizers, each an algorithm with its settings and schedule."""

import re
from typing import Annotated, Any, Self

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)

from sweep.study.algorithms import (
    ALGORITHMS,
    COMMON_SETTINGS,
    WHOLE_VARIABLE_ALGORITHMS,
    WHOLE_VARIABLE_SETTINGS,
    Setting,
)
from sweep.study.hyperparameters import check_setting
from sweep.study.lookahead import Lookahead
from sweep.study.part import IMPORT_PATH, STORED, Part
from sweep.study.schedules import (
    AnySchedule,
    AnyWarmup,
    Constant,
    OwnSchedule,
    StepDecay,
    UntunedWarmup,
    Warmup,
)
from sweep.util.nearest import did_you_mean

__all__ = [
    "ALGORITHMS",
    "BUILT_IN_OPTIMIZERS",
    "COMMON_SETTINGS",
    "IMPORTED",
    "Optimizer",
    "Setting",
]

IMPORTED = "imported"
"""The algorithm of an optimizer of which the label alone is known: its results were imported."""

_KERAS_PATH = re.compile(r"keras(?:\.src)?\.optimizers(?:\.\w+)*:(\w+)")


class Optimizer(Part):
    """One of the things compared: an algorithm with its settings and schedule, under one label.

    Attributes:
        label: what it is called in tables and plots.
        algorithm: a key of ``ALGORITHMS``, or ``module:Class`` of a Keras optimizer of your own.
        settings: what the algorithm's constructor gets beside the learning rate.
        warmup: the warm-up of the learning rate, if any: a ``Warmup``, or an ``UntunedWarmup``,
            whose length follows from β₂.
        schedule: what becomes of the learning rate after the warm-up; None where it stays.
            ``StepDecay``, ``CosineDecay``, ``LinearDecay``, ``OneCycle``, ``ReduceOnPlateau``, or
            an ``OwnSchedule`` of your own or of Keras.
        lookahead: the slow weights around it, if any.
        learning_rate: its own, where the learning rate is not swept (or fixed for it).
        fixed: swept hyperparameters that it does not follow: it keeps its own value, so that it is
            the same at every value of that axis.
        values: its own values of an axis, in place of the study's.

    Raises:
        pydantic.ValidationError: no such algorithm, or none of its settings; a value outside its
            range, see ``hyperparameters``.
    """

    label: Annotated[str, Field(min_length=1, max_length=60)]
    algorithm: str
    settings: dict[str, Setting] = Field(default={})
    warmup: AnyWarmup | None = None
    schedule: AnySchedule | None = None
    lookahead: Lookahead | None = None
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

    @field_validator("settings")
    @classmethod
    def _in_range(cls, settings: dict[str, Setting], info: ValidationInfo) -> dict[str, Setting]:
        """Those of an optimizer of your own are its own matter."""
        known = _known_algorithm(info.data.get("algorithm", IMPORTED))
        if known is None or info.context == STORED:
            return settings
        for name in {*settings} & {*(ALGORITHMS[known] | COMMON_SETTINGS)}:
            if settings[name] is not None or name not in COMMON_SETTINGS:  # None: without it
                check_setting(name, settings[name])
        return settings

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

    @model_validator(mode="after")
    def _warms_up_by_its_beta_2(self) -> Self:
        if isinstance(self.warmup, UntunedWarmup) and not self.has("beta_2"):
            raise ValueError(
                f"{self.algorithm} has no beta_2, from which the length of an untuned warm-up "
                "follows; say warmup=Warmup(steps=…)"
            )
        return self

    @model_serializer(mode="wrap")
    def _as_before(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Lookahead is dumped only where there is one, so that older versions read the rest."""
        said: dict[str, Any] = dump(self)
        if self.lookahead is None:
            said.pop("lookahead", None)
        return said

    @property
    def known_algorithm(self) -> str | None:
        """The key of ``ALGORITHMS`` that it is, also where it is named as ``keras.optimizers:…``.

        None of one of your own: whether its trials can train together, a probe finds when it is
        built (see ``optimizers.probe``).
        """
        return _known_algorithm(self.algorithm)

    @property
    def evaluated_at(self) -> str | None:
        """At which of its weights it is evaluated, where it has others too; else None."""
        if self.lookahead is not None:
            return "the weights that take the steps, not the slow weights of Lookahead"
        if self.known_algorithm == "schedule-free-adamw":
            return "the weights y at which gradients are taken, not their average x"
        return None

    @property
    def paths(self) -> tuple[str, ...]:
        """Where its code comes from: its algorithm, and its schedule where that is its own."""
        own = (self.schedule.path,) if isinstance(self.schedule, OwnSchedule) else ()
        return (self.algorithm, *own)

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
            mode="json", include={"algorithm", "settings", "warmup"}, exclude_defaults=True
        )
        settings = {name: value for name, value in self.settings.items() if self._says(name)}
        if settings:
            said["settings"] = settings
        else:
            said.pop("settings", None)
        if self.warmup is not None:
            said["warmup"] = _warmup_in_short(self.warmup)
        if self.schedule is not None and not isinstance(self.schedule, Constant):
            # A step decay has no kind here: it was the only schedule once.
            kind = {"kind"} if isinstance(self.schedule, StepDecay) else set()
            said["schedule"] = self.schedule.model_dump(mode="json", exclude=kind)
        if self.lookahead is not None:
            said["lookahead"] = self.lookahead.model_dump(mode="json")
        return said

    def _says(self, name: str) -> bool:
        """Whether a setting is another one than its default, or the default is not known."""
        value, defaults = self.settings[name], self.defaults
        if name == "weight_decay" and not value and not defaults.get(name, True):
            return False  # without decay, and a decay of 0, are the same
        return name not in defaults or value != defaults[name]


def _known_algorithm(algorithm: str) -> str | None:
    if algorithm in ALGORITHMS:
        return algorithm
    by_path = _KERAS_PATH.fullmatch(algorithm)
    named = {name.replace("-", ""): name for name in ALGORITHMS if name != "radam"}
    return named.get(by_path[1].lower()) if by_path else None


def _warmup_in_short(warmup: Warmup | UntunedWarmup) -> dict[str, Any]:
    """What it says; of a length in steps not the share beside it, which is not used."""
    if isinstance(warmup, UntunedWarmup):
        return warmup.model_dump(mode="json")
    if warmup.steps is None:
        return warmup.model_dump(mode="json", exclude_defaults=True)
    return {"steps": warmup.steps} | ({"start": warmup.start} if warmup.start else {})


BUILT_IN_OPTIMIZERS: dict[str, Optimizer] = {
    optimizer.label: optimizer
    for optimizer in (
        Optimizer(label="radam", algorithm="radam"),
        Optimizer(label="radam-skip", algorithm="radam", settings={"below_threshold": "skip"}),
        Optimizer(label="radam-paper", algorithm="radam", settings={"threshold": 4.0}),
        Optimizer(label="radam-keras-2019", algorithm="radam", settings={"epsilon_inside": True}),
        Optimizer(label="ranger", algorithm="radam", lookahead=Lookahead()),
        Optimizer(label="adam", algorithm="adam"),
        Optimizer(label="adam-warmup", algorithm="adam", warmup=Warmup()),
        Optimizer(label="adam-untuned-linear", algorithm="adam", warmup=UntunedWarmup()),
        Optimizer(
            label="adam-untuned-exponential",
            algorithm="adam",
            warmup=UntunedWarmup(shape="exponential"),
        ),
        Optimizer(label="adam-eps", algorithm="adam", settings={"epsilon": 1e-4}),
        Optimizer(label="lookahead-adam", algorithm="adam", lookahead=Lookahead()),
        *(
            Optimizer(label=name, algorithm=name)
            for name in ALGORITHMS
            if name not in ("adam", "radam")
        ),
    )
}
"""Optimizers that a study can name by their label alone."""
