"""Measures of robustness to a swept hyperparameter, with their intervals.

Stored results as arrays in (``Grid``), measures out (``measure``); NumPy and SciPy only. Pure
functions over arrays are in ``curves``, everything about intervals in ``intervals``.
"""

from sweep.robustness.grid import Bools, Floats, Grid
from sweep.robustness.intervals import Differences, Estimate, mean_over_seeds
from sweep.robustness.measures import (
    Convergence,
    Cost,
    Measures,
    RobustRange,
    comparable,
    measure,
)
from sweep.robustness.rows import measures_rows, measures_table

__all__ = [
    "Bools",
    "Convergence",
    "Cost",
    "Differences",
    "Estimate",
    "Floats",
    "Grid",
    "Measures",
    "RobustRange",
    "comparable",
    "mean_over_seeds",
    "measure",
    "measures_rows",
    "measures_table",
]
