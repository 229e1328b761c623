"""A study: the question, and everything that defines its answer.

Parts are frozen and checked when they are built, so that nothing downstream checks again. What a
study says is definition: it can be dumped as JSON, stored and compared. Where pictures, weights
and caches lie is not said here (see ``settings.py``).
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

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

BACKBONES = ("vgg16", "vgg19", "small")
RENDERED_PETS = "rendered-pets"
DOGS_VS_CATS = "dogs-vs-cats"

MOST_SEEDS = 10_000
MOST_LEARNING_RATES = 10_000
MOST_OPTIMIZERS = 1_000
MOST_NUMBER = 2**53
"""Of any whole number: beyond it, a number in JSON is not the same in every program."""

_IMPORT_PATH = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Whole = Annotated[int, Field(ge=-MOST_NUMBER, le=MOST_NUMBER)]
Count = Annotated[int, Field(ge=1, le=MOST_NUMBER)]


class Warmup(_Part):
    """Linear warm-up: step t = 1, 2, … has min(1, t / length) of the learning rate.

    Attributes:
        steps: the length in steps; if given, ``share`` is not used.
        share: the length as a share of all steps of the training, in (0, 1].
    """

    steps: Count | None = None
    share: Annotated[float, Field(gt=0, le=1)] = 0.1

    def length(self, total_steps: int) -> int:
        """The length in steps, at least 1, of a training of ``total_steps``."""
        return self.steps or max(1, round(self.share * total_steps))


class Optimizer(_Part):
    """One of the things compared: an algorithm with its settings and schedule, under one label.

    Attributes:
        label: what it is called in tables and plots.
        algorithm: a key of ``ALGORITHMS``, or ``module:Class`` of a Keras optimizer of your own.
        settings: what the algorithm's constructor gets beside the learning rate.
        warmup: the warm-up of the learning rate, if any.
    """

    label: Annotated[str, Field(min_length=1, max_length=60)]
    algorithm: str
    settings: dict[str, bool | Whole | float | str | None] = {}
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


class Pictures(_Part):
    """Which pictures, how many, and how they are split.

    Attributes:
        dataset: what the pictures are: ``dogs-vs-cats``, ``rendered-pets``, or a name of your own.
        limit: at most so many pictures, equally many of both classes; None takes all.
        validation_share: the share kept for validation, in (0, 1).
    """

    dataset: Annotated[str, Field(min_length=1)] = DOGS_VS_CATS
    limit: Annotated[int, Field(ge=10, le=MOST_NUMBER)] | None = 2500
    validation_share: Annotated[float, Field(gt=0, lt=1)] = 0.2


class Model(_Part):
    """The frozen backbone and the head that is trained on its features.

    Attributes:
        backbone: ``vgg16``, ``vgg19``, or ``small`` (three random convolutions, for small
            pictures).
        weights: the backbone's: ``imagenet``, ``random``, or ``file`` where ``--weights`` names
            one (its content enters the fingerprint, its path does not).
        image_size: height and width in pixels that pictures are resized to.
        hidden_units: width of the head's hidden layer.
        precision: of the backbone's arithmetic.
    """

    backbone: Literal["vgg16", "vgg19", "small"] = "vgg16"
    weights: Literal["imagenet", "random", "file"] = "imagenet"
    image_size: Annotated[int, Field(ge=32, le=1024)] = 224
    hidden_units: Count = 256
    precision: Literal["float32", "mixed_bfloat16"] = "float32"

    @model_validator(mode="after")
    def _weights_exist(self) -> Self:
        if self.backbone == "small" and self.weights != "random":
            raise ValueError("the small backbone has random weights only; say weights='random'")
        return self


def _count_to_seeds(seeds: Any) -> Any:
    if not isinstance(seeds, int) or isinstance(seeds, bool):
        return seeds
    if seeds > MOST_SEEDS:
        raise ValueError(f"at most {MOST_SEEDS:,} seeds")
    return tuple(range(seeds))


def _labels_to_optimizers(optimizers: Any) -> Any:
    if not isinstance(optimizers, list | tuple):
        return optimizers
    return tuple(_built_in(entry) if isinstance(entry, str) else entry for entry in optimizers)


def _built_in(label: str) -> Optimizer:
    if label not in BUILT_IN_OPTIMIZERS:
        raise ValueError(f"unknown optimizer {label!r}; known are {', '.join(BUILT_IN_OPTIMIZERS)}")
    return BUILT_IN_OPTIMIZERS[label]


LearningRate = Annotated[float, Field(gt=0, le=1000)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]


class Study(_Part):
    """A question about optimizers, with everything that defines its answer.

    Attributes:
        name: what the store knows it by.
        question: what it asks, in a sentence.
        pictures: which pictures, how many, how split.
        model: backbone and head.
        optimizers: what is compared; built-in ones may be named by their label.
        learning_rates: the grid, ascending, each above 0.
        seeds: one training of every optimizer and learning rate for each; a number S means the
            seeds 0 … S − 1.
        epochs: passes over the training pictures.
        batch_size: pictures a step.

    Raises:
        pydantic.ValidationError: names each wrong field, the rule, and the value got.

    Example:
        >>> study = Study(name="mine", question="Which one?", optimizers=["adam", "radam"],
        ...               learning_rates=log_spaced(0.01, 1.0, 3), seeds=2)
        >>> study.learning_rates
        (0.01, 0.1, 1.0)
        >>> study.replace(epochs=3).epochs
        3
    """

    name: Annotated[str, Field(min_length=1, max_length=120)]
    question: str
    pictures: Pictures = Pictures()
    model: Model = Model()
    optimizers: Annotated[
        tuple[Optimizer, ...],
        BeforeValidator(_labels_to_optimizers),
        Field(min_length=1, max_length=MOST_OPTIMIZERS),
    ]
    learning_rates: Annotated[
        tuple[LearningRate, ...], Field(min_length=1, max_length=MOST_LEARNING_RATES)
    ]
    seeds: Annotated[
        tuple[Seed, ...],
        BeforeValidator(_count_to_seeds),
        Field(min_length=1, max_length=MOST_SEEDS),
    ]
    epochs: Annotated[int, Field(ge=1, le=100_000)] = 10
    batch_size: Count = 64

    if TYPE_CHECKING:  # what may be passed is wider than what is kept

        def __init__(
            self,
            *,
            name: str,
            question: str,
            pictures: Pictures = ...,
            model: Model = ...,
            optimizers: Sequence[str | Optimizer],
            learning_rates: Sequence[float],
            seeds: int | Sequence[int],
            epochs: int = ...,
            batch_size: int = ...,
        ) -> None: ...

    @field_validator("name")
    @classmethod
    def _printable(cls, name: str) -> str:
        if not name.isprintable() or name != name.strip() or "/" in name or "\\" in name:
            raise ValueError("a name is printable text without slashes or spaces at its ends")
        return name

    @field_validator("learning_rates", "seeds")
    @classmethod
    def _ascending_and_unique(cls, values: tuple) -> tuple:
        repeated = sorted(value for value, count in Counter(values).items() if count > 1)
        if repeated:
            raise ValueError(f"each value once; {', '.join(map(str, repeated))} is repeated")
        return tuple(sorted(values))

    @field_validator("optimizers")
    @classmethod
    def _distinct(cls, optimizers: tuple[Optimizer, ...]) -> tuple[Optimizer, ...]:
        definitions = [optimizer.definition() for optimizer in optimizers]
        for index, optimizer in enumerate(optimizers):
            for earlier, other in enumerate(optimizers[:index]):
                if optimizer.label == other.label:
                    raise ValueError(f"each label once; {optimizer.label!r} is repeated")
                if definitions[index] == definitions[earlier]:
                    raise ValueError(f"{other.label!r} and {optimizer.label!r} are the same")
        return optimizers

    def replace(self, **changes: Any) -> Self:
        """A copy with other values, checked like a new one."""
        parts = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**(parts | changes))

    def on_rendered_pets(self) -> Self:
        """This study on the built-in pictures: other pictures and backbone, so another name."""
        return self.replace(
            name=f"{self.name}-{RENDERED_PETS}",
            pictures=self.pictures.model_copy(update={"dataset": RENDERED_PETS}),
            model=self.model.model_copy(
                update={"backbone": "small", "weights": "random", "image_size": 48}
            ),
        )


def log_spaced(low: float, high: float, count: int) -> tuple[float, ...]:
    """``count`` values from ``low`` to ``high``, both included, at equal ratios.

    Rounded to four significant digits, so that they can be typed again.

    Example:
        >>> log_spaced(0.003, 0.1, 3)
        (0.003, 0.01732, 0.1)
    """
    if count > MOST_LEARNING_RATES:
        raise ValueError(f"at most {MOST_LEARNING_RATES:,} values, not {count:,}")
    if count == 1:
        return (low,)
    ratio = math.log(high / low) / (count - 1)
    return tuple(float(f"{low * math.exp(ratio * index):.4g}") for index in range(count))
