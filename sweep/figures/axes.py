"""How an axis of a study is drawn: where its values lie, and what its ticks say.

Plotly knows logarithms alone, so only a ``log`` axis is given to it in values; any other lies at
its positions, with ticks that say the values.
"""

import textwrap
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sweep.analysis.metric_words import MetricWords
from sweep.analysis.wording import number
from sweep.figures.text import numbers, plain, thinned
from sweep.study.axis import Axis

Floats = NDArray[np.float64]

MAX_TICKS, MAX_TICKS_NARROW = 8, 4
TITLE_LETTERS = 36
"""Of a line beside an upright axis."""


def tick(value: float) -> str:
    """A value on an axis, to three significant digits, as long as it stays apart from 1.

    Example:
        >>> tick(0.017325), tick(0.99995), tick(512)
        ('0.0173', '0.99995', '512')
    """
    return number(value) if 0.9 < value < 1 or value >= 1000 else f"{value:.3g}"


def drawn_at(axis: Axis, positions: ArrayLike) -> Floats:
    """What Plotly is given for positions along an axis: values on a ``log`` axis."""
    return axis.at(positions) if axis.scale == "log" else np.asarray(positions, np.float64)


def drawn(axis: Axis, values: ArrayLike) -> list[float | None]:
    """What Plotly is given for values of an axis, rounded."""
    return numbers(drawn_at(axis, axis.position(values)), 6)


def value_ticks(axis: Axis, max_count: int = MAX_TICKS) -> dict[str, Any]:
    """Ticks at no more than ``max_count`` of the axis' values."""
    ticks = [axis.values[index] for index in thinned(len(axis.values), max_count)]
    return {
        "tickmode": "array",
        "tickvals": drawn(axis, ticks),
        "ticktext": [tick(value) for value in ticks],
    }


def value_axis(axis: Axis, **more: Any) -> dict[str, Any]:
    """Plotly's axis of a swept hyperparameter, ticks at its values."""
    return {
        "type": "log" if axis.scale == "log" else "linear",
        "title": {"text": plain(axis_title(axis))},
        **value_ticks(axis),
        "range": value_range(axis),
        **more,
    }


def value_range(axis: Axis, margin: float = 0.05) -> list[float]:
    """Plotly's range of an axis, with a margin at both ends as a share of its length."""
    low, high = axis.position(axis.values)[[0, -1]]
    around = margin * (high - low) or 0.2
    ends = drawn_at(axis, [low - around, high + around])
    return (np.log10(ends) if axis.scale == "log" else ends).tolist()


def axis_title(axis: Axis) -> str:
    """The axis in words, with its scale, and its unit where values are counted in one.

    Example:
        >>> axis_title(Axis(name="optimizer.beta_2", values=(0.9, 0.99)))
        'β₂ (log scale of 1 − β₂)'
        >>> axis_title(Axis(name="warmup.steps", values=(10, 100)))
        'warm-up length (steps, log scale)'
    """
    unit = axis.hyperparameter.unit
    shown = "" if unit in axis.words.split() else unit
    scale = {
        "log": "log scale",
        "reverse_log": f"log scale of 1 − {axis.words}",
        "ordinal": "evenly spaced",
        "linear": "",
    }[axis.scale]
    said = ", ".join(word for word in (shown, scale) if word)
    return f"{axis.words} ({said})" if said else axis.words


def metric_axis(words: MetricWords, before: str = "", **more: Any) -> dict[str, Any]:
    """An axis of the metric: of shares in percent, of others with its unit in the title.

    Args:
        words: of the metric.
        before: what stands before its name, such as ``validation``.
        more: of the axis.
    """
    said = textwrap.wrap(f"{before} {words.name}{words.sides}".strip(), TITLE_LETTERS)
    text = "<br>".join(map(plain, said))
    return {"title": {"text": text}, "tickformat": tick_format(words), **more}


def tick_format(words: MetricWords) -> str:
    """How Plotly writes values of the metric beside ticks."""
    return ".1~%" if words.metric.is_share else "~g"


def hover_format(words: MetricWords) -> str:
    """How Plotly writes values of the metric when hovering, without unit."""
    return f".{words.digits}{'%' if words.metric.is_share else 'f'}"
