"""All measures of one study, with their intervals: ``measure(grid)``.

Legend: O compared optimizers, N points, S complete seeds, R = 1 + S jackknife replicates, E = T + 1
epochs with epoch 0, K points tried: N without refined values.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from sweep.analysis import curves
from sweep.analysis.arrays import Bools, Floats, Grid, Ints, swept_words
from sweep.analysis.comparable import comparable
from sweep.analysis.convergence import Convergence, convergence_of
from sweep.analysis.decision import Decision, decided
from sweep.analysis.domain import Domain
from sweep.analysis.effective import Effective
from sweep.analysis.importance import Importance, importance
from sweep.analysis.intervals import Differences, Estimate, differences, estimate, seed_means
from sweep.analysis.metric_words import MetricWords
from sweep.analysis.primary import primary_differences
from sweep.analysis.robust_range import Ranged, RobustRange
from sweep.analysis.rounding import Rounding, rounding
from sweep.analysis.spending import MIN_SEEDS, Spending, spending_of
from sweep.results.looks import Look, LookDesign
from sweep.study.axis import Axis, Point
from sweep.study.metric import Metric
from sweep.study.study import MARGIN, Pairs
from sweep.util.markup import paragraph, table


@dataclass(frozen=True)
class Cost:
    """What one trial costs, a mean over points and seeds; NaN where it was not measured."""

    mean_O: Estimate
    differences: Differences


@dataclass(frozen=True)
class Measures:
    """Every measure of robustness of a study; all NaN where no seed is complete.

    Accuracies are scores, after each training's last epoch: the metric, or its negative where less
    is better (``metric.value`` turns them back). Of accuracies they are shares in [0, 1] of the
    validation examples. A mean over the points is one over axis position (see ``Domain``). Refined
    values count for how far the robust range goes, and for nothing else: the best of more values is
    higher by chance alone, and they lie where curves bend.

    Attributes:
        optimizers: O compared ones, in the study's order.
        axes: what was swept, with the values that all compared optimizers have.
        points: N points, all combinations of these values, the last axis fastest.
        epochs: of the longest training, T.
        seeds: the complete ones, which everything rests on.
        dropped: what was left out and why, as sentences.
        points_left_out: those of these sentences that are about points.
        has_shared_points: whether there is a point that all compared optimizers have.
        baseline: score where nothing is learned: the majority-class baseline; NaN where it is
            not known.
        baseline_words, baseline_told: what the baseline is, and the same with its value.
        diverged_words, diverged_rule: what bounds the score that a diverged trial counts with, and
            what that is in full.
        untrained: the baseline; where that is not known the mean score before training, or NaN.
        metric: what trials are judged by.
        is_imported: whether the results were made elsewhere.
        has_nats: whether losses are in nats.
        has_classes: whether it is known what always answering with the shares of classes loses.
        valid_examples: how many examples every accuracy is a mean over; 0 where that is not known.
        accuracy_ON: mean over seeds at each point.
        sampling_error_ON: standard error of each accuracy due to the choice of validation
            examples, which the intervals cover only where ``covers_pictures``.
        mean_accuracy_O: over the points. The primary measure.
        mean_accuracy_differences: between optimizers; the verdict rests on them alone.
        decision: what they decide of each pair.
        spending: the present look among all, which all differences account for.
        learned_nothing_O: whose mean accuracy is nowhere more than 0.02 above the baseline. Their
            spread and sensitivity are NaN: there is nothing that could depend on a hyperparameter.
        worst_accuracy_O: the lowest over the points.
        spread_O: highest minus lowest over the points.
        robust_range: against the best accuracy of any optimizer.
        own_robust_range: against the optimizer's own best.
        sensitivity_O: mean rise of the capped training loss above its lowest, in nats.
        failure_share_O: of trials that diverged or ended at most ``near`` above the baseline.
        diverged_O: how many of the counted trials diverged.
        expected_best_OK: best accuracy to expect of k points tried, k = 1 … K.
        improvement_OO: probability that row beats column at a random point and seed.
        convergence: how soon.
        seconds, memory_bytes: cost of a trial.
        seconds_a_seed: what all of them take to train one more seed; NaN where not measured.
        covers_pictures: whether the intervals cover the choice of examples: where each seed has a
            split of its own.
        rounding: how much of the variance over seeds it is; None where it was not measured.
        importance: of two axes, which of them the score depends on; None of one.
        effective: the same comparison along the mean effective learning rate; None where every
            optimizer takes at least 0.9 of its learning rate, or that is not known.
    """

    optimizers: tuple[str, ...]
    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    epochs: int
    seeds: tuple[int, ...]
    dropped: tuple[str, ...]
    points_left_out: tuple[str, ...]
    has_shared_points: bool
    baseline: float
    baseline_words: str
    baseline_told: str
    diverged_words: str
    diverged_rule: str
    untrained: float
    metric: Metric
    is_imported: bool
    has_nats: bool
    has_classes: bool
    valid_examples: int
    accuracy_ON: Estimate
    sampling_error_ON: Floats
    mean_accuracy_O: Estimate
    mean_accuracy_differences: Differences
    decision: Decision
    spending: Spending
    learned_nothing_O: Bools
    worst_accuracy_O: Estimate
    spread_O: Estimate
    robust_range: RobustRange
    own_robust_range: RobustRange
    sensitivity_O: Estimate
    failure_share_O: Estimate
    diverged_O: Ints
    expected_best_OK: Estimate
    improvement_OO: Estimate
    convergence: Convergence
    seconds: Cost
    memory_bytes: Cost
    seconds_a_seed: float
    covers_pictures: bool = False
    rounding: Rounding | None = None
    importance: Importance | None = None
    effective: Effective | None = None

    @property
    def hyperparameter(self) -> str:
        """What was swept, in words."""
        return swept_words(self.axes)

    @property
    def words(self) -> MetricWords:
        """How the metric is said."""
        return MetricWords(self.metric)

    @property
    def compared(self) -> tuple[tuple[str, str, Differences], ...]:
        """What optimizers are compared by, pair by pair: measure, unit and differences.

        The primary measure comes first.
        """
        primary = self.mean_accuracy_differences.in_values(self.metric)
        return (
            (self.words.mean, self.metric.unit, primary),
            ("convergence", "epochs", self.convergence.differences),
            ("time a trial", "seconds", self.seconds.differences),
            ("memory a trial", "bytes", self.memory_bytes.differences),
        )

    @property
    def domain(self) -> Domain:
        """What means are taken over."""
        return Domain(self.axes)

    @property
    def has_intervals(self) -> bool:
        """Whether there are enough seeds for intervals and claims."""
        return len(self.seeds) >= MIN_SEEDS

    def _repr_html_(self) -> str:
        """The table of measures, for a notebook."""
        from sweep.analysis.tables import measures_table  # which is made of these

        rows = [tuple(map(str, row.values())) for row in measures_table(self)]
        note = paragraph("In brackets: 95 % intervals over seeds.")
        return table(("measure", *self.optimizers), rows) + note


@dataclass(frozen=True)
class Reading:
    """How differences are read.

    Attributes:
        margin: optimizers closer than this in the primary measure are equivalent, in its unit.
        pairs: which are compared: ``all``, or each with the ``first`` optimizer.
        looks: all that are on record; see ``spending_of``.
        design: what the present look belongs to, if it is not on record.
    """

    margin: float = MARGIN
    pairs: Pairs = "all"
    looks: tuple[Look, ...] = ()
    design: LookDesign | None = None


def measure(grid: Grid, reading: Reading | None = None) -> Measures:
    """Every measure, of the optimizers and seeds that can be compared (see ``comparable``).

    Args:
        grid: the study's results.
        reading: how differences are read; None reads all pairs as if this were the only look.

    Returns:
        Measures whose estimates are all NaN where no seed is complete.
    """
    compared = comparable(grid)
    used, reading = compared.grid, reading or Reading()
    spending = spending_of(reading.looks, len(used.seeds), reading.design)
    apart = partial(differences, which=reading.pairs, spending=spending)
    primary = primary_differences(used, reading.pairs, spending)
    domain = Domain(used.axes)
    weights_N, in_grid_N = domain.weights_N, domain.in_grid_N
    accuracy_ONSE = used.counted_accuracy()
    accuracy_ONS = used.final(accuracy_ONSE)
    accuracy_RON = seed_means(accuracy_ONS)
    mean_RO = curves.mean(accuracy_RON, weights_N)
    loss_RON = seed_means(used.final(used.capped_loss()))
    near, score = used.metric.near, partial(_within, used.words.bounds)
    failed_ONS = curves.failed_to_learn(accuracy_ONS, used.diverged, used.baseline, near)
    grid_RON = accuracy_RON[..., in_grid_N]
    best_R = grid_RON.max(axis=(1, 2))
    nothing_O = curves.learned_nothing(grid_RON[0], used.baseline, near)
    ranged = Ranged(accuracy_RON, domain, used.baseline, near, nothing_O)
    return Measures(
        optimizers=used.optimizers,
        axes=used.axes,
        points=used.points,
        epochs=used.epochs,
        seeds=used.seeds,
        dropped=compared.dropped,
        points_left_out=compared.points_left_out,
        has_shared_points=compared.has_shared_points,
        baseline=used.baseline,
        baseline_words=used.baseline_words,
        baseline_told=used.baseline_told,
        diverged_words=used.diverged_words,
        diverged_rule=used.diverged_rule,
        untrained=used.untrained,
        metric=used.metric,
        is_imported=used.is_imported,
        has_nats=used.has_nats,
        has_classes=not math.isnan(used.baseline_loss),
        valid_examples=used.valid_examples,
        accuracy_ON=score(accuracy_RON),
        sampling_error_ON=curves.sampling_error(used.metric.value(accuracy_RON[0]), used.shares_of),
        mean_accuracy_O=score(mean_RO),
        mean_accuracy_differences=primary,
        decision=decided(used.optimizers, primary, spending, reading.margin),
        spending=spending,
        learned_nothing_O=nothing_O,
        worst_accuracy_O=score(curves.worst_case(grid_RON)),
        spread_O=_within(
            (0, used.words.bounds[1] - used.words.bounds[0]),
            np.where(nothing_O, np.nan, curves.spread(grid_RON)),
        ),
        robust_range=ranged.within(best_R[:, None]),
        own_robust_range=ranged.within(grid_RON.max(axis=2)),
        sensitivity_O=estimate(
            np.where(
                nothing_O,
                np.nan,
                curves.sensitivity(loss_RON[..., in_grid_N], weights_N[in_grid_N]),
            ),
            lowest=0,
        ),
        failure_share_O=_share(seed_means(_known(failed_ONS, used)[:, in_grid_N].mean(axis=1))),
        diverged_O=used.diverged.sum(axis=(1, 2)),
        expected_best_OK=score(curves.expected_best(grid_RON)),
        improvement_OO=_share(seed_means(curves.improvement(accuracy_ONS[:, in_grid_N]))),
        convergence=convergence_of(
            used, seed_means(np.moveaxis(accuracy_ONSE, 2, -1)), best_R, apart
        ),
        seconds=_cost(used.seconds_ONS, apart),
        memory_bytes=_cost(used.memory_bytes_ONS, apart),
        seconds_a_seed=_seconds_a_seed(used),
        covers_pictures=used.covers_pictures,
        rounding=rounding(used),
        importance=importance(accuracy_RON, domain, nothing_O),
    )


def _known(failed_ONS: Bools, used: Grid) -> Floats:
    """Which trials failed to learn; NaN of an import that says nothing of learning nothing."""
    return np.where(used.is_imported and np.isnan(used.baseline), np.nan, failed_ONS)


def _within(bounds: tuple[float, float], replicates_RX: Floats) -> Estimate:
    return estimate(replicates_RX, lowest=bounds[0], highest=bounds[1])


def _share(replicates_RX: Floats) -> Estimate:
    return _within((0, 1), replicates_RX)


def _cost(cost_ONS: Floats, apart: Callable[[Floats], Differences]) -> Cost:
    replicates_RO = seed_means(cost_ONS.mean(axis=1))
    return Cost(estimate(replicates_RO, lowest=0), apart(replicates_RO))


def _seconds_a_seed(used: Grid) -> float:
    """Points with the same training are trained once."""
    is_trained_ON = used.training_ON == np.arange(len(used.points))
    seconds_ON = seed_means(used.seconds_ONS)[0]
    return float(seconds_ON[is_trained_ON].sum())
