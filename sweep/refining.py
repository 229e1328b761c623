"""A run that finds the edges of the robust range: what the runner asks of it, round by round.

Between the runner, which trains and writes, and ``designs.edges``, which is pure: the budget, and
what is told.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sweep.analysis.collect import grid_of
from sweep.analysis.edges import edges_of
from sweep.designs.edges import EdgesWithin, has_finished, refuse_unrefinable, whole_study
from sweep.designs.grid import grid
from sweep.designs.refined import Known, Refined, round_line, rounds_line
from sweep.planning.budget import Pace
from sweep.results.results import Results
from sweep.stages import Stage
from sweep.store import RunWriter
from sweep.study.study import Study


@dataclass
class Refining:
    """One run that finds the edges of the robust range.

    Attributes:
        design: proposes the rounds.
        opening: how edges are found, for the user.
    """

    design: EdgesWithin
    opening: str
    _pace: Pace
    _planned: int
    _is_refused: bool = False

    @classmethod
    def begin(cls, within: float, study: Study, stored: Results | None, pace: Pace) -> "Refining":
        """Check that the study has edges to be found.

        Raises:
            UsageError: it has none, or not all of its stored optimizers are asked for.
        """
        design = EdgesWithin(within)
        refuse_unrefinable(study)
        planned = whole_study(study, stored).planned_trials
        return cls(design, rounds_line(design, study.axes[0]), pace, planned)

    def holds(self, stage: Stage, ended: Collection[str]) -> bool:
        """Whether the budget holds what is missing of a stage, if that is a round.

        Values that were begun and not finished would keep seeds from counting at all others. What
        the study had before, or is asked for, is begun however long it takes.

        Args:
            stage: what the design asks for by now.
            ended: fingerprints of what is not to be trained any more.
        """
        is_round = len(stage.trials) > self._planned
        self._is_refused = is_round and not self._pace.holds(stage.cohorts(ended))
        return not self._is_refused

    def look(self, results: Results, _writer: RunWriter) -> str:
        """What a round has shown, in a line. It changes no verdict, so no look is on record."""
        return round_line(self.ending(results))

    def ending(self, results: Results) -> Refined:
        """How far edges are known, and why the run ended, from all that is stored after it."""
        axis = results.study.axes[0]
        found = edges_of(grid_of(results))
        if has_finished(results, grid(results.study)) and not self.design.values_between(
            found, axis
        ):
            reason = Known.FOUND
        else:
            is_over = self._is_refused or self._pace.is_closed
            reason = Known.BUDGET if is_over else Known.FAILED
        return Refined(reason, found, axis, self.design)
