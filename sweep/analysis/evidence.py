"""Everything that tables, verdict, figures and pages of one study rest on, gathered once."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sweep.analysis.arrays import Floats, Grid, grid_of
from sweep.analysis.measures import Measures, measure
from sweep.analysis.wording import names_of
from sweep.results.records import Outcome
from sweep.results.results import Results
from sweep.study.axis import grid_points


@dataclass(frozen=True)
class Evidence:
    """What a study's answer rests on: arrays, measures, and what is drawn beside them.

    Attributes:
        grid: the results as arrays.
        measures: what they measure.
        trial_ONS: each trial's number in the study; NaN where there is none.
        pictures: what titles call the pictures, e.g. ``rendered pets``.
        multipliers_OK: of each optimizer the factor on the learning rate at every step; None
            where no cohort of it has finished.
    """

    grid: Grid
    measures: Measures
    trial_ONS: Floats
    pictures: str
    multipliers_OK: tuple[NDArray[np.floating] | None, ...]


def gather(results: Results) -> Evidence:
    """What the figures are drawn from, with optimizers by their names."""
    grid = grid_of(results)
    places = {
        (label, point, seed): (o, n, s)
        for o, label in enumerate(grid.optimizers)
        for n, point in enumerate(grid_points(results.study.axes))
        for s, seed in enumerate(grid.seeds)
    }
    trial_ONS = np.full(grid.finished_ONS.shape, np.nan)
    for trial in results.trials:
        place = places.get((trial.optimizer, trial.point, trial.seed))
        if place is not None and trial.outcome in (Outcome.COMPLETED, Outcome.DIVERGED):
            trial_ONS[place] = trial.number
    multipliers = {
        cohort.optimizer: cohort.multiplier_PK[0]
        for cohort in results.cohorts
        if cohort.multiplier_PK is not None
    }
    named = replace(grid, optimizers=names_of(grid.optimizers))
    return Evidence(
        grid=named,
        measures=measure(named),
        trial_ONS=trial_ONS,
        pictures=pictures_name(results),
        multipliers_OK=tuple(multipliers.get(label) for label in grid.optimizers),
    )


def pictures_name(results: Results) -> str:
    """What titles call the pictures: as the last run found them, else as the study names them."""
    if results.runs:
        return results.runs[-1].provenance.pictures.name
    return results.study.pictures.dataset
