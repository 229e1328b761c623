"""Every trial of a study, with its training configuration and fingerprint. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from sweep.study.axis import Point
from sweep.study.fingerprint import fingerprints
from sweep.study.study import Study
from sweep.study.training_config import TrainingConfig
from sweep.util.collecting import no_cycles


class Proposal(NamedTuple):
    """What a design asks to be trained: an optimizer, by its label, at a point with a seed.

    A tuple, since a study may have very many.
    """

    optimizer: str
    point: Point
    seed: int


class Trial(NamedTuple):
    """One training: optimizer × point × seed. A tuple, since a study may have very many.

    Attributes:
        optimizer: its label.
        point: a value for each axis of the study.
        seed: of the initial weights and the order of the batches.
        config: what the three come to.
        fingerprint: the hash of all that defines the result; trials of the same fingerprint are
            one training.
    """

    optimizer: str
    point: Point
    seed: int
    config: TrainingConfig
    fingerprint: str


_OfPoint = tuple[TrainingConfig, Callable[[int], str]]
"""What all trials of an optimizer at a point have: their configuration; fingerprints by seed."""


@no_cycles()
def plan_trials(
    study: Study,
    proposals: Iterable[Proposal],
    task_key: str,
    code: Mapping[str, Mapping[str, str]] | None = None,
) -> tuple[Trial, ...]:
    """The trials that a design proposes, in its order.

    Args:
        study: whose.
        proposals: from a design.
        task_key: hash of what the task trains on.
        code: of each optimizer of the user's own, by label, the hashes of its files.
    """
    known: dict[tuple[str, Point], _OfPoint] = {}
    # Proposals share the objects of their points; one's id is no other's as long as it is kept.
    same: dict[tuple[str, int], tuple[Point, _OfPoint]] = {}
    trials = []
    for label, point, seed in proposals:
        found = same.get((label, id(point)))
        if found is None:
            of_point = known.get((label, point))
            if of_point is None:
                config = study.config(study.optimizer(label), point)
                of_point = config, fingerprints(config, task_key, (code or {}).get(label))
                known[label, point] = of_point
            found = same[label, id(point)] = point, of_point
        config, by_seed = found[1]
        trials.append(Trial(label, point, seed, config, by_seed(seed)))
    return tuple(trials)
