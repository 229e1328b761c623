"""What is trained once more, rounded otherwise, to see how much rounding alone does. Pure.

The order of a sum decides how it is rounded. At high learning rates such differences grow from step
to step until two trainings of the same trial end apart (see Summers & Dinneen 2021, arXiv
2103.04514, on a change of one bit). How far, only a second training tells: here one whose batches
are summed in twice as many parts. (Cohorts of another size would not do: on a processor they gave
the same bits.) Networks whose batches cannot be cut, those with batch normalization or dropout,
start from weights whose last bits are changed instead.

In the flow: ``runner`` asks for it when all trials are trained; what comes out is kept apart from
the trials.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sweep.planning.cohorts import Cohort
from sweep.planning.events import CohortFailed, CohortResult, CohortStarted, EpochResult, Event
from sweep.planning.trials import Trial
from sweep.results.records import CohortRecord, RepeatRecord


def repeat_cohorts(
    trials: Iterable[Trial],
    trained: Iterable[CohortRecord],
    seeds: Collection[int],
    repeated: Collection[str] = (),
) -> tuple[Cohort, ...]:
    """The cohorts that train trials once more, with batches in twice as many parts as before.

    Where a batch is a single example, it has no parts: such trials are left out.

    Args:
        trials: of the plan.
        trained: the stored cohorts.
        seeds: of which trials are repeated.
        repeated: fingerprints of the trials that have been.
    """
    known = {
        trial.fingerprint: trial
        for trial in trials
        if trial.seed in seeds and trial.fingerprint not in repeated
    }
    cohorts = []
    for record in trained:
        rest = tuple(known[it] for it in record.fingerprints if it in known)
        count = 2 * int(record.provenance.get("micro_batches", 1))
        if rest and count <= rest[0].config.batch_size:
            cohorts.append(Cohort(rest, micro_batches=count))
    return tuple(cohorts)


@dataclass(frozen=True)
class Repeat:
    """A cohort that was trained once more: its end, and where its trials ended."""

    result: CohortResult
    records: tuple[RepeatRecord, ...]


def repeats(events: Iterable[Event]) -> Iterator[Repeat | CohortFailed]:
    """The ends of repeated cohorts, from their events; one that failed may be tried again."""
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
            case CohortFailed():
                yield event


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
