"""The fixed grid: every optimizer at every one of its points with every seed.

By seed first, so that a run that is cut short has compared every optimizer at every point.
"""

from sweep.planning.trials import Proposal
from sweep.results.results import Results
from sweep.study.study import Study


def grid(study: Study, stored: Results | None = None) -> tuple[Proposal, ...]:  # noqa: ARG001 (a design's)
    """The whole grid, whatever is stored.

    Example:
        >>> from sweep.study import Study
        >>> study = Study(
        ...     name="s", question="?", optimizers=["adam"], learning_rates=[0.1], seeds=2
        ... )
        >>> [proposal.seed for proposal in grid(study)]
        [0, 1]
    """
    points = {optimizer.label: study.points(optimizer) for optimizer in study.optimizers}
    return tuple(
        Proposal(label, point, seed)
        for seed in study.seeds
        for label, of_optimizer in points.items()
        for point in of_optimizer
    )
