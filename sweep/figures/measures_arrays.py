"""The arrays of the measures side by side: one panel a measure.

Legend: see ``drawing``.
"""

from dataclasses import dataclass, replace

import numpy as np

from sweep.analysis.intervals import Estimate
from sweep.analysis.measures import Measures
from sweep.analysis.tables import words_where
from sweep.analysis.wording import LEARNED_NOTHING, has_width, signed

MAX_NAME = 12
"""Letters of a metric that panels name."""


@dataclass(frozen=True)
class Panel:
    """One measure of every compared optimizer.

    Attributes:
        title: its name and unit.
        better: which end is better, ``more`` or ``less``.
        estimate: in that unit, (O,).
        digits: behind the point.
        words_O: of each optimizer what stands in place of its value; empty where the value does.
        lowest: that the measure can be.
    """

    title: str
    better: str
    estimate: Estimate
    digits: int
    words_O: tuple[str, ...] = ()
    lowest: float = 0.0

    def words(self, row: int) -> str:
        """An optimizer's value with its interval."""
        if self.words_O and self.words_O[row]:
            return self.words_O[row]
        value, low, high = self.of(row)
        if np.isnan(value):
            return "not measured"
        shown, *ends = (signed(part, self.digits) for part in (value, low, high))
        if not has_width(low, high):
            return shown
        return f"{shown} (95 % interval {ends[0]} to {ends[1]})"

    def of(self, row: int) -> tuple[float, float, float]:
        """An optimizer's value and the ends of its interval."""
        estimate = self.estimate
        value, low, high = (
            float(part[row]) for part in (estimate.value, estimate.low, estimate.high)
        )
        return value, low, high


def compute(measures: Measures) -> tuple[Panel, ...]:
    """The panels, the primary measure first; those that were not measured are left out."""
    nothing, none, never = (
        words_where(measures, words) for words in (LEARNED_NOTHING, "none", "never")
    )
    panels = (
        _of_metric(measures, _mean_name(measures), measures.mean_accuracy_O),
        _of_metric(measures, _worst_name(measures), measures.worst_accuracy_O),
        _spread(measures, nothing),
        _robust(measures, none),
        _panel(
            f"sensitivity{' (nats)' if measures.has_nats else ''}",
            "less",
            measures.sensitivity_O,
            1,
            3,
            nothing,
        ),
        _panel("failure (% of trials)", "less", measures.failure_share_O, 100, 1),
        _panel("convergence (epochs)", "less", measures.convergence.mean_epochs_O, 1, 2, never),
        _panel("time a trial (s)", "less", measures.seconds.mean_O, 1, 2),
    )
    return tuple(panel for panel in panels if _is_told(panel))


def _is_told(panel: Panel) -> bool:
    return bool(np.isfinite(panel.estimate.value).any()) or any(panel.words_O)


def _mean_name(measures: Measures) -> str:
    if measures.domain.is_area:
        return "mean over the area"
    return measures.words.mean if _is_short(measures) else "mean over the range"


def _worst_name(measures: Measures) -> str:
    return f"worst-case {measures.metric.name}" if _is_short(measures) else "worst case"


def _is_short(measures: Measures) -> bool:
    """Whether the metric's name fits above a panel."""
    return len(measures.metric.name) <= MAX_NAME


def _of_metric(measures: Measures, name: str, scores: Estimate) -> Panel:
    """Of values of the metric."""
    words, metric = measures.words, measures.metric
    title = f"{name} ({words.unit})" if words.unit else name
    better = "more" if metric.more_is_better else "less"
    panel = _panel(title, better, scores.in_values(metric), words.scale, words.digits)
    return panel if metric.is_share else replace(panel, lowest=-np.inf)


def _spread(measures: Measures, nothing: tuple[str, ...]) -> Panel:
    words = measures.words
    unit = f" ({words.difference_unit})" if words.difference_unit else ""
    return _panel(f"spread{unit}", "less", measures.spread_O, words.scale, words.digits, nothing)


def _robust(measures: Measures, none: tuple[str, ...]) -> Panel:
    """Of one axis the length of the robust range, of two the share of the area."""
    found = measures.robust_range
    if measures.domain.is_area:
        return _panel("robust region (% of area)", "more", found.share_O, 100, 1, none)
    return _panel(f"robust range ({found.unit})", "more", found.extent_O, 1, 2, none)


def _panel(
    title: str,
    better: str,
    estimate: Estimate,
    scale: float,
    digits: int,
    words_O: tuple[str, ...] = (),
) -> Panel:
    scaled = Estimate(estimate.value * scale, estimate.low * scale, estimate.high * scale)
    return Panel(title, better, scaled, digits, words_O)
