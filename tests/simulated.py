"""Simulated studies: optimizers that scatter in several ways, and what is claimed of them.

Legend: X simulated studies, O optimizers, N points, S seeds, M pairs of optimizers, K looks.
"""

from collections.abc import Callable, Sequence

import numpy as np

from sweep.analysis import curves
from sweep.analysis.domain import Domain
from sweep.analysis.intervals import Differences, differences, seed_means
from sweep.analysis.spending import Spending
from sweep.study.axis import Axis

RATES = np.geomspace(0.003, 0.1, 7)
WEIGHTS = Domain((Axis(name="learning_rate", values=tuple(RATES)),)).weights_N
PICTURES = 500
PAIR_SCATTER = 0.022
"""Standard deviation of a paired difference of mean accuracies.

``lr-robustness`` on 2,498 pictures of Dogs vs. Cats had 1.5 points (RAdam − Adam), 1.9 (RAdam −
Adam with warm-up) and 1.0 (Adam − Adam with warm-up) over 11 seeds, each with its own split.
"""

Scatter = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


def steady(rng, shape):
    return 0.97 + 0.005 * rng.standard_normal(shape)


def shared_by_seed(rng, shape):
    return (
        0.95 + 0.02 * rng.standard_normal((shape[0], 1, 1, shape[-1])) + steady(rng, shape) - 0.97
    )


def collapsing(rng, shape):
    """Three in ten trials at the two highest rates fall by a heavy-tailed amount."""
    accuracy = steady(rng, shape)
    top = (*shape[:2], 2, shape[3])
    fall = np.minimum(0.1 * np.abs(rng.standard_cauchy(top)), 0.47)
    accuracy[:, :, -2:] -= np.where(rng.random(top) < 0.3, fall, 0)
    return accuracy


def heavy_tailed(rng, shape):
    """Falls with no finite variance that grow with the rate."""
    fall = np.minimum(0.02 * np.abs(rng.standard_t(1.5, shape)), 0.4)
    return 0.9 - fall * np.linspace(0, 1, shape[2])[:, None]


def failing_at_the_top(rng, shape):
    """Three in ten trials at the highest rate end at the baseline, exactly."""
    accuracy = steady(rng, shape)
    fails = rng.random((*shape[:2], shape[3])) < 0.3
    accuracy[:, :, -1] = np.where(fails, 0.5, accuracy[:, :, -1])
    return accuracy


def half_failing_at_the_top(rng, shape):
    """As above, but every other trial: the worst case for seeds that agree by chance."""
    accuracy = steady(rng, shape)
    fails = rng.random((*shape[:2], shape[3])) < 0.5
    accuracy[:, :, -1] = np.where(fails, 0.5, accuracy[:, :, -1])
    return accuracy


def half_failing_at_two_rates(rng, shape):
    """As above, at the two highest rates."""
    accuracy = steady(rng, shape)
    fails = rng.random((*shape[:2], 2, shape[3])) < 0.5
    accuracy[:, :, -2:] = np.where(fails, 0.5, accuracy[:, :, -2:])
    return accuracy


def as_measured(rng, shape):
    """Whole curves go up and down with the seed, by ``PAIR_SCATTER``."""
    each = PAIR_SCATTER / np.sqrt(2)
    return 0.9 + each * rng.standard_normal((*shape[:2], 1, shape[3])) + np.zeros(shape)


def every_point_by_itself(optimizers, points):
    return np.broadcast_to(np.arange(points), (optimizers, points))


def differences_of(accuracy_XONS, training_ON=None, spending=None) -> Differences:
    """Differences of the primary measure, (X, M), as ``measure`` takes them."""
    pictures = np.round(np.clip(accuracy_XONS, 0, 1) * PICTURES) / PICTURES
    mean_RXO = curves.mean(seed_means(pictures), WEIGHTS)
    if training_ON is None:
        training_ON = every_point_by_itself(accuracy_XONS.shape[1], len(WEIGHTS))
    rounding = curves.rounding_error(WEIGHTS, training_ON, accuracy_XONS.shape[-1], PICTURES)
    failed = curves.failed_to_learn(pictures, np.zeros(pictures.shape, bool), 0.5)
    agreement = curves.agreement_error(pictures.mean(axis=-1), failed, WEIGHTS, training_ON)
    return differences(mean_RXO, least_error=np.hypot(rounding, agreement), spending=spending)


def claimed_of(accuracy_XONS, training_ON=None):
    """Which differences of the primary measure are claimed, (X, M)."""
    return differences_of(accuracy_XONS, training_ON).claimed


def looked_at(accuracy_XONS: np.ndarray, looks: Sequence[int], whole_at: int) -> list[Differences]:
    """What is found at each of K looks, when the whole level is spent at so many seeds."""
    return [
        differences_of(
            accuracy_XONS[..., :seeds], spending=Spending(tuple(looks[: k + 1]), whole_at)
        )
        for k, seeds in enumerate(looks)
    ]


def ever_claimed(found: Sequence[Differences]) -> float:
    """The share of studies in which some difference is claimed at some look."""
    return float(np.any([each.claimed.any(axis=1) for each in found], axis=0).mean())


DIFFERENT, EQUIVALENT = 1, 2


def stopped(found: Sequence[Differences], looks: Sequence[int], margin: float):
    """What is decided where a study ends that stops as soon as every pair is decided.

    Returns:
        Outcomes (X, M): 0 undecided, 1 different, 2 equivalent; and the seeds used, (X,), infinite
        where it is not decided at the last look.
    """
    outcome_KXM = np.stack([_outcomes(each, margin) for each in found])
    is_settled_KX = (outcome_KXM > 0).all(axis=2)
    ends_X = np.where(is_settled_KX.any(axis=0), is_settled_KX.argmax(axis=0), len(looks) - 1)
    outcome_XM = np.take_along_axis(outcome_KXM, ends_X[None, :, None], axis=0)[0]
    seeds_X = np.where(is_settled_KX.any(axis=0), np.asarray(looks)[ends_X], np.inf)
    return outcome_XM, seeds_X


def _outcomes(found: Differences, margin: float) -> np.ndarray:
    is_within = (found.low >= -margin) & (found.high <= margin)
    return np.where(is_within, EQUIVALENT, np.where(found.claimed, DIFFERENT, 0))
