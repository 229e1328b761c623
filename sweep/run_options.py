"""How a run goes about its study: what a user may ask of it beside the question.

In the flow: the command line and the API make ``RunOptions``; the runner and ``sweep plan`` check
them against the study before anything is looked for. Options without an effect are refused.
"""

from dataclasses import dataclass
from math import inf

from sweep.designs.design import Design
from sweep.designs.edges import EdgesWithin
from sweep.designs.grid import grid
from sweep.designs.until_decided import UntilDecided
from sweep.errors import UsageError
from sweep.executors.cluster import RayCluster
from sweep.study.study import Study

_TRAINS_BY_ITSELF = "A training function or program of your own trains by itself."
_SHARES = "On Ray, --cpus-per-cohort and --gpus-per-cohort say how many trials run at once."
_TRAINS_TOGETHER = "Workers are for training functions and programs of your own."


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How a run goes about its study.

    Attributes:
        memory_limit_bytes: cohorts are planned as small as this asks for; None for whole ones.
            (Never what is free at the moment: another split rounds otherwise, and the same
            command shall give the same numbers.)
        retries: how often a cohort is tried again that an exception ended.
        wait: for the end of another run of the study, instead of an error.
        cluster: where cohorts train; None for this process.
        design: proposes what to train, from the study and what is stored of it.
        until_decided: add seeds in stages until every pair of optimizers is decided, in place of
            the design; None for the study's seeds.
        refine: add values, in place of the design, until the edges of every optimizer's robust
            range are known so finely, in the axis' unit of length (decades of a learning rate).
        budget_seconds: how long the run may take: a cohort that would not fit is not begun.
        measure_rounding: the trials of so many seeds, the first, are trained once more, rounded
            otherwise, to tell what rounding does; those that have been are not again.
        workers: so many trials at once of a training function or program of the user's own; None
            for one.
    """

    memory_limit_bytes: int | None = None
    retries: int = 0
    wait: bool = False
    cluster: RayCluster | None = None
    design: Design = grid
    until_decided: UntilDecided | None = None
    refine: float | None = None
    budget_seconds: float | None = None
    measure_rounding: int = 0
    workers: int | None = None

    @property
    def is_grid(self) -> bool:
        """Whether all that is to be trained is known before the run begins."""
        return self.design is grid and self.until_decided is None and self.refine is None

    @property
    def most_seconds(self) -> float:
        """How long the run may take, however that was said; infinity where it was not."""
        of_design = self.until_decided.budget_seconds if self.until_decided else None
        return min(x for x in (self.budget_seconds, of_design, inf) if x is not None)

    def check(self, study: Study) -> None:
        """Check that the study can be run like this.

        Raises:
            UsageError: it cannot: an option has no effect on it, or two exclude each other.
        """
        if study.is_program:
            self._check_program(study)
        elif self.workers is not None:
            raise _no_effect(f"--workers {self.workers}", study, _TRAINS_TOGETHER)
        if self.refine is not None:
            self._check_refine(self.refine)

    def _check_program(self, study: Study) -> None:
        if self.workers is not None and self.workers < 1:
            raise UsageError(f"--workers {self.workers}", remedy="Pass 1 or more.")
        if self.workers is not None and self.cluster is not None:
            raise _no_effect(f"--workers {self.workers}", study, _SHARES)
        if self.memory_limit_bytes is not None:
            remedy = "Leave it out; --workers says how many train at once."
            raise _no_effect("--memory-limit", study, _TRAINS_BY_ITSELF, remedy)
        if self.measure_rounding:
            raise _no_effect("--measure-rounding", study, _TRAINS_BY_ITSELF)

    def _check_refine(self, within: float) -> None:
        EdgesWithin(within)
        if self.until_decided is not None:
            raise UsageError(
                "--refine beside --until-decided: a run adds either seeds until all is decided, or "
                "values until edges are known",
                rule="A stage has all seeds at all values, and one thing that decides on the next.",
                remedy="Run it with --until-decided first, and with --refine afterwards.",
            )


AS_USUAL = RunOptions()
"""The study's own grid, in this process, however long it takes."""


def _no_effect(option: str, study: Study, rule: str, remedy: str = "Leave it out.") -> UsageError:
    return UsageError(f"{option} has no effect on {study.name}", rule=rule, remedy=remedy)
