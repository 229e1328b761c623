"""Keras optimizers that Keras lacks, schedules, and what studies call them.

Light: Keras is imported only when ``RAdam`` or ``LinearWarmup`` is used. Of this package
``multipliers`` and ``rectification`` need NumPy alone, all else needs Keras.

Example:
    >>> from sweep.optimizers import LinearWarmup, RAdam
    >>> model.compile(optimizer=RAdam(LinearWarmup(0.01, steps=500)))  # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sweep.optimizers.radam import RAdam
    from sweep.optimizers.schedules import LinearWarmup

__all__ = ["LinearWarmup", "RAdam"]

_MODULES = {"LinearWarmup": "sweep.optimizers.schedules", "RAdam": "sweep.optimizers.radam"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # All of them, so that whoever uses one can load a saved model that has another.
    modules = {entry: import_module(module) for entry, module in _MODULES.items()}
    return getattr(modules[name], name)
