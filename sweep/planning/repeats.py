"""What is trained once more, in other cohorts, to see how much rounding alone does. Pure.

The order of a sum decides how it is rounded, and a cohort of another size sums in another order. At
high learning rates such differences grow from step to step until two trainings of the same trial
end apart (see Summers & Dinneen 2021, arXiv 2103.04514, on a change of one bit). How far, only a
second training tells.

In the flow: ``runner`` asks for it when all trials are trained; what comes out is kept apart from
the trials.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sweep.planning.cohorts import Cohort, half, parts
from sweep.planning.events import CohortResult, CohortStarted, EpochResult, Event
from sweep.planning.trials import Trial
from sweep.results.records import RepeatRecord


def repeat_cohorts(
    trials: Iterable[Trial],
    trained: Iterable[Sequence[str]],
    seeds: Collection[int],
    repeated: Collection[str] = (),
) -> tuple[Cohort, ...]:
    """The cohorts that train trials once more, each half as large as the one that trained them.

    A trial that was trained alone has no other cohort: it is left out.

    Args:
        trials: of the plan.
        trained: the fingerprints of each stored cohort.
        seeds: of which trials are repeated.
        repeated: fingerprints of the trials that have been.
    """
    known = {trial.fingerprint: trial for trial in trials if trial.seed in seeds}
    cohorts = []
    for fingerprints in trained:
        rest = [known[it] for it in fingerprints if it in known and it not in repeated]
        if rest and len(fingerprints) > 1:
            cohorts += parts(Cohort(tuple(rest)), half(len(fingerprints)))
    return tuple(cohorts)


@dataclass(frozen=True)
class Repeat:
    """A cohort that was trained once more: its end, and where its trials ended."""

    result: CohortResult
    records: tuple[RepeatRecord, ...]


def repeats(events: Iterable[Event]) -> Iterator[Repeat]:
    """The ends of repeated cohorts, from their events; one that failed has none."""
    under_way: dict[tuple[str, ...], _UnderWay] = {}
    for event in events:
        key = tuple(trial.fingerprint for trial in event.cohort.trials)
        match event:
            case CohortStarted():
                under_way[key] = _UnderWay()
            case EpochResult():
                under_way[key].epochs.append(event)
            case CohortResult():
                yield Repeat(event, tuple(_records(event, under_way.pop(key).epochs)))


@dataclass(frozen=True)
class _UnderWay:
    epochs: list[EpochResult] = field(default_factory=list)


def _records(result: CohortResult, epochs: Sequence[EpochResult]) -> Iterator[RepeatRecord]:
    """Where each trial ended: after its last epoch, or in the one in which it diverged."""
    for p, trial in enumerate(result.cohort.trials):
        diverged_at = result.diverged_at_epoch_P[p]
        end = epochs[-1 if diverged_at is None else diverged_at]
        accuracy = float(end.valid_accuracy_P[p])
        yield RepeatRecord(trial.fingerprint, accuracy, diverged_at is not None)
