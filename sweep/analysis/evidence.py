"""Everything that tables, verdict, figures and pages of one study rest on, gathered once a run.

``gather`` is the one place that builds grid, measures and verdict; everyone else gets its
``Evidence``.

Legend: O optimizers, N points, S seeds, K steps of a training.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from sweep.analysis.arrays import Floats, Grid
from sweep.analysis.collect import Placed, collected
from sweep.analysis.effective import compare
from sweep.analysis.gradients import Gradients, recorded
from sweep.analysis.measures import Measures, Reading, measure
from sweep.analysis.verdict import Verdict, verdict
from sweep.analysis.wording import names_of
from sweep.results.pictures import pictures_name
from sweep.results.records import CohortRecord
from sweep.results.results import Results
from sweep.util.collecting import no_cycles

Multipliers = NDArray[np.float32]


@dataclass(frozen=True)
class Evidence:
    """What a study's answer rests on: arrays, measures, verdict, and what is drawn beside them.

    Attributes:
        grid: the results as arrays, optimizers by their names.
        measures: what they measure, optimizers by their names.
        verdict: what the measures support, in words.
        labels: what commands and files call the grid's optimizers.
        trial_ONS: each trial's number in the study; NaN where there is none.
        pictures: what titles call the pictures, e.g. ``rendered pets``.
        multipliers_O: of each optimizer the factor on the learning rate at every step, (N, K), or
            (1, K) where it is the same at every point; NaN where a point is not trained, and
            after its last step. None where no cohort of the optimizer has finished. Where seeds
            differ, as where it follows the loss, it is their mean.
        gradients: what was recorded of them, by optimizer and point.
        mean_multipliers_O: whether the multipliers of an optimizer are means of seeds that differ.
    """

    grid: Grid
    measures: Measures
    verdict: Verdict
    labels: tuple[str, ...]
    trial_ONS: Floats
    pictures: str
    multipliers_O: tuple[Multipliers | None, ...]
    gradients: Gradients = field(default_factory=dict)
    mean_multipliers_O: tuple[bool, ...] = ()

    @property
    def labelled_measures(self) -> Measures:
        """The measures with optimizers by their labels, for commands and files."""
        label_of = dict(zip(self.grid.optimizers, self.labels, strict=True))
        return replace(
            self.measures, optimizers=tuple(label_of[name] for name in self.measures.optimizers)
        )


@no_cycles()
def gather(results: Results) -> Evidence:
    """All that a study's tables, verdict, figures and pages rest on."""
    grid, finished = collected(results)
    named = replace(grid, optimizers=names_of(grid.optimizers))
    factors_O = _multipliers(grid, finished, results.cohorts)
    known_O = tuple(factors.factor_NK for factors in factors_O)
    reading = reading_of(results)
    measures = measure(named, reading)
    effective = compare(
        named, known_O, results.study, which=reading.pairs, spending=measures.spending
    )
    measures = replace(measures, effective=effective)
    return Evidence(
        grid=named,
        measures=measures,
        verdict=verdict(named, measures),
        labels=grid.optimizers,
        trial_ONS=finished.numbers("number"),
        pictures=pictures_name(results),
        multipliers_O=known_O,
        gradients=recorded(results.study, grid.points, finished.trials, results.gradients),
        mean_multipliers_O=tuple(factors.is_mean for factors in factors_O),
    )


def reading_of(results: Results) -> Reading:
    """How a study's differences are read: as it says, with the looks that were had at it."""
    return Reading(results.margin, results.study.pairs, results.looks, results.look_design)


@dataclass(frozen=True)
class _Factors:
    """What is known of one optimizer's factors on the learning rate.

    Attributes:
        factor_NK: (N, K) or (1, K); None where nothing is known.
        is_mean: whether seeds differ at any point, so that it is their mean.
    """

    factor_NK: Multipliers | None
    is_mean: bool


def _multipliers(
    grid: Grid, finished: Placed, cohorts: Sequence[CohortRecord]
) -> tuple[_Factors, ...]:
    """Of each optimizer, over the seeds that have finished."""
    known = _by_fingerprint(cohorts)
    found_O: list[dict[int, list[Multipliers]]] = [{} for _ in grid.optimizers]
    o_K, n_K, _ = (places.tolist() for places in np.unravel_index(finished.at_K, finished.shape))
    fingerprints = finished.trials.column("fingerprint")
    for o, n, fingerprint in zip(o_K, n_K, fingerprints, strict=True):
        if fingerprint in known:
            found_O[o].setdefault(n, []).append(known[fingerprint])
    return tuple(
        _Factors(
            _of_points(grid, {n: _over_seeds(rows) for n, rows in found.items()}),
            any(_differ(rows) for rows in found.values()),
        )
        for found in found_O
    )


def _differ(rows: Sequence[Multipliers]) -> bool:
    """Whether seeds have other factors, as where they follow the loss; equal ones are one array."""
    return any(row is not rows[0] for row in rows)


def _over_seeds(rows: Sequence[Multipliers]) -> Multipliers:
    """Their mean, (K,); where all are the same, that, to the last bit."""
    if not _differ(rows):
        return rows[0]
    steps = min(len(row) for row in rows)  # as all seeds have them
    rows_SK = np.stack([row[:steps] for row in rows]).astype(np.float64)
    return rows_SK.mean(axis=0).astype(np.float32)


def _of_points(grid: Grid, found: Mapping[int, Multipliers]) -> Multipliers | None:
    """Of one optimizer, from those of its points."""
    if not found:
        return None
    first, *others = found.values()
    if all(np.array_equal(first, other) for other in others):
        return first[None]
    return _by_point(grid, found)


def _by_fingerprint(cohorts: Sequence[CohortRecord]) -> dict[str, Multipliers]:
    """The multipliers (K,) of each training that are known; equal ones are the same array."""
    known: dict[str, Multipliers] = {}
    first: dict[bytes, Multipliers] = {}
    for cohort in cohorts:
        if cohort.multiplier_PK is None:
            continue
        rows = [first.setdefault(_digest(row_K), row_K) for row_K in cohort.multiplier_PK]
        trainings = len(cohort.fingerprints)
        if len(rows) == 1:
            known.update(zip(cohort.fingerprints, rows * trainings, strict=True))
        elif len(rows) == trainings:
            known.update(zip(cohort.fingerprints, rows, strict=True))
    return known


def _digest(row_K: Multipliers) -> bytes:
    return blake2b(row_K.tobytes()).digest()


def _by_point(grid: Grid, found: Mapping[int, Multipliers]) -> Multipliers:
    """(N, K), NaN where a point is not known."""
    steps = max(len(row_K) for row_K in found.values())
    found_NK = np.full((len(grid.points), steps), np.nan, np.float32)
    for n, row_K in found.items():
        found_NK[n, : len(row_K)] = row_K
    return found_NK
