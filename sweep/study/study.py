"""A study: the question, and everything that defines its answer.

Parts are frozen and checked when they are built, so that nothing downstream checks again. What a
study says is definition: it can be dumped as JSON, stored and compared. Where pictures, weights
and caches lie is not said here (see ``settings.py``).
"""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import (
    BeforeValidator,
    Field,
    field_validator,
)

from sweep.study.axis import MAX_LEARNING_RATES
from sweep.study.optimizer import BUILT_IN_OPTIMIZERS, Optimizer
from sweep.study.part import Count, Part
from sweep.study.tasks import RENDERED_PETS, Model, Pictures

MAX_SEEDS = 10_000


MAX_OPTIMIZERS = 1_000


def _count_to_seeds(seeds: Any) -> Any:
    if not isinstance(seeds, int) or isinstance(seeds, bool):
        return seeds
    if seeds > MAX_SEEDS:
        raise ValueError(f"at most {MAX_SEEDS:,} seeds")
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


class Study(Part):
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
        Field(min_length=1, max_length=MAX_OPTIMIZERS),
    ]
    learning_rates: Annotated[
        tuple[LearningRate, ...], Field(min_length=1, max_length=MAX_LEARNING_RATES)
    ]
    seeds: Annotated[
        tuple[Seed, ...],
        BeforeValidator(_count_to_seeds),
        Field(min_length=1, max_length=MAX_SEEDS),
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
