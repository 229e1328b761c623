"""How a study's metric is said: scores as values, in its own name, unit and direction.

Everything below counts in scores, of which more is better: the metric, or its negative where less
is better. Everything that people or programs see comes through here: values and differences of the
metric, shares in percent and points.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sweep.analysis.wording import (
    capitalised,
    digits_to_show,
    has_width,
    listed,
    margin_points,
    percent,
    points,
    signed,
)
from sweep.errors import UsageError
from sweep.study.metric import ACCURACY, Metric

MAX_DIGITS = 8


@dataclass(frozen=True)
class MetricWords:
    """The words of one metric.

    Attributes:
        metric: whose.

    Example:
        >>> words = MetricWords(
        ...     Metric(name="mean absolute error", unit="kWh", direction="minimize", near=0.05)
        ... )
        >>> words.level(-0.4123), words.size(0.05)
        ('0.412 kWh', '0.05 kWh')
        >>> MetricWords().level(0.9312), MetricWords().size(0.05)
        ('93.1 %', '5 points')
    """

    metric: Metric = ACCURACY

    @property
    def name(self) -> str:
        """What the metric is called."""
        return self.metric.name

    @property
    def title(self) -> str:
        """Its name at the beginning of a sentence."""
        return capitalised(self.name)

    @property
    def mean(self) -> str:
        """What its mean over what was swept is called.

        Example:
            >>> error = Metric(name="mean absolute error", direction="minimize")
            >>> MetricWords().mean, MetricWords(error).mean
            ('mean accuracy', 'average mean absolute error')
        """
        return f"{'average' if self.name.startswith('mean ') else 'mean'} {self.name}"

    @property
    def scale(self) -> float:
        """Factor from its values to what people read: shares are in percent."""
        return 100 if self.metric.is_share else 1

    @cached_property
    def digits(self) -> int:
        """Decimals that people read: so many that ``near`` has two digits."""
        power = math.floor(math.log10(self.scale * self.metric.near))
        return min(MAX_DIGITS, max(0, 1 - power))

    @property
    def unit(self) -> str:
        """Of values as people read them; empty of plain numbers."""
        return "%" if self.metric.is_share else self.metric.unit

    @property
    def difference_unit(self) -> str:
        """Of differences as people read them; empty of plain numbers."""
        return "points" if self.metric.is_share else self.metric.unit

    @property
    def above(self) -> str:
        """On which side of a value better ones are."""
        return "above" if self.metric.more_is_better else "below"

    @property
    def at_most(self) -> str:
        """What bounds a value that is no better."""
        return "at most" if self.metric.more_is_better else "at least"

    @property
    def worse_of(self) -> str:
        """The worse one of two values."""
        return "smaller" if self.metric.more_is_better else "larger"

    @property
    def near(self) -> str:
        """How close to the best is as good: ``2 points``."""
        return self.margin(self.metric.near)

    @property
    def bounds(self) -> tuple[float, float]:
        """What scores can be: a share is from 0 to 1."""
        if not self.metric.is_share:
            return -math.inf, math.inf
        return (0, 1) if self.metric.more_is_better else (-1, 0)

    @property
    def sides(self) -> str:
        """What axes and tables add to the name: unit, and which end is better if it is the lower.

        Example:
            >>> error = Metric(name="error", direction="minimize")
            >>> MetricWords().sides, MetricWords(error).sides
            ('', ' (less is better)')
        """
        unit = "" if self.metric.is_share else self.metric.unit
        lower = "" if self.metric.more_is_better else "less is better"
        text = ", ".join(part for part in (unit, lower) if part)
        return f" ({text})" if text else ""

    def written(self, value: float, digits: int | None = None) -> str:
        """A value, not a score, with its unit: ``93.1 %``, ``0.412 kWh``; a dash of none."""
        digits = self.digits if digits is None else digits
        if self.metric.is_share:
            return percent(value, digits)
        return "–" if math.isnan(value) else f"{signed(value, digits)} {self.unit}".rstrip()

    def level(self, score: float) -> str:
        """A score as its value with unit."""
        return self.written(self.metric.value(score))

    def bare(self, value: float, digits: int | None = None) -> str:
        """A value or difference, not a score, as people read it, without unit."""
        return signed(self.scale * value, self.digits if digits is None else digits)

    def size(self, difference: float) -> str:
        """A measured difference without its direction: ``1.5 points``, ``0.05 kWh``."""
        if self.metric.is_share:
            return points(difference)
        digits = max(self.digits, digits_to_show(abs(difference)) if difference else 0)
        return self._with_unit(f"{difference:.{digits}f}")

    def margin(self, difference: float) -> str:
        """A margin, with all its digits: ``1 point``, ``0.025 kWh``."""
        return (
            margin_points(difference)
            if self.metric.is_share
            else self._with_unit(f"{difference:.10g}")
        )

    def in_unit(self, text: str) -> str:
        """A difference in words with the unit of differences: ``0.5 points``."""
        return f"{text} {self.difference_unit}".rstrip()

    def interval(self, low: float, high: float) -> str:
        """An interval of scores or of differences: ``95 % interval 92.1 to 93.4``, if it has width.

        Empty where it has none.
        """
        if not has_width(low, high):
            return ""
        shown = " to ".join(self.bare(end) for end in self.metric.ends(low, high))
        return f"95 % interval {shown}"

    def ranked(self, scores: Mapping[str, float]) -> str:
        """Labels with their values, the best first; of many the first and the last.

        Example:
            >>> MetricWords().ranked({"adam": 0.9, "radam": 0.95})
            'radam 95.0 % and adam 90.0 %'
        """
        ordered = sorted(scores, key=lambda label: -scores[label])
        told = ordered if len(ordered) <= 3 else [ordered[0], ordered[-1]]
        return listed([f"{label} {self.level(scores[label])}" for label in told])

    def _with_unit(self, text: str) -> str:
        """A difference that is no share, without zeros that say nothing."""
        shown = text.rstrip("0").rstrip(".") if "." in text else text
        return f"{shown} {self.unit}".rstrip()


def checked_margin(margin: float, metric: Metric) -> float:
    """A margin of the metric, in its unit, as it is.

    Raises:
        UsageError: it is not above 0, or of a share not below 1.
    """
    if metric.is_share and not 0 < margin < 1:
        raise UsageError(
            f"a margin of {100 * margin:g} points",
            rule="It is above 0 and below 100 points.",
            remedy="For example: --margin 1, for one point.",
        )
    if not 0 < margin < math.inf:
        raise UsageError(
            f"a margin of {margin:g} {metric.unit}".rstrip(),
            rule="It is above 0.",
            remedy=f"For example: --margin {metric.margin:g}.",
        )
    return margin


def margin_of(typed: float, metric: Metric) -> float:
    """A margin as it was typed, in the metric's unit: of a share it was typed in points.

    Raises:
        UsageError: it is no margin of this metric.
    """
    return checked_margin(typed / MetricWords(metric).scale, metric)
