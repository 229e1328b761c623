"""What the report's method says of a study's axes: where values lie, and what is averaged over.

The formulas speak of positions and points; this says what they are in this study.
"""

from dataclasses import dataclass

from sweep.analysis.measures import Measures
from sweep.analysis.rounding_words import measured, not_measured
from sweep.analysis.wording import listed, with_article
from sweep.study.axis import Axis
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
        is_imported: whether the results were made elsewhere.
        products: what the head's first layer multiplies in.
    """

    swept: str
    point: str
    positions: str
    is_area: bool
    unit: str
    covers_pictures: bool
    rounding: str
    is_imported: bool = False
    products: Products = "float32"


def method(
    measures: Measures, *, is_imported: bool = False, products: Products = "float32"
) -> Method:
    """The words for the axes of a study.

    Args:
        measures: of its results.
        is_imported, products: as in ``Method``.
    """
    domain, swept = measures.domain, measures.hyperparameter
    is_pair = len(measures.axes) > 1
    return Method(
        swept=swept,
        point=f"a pair of {swept}" if is_pair else with_article(swept),
        positions=listed([position_words(axis) for axis in measures.axes]),
        is_area=domain.is_area,
        unit=domain.unit,
        covers_pictures=measures.covers_pictures,
        rounding=" ".join([*measured(measures), *not_measured(measures, is_imported=is_imported)]),
        is_imported=is_imported,
        products=products,
    )


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
