"""Two studies beside each other: is each optimizer of HEAD better, worse or as good as in BASE?

From two studies' results to one decision an optimizer, on the primary measure (mean accuracy over
the range), as ``decision`` decides pairs within a study: paired by seed at the values that both
have, Holm-corrected over the optimizers. Looks at both studies are accounted for: those at the one
where they leave less of the level.

Legend: O compared optimizers, N shared points, S shared seeds, R = 1 + S jackknife replicates.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from sweep.analysis import curves
from sweep.analysis.arrays import Bools, Floats, Grid
from sweep.analysis.collect import grid_of
from sweep.analysis.decision import PairDecision, PairOutcome, decided
from sweep.analysis.domain import Domain
from sweep.analysis.intervals import CONFIDENCE, Estimate, differences, estimate, seed_means
from sweep.analysis.metric_words import MetricWords
from sweep.analysis.pair_sentences import accounted_looks
from sweep.analysis.primary import primary_replicates
from sweep.analysis.spending import MIN_SEEDS, Spending, only_look, spending_of
from sweep.analysis.wording import counted, listed, number
from sweep.results.pictures import pictures_name
from sweep.results.results import Results
from sweep.study.axis import Axis, Point
from sweep.study.metric import ACCURACY, Metric

BASE = "BASE"
HEAD = "HEAD"
MAX_TOLD = 8
"""A sentence names at most so many values."""


class Standing(StrEnum):
    """How HEAD stands beside BASE."""

    BETTER = "better"
    WORSE = "worse"
    EQUIVALENT = "equivalent"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Side:
    """One of the two studies.

    Attributes:
        name: what it is called, e.g. ``main.db#lr-robustness``.
        results: what its results are of: pictures, or words of an import.
        labels: of its compared optimizers, O.
        accuracy_ON: mean score over the shared seeds at each shared point.
        mean_O: over the points: the primary measure.
    """

    name: str
    results: str
    labels: tuple[str, ...]
    accuracy_ON: Estimate
    mean_O: Estimate


@dataclass(frozen=True)
class Comparison:
    """HEAD beside BASE.

    Attributes:
        base, head: both studies.
        axes: what was swept, with the values that both have.
        points: all combinations of these.
        seeds: those that all compared optimizers have finished in both.
        margin: closer than this they are equivalent, in the metric's unit.
        decisions: of each compared optimizer; the difference is HEAD's mean score minus BASE's.
        notes: what was left out, as sentences.
        metric: what trials are judged by, in both.
    """

    base: Side
    head: Side
    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    seeds: tuple[int, ...]
    margin: float
    decisions: tuple[PairDecision, ...]
    notes: tuple[str, ...]
    metric: Metric = ACCURACY

    @property
    def words(self) -> MetricWords:
        """How the metric is said."""
        return MetricWords(self.metric)

    @property
    def standings(self) -> tuple[Standing, ...]:
        """How HEAD's optimizers stand, in the order of ``decisions``."""
        return tuple(map(standing, self.decisions))

    @property
    def standing(self) -> Standing:
        """How HEAD stands: worse where any optimizer is, else undecided where any is."""
        found = self.standings
        for worst in (Standing.WORSE, Standing.UNDECIDED):
            if worst in found:
                return worst
        return Standing.BETTER if Standing.BETTER in found else Standing.EQUIVALENT


def standing(decision: PairDecision) -> Standing:
    """What a decision says of HEAD."""
    if decision.outcome is PairOutcome.EQUIVALENT:
        return Standing.EQUIVALENT
    if decision.outcome is PairOutcome.UNDECIDED:
        return Standing.UNDECIDED
    return Standing.WORSE if decision.better == BASE else Standing.BETTER


def compare(
    base: Results,
    head: Results,
    pairs: Sequence[tuple[str, str]],
    names: tuple[str, str],
    *,
    margin: float,
    notes: Sequence[str] = (),
) -> Comparison:
    """HEAD beside BASE.

    Args:
        base, head: both studies, swept along the same axes and judged by the same metric.
        pairs: O labels in BASE, each with the one in HEAD that it is compared with.
        names: what BASE and HEAD are called.
        margin: closer than this they are equivalent, a share.
        notes: sentences on what is not compared.

    Returns:
        Decisions that are all undecided where there are fewer than 3 shared seeds.
    """
    grids = _shared_points(grid_of(base), grid_of(head), pairs)
    seeds = tuple(sorted({*_finished(grids[0])} & {*_finished(grids[1])}))
    spending = _spending((base, head), len(seeds))
    used = [grid.select(seeds=[grid.seeds.index(seed) for seed in seeds]) for grid in grids]
    return Comparison(
        base=_side(names[0], base, used[0]),
        head=_side(names[1], head, used[1]),
        axes=used[0].axes,
        points=used[0].points,
        seeds=seeds,
        margin=margin,
        decisions=_decisions(*used, spending=spending, margin=margin),
        notes=(*notes, *_left_out(base, head, grids, used[0]), *accounted_looks(spending)),
        metric=head.study.metric,
    )


def _spending(both: Sequence[Results], seeds: int) -> Spending:
    """The place of this look among those at the study that leaves less of the level.

    A study that is one half of the comparison was seen before its seeds were added, and two
    optimizers of one study are the very question of its verdict.
    """
    if seeds < MIN_SEEDS:
        return only_look(seeds)
    found = [spending_of(results.looks, seeds, results.look_design) for results in both]
    return min(found, key=lambda spending: float(spending.nominal(np.array(1 - CONFIDENCE))))


def _finished(grid: Grid) -> list[int]:
    """The seeds that all optimizers of a grid have finished at all its points."""
    is_whole_S = np.asarray(grid.finished_ONS.all(axis=(0, 1)))
    return [grid.seeds[s] for s in np.flatnonzero(is_whole_S)]


def _side(name: str, results: Results, used: Grid) -> Side:
    accuracy_RON = seed_means(used.final_accuracy())
    lowest, highest = used.words.bounds
    return Side(
        name=name,
        results=pictures_name(results),
        labels=used.optimizers,
        accuracy_ON=estimate(accuracy_RON, lowest=lowest, highest=highest),
        mean_O=estimate(primary_replicates(used), lowest=lowest, highest=highest),
    )


def _decisions(
    base: Grid, head: Grid, *, spending: Spending, margin: float
) -> tuple[PairDecision, ...]:
    """Of each optimizer, what its differences of HEAD and BASE decide.

    Beside a column of zeros, each difference is that of a pair with the first column.
    """
    difference_RO = primary_replicates(base) - primary_replicates(head)
    beside_zero = np.pad(difference_RO, ((0, 0), (1, 0)))
    found = differences(
        beside_zero, least_error=_least_errors(base, head), which="first", spending=spending
    )
    labels = (HEAD, *(f"{BASE} {label}" for label in base.optimizers))
    pairs = decided(labels, found, spending, margin).pairs
    return tuple(
        replace(pair, second=BASE, better=pair.better and (HEAD if pair.better == HEAD else BASE))
        for pair in pairs
    )


def _shared_points(base: Grid, head: Grid, pairs: Sequence[tuple[str, str]]) -> list[Grid]:
    """Both grids with the compared optimizers, at the points that all of them have."""
    chosen = [
        grid.select(optimizers=[grid.optimizers.index(pair[at]) for pair in pairs])
        for at, grid in enumerate((base, head))
    ]
    planned = [
        {grid.points[n] for n in np.flatnonzero(np.asarray(grid.planned_ON.all(axis=0)))}
        for grid in chosen
    ]
    shared = [point for point in chosen[0].points if point in planned[0] & planned[1]]
    return [grid.select(points=[grid.points.index(point) for point in shared]) for grid in chosen]


def _least_errors(base: Grid, head: Grid) -> Floats:
    """Of each optimizer, the least standard error of its difference, (O,); see ``curves``."""
    weights_N = Domain(base.axes).weights_N
    counts = [grid.shares_of for grid in (base, head) if grid.shares_of]
    examples = min(counts, default=0)
    accuracy = [grid.final_accuracy() for grid in (base, head)]
    failed = [
        curves.failed_to_learn(accuracy_ONS, grid.diverged, grid.baseline, grid.metric.near)
        for accuracy_ONS, grid in zip(accuracy, (base, head), strict=True)
    ]
    errors = []
    for o in range(len(base.optimizers)):
        training_2N = np.stack([base.training_ON[o], head.training_ON[o]])
        failed_2NS: Bools = np.stack([each[o] for each in failed])
        accuracy_2N = np.stack([seed_means(each[o])[0] for each in accuracy])
        rounding = curves.rounding_error(weights_N, training_2N, len(base.seeds), examples)
        agreement = curves.agreement_error(accuracy_2N, failed_2NS, weights_N, training_2N)
        errors.append(float(np.hypot(rounding, agreement)[0]))
    return np.array(errors)


def _left_out(base: Results, head: Results, grids: Sequence[Grid], used: Grid) -> Iterator[str]:
    for axis in used.axes:
        every = {
            value
            for results in (base, head)
            for each in results.study.axes
            if each.name == axis.name
            for value in each.values
        }
        lacking = sorted(every - {*axis.values})
        if lacking:
            few = listed([*map(number, lacking)])
            values = f"{len(lacking)} values" if len(lacking) > MAX_TOLD else few
            yield f"Compared at each {axis.words} that both have; left out: {values}."
    if len(used.seeds) < max(len(grid.seeds) for grid in grids):
        yield f"Compared on the {counted(len(used.seeds), 'seed')} that both have finished."
    if len(used.seeds) < MIN_SEEDS:
        yield f"An interval needs at least {MIN_SEEDS} seeds."
