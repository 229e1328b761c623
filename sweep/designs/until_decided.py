"""Adding seeds in stages until every pair of optimizers is decided, or there are the most.

The stages are fixed before the first look and stored (``fixed``); then ``InStages`` proposes,
from what is stored, the seeds of the next stage. The runner stores the looks. What each look may
claim is spent from one error rate by the share of the seeds seen (Lan & DeMets 1983), so a look at
another number of seeds than a stage, after an interruption, costs what it is worth.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sweep.analysis.collect import grid_of
from sweep.analysis.decision import Decision, decide
from sweep.analysis.intervals import MIN_SEEDS
from sweep.analysis.metric_words import MetricWords, checked_margin
from sweep.designs.grid import grid
from sweep.errors import UsageError
from sweep.planning.trials import Proposal
from sweep.results.looks import LookDesign
from sweep.results.results import Results
from sweep.study.study import MAX_SEEDS, Study

MOST_SEEDS = 200
"""How many seeds a study gets at most, where nothing is said."""
GROWTH, MAX_LOOKS = 1.5, 10
"""Each stage has about so many times the seeds of the one before it; there are so many at most."""


@dataclass(frozen=True)
class UntilDecided:
    """What a user asks of a run that adds seeds until the study is decided; None is not said.

    Attributes:
        margin: optimizers closer than this are equivalent, in the metric's unit (0.01 of a share
            is one point).
        max_seeds: the most seeds.
        budget_seconds: how long the run may take.

    Raises:
        UsageError: a number that means nothing.
    """

    margin: float | None = None
    max_seeds: int | None = None
    budget_seconds: float | None = None

    def __post_init__(self) -> None:
        if self.margin is not None and not 0 < self.margin < math.inf:
            raise UsageError(
                f"a margin of {self.margin:g}",
                rule="It is above 0.",
                remedy="For example: --margin 1, for one point of accuracy.",
            )
        if self.max_seeds is not None and not MIN_SEEDS <= self.max_seeds <= MAX_SEEDS:
            raise UsageError(
                f"at most {self.max_seeds} seeds",
                rule=f"Intervals begin with {MIN_SEEDS} seeds; a study has up to {MAX_SEEDS:,}.",
                remedy="For example: --max-seeds 60.",
            )
        if self.budget_seconds is not None and not 0 < self.budget_seconds < math.inf:
            raise UsageError(
                f"a budget of {self.budget_seconds} seconds",
                remedy="For example: --budget 30min.",
            )


@dataclass(frozen=True)
class InStages:
    """Proposes one stage after the other until the study is decided; a ``Design``.

    Attributes:
        looks: what was fixed before the first look.

    Example:
        >>> study = Study(
        ...     name="s", question="?", optimizers=["adam", "sgd"], learning_rates=[0.1], seeds=2
        ... )
        >>> design = InStages(stages(2, 20, margin=0.01))
        >>> sorted({proposal.seed for proposal in design(study, None)})
        [0, 1, 2]
    """

    looks: LookDesign

    def __call__(self, study: Study, stored: Results | None) -> tuple[Proposal, ...]:
        """The seeds that are there, and those of the next stage, unless all is decided."""
        seeds = seeds_of(study, stored)
        count = len(seeds)
        if stored is None or decision_of(stored, self.looks).seeds >= count:
            count = self._next(count, stored)
        return grid(study.model_copy(update={"seeds": with_more(seeds, count)}), stored)

    def _next(self, count: int, stored: Results | None) -> int:
        """How many seeds the study should have where it has all of so many."""
        if stored is None:
            return max(count, self.looks.stages[0])
        if decision_of(stored, self.looks).settled:
            return count
        return next((stage for stage in self.looks.stages if stage > count), count)


def decision_of(results: Results, looks: LookDesign) -> Decision:
    """What the stored results decide, by a design.

    Args:
        results: of a study.
        looks: the design that its seeds are added by.
    """
    return decide(
        grid_of(results),
        results.looks,
        margin=looks.margin,
        pairs=results.study.pairs,
        design=looks,
    )


def fixed(asked: UntilDecided, study: Study, stored: Results | None) -> LookDesign:
    """The design of a study: the stored one, once it has looks, or a new one.

    Its first stage are the seeds that the study has.

    Args:
        asked: by the user.
        study: as it is asked for.
        stored: all that is stored of it; None where it was never run.

    Raises:
        UsageError: the margin is none of the metric, there is nothing to decide, fewer seeds are
            asked for than there are, or another design than the one that has looks.
    """
    if asked.margin is not None:
        checked_margin(asked.margin, study.metric)
    labels = [optimizer.label for optimizer in study.optimizers]
    if len(labels) < 2:
        raise UsageError(
            f"{study.name} has {', '.join(labels)} alone, so there is nothing to decide",
            remedy="Compare it with another: --optimizers radam,adam.",
        )
    begun = begun_design(stored)
    if begun:
        _refuse_another(asked, begun, study)
        return begun
    count = max(MIN_SEEDS, len(seeds_of(study, stored)))
    if asked.max_seeds is not None and asked.max_seeds < count:
        raise UsageError(
            f"--max-seeds {asked.max_seeds}, and {study.name} has {count} already",
            remedy=f"Raise it, or leave it out: {max(MOST_SEEDS, count)} seeds are usual.",
        )
    margin = study.margin if asked.margin is None else asked.margin
    return stages(count, asked.max_seeds or max(MOST_SEEDS, count), margin=margin)


def begun_design(stored: Results | None) -> LookDesign | None:
    """The stored design, once a look belongs to it: then nothing of it may change."""
    if stored is None or not any(look.design for look in stored.looks):
        return None
    return stored.look_design


def begun_at(stored: Results) -> datetime:
    """When the first look by a design was."""
    return min(look.at for look in stored.looks if look.design)


def _refuse_another(asked: UntilDecided, begun: LookDesign, study: Study) -> None:
    different, scale = [], MetricWords(study.metric).scale
    if asked.max_seeds not in (None, begun.max_seeds):
        different.append(f"--max-seeds {asked.max_seeds} (it has {begun.max_seeds})")
    if asked.margin is not None and not math.isclose(asked.margin, begun.margin):
        different.append(f"--margin {scale * asked.margin:g} (it has {scale * begun.margin:g})")
    if different:
        raise UsageError(
            f"{study.name} goes on as it began, without {' and '.join(different)}",
            rule="How seeds are added is fixed before the first look: chosen after one, it would "
            "claim too much.",
            remedy="Leave that out to go on as it began; or begin anew under another name with "
            "--name; or add seeds by hand with --seeds, which the intervals account for.",
        )


def stages(first: int, most: int, *, margin: float) -> LookDesign:
    """Stages that grow by about the same factor.

    Args:
        first: how many seeds are there at the beginning.
        most: how many seeds at most.
        margin: optimizers closer than this are equivalent, in the metric's unit.

    Example:
        >>> stages(5, 60, margin=0.01).stages
        (5, 8, 11, 17, 26, 40, 60)
    """
    first = max(first, MIN_SEEDS)
    steps = max(1, min(MAX_LOOKS - 1, round(math.log(most / first) / math.log(GROWTH))))
    grown = (round(first * (most / first) ** (step / steps)) for step in range(steps + 1))
    return LookDesign(tuple(sorted({*grown})), margin)


def seeds_of(study: Study, stored: Results | None) -> tuple[int, ...]:
    """The seeds that are asked for, and those that are stored, rising."""
    there = stored.study.seeds if stored else ()
    return tuple(sorted({*study.seeds, *there}))


def with_more(seeds: Collection[int], count: int) -> tuple[int, ...]:
    """These seeds, and the lowest others, up to a count; rising.

    Example:
        >>> with_more([0, 1, 7], 5)
        (0, 1, 2, 3, 7)
    """
    known = {*seeds}
    others = (seed for seed in range(count) if seed not in known)
    added = [seed for seed, _ in zip(others, range(count - len(known)), strict=False)]
    return tuple(sorted([*known, *added]))
