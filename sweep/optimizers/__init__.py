"""Keras optimizers that Keras lacks, schedules, and what studies call them.

Light: Keras is imported only when one of them is used. Of this package ``multipliers``,
``decays`` and ``rectification`` need NumPy alone, all else needs Keras.

Example:
    >>> from sweep.optimizers import LinearWarmup, RAdam
    >>> model.compile(optimizer=RAdam(LinearWarmup(0.01, steps=500)))  # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sweep.optimizers.adam_2k import Adam2k
    from sweep.optimizers.lookahead import Lookahead
    from sweep.optimizers.radam import RAdam
    from sweep.optimizers.schedules import LinearWarmup

__all__ = ["Adam2k", "LinearWarmup", "Lookahead", "RAdam"]

_MODULES = {
    "Adam2k": "sweep.optimizers.adam_2k",
    "LinearWarmup": "sweep.optimizers.schedules",
    "Lookahead": "sweep.optimizers.lookahead",
    "RAdam": "sweep.optimizers.radam",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # All of them, so that whoever uses one can load a saved model that has another.
    modules = {entry: import_module(module) for entry, module in _MODULES.items()}
    return getattr(modules[name], name)
