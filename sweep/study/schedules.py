"""Schedules of the learning rate, as a study defines them."""

from typing import Annotated

from pydantic import (
    Field,
)

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
