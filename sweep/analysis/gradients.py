"""Recorded gradients as arrays: what figures draw and sentences say of them. Pure.

Legend: O optimizers, N points, R recorded steps, B bins.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.results.gradients import EDGES, GradientRecord
from sweep.results.records import TrialRecord
from sweep.study.axis import Point
from sweep.study.study import Study

Floats = NDArray[np.floating[Any]]

SMALL = -8
"""Gradients below 1e-8 are told of, as log10 of their size."""
FIRST_STEPS = 10
"""Of these sentences speak as the first."""


@dataclass(frozen=True)
class Recorded:
    """The gradients of an optimizer at a point, as means over seeds.

    Attributes:
        steps: R recorded steps, ascending, from 1.
        share_RB: of the weights, whose gradient's size lies in each bin.
        zero_R: share of the weights whose gradient is exactly 0.
        rate_variance_R: relative variance of the adaptive rate over weights, its variance divided
            by its squared mean; NaN where there is none.
        beta_2: decay of the second moment; None where the optimizer has none.
        seeds: how many were recorded.
    """

    steps: tuple[int, ...]
    share_RB: Floats
    zero_R: Floats
    rate_variance_R: Floats
    beta_2: float | None
    seeds: int

    def small(self, at: int) -> float:
        """The share below 1e-8, 0 included, at the position of a step, of what is finite."""
        zero = float(self.zero_R[at])
        finite = float(self.share_RB[at].sum()) + zero
        below = float(self.share_RB[at][EDGES[1:] <= SMALL].sum()) + zero
        return below / finite if finite else float("nan")

    def median(self, at: int) -> float:
        """Median size of the gradients other than 0, in decades; linear within a bin."""
        cumulated = np.concatenate([[0.0], np.cumsum(self.share_RB[at])])
        if not cumulated[-1]:
            return float("nan")
        return float(np.interp(cumulated[-1] / 2, cumulated, EDGES))

    @property
    def first(self) -> int:
        """Position of the last step among the first ones."""
        return max(0, sum(step <= FIRST_STEPS for step in self.steps) - 1)


Gradients = Mapping[tuple[int, int], Recorded]
"""By the positions of optimizer and point; those of which something was recorded."""


def recorded(
    study: Study,
    points: Sequence[Point],
    finished: Iterable[TrialRecord],
    records: Iterable[GradientRecord],
) -> Gradients:
    """What was recorded, by optimizer and point.

    Args:
        study: whose.
        points: N points.
        finished: its finished trials, each once.
        records: of their trainings.
    """
    known = {record.fingerprint: record for record in records}
    if not known:
        return {}
    place = {point: n for n, point in enumerate(points)}
    labels = {optimizer.label: o for o, optimizer in enumerate(study.optimizers)}
    found: dict[tuple[int, int], list[GradientRecord]] = {}
    for trial in finished:
        if trial.fingerprint in known:
            key = labels[trial.optimizer], place[trial.point]
            found.setdefault(key, []).append(known[trial.fingerprint])
    return {(o, n): _mean(found[o, n], _beta_2(study, o, points[n])) for o, n in sorted(found)}


def _beta_2(study: Study, o: int, point: Point) -> float | None:
    optimizer = study.config(study.optimizers[o], point).optimizer
    value = optimizer.setting("beta_2") if optimizer.has("beta_2") else None
    return None if value is None else float(value)


def _mean(records: Sequence[GradientRecord], beta_2: float | None) -> Recorded:
    """Over the seeds that have a step; a trial that diverged has none after that."""
    steps = sorted({step for record in records for step in record.steps})
    shape = len(records), len(steps)
    zero, variance = np.full(shape, np.nan), np.full(shape, np.nan)
    share = np.full((*shape, len(EDGES) - 1), np.nan)
    for s, record in enumerate(records):
        at = [steps.index(step) for step in record.steps]
        share[s, at], zero[s, at] = record.share_RB, record.zero_R
        with np.errstate(invalid="ignore", over="ignore"):
            variance[s, at] = record.rate_variance_R / record.rate_mean_R**2
    return Recorded(
        tuple(steps),
        _known_mean(share),
        _known_mean(zero),
        _known_mean(variance),
        beta_2,
        len(records),
    )


def _known_mean(values: Floats) -> Floats:
    """Over the first dimension, of what is finite; NaN where nothing is."""
    is_known = np.isfinite(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(is_known, values, 0).sum(axis=0) / is_known.sum(axis=0)


def most_different(gradients: Gradients) -> int:
    """The point at which optimizers' histograms differ most; the last where that cannot be told.

    By half the sum of absolute differences of shares, at the step and of the pair with the largest.
    """
    by_point: dict[int, list[Recorded]] = {}
    for (_, n), each in gradients.items():
        by_point.setdefault(n, []).append(each)
    distances = {n: _distance(several) for n, several in by_point.items()}
    return max(distances, key=lambda n: (distances[n], n), default=0)


def _distance(several: Sequence[Recorded]) -> float:
    distances = [0.0]
    for one, other in combinations(several, 2):
        for step in {*one.steps} & {*other.steps}:
            apart = one.share_RB[one.steps.index(step)] - other.share_RB[other.steps.index(step)]
            distances.append(float(np.nan_to_num(np.abs(apart)).sum()) / 2)
    return round(max(distances), 6)
