"""From a study to what is to be trained: trials with fingerprints, and their cohorts. Pure.

A cohort is the trials that train together: the same optimizer and seed, all learning rates.
Optimizers that look at whole variables (``Optimizer.element_wise``) have cohorts of one trial.
Where a limit on memory is given, cohorts are halved until they keep to it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from sweep.planning.trials import Trial, plan_trials
from sweep.study.optimizer import Optimizer
from sweep.study.study import Study


@dataclass(frozen=True)
class Cohort:
    """The trials that train together, in ascending order of their learning rates."""

    optimizer: Optimizer
    seed: int
    trials: tuple[Trial, ...]

    @property
    def learning_rates(self) -> tuple[float, ...]:
        """One a trial."""
        return tuple(trial.learning_rate for trial in self.trials)


def plan_cohorts(
    study: Study,
    features_key: str,
    finished: Collection[str] = (),
    max_trials: int | None = None,
) -> tuple[Cohort, ...]:
    """The cohorts that are still to train: all but the trials whose fingerprint is finished.

    With ``max_trials``, none has more.
    """
    optimizers = {optimizer.label: optimizer for optimizer in study.optimizers}
    missing = [
        trial for trial in plan_trials(study, features_key) if trial.fingerprint not in finished
    ]
    grouped = groupby(missing, key=lambda trial: (trial.optimizer, trial.seed))
    cohorts = (
        Cohort(optimizers[label], seed, trials)
        for (label, seed), group in grouped
        for trials in _together(optimizers[label], tuple(group))
    )
    return tuple(part for cohort in cohorts for part in parts(cohort, max_trials))


def parts(cohort: Cohort, max_trials: int | None) -> Iterator[Cohort]:
    """The cohort, halved until no part has more than ``max_trials``; the larger half first.

    By halves, so that a smaller limit only cuts the parts of a larger one.
    """
    count = len(cohort.trials)
    if max_trials is None or count <= max_trials:
        yield cohort
        return
    middle = half(count)
    for trials in (cohort.trials[:middle], cohort.trials[middle:]):
        yield from parts(replace(cohort, trials=trials), max_trials)


def half(count: int) -> int:
    """The size of the larger half."""
    return (count + 1) // 2


def _together(optimizer: Optimizer, trials: tuple[Trial, ...]) -> Iterator[tuple[Trial, ...]]:
    if optimizer.element_wise:
        yield trials
    else:
        yield from ((trial,) for trial in trials)
