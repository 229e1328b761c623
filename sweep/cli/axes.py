"""How commands say what a study sweeps: in a line for people, as values for programs. Pure."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sweep.study.study import Study

MAX_LABELS_SHOWN = 4
"""So many optimizers are named; of more the first two, and how many there are."""
MAX_VALUES_SHOWN = 12
"""So many of an axis are named; of more the first, the last and how many there are."""


def axes_json(study: "Study") -> list[dict[str, Any]]:
    """Name, values and scale of each axis."""
    return [
        {"name": axis.name, "values": list(axis.values), "scale": axis.scale} for axis in study.axes
    ]


def axes_text(study: "Study") -> str:
    """Each axis with its ends, e.g. ``learning rate 0.003 to 0.1``."""
    return " × ".join(f"{axis.words} {_ends(axis.values)}" for axis in study.axes)


def labels_text(labels: Sequence[str]) -> str:
    """Optimizers by their labels, of many the first ones and how many there are.

    Example:
        >>> labels_text(["adam", "radam"]), labels_text([f"sgd-{n}" for n in range(12)])
        ('adam, radam', 'sgd-0, sgd-1, … (12)')
    """
    if len(labels) <= MAX_LABELS_SHOWN:
        return ", ".join(labels)
    return f"{labels[0]}, {labels[1]}, … ({len(labels)})"


def base_text(base: Mapping[str, float]) -> str:
    """What is set for all optimizers without a value of their own, e.g. ``learning rate 0.003``."""
    from sweep.study.hyperparameters import hyperparameter

    return ", ".join(f"{hyperparameter(name).words} {value:g}" for name, value in base.items())


def values_text(values: Sequence[float]) -> str:
    """All of them, or the first, the last and how many.

    Example:
        >>> values_text((0.003, 0.1)), values_text(range(1, 100))
        ('0.003, 0.1', '1, 2, …, 99 (99 values)')
    """
    if len(values) <= MAX_VALUES_SHOWN:
        return ", ".join(map(value_text, values))
    first, second, last = map(value_text, (values[0], values[1], values[-1]))
    return f"{first}, {second}, …, {last} ({len(values):,} values)"


def value_text(value: float) -> str:
    """A value as it can be typed again."""
    return f"{value:.10g}"


def _ends(values: Sequence[float]) -> str:
    if len(values) == 1:
        return value_text(values[0])
    return f"{value_text(values[0])} to {value_text(values[-1])}"
