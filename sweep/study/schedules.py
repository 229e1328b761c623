"""Schedules of the learning rate, as a study defines them."""

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, field_validator

from sweep.study.part import Count, Part


class Warmup(Part):
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
