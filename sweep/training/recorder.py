"""What is recorded of the gradients of a cohort's training, at the steps where that is due.

In the flow: ``loop`` and ``networks.training`` tell of each step before and after it is taken.

Legend: P trials, N sampled weights.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sweep.optimizers.adaptive_rate import SecondMoments, adaptive_rate
from sweep.planning.recording import FEW_WEIGHTS, chosen_steps, recorded_steps
from sweep.results.gradients import GradientStep
from sweep.study.optimizer import Setting
from sweep.training.cohort_plan import CohortPlan
from sweep.training.gradients import Floats, Reader, Sample, mean_and_variance, shares


class HasMoments(Protocol):
    """An optimizer, as far as it is looked at."""

    @property
    def second_moments(self) -> SecondMoments | None:
        """Of all that it trains; None where the algorithm has none like Adam's."""
        ...


@dataclass(frozen=True)
class _Adaptive:
    """How the adaptive rate of each trial is computed from its second moments."""

    moments: SecondMoments
    beta_2_P: Floats
    epsilon_P: Floats

    @classmethod
    def of(cls, plan: CohortPlan, moments: SecondMoments | None) -> "_Adaptive | None":
        if moments is None:
            return None
        optimizers = [trial.config.optimizer for trial in plan.cohort.trials]
        beta_2_P, epsilon_P = (
            np.array([_known(each.setting(name), common) for each in optimizers], np.float64)
            for name, common in (("beta_2", moments.beta_2), ("epsilon", moments.epsilon))
        )
        return cls(moments, beta_2_P, epsilon_P)

    def rates(self, sample: Sample, step: int) -> Floats:
        """After a step, (N, P); NaN where v is 0."""
        return adaptive_rate(
            sample.of_arrays(self.moments.variables),
            step,
            beta_2_P=self.beta_2_P,
            epsilon_P=self.epsilon_P,
            epsilon_place=self.moments.epsilon_place,
        )


def _known(setting: Setting, common: float | None) -> Setting:
    """What a trial's definition says, or else what its optimizer was built with."""
    return common if setting is None else setting


class Recorder:
    """Records the gradients of one cohort's training at the steps that are due.

    Args:
        plan: of the cohort.
        reader: computes them; None where none are wanted.
        optimizer: of the cohort.

    Attributes:
        recorded: so far.
    """

    def __init__(self, plan: CohortPlan, reader: Reader | None, optimizer: HasMoments) -> None:
        self._reader = reader
        weights = 0.0 if reader is None else float(reader.sample.weights_N.sum())
        self._due = frozenset(() if reader is None else _steps(plan, weights))
        self._steps_per_epoch = plan.steps_per_epoch
        self._adaptive = _Adaptive.of(plan, optimizer.second_moments)
        self._read: NDArray[np.float32] | None = None
        self.recorded: list[GradientStep] = []

    def before(self, step: int, *batch: Any) -> None:
        """A step, from 1, is about to be taken on this batch, as its ``train`` takes it."""
        if step in self._due and self._reader is not None:
            self._read = self._reader.read(*batch)

    def after(self, step: int) -> None:
        """It was taken."""
        if self._read is None or self._reader is None:
            return
        sample = self._reader.sample
        rate_mean_P, rate_variance_P = self._rates(sample, step)
        share_PB, zero_P, not_finite_P = shares(self._read, sample.weights_N)
        self._read = None
        self.recorded.append(
            GradientStep(
                step=step,
                epoch=1 + (step - 1) // self._steps_per_epoch,
                share_PB=share_PB,
                zero_P=zero_P,
                not_finite_P=not_finite_P,
                rate_mean_P=rate_mean_P,
                rate_variance_P=rate_variance_P,
            )
        )

    def _rates(self, sample: Sample, step: int) -> tuple[Floats, Floats]:
        if self._adaptive is None:
            unknown_P = np.full(sample.places[0].shape[1], np.nan)
            return unknown_P, unknown_P
        return mean_and_variance(self._adaptive.rates(sample, step), sample.weights_N)


def wants_gradients(plan: CohortPlan) -> bool:
    """Whether they are recorded: where the study says so, and at any step.

    Not where a cohort is trained once more, rounded otherwise: that is no trial.
    """
    cohort = plan.cohort
    is_wanted = bool(cohort.config.gradients) and cohort.micro_batches == 1
    return is_wanted and bool(_steps(plan))


def _steps(plan: CohortPlan, weights: float = FEW_WEIGHTS) -> tuple[int, ...]:
    total = plan.steps_per_epoch * plan.cohort.config.epochs
    smaller_every = plan.steps_per_epoch if plan.has_smaller_batch else None
    chosen = plan.cohort.config.gradients
    if not isinstance(chosen, bool):
        return chosen_steps(chosen, total, smaller_every)
    return recorded_steps(total, smaller_every, weights)
