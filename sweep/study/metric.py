"""What a study judges its trials by: a number after every epoch, on the validation examples."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sweep.study.part import Part

SHARE = "share"
"""The unit of a metric that is a share of 1, which people read in percent."""


class Metric(Part):
    """What trials are judged by.

    Attributes:
        name: in words, as figures and sentences call it: ``accuracy``, ``mean absolute error``.
        unit: of its values; ``share`` is of 1, empty a plain number.
        direction: which values are better.
        guessing: its value when nothing is learned; None where the data says it (the share of the
            larger class), or where it is not known.
        near: values closer than this to the best are as good, for the robust range; 0.02 of a
            share.

    Raises:
        pydantic.ValidationError: a metric that is no share says nothing of ``near``.

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
        return self

    @property
    def is_share(self) -> bool:
        """Whether its values are shares of 1."""
        return self.unit == SHARE


ACCURACY = Metric()
"""The share of right answers."""
