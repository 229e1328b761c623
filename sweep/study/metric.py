"""What a study judges its trials by: a number after every epoch, on the validation examples."""

from typing import Annotated, Literal, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sweep.study.part import Part

SHARE = "share"
"""The unit of a metric that is a share of 1, which people read in percent."""
LEAST_NEAR = 1e-6
"""Below it differences would be lost in what sweep takes for rounding."""

Values = TypeVar("Values", float, NDArray[np.float64])


class Metric(Part):
    """What trials are judged by.

    Attributes:
        name: in words, as figures and sentences call it: ``accuracy``, ``mean absolute error``.
        unit: of its values; ``share`` is of 1, empty a plain number.
        direction: which values are better.
        guessing: its value when nothing is learned; None where sweep measures it, or it is not
            known. Measured is accuracy alone, of heads and of a ``Network`` without ``measure``:
            the largest class's share of the validation examples. Of every other metric and of
            programs it is to be given, for it depends on what an output means: of a mean absolute
            error, for example, that of the training targets' median as every prediction.
        near: values closer than this to the best are as good, for the robust range; 0.02 of a
            share. It also says how many decimals people read.

    Raises:
        pydantic.ValidationError: a metric that is no share says nothing of ``near``, or that is
            below a millionth, or a share's guessing is no share.

    Example:
        >>> Metric(name="mean absolute error", unit="kWh", direction="minimize", near=0.1).is_share
        False
    """

    name: Annotated[str, Field(min_length=1, max_length=60)] = "accuracy"
    unit: Annotated[str, Field(max_length=30)] = SHARE
    direction: Literal["maximize", "minimize"] = "maximize"
    guessing: float | None = None
    near: Annotated[float, Field(gt=0)] = 0.02

    @model_validator(mode="after")
    def _near_is_said(self) -> Self:
        if not self.is_share and "near" not in self.model_fields_set:
            raise ValueError(
                f"{self.name} is no share: say near=…, how close to the best is as good"
            )
        if self.near < LEAST_NEAR:
            raise ValueError(
                f"near={self.near:g} is below a millionth; say {self.name} in a smaller unit"
            )
        if self.is_share and (self.near >= 1 or not 0 <= (self.guessing or 0) <= 1):
            raise ValueError(f"{self.name} is a share of 1, and so are near and guessing")
        return self

    @property
    def is_share(self) -> bool:
        """Whether its values are shares of 1."""
        return self.unit == SHARE

    @property
    def more_is_better(self) -> bool:
        """Whether it is to be maximized."""
        return self.direction == "maximize"

    @property
    def margin(self) -> float:
        """Half of ``near``: closer than this are equivalent, where a study says nothing else."""
        return self.near / 2

    def score(self, value: Values) -> Values:
        """Values as scores, of which more is better: the metric, or its negative.

        It is its own inverse, and takes differences too.
        """
        return value if self.more_is_better else 0.0 - value  # so that no zero has a minus

    def value(self, score: Values) -> Values:
        """Values of scores, or differences of values of those of scores."""
        return self.score(score)

    def ends(self, low: Values, high: Values) -> tuple[Values, Values]:
        """The ends of an interval of scores as those of values, the lower one first."""
        return (low, high) if self.more_is_better else (0.0 - high, 0.0 - low)


ACCURACY = Metric()
"""The share of right answers."""
