"""A run that adds seeds until its study is decided: what the runner asks of it, stage by stage.

Between the runner, which trains and writes, and ``designs.until_decided``, which is pure: the
budget, and what is told. Looks of all runs are counted here too.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sweep.analysis.collect import grid_of
from sweep.analysis.comparable import comparable
from sweep.analysis.evidence import Evidence
from sweep.analysis.intervals import MIN_SEEDS
from sweep.analysis.wording import duration
from sweep.designs.ending import Ending, NextStage, Reason, design_line, look_line
from sweep.designs.until_decided import (
    InStages,
    UntilDecided,
    begun_at,
    begun_design,
    decision_of,
    fixed,
)
from sweep.planning.budget import Pace
from sweep.results.looks import LookDesign
from sweep.results.results import Results
from sweep.stages import Stage
from sweep.store import RunWriter, Store
from sweep.study.study import Study
from sweep.util.times import local_time


@dataclass
class Deciding:
    """One run that adds seeds until its study is decided.

    Attributes:
        looks: the design, as it is or will be stored.
        opening: how seeds are added, for the user.
        pace: what the run's budget holds.
    """

    looks: LookDesign
    opening: str
    pace: Pace
    _refused: NextStage | None = None

    @classmethod
    def begin(
        cls, asked: UntilDecided, study: Study, stored: Results | None, pace: Pace
    ) -> "Deciding":
        """Fix the design, or go on with the one that is stored.

        Raises:
            UsageError: see ``until_decided.fixed``.
        """
        looks = fixed(asked, study, stored)
        if stored is None:
            return cls(looks, design_line(looks, None, metric=study.metric), pace)
        begun = local_time(begun_at(stored)) if begun_design(stored) else None
        seen = sorted({look.seeds for look in stored.looks} | {_seeds_to_see(stored)} - {0})
        return cls(looks, design_line(looks, begun, seen, study.metric), pace)

    @property
    def design(self) -> InStages:
        """Proposes the stages."""
        return InStages(self.looks)

    def holds(self, stage: Stage, ended: Collection[str]) -> bool:
        """Whether what is left of the budget holds a stage, as far as is known.

        Args:
            stage: what the design asks for by now.
            ended: fingerprints of what is not to be trained any more.
        """
        cohorts = stage.cohorts(ended)
        is_held = not cohorts or self.pace.holds(cohorts)
        seconds = None if is_held else self.pace.expected_seconds(cohorts)
        seeds = len({trial.seed for trial in stage.trials})
        self._refused = None if is_held else NextStage(seeds, seconds)
        return is_held

    def look(self, stored: Results, writer: RunWriter) -> str:
        """What a stage has shown, in a line: the look is on record before anybody sees it."""
        seeds = _seeds_to_see(stored)
        if seeds:
            writer.look(seeds, datetime.now(UTC), by_design=True)
        budget = self.pace.budget
        left = budget.left_seconds
        shown = f" ({duration(left)} left)" if math.isfinite(left) else ""
        decision = decision_of(stored, self.looks)
        used, metric = budget.used_seconds, stored.study.metric
        return look_line(decision, self.looks, used, shown, metric)

    def ending(self, results: Results) -> Ending:
        """Why the run ended, from all that is stored after it."""
        decision = decision_of(results, self.looks)
        budget = self.pace.budget
        has_limit = math.isfinite(budget.seconds)
        if decision.pairs and decision.settled:
            reason = Reason.DECIDED
        elif decision.seeds >= self.looks.max_seeds:
            reason = Reason.MAX_SEEDS
        elif self._refused is not None or self.pace.is_closed or (has_limit and budget.is_over):
            reason = Reason.BUDGET
        else:
            reason = Reason.FAILED
        limit = budget.seconds if has_limit else None
        return Ending(reason, decision, self.looks, limit, self._refused)


def record_earlier_look(
    writer: RunWriter, study: Study, stored: Results | None, *, is_growing: bool
) -> None:
    """Count what anybody could have seen of a study before it gets more seeds.

    A store of an earlier version has no looks on record. A run that goes on where it was
    interrupted adds no seeds, and what it left of a stage of a design is no look.

    Args:
        writer: of the run.
        study: as it is asked for.
        stored: all that was stored of it before the run; None where it was never run.
        is_growing: whether the run adds seeds that the study does not ask for.
    """
    if stored is None or begun_design(stored):
        return
    if not is_growing and {*study.seeds} <= {*stored.study.seeds}:
        return
    seeds = _seeds_to_see(stored)
    if seeds and seeds not in {look.seeds for look in stored.looks}:
        last = stored.runs[-1]
        writer.look(seeds, last.finished_at or last.started_at, by_design=False)


def record_look(store: Store, results: Results, evidence: Evidence) -> None:
    """Put on record that the verdict of a run is seen, where it can claim anything.

    Once a design is fixed, looks belong to it whoever adds the seeds: it is what intervals were
    made for.

    Args:
        store: the run's.
        results: what it rests on.
        evidence: made of them.
    """
    if evidence.measures.has_intervals:
        seeds, by_design = len(evidence.measures.seeds), results.look_design is not None
        store.add_look(results.study.name, seeds, datetime.now(UTC), by_design=by_design)


def _seeds_to_see(results: Results) -> int:
    """How many whole seeds a verdict on the results rests on; 0 where it can claim nothing."""
    seeds = len(comparable(grid_of(results)).grid.seeds)
    return seeds if seeds >= MIN_SEEDS else 0
