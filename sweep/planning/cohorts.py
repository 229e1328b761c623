"""From trials to what is to be trained: cohorts, the trials that train together. Pure.

A cohort has one optimizer and one seed, and its trials differ only in what can be a vector (see
``TrainingConfig.cohort_key``). Of trials with the same fingerprint one is trained. Where a limit on
memory is given, cohorts are halved until they keep to it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from sweep.planning.trials import Trial
from sweep.study.axis import Point
from sweep.study.training_config import TrainingConfig


@dataclass(frozen=True)
class Cohort:
    """The trials that train together, in the order of the plan; at least one.

    Attributes:
        trials: which.
        micro_batches: into at least so many parts every batch is cut, whose gradients add up to
            the batch's: the same training, but for rounding. A network whose batches cannot be cut
            is rounded otherwise in another way.
    """

    trials: tuple[Trial, ...]
    micro_batches: int = 1

    @property
    def optimizer(self) -> str:
        """The label of its optimizer."""
        return self.trials[0].optimizer

    @property
    def seed(self) -> int:
        """Of all its trials."""
        return self.trials[0].seed

    @property
    def points(self) -> tuple[Point, ...]:
        """One a trial."""
        return tuple(trial.point for trial in self.trials)

    @property
    def config(self) -> TrainingConfig:
        """The first trial's; the others' differ from it only in what can be a vector."""
        return self.trials[0].config


MayBegin = Callable[[Cohort], bool]
"""Whether a cohort may begin to train; executors ask before each."""


def every_one(_: Cohort) -> bool:
    """Let every cohort begin."""
    return True


def plan_cohorts(
    trials: Sequence[Trial],
    finished: Collection[str] = (),
    max_trials: int | None = None,
) -> tuple[Cohort, ...]:
    """The cohorts that are still to train: all but the trials whose fingerprint is finished.

    Args:
        trials: of the plan, by seed first, so that a run that is cut short has compared every
            optimizer.
        finished: fingerprints.
        max_trials: in any cohort; None for as many as belong together.
    """
    missing: dict[str, Trial] = {}
    for trial in trials:
        if trial.fingerprint not in finished:
            missing.setdefault(trial.fingerprint, trial)
    grouped: dict[tuple[int, int], list[Trial]] = {}
    kinds = _Kinds()
    for trial in missing.values():
        grouped.setdefault((trial.seed, kinds.of(trial.config)), []).append(trial)
    cohorts = (Cohort(tuple(group)) for group in grouped.values())
    return tuple(part for cohort in cohorts for part in parts(cohort, max_trials))


class _Kinds:
    """Numbers of configurations, the same for those that can train together.

    All seeds of a point share one configuration, so each is looked at once.
    """

    def __init__(self) -> None:
        self._by_key: dict[tuple, int] = defaultdict(count().__next__)
        self._known: dict[int, tuple[int, TrainingConfig]] = {}
        """By the configuration's id, which is no other's as long as it is kept here."""

    def of(self, config: TrainingConfig) -> int:
        """The number of a configuration."""
        known = self._known.get(id(config))
        if known is None:
            known = self._known[id(config)] = self._by_key[config.cohort_key()], config
        return known[0]


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
