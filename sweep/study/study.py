"""A study: the question, and everything that defines its answer.

Parts are frozen and checked when they are built, so that nothing downstream checks again. What a
study says is definition: it can be dumped as JSON, stored and compared. Where pictures, weights
and caches lie is not said here (see ``settings.py``).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)

from sweep.study.axis import Axis, Point, Value, grid_points
from sweep.study.consistency import check_parts, refuse_the_same
from sweep.study.gradients import Gradients
from sweep.study.hyperparameters import hyperparameter
from sweep.study.metric import ACCURACY, Metric
from sweep.study.networks import Network
from sweep.study.optimizer import BUILT_IN_OPTIMIZERS, Optimizer
from sweep.study.part import STORED, Count, Part
from sweep.study.programs import Command, Function, check_command
from sweep.study.published import Published
from sweep.study.rendered import QUICK, Proportions, rendered, rendered_network
from sweep.study.tasks import RENDERED_PETS, Imported, Model, Pictures
from sweep.study.training_config import TrainingConfig, training_config
from sweep.util.nearest import did_you_mean

MAX_SEEDS = 10_000
MAX_OPTIMIZERS = 1_000
MAX_AXES = 2
_OF_TRAINING = frozenset({"pictures", "model", "base", "batch_size"})
"""Fields of which an imported study knows nothing."""
_OF_HEADS = frozenset({"model"})
"""Fields that say something of a head on frozen features alone."""

Own = Annotated[Network | Function | Command, Field(discriminator="kind")]
"""What is trained where it is no head on frozen features."""

MARGIN = ACCURACY.margin
"""Optimizers whose accuracies are closer are equivalent, where a study says nothing else."""

Pairs = Literal["all", "first"]
"""Which optimizers are compared: each with each other, or each with the first."""
HOW_IT_IS_READ = frozenset({"margin", "pairs", "published"})
"""Fields that change what is said of the results, and nothing of what is trained."""
CHANGES_NO_NUMBER = HOW_IT_IS_READ | {"gradients"}
"""Fields that may be changed in a stored study: no trial becomes another one."""


def _count_to_seeds(seeds: Any) -> Any:
    if not isinstance(seeds, int) or isinstance(seeds, bool):
        return seeds
    if seeds > MAX_SEEDS:
        raise ValueError(f"more than {MAX_SEEDS:,} seeds")
    return tuple(range(seeds))


def _labels_to_optimizers(optimizers: Any) -> Any:
    if not isinstance(optimizers, list | tuple):
        return optimizers
    return tuple(_built_in(entry) if isinstance(entry, str) else entry for entry in optimizers)


def _built_in(label: str) -> Optimizer:
    if label not in BUILT_IN_OPTIMIZERS:
        raise ValueError(
            f"no optimizer {label!r}{did_you_mean(label, BUILT_IN_OPTIMIZERS)} "
            f"(known: {', '.join(BUILT_IN_OPTIMIZERS)})"
        )
    return BUILT_IN_OPTIMIZERS[label]


Seed = Annotated[int, Field(ge=0, lt=2**31)]


class Study(Part):
    """A question about optimizers, with everything that defines its answer.

    Attributes:
        name: what the store knows it by.
        question: what it asks, in a sentence.
        pictures: which pictures, how many, how split.
        model: backbone and head.
        optimizers: what is compared; built-in ones may be named by their label.
        axes: one or two swept hyperparameters. ``learning_rates=VALUES`` is short for
            ``axes=[Axis(name="learning_rate", values=VALUES)]``.
        base: values of hyperparameters that are not swept, for the optimizers that have none of
            their own: ``{"learning_rate": 0.001, "optimizer.beta_2": 0.99}``.
        seeds: one training of every optimizer and point for each; a number S means the seeds
            0 … S − 1.
        task: what is trained: a ``Network`` end to end, a training ``Function`` or a ``Command``
            of your own; None for a head on the frozen features of ``pictures`` and ``model``.
        epochs: passes over the training examples.
        batch_size: examples a step.
        imported: what is known of results that were made elsewhere; None for a study that is
            trained here. Then ``pictures``, ``model``, ``base`` and ``batch_size`` say nothing, and
            are left out of the definition.
        margin: optimizers whose means of the metric are closer than this are equivalent, in its
            unit: of a share 0.01 is one point, and it is below 1. Where nothing is said, it is
            half of the metric's ``near``, so 0.01 of accuracies.
        pairs: whether ``all`` pairs of optimizers are compared, or each with the ``first`` one.
            Neither changes what is trained, so both may be changed in a stored study.
        published: numbers of others for the same question, which the report holds beside those
            that are measured. They may be changed in a stored study too.
        gradients: whether histograms of the gradients are recorded at some steps of each training,
            which leaves all numbers as they are; or at which steps, counted from 1. Some take less
            than 5 % of a training's time; each chosen one takes about as long as half a step of
            a large head, and as two and a half of a small one. May be changed in a stored study
            too: then trials that are trained from now on have them, or have them no more.

    Raises:
        pydantic.ValidationError: names each wrong field, the rule, and the value got.

    Example:
        >>> study = Study(name="mine", question="Which one?", optimizers=["adam", "radam"],
        ...               learning_rates=(0.01, 0.1, 1), seeds=2)
        >>> study.axes[0].name, study.axes[0].values
        ('learning_rate', (0.01, 0.1, 1.0))
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
        Field(min_length=1, max_length=MAX_OPTIMIZERS),
    ]
    axes: Annotated[tuple[Axis, ...], Field(min_length=1, max_length=MAX_AXES)]
    base: dict[str, Value] = Field(default={})
    seeds: Annotated[
        tuple[Seed, ...],
        BeforeValidator(_count_to_seeds),
        Field(min_length=1, max_length=MAX_SEEDS),
    ]
    epochs: Annotated[int, Field(ge=1, le=100_000)] = 10
    batch_size: Count = 64
    task: Own | None = None
    imported: Imported | None = None
    margin: Annotated[float, Field(gt=0)] = MARGIN
    pairs: Pairs = "all"
    published: tuple[Published, ...] = ()
    gradients: Gradients = False

    if TYPE_CHECKING:  # what may be passed is wider than what is kept

        def __init__(
            self,
            *,
            name: str,
            question: str,
            pictures: Pictures = ...,
            model: Model = ...,
            optimizers: Sequence[str | Optimizer],
            learning_rates: Sequence[float] = ...,
            axes: Sequence[Axis] = ...,
            base: Mapping[str, Value] = ...,
            seeds: int | Sequence[int],
            epochs: int = ...,
            batch_size: int = ...,
            task: Network | Function | Command | None = ...,
            imported: Imported | None = ...,
            margin: float = ...,
            pairs: Pairs = ...,
            published: Sequence[Published] = ...,
            gradients: bool | Sequence[int] = ...,
        ) -> None: ...

    @field_validator("name")
    @classmethod
    def _printable(cls, name: str) -> str:
        if not name.isprintable() or name != name.strip() or "/" in name or "\\" in name:
            raise ValueError(
                f"{name!r} is no name: it is printable, without slashes or spaces at its ends"
            )
        return name

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: Any) -> Any:
        """``learning_rates`` is an axis; beside other axes it takes the place of that one."""
        if not isinstance(given, dict) or "learning_rates" not in given:
            return given
        rest = {name: value for name, value in given.items() if name != "learning_rates"}
        if not isinstance(rest.get("axes", ()), list | tuple):
            return rest  # what is wrong with them is told
        rates = {"name": "learning_rate", "values": given["learning_rates"]}
        axes = [*rest.get("axes", ())]
        names = [axis.name if isinstance(axis, Axis) else None for axis in axes]
        if "learning_rate" in names:
            axes[names.index("learning_rate")] = rates
        else:
            axes.append(rates)
        return rest | {"axes": axes}

    @field_validator("seeds")
    @classmethod
    def _ascending_and_unique(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        repeated = sorted(seed for seed, count in Counter(seeds).items() if count > 1)
        if repeated:
            raise ValueError(f"{', '.join(map(str, repeated))} is repeated; each seed once")
        return tuple(sorted(seeds))

    @field_validator("margin")
    @classmethod
    def _of_a_share_is_one(cls, margin: float, info: ValidationInfo) -> float:
        judged = info.data.get("imported") or info.data.get("task")
        if margin >= 1 and (judged is None or judged.metric.is_share):
            raise ValueError("it should be less than 1 of a share; 0.01 is one point")
        return margin

    @field_validator("base")
    @classmethod
    def _known(cls, base: dict[str, Value]) -> dict[str, Value]:
        for name in set(base) & {"epochs", "batch_size", "hidden_units"}:
            raise ValueError(f"{name} stands in base; it is a field of its own")
        return {name: hyperparameter(name).checked(value) for name, value in base.items()}

    @field_validator("optimizers")
    @classmethod
    def _labels_once(cls, optimizers: tuple[Optimizer, ...]) -> tuple[Optimizer, ...]:
        counted = Counter(optimizer.label for optimizer in optimizers)
        for label, count in counted.items():
            if count > 1:
                raise ValueError(f"the label {label!r} is repeated; each label once")
        return optimizers

    @model_validator(mode="after")
    def _margin_is_of_metric(self) -> Self:
        if "margin" not in self.model_fields_set:  # a field's default cannot depend on another's
            object.__setattr__(self, "margin", self.metric.margin)
        return self

    @model_validator(mode="after")
    def _parts_fit(self, info: ValidationInfo) -> Self:
        check_parts(self)
        if self.imported is None and info.context != STORED:
            refuse_the_same(self)
            if isinstance(self.task, Command):
                names = [axis.name for axis in self.axes]
                check_command(self.task, names, self.optimizers, self.seeds)
        return self

    @classmethod
    def stored(cls, definition: Any) -> Self:
        """The study of a stored definition, also one that could not be built today.

        Raises:
            pydantic.ValidationError: a newer sweep stored it, or it was changed.
        """
        return cls.model_validate(definition, context=STORED)

    @model_serializer(mode="wrap")
    def _as_before(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What changes no number is dumped only where it is said, so that older versions read the
        rest.

        So is that it was imported; then it says nothing of how it was trained.
        """
        nothing = {"imported"} if self.imported is None else {*_OF_TRAINING}
        nothing |= {"task"} if self.task is None else self._not_of_task
        said: dict[str, Any] = {
            name: value for name, value in dump(self).items() if name not in nothing
        }
        usual = {
            "margin": self.metric.margin,
            "pairs": "all",
            "published": (),
            "gradients": False,
        }
        return {
            name: value
            for name, value in said.items()
            if name not in usual or getattr(self, name) != usual[name]
        }

    @property
    def _not_of_task(self) -> frozenset[str]:
        return _OF_HEADS if self.has_pictures else _OF_HEADS | {"pictures"}

    @property
    def has_head(self) -> bool:
        """Whether it trains a head on frozen features."""
        return self.task is None and self.imported is None

    @property
    def has_pictures(self) -> bool:
        """Whether it trains on what ``pictures`` say."""
        if isinstance(self.task, Network):
            return self.task.data == "pictures"
        return self.has_head

    @property
    def is_program(self) -> bool:
        """Whether it trains by a training function or a program of the user's own."""
        return isinstance(self.task, Function | Command)

    @property
    def metric(self) -> Metric:
        """What its trials are judged by."""
        judged = self.imported or self.task
        return ACCURACY if judged is None else judged.metric

    @property
    def evaluated_at(self) -> dict[str, str]:
        """By label of the optimizers that have several weights, at which they are evaluated.

        What a program of the user's own does, it alone knows.
        """
        said = {each.label: each.evaluated_at for each in self.optimizers if not self.is_program}
        return {label: weights for label, weights in said.items() if weights}

    @property
    def guessing(self) -> float | None:
        """The metric when nothing is learned, as far as the study says it."""
        return self.imported.guessing if self.imported else self.metric.guessing

    def optimizer(self, label: str) -> Optimizer:
        """The optimizer of this label.

        Raises:
            KeyError: there is none.
        """
        for optimizer in self.optimizers:
            if optimizer.label == label:
                return optimizer
        raise KeyError(label)

    def points(self, optimizer: Optimizer) -> tuple[Point, ...]:
        """The points that an optimizer is trained at, the last axis fastest."""
        return grid_points([self.axis_of(optimizer, axis) for axis in self.axes])

    def axis_of(self, optimizer: Optimizer, axis: Axis) -> Axis:
        """The study's axis with the values that the optimizer has on it."""
        own = optimizer.values.get(axis.name)
        return axis if own is None else axis.through(own)

    def config(self, optimizer: Optimizer, point: Point) -> TrainingConfig:
        """What an optimizer trains with at a point."""
        return training_config(
            optimizer,
            point,
            base=self.base,
            epochs=self.epochs,
            batch_size=self.batch_size,
            hidden_units=self.model.hidden_units if self.has_head else None,
            head_products=self.model.head_products if self.has_head else "float32",
            is_program=self.is_program,
            gradients=self.gradients,
        )

    @property
    def planned_trials(self) -> int:
        """Optimizers × points × seeds."""
        return len(self.seeds) * sum(len(self.points(each)) for each in self.optimizers)

    def replace(self, **changes: Any) -> Self:
        """A copy with other values, checked like a new one."""
        parts = {name: getattr(self, name) for name in type(self).model_fields}
        if self.margin == self.metric.margin:
            del parts["margin"]  # that of another metric may be another one
        return type(self)(**{**parts, **changes})

    def on_rendered_pets(self, proportions: Proportions = QUICK) -> Self:
        """This study on the built-in pictures: other pictures and model, so another name."""
        parts = rendered(self.pictures, self.model, proportions)
        if isinstance(self.task, Network):
            parts["task"] = rendered_network(self.task, proportions)
        return self.replace(name=f"{self.name}-{RENDERED_PETS}", **parts)
