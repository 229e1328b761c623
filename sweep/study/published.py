"""Numbers that others published for what a study asks, as a study holds them beside its own."""

from typing import Annotated, Any

from pydantic import Field, model_validator

from sweep.study.axis import Value
from sweep.study.part import Count, Part


class Published(Part):
    """A number that was published for an optimizer of a study.

    Attributes:
        source: who published it where, as it is cited.
        optimizer: the label of the study's.
        value: in the unit of the study's metric; an accuracy is a share: 0.9138.
        point: the values of the study's axes that it was measured at. Empty where the publication
            names none: then it is held beside the best of the study's points.
            ``learning_rate=0.1`` is short for ``point={"learning_rate": 0.1}``.
        deviation: the standard deviation over its seeds, in the metric's unit.
        seeds: how many trainings it is a mean over.
        note: what was done otherwise there, in words.

    Example:
        >>> Published(source="Liu et al. 2020", optimizer="radam", value=0.9106,
        ...           learning_rate=0.1).point
        {'learning_rate': 0.1}
    """

    source: Annotated[str, Field(min_length=1, max_length=300)]
    optimizer: Annotated[str, Field(min_length=1, max_length=60)]
    value: float
    point: dict[str, Value] = Field(default={})
    deviation: Annotated[float, Field(ge=0)] | None = None
    seeds: Count | None = None
    note: Annotated[str, Field(max_length=300)] = ""

    def __init__(self, *, learning_rate: float | None = None, **fields: Any) -> None:
        if learning_rate is not None:
            fields["point"] = {"learning_rate": learning_rate} | fields.get("point", {})
        super().__init__(**fields)

    @model_validator(mode="after")
    def _seeds_have_a_deviation(self) -> "Published":
        if self.deviation is not None and (self.seeds or 0) < 2:
            raise ValueError(
                f"a deviation of {self.deviation:g} is over two seeds or more; say seeds="
            )
        return self
