"""What the report's method says of a study's axes: where values lie, and what is averaged over.

The formulas speak of positions and points; this says what they are in this study.
"""

import math
from dataclasses import dataclass

from sweep.analysis.measures import Measures
from sweep.analysis.metric_words import MetricWords
from sweep.analysis.rounding_words import measured, not_measured
from sweep.analysis.wording import capitalised, listed, with_article
from sweep.report.own_task import own_words
from sweep.study.axis import Axis
from sweep.study.metric import Metric
from sweep.study.programs import Command, Function
from sweep.study.study import Own
from sweep.study.tasks import Products


@dataclass(frozen=True)
class Method:
    """Words of the method that depend on the axes.

    Attributes:
        swept: the swept hyperparameters, e.g. ``learning rate``.
        point: what a point is.
        positions: what the position of a value is, on each axis.
        is_area: whether means are over an area.
        unit: of the robust range, or region.
        covers_pictures: whether intervals cover the choice of examples.
        rounding: how much of the variance over seeds it is, or that this was not measured; empty
            without intervals.
        words: of the metric.
        near: how close to the best is as good, as formulas have it.
        baseline: what the metric is where nothing is learned, in words.
        diverged: what a diverged trial counts with.
        has_baseline: whether it is known; else what stands for it is said.
        has_classes: whether learning nothing has a loss, that of always answering with the shares
            of the classes.
        has_effective: whether it is known what part of a learning rate acts.
        own: what a trial trains, and what a seed fixes, in sentences; empty of a head on features.
        is_imported: whether the results were made elsewhere.
        products: what the head's first layer multiplies in.
        has_flips: whether a head trains on mirror images too.
    """

    swept: str
    point: str
    positions: str
    is_area: bool
    unit: str
    covers_pictures: bool
    rounding: str
    words: MetricWords
    near: str
    baseline: str
    diverged: str
    has_baseline: bool = True
    has_classes: bool = True
    has_effective: bool = True
    own: str = ""
    is_imported: bool = False
    products: Products = "float32"
    has_flips: bool = False

    @property
    def mean(self) -> str:
        """What the primary measure is called, at the beginning of a line."""
        return capitalised(self.words.mean)

    @property
    def more_is_better(self) -> bool:
        """Whether the metric is to be maximized."""
        return self.words.metric.more_is_better

    @property
    def is_share(self) -> bool:
        """Whether the metric is a share of examples."""
        return self.words.metric.is_share

    @property
    def within(self) -> str:
        """The condition of the robust range."""
        return f"≥ best − {self.near}" if self.more_is_better else f"≤ best + {self.near}"


def method(
    measures: Measures,
    *,
    task: Own | None = None,
    is_imported: bool = False,
    products: Products = "float32",
    has_flips: bool = False,
) -> Method:
    """The words for the axes and the metric of a study.

    Args:
        measures: of its results.
        task: what it trains; None for a head on features.
        is_imported, products, has_flips: as in ``Method``.
    """
    domain, swept = measures.domain, measures.hyperparameter
    can_be = task is None and not is_imported
    is_pair = len(measures.axes) > 1
    return Method(
        swept=swept,
        point=f"a pair of {swept}" if is_pair else with_article(swept),
        positions=listed([position_words(axis) for axis in measures.axes]),
        is_area=domain.is_area,
        unit=domain.unit,
        covers_pictures=measures.covers_pictures,
        rounding=" ".join([*measured(measures), *not_measured(measures, can_be=can_be)]),
        words=measures.words,
        near=_near(measures.metric),
        baseline=measures.baseline_words,
        diverged=measures.diverged_rule,
        has_baseline=is_imported or not math.isnan(measures.baseline),
        has_classes=measures.has_classes,
        has_effective=swept == "learning rate" and not isinstance(task, Function | Command),
        own="" if task is None else own_words(task, swept),
        is_imported=is_imported,
        products=products,
        has_flips=has_flips,
    )


def _near(metric: Metric) -> str:
    unit = "" if metric.is_share else metric.unit
    return f"{metric.near:.10g} {unit}".rstrip()


def position_words(axis: Axis) -> str:
    """Where a value lies along an axis, in words.

    Example:
        >>> position_words(Axis(name="batch_size", values=(16, 32)))
        'log₂ of the batch size'
        >>> position_words(Axis(name="optimizer.beta_2", values=(0.9, 0.99)))
        '−log₁₀ of 1 − β₂'
    """
    match axis.scale:
        case "log":
            base = "log₂" if axis.length_unit == "octaves" else "log₁₀"
            return f"{base} of the {axis.words}"
        case "reverse_log":
            return f"−log₁₀ of 1 − {axis.words}"
        case "linear":
            return f"the {axis.words} itself"
        case "ordinal":
            return f"the place of the {axis.words} among the values tried"
