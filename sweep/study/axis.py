"""An axis, a swept hyperparameter with its values and scale; and a point, a value for each axis.

Everything that asks where a value lies between others (weights of a mean, ticks of a figure, the
length of a robust range) asks ``Axis.position``.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)

from sweep.study.hyperparameters import Hyperparameter, Scale, hyperparameter
from sweep.study.part import Part

MAX_VALUES = 10_000

Value = int | float


class Axis(Part):
    """A swept hyperparameter.

    Attributes:
        name: a hyperparameter: ``learning_rate``, ``batch_size``, ``epochs``, ``hidden_units``,
            ``warmup.steps``, ``warmup.share``, ``optimizer.SETTING``, or ``own.NAME`` where a
            training function or program of your own is trained.
        values: ascending, each once.
        scale: how they lie beside each other: ``log``, ``reverse_log`` (by 1 − value, for what
            approaches 1), ``linear`` or ``ordinal`` (one step from each to the next); by default
            the hyperparameter's own.
        refined: those of the values that were added to find the edges of the robust range. They
            count for how far it goes; means, shares, best and worst are taken without them.

    Raises:
        pydantic.ValidationError: no such hyperparameter, or values outside its range or scale.

    Example:
        >>> Axis(name="optimizer.beta_2", values=(0.9, 0.99, 0.999)).scale
        'reverse_log'
    """

    name: str
    scale: Scale = "log"
    values: Annotated[tuple[float, ...], Field(min_length=1, max_length=MAX_VALUES)]
    refined: tuple[float, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _own_scale(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("scale") is None and "name" in given:
            return given | {"scale": hyperparameter(str(given["name"])).scale}
        return given

    @field_validator("values")
    @classmethod
    def _within_the_rule(cls, values: tuple[Value, ...], info: ValidationInfo) -> tuple[Value, ...]:
        if not {"name", "scale"} <= {*info.data}:
            return values  # what is wrong with them is told
        known, scale = hyperparameter(info.data["name"]), info.data["scale"]
        ordered = tuple(sorted(known.checked(value) for value in values))
        repeated = sorted({low for low, high in pairwise(ordered) if low == high})
        if repeated:
            raise ValueError(f"{', '.join(map(str, repeated))} is repeated; each value once")
        if scale == "log" and ordered[0] <= 0:
            raise ValueError(f"{ordered[0]} is no value of a log scale, which begins above 0")
        if scale == "reverse_log" and ordered[-1] >= 1:
            raise ValueError(
                f"{ordered[-1]} is no value of a reverse_log scale, which ends below 1"
            )
        return ordered

    @model_serializer(mode="wrap")
    def _as_before(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What was refined is dumped only where something was, so that older versions read it."""
        said: dict[str, Any] = dump(self)
        return said if self.refined else {k: v for k, v in said.items() if k != "refined"}

    @property
    def grid_values(self) -> tuple[Value, ...]:
        """The values that means are taken over: without refined ones, unless there are no others.

        Example:
            >>> Axis(name="learning_rate", values=(0.1, 0.3, 1), refined=(0.3,)).grid_values
            (0.1, 1.0)
        """
        refined = {*self.refined}
        return tuple(value for value in self.values if value not in refined) or self.values

    def through(self, values: Iterable[Value]) -> "Axis":
        """The same axis with these values; those that are refined on it still are."""
        kept = {*values}
        refined = tuple(value for value in self.refined if value in kept)
        return Axis(name=self.name, scale=self.scale, values=tuple(sorted(kept)), refined=refined)

    @property
    def hyperparameter(self) -> Hyperparameter:
        """What the table of hyperparameters says of it."""
        return hyperparameter(self.name)

    @property
    def words(self) -> str:
        """What sentences and figures call it, e.g. ``learning rate``."""
        return self.hyperparameter.words

    @property
    def length_unit(self) -> str:
        """What a length along the axis is counted in, in the plural.

        ``decades`` (factors of ten) on log scales, of whole numbers ``octaves`` (factors of two);
        on a linear scale the hyperparameter's unit; on an ordinal one ``steps between values``.
        """
        if self.scale in ("log", "reverse_log"):
            return "octaves" if self._base == 2 else "decades"
        if self.scale == "ordinal":
            return "steps between values"
        return self.hyperparameter.unit or "units"

    @property
    def _base(self) -> int:
        return 2 if self.hyperparameter.is_whole and self.scale == "log" else 10

    def position(self, values: ArrayLike) -> NDArray[np.float64]:
        """Where values lie along the axis, in ``length_unit``; ascending with the values.

        ``log``: log of the value, to base 10 or 2; ``reverse_log``: −log10(1 − value);
        ``linear``: the value; ``ordinal``: its place among the axis' values, from 0, linear in
        between.

        Args:
            values: any shape, within the range of the axis' hyperparameter.

        Example:
            >>> Axis(name="batch_size", values=(16, 64)).position([16, 32]).tolist()
            [4.0, 5.0]
            >>> Axis(name="optimizer.beta_2", values=(0.9,)).position(0.999).round(6).tolist()
            3.0
        """
        given = np.asarray(values, np.float64)
        match self.scale:
            case "log":
                return np.log2(given) if self._base == 2 else np.log10(given)
            case "reverse_log":
                return -np.log10(1 - given)
            case "linear":
                return given
            case "ordinal":
                return np.interp(given, self.values, np.arange(len(self.values)))

    def at(self, positions: ArrayLike) -> NDArray[np.float64]:
        """The values at positions along the axis: the inverse of ``position``."""
        given = np.asarray(positions, np.float64)
        match self.scale:
            case "log":
                return np.power(float(self._base), given)
            case "reverse_log":
                return 1 - np.power(10.0, -given)
            case "linear":
                return given
            case "ordinal":
                return np.interp(given, np.arange(len(self.values)), self.values)


def spaced(name: str, low: float, high: float, count: int) -> Axis:
    """An axis of ``count`` values from ``low`` to ``high``, both included, evenly along its scale.

    Rounded to four significant digits (of 1 − value on a reverse_log scale), so that they can be
    typed again, or to whole numbers.

    Raises:
        ValueError: no such hyperparameter, or values outside its rule.

    Example:
        >>> spaced("batch_size", 16, 512, 6).values
        (16, 32, 64, 128, 256, 512)
        >>> spaced("optimizer.beta_2", 0.9, 0.9999, 4).values
        (0.9, 0.99, 0.999, 0.9999)
    """
    _check_count(low, high, count)
    if count == 1:
        return Axis(name=name, values=(low,))
    ends = Axis(name=name, values=(low, high))
    first, last = ends.position(ends.values)
    inner = ends.at(np.linspace(first, last, count))[1:-1]
    values = (low, *(rounded(float(x), ends) for x in inner), high)
    return Axis(name=name, values=_all_different(values))


def rounded(value: float, axis: Axis, digits: int = 4) -> Value:
    """A value with so many significant digits, of 1 − value on a reverse_log scale, or whole.

    Example:
        >>> rounded(0.0173205, Axis(name="learning_rate", values=(0.1,)))
        0.01732
    """
    if axis.hyperparameter.is_whole:
        return round(value)
    if axis.scale == "reverse_log":
        return float(f"{1 - float(f'{1 - value:.{digits}g}'):.{digits + 8}g}")
    return float(f"{value:.{digits}g}")


def log_spaced(low: float, high: float, count: int) -> tuple[float, ...]:
    """``count`` values from ``low`` to ``high``, both included, at equal ratios.

    Between them rounded to four significant digits, so that they can be typed again.

    Raises:
        ValueError: an end is not above 0, or that many values cannot have these ends.

    Example:
        >>> log_spaced(0.003, 0.1, 3)
        (0.003, 0.01732, 0.1)
    """
    _check_count(low, high, count)
    if not (low > 0 and high > 0):
        raise ValueError(
            f"from {low:g} to {high:g} there are no equal ratios: both ends are above 0"
        )
    if count == 1:
        return (low,)
    ratio = math.log(high / low) / (count - 1)
    inner = (float(f"{low * math.exp(ratio * index):.4g}") for index in range(1, count - 1))
    return _all_different((low, *inner, high))


def _all_different(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """Refuse ends that are too near to each other for what is between them."""
    if len({*values}) < len(values):
        raise ValueError(
            f"{len(values):,} values from {values[0]:g} to {values[-1]:g} are not all different "
            "when they are rounded"
        )
    return values


def _check_count(low: float, high: float, count: int) -> None:
    """Refuse what would drop one of the ends, or repeat it."""
    if not 1 <= count <= MAX_VALUES:
        raise ValueError(f"{count:,} values; an axis has 1 to {MAX_VALUES:,}")
    if count == 1 and low != high:
        raise ValueError(f"the ends {low:g} and {high:g} are at least two values, not 1")
    if count > 1 and low == high:
        raise ValueError(f"from {low:g} to {high:g} there is one value, not {count:,}")


@dataclass(frozen=True)
class Point(Mapping[str, Value]):
    """A value for each axis of a study, in the order of its axes.

    Hashable, and a mapping: ``point["learning_rate"]``. ``of`` makes one from a mapping.

    Example:
        >>> Point.of({"learning_rate": 0.003})["learning_rate"]
        0.003
    """

    pairs: tuple[tuple[str, Value], ...]

    @classmethod
    def of(cls, values: Mapping[str, Value]) -> "Point":
        """The point with these values, in this order."""
        return cls(tuple(values.items()))

    def __getitem__(self, name: str) -> Value:
        for known, value in self.pairs:
            if known == name:
                return value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __str__(self) -> str:
        return ", ".join(
            f"{hyperparameter(name).words} {_written(value)}" for name, value in self.pairs
        )


def _written(value: Value) -> str:
    return str(value) if isinstance(value, int) else f"{value:.4g}"


def grid_points(axes: Sequence[Axis]) -> tuple[Point, ...]:
    """Every combination of the axes' values, the last axis fastest.

    Example:
        >>> [*map(str, grid_points([Axis(name="batch_size", values=(16, 32))]))]
        ['batch size 16', 'batch size 32']
    """
    points: list[tuple[tuple[str, Value], ...]] = [()]
    for axis in axes:
        points = [(*pairs, (axis.name, value)) for pairs in points for value in axis.values]
    return tuple(map(Point, points))
