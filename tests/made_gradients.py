"""Gradients that were never computed: bell-shaped histograms that move with the step."""

from collections.abc import Sequence

import numpy as np

from sweep.results.gradients import EDGES, GradientRecord, GradientStep

STEPS = (1, 5, 10, 25)
STEPS_AN_EPOCH = 10


def made_shares(middle_P: Sequence[float], zero: float = 0.1) -> np.ndarray:
    """Histograms (P, B) around the middles, in decades."""
    middles_B = (EDGES[:-1] + EDGES[1:]) / 2
    height_PB = np.exp(-((middles_B - np.array(middle_P)[:, None]) ** 2) / 2)
    return (1 - zero) * height_PB / height_PB.sum(axis=1, keepdims=True)


def made_step(step: int, middle_P: Sequence[float], *, has_rates: bool = True) -> GradientStep:
    """One of P trials."""
    count = len(middle_P)
    mean_P = np.array([10.0 ** (2 + 0.1 * p) for p in range(count)])
    unknown_P = np.full(count, np.nan)
    return GradientStep(
        step=step,
        epoch=1 + (step - 1) // STEPS_AN_EPOCH,
        share_PB=made_shares(middle_P),
        zero_P=np.full(count, 0.1),
        not_finite_P=np.zeros(count),
        rate_mean_P=mean_P if has_rates else unknown_P,
        rate_variance_P=mean_P**2 * (1 + 5 / step) if has_rates else unknown_P,
    )


def made_gradients(count: int, **said: bool) -> tuple[GradientStep, ...]:
    """Of a cohort of so many trials, three epochs of ten steps."""
    return tuple(
        made_step(step, [-4 - p - step / 25 for p in range(count)], **said) for step in STEPS
    )


def made_record(fingerprint: str, speed: float, steps: Sequence[int] = STEPS) -> GradientRecord:
    """Of one training, whose gradients become smaller by ``speed`` decades for ten times the steps.

    Its adaptive rate's relative variance falls from 7 to 2.
    """
    share_RB = np.concatenate([made_shares([-4 - speed * np.log10(step)]) for step in steps])
    ones_R = np.ones(len(steps))
    return GradientRecord(
        fingerprint,
        tuple(steps),
        share_RB,
        zero_R=0.1 * ones_R,
        not_finite_R=0 * ones_R,
        rate_mean_R=100 * ones_R,
        rate_variance_R=1e4 * (2 + 5 / np.array(steps)),
    )
