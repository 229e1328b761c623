"""Schedules of the learning rate, as a study defines them."""

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, field_validator, model_serializer

from sweep.study.part import Count, Part


class Warmup(Part):
    """Linear warm-up to the learning rate η: step t = 1, 2, … has s + (η − s) · min(1, t / length).

    Attributes:
        steps: the length in steps; if given, ``share`` is not used.
        share: the length as a share of all steps of the training, in (0, 1].
        start: s, a learning rate from which the warm-up rises; the authors of RAdam have 1e-6
            (https://github.com/LiyuanLucasLiu/RAdam, ``cifar_imagenet/utils/radam.py``).

    Example:
        >>> Warmup(steps=100, start=1e-6).model_dump(), Warmup(steps=100).model_dump()
        ({'steps': 100, 'share': 0.1, 'start': 1e-06}, {'steps': 100, 'share': 0.1})
    """

    steps: Count | None = None
    share: Annotated[float, Field(gt=0, le=1)] = 0.1
    start: Annotated[float, Field(ge=0, le=1000)] = 0.0

    @model_serializer(mode="wrap")
    def _as_before(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A start is dumped only where there is one, so that older versions read the rest."""
        said: dict[str, Any] = dump(self)
        return said if self.start else {key: said[key] for key in said if key != "start"}

    def length(self, total_steps: int) -> int:
        """The length in steps, at least 1, of a training of ``total_steps``."""
        return self.steps or max(1, round(self.share * total_steps))


class StepDecay(Part):
    """A learning rate that is cut at the begin of some epochs, and stays cut.

    Attributes:
        factor: by which it is multiplied each time, in (0, 1).
        epochs: at the begin of which, counted from 0, ascending.

    Example:
        >>> StepDecay(factor=0.1, epochs=(81, 122)).epochs
        (81, 122)
    """

    kind: Literal["step"] = "step"
    factor: Annotated[float, Field(gt=0, lt=1)]
    epochs: Annotated[tuple[Count, ...], Field(min_length=1)]

    @field_validator("epochs")
    @classmethod
    def _ascending(cls, epochs: tuple[int, ...]) -> tuple[int, ...]:
        if any(later <= earlier for earlier, later in pairwise(epochs)):
            raise ValueError(f"the epochs {', '.join(map(str, epochs))} do not ascend")
        return epochs
