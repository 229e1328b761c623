"""The fixed grid: every optimizer at every one of its points with every seed.

By seed first, so that a run that is cut short has compared every optimizer at every point.
"""

from sweep.planning.trials import Proposal
from sweep.results.results import Results
from sweep.study.extension import with_values
from sweep.study.study import Study


def grid(study: Study, stored: Results | None = None) -> tuple[Proposal, ...]:
    """The whole grid, with the values that were added to find edges (see ``edges``), if any.

    A comparison rests on seeds that have all values, so more seeds have these too.

    Example:
        >>> from sweep.study import Study
        >>> study = Study(
        ...     name="s", question="?", optimizers=["adam"], learning_rates=[0.1], seeds=2
        ... )
        >>> [proposal.seed for proposal in grid(study)]
        [0, 1]
    """
    study = _with_refined(study, stored)
    points = {optimizer.label: study.points(optimizer) for optimizer in study.optimizers}
    return tuple(
        Proposal(label, point, seed)
        for seed in study.seeds
        for label, of_optimizer in points.items()
        for point in of_optimizer
    )


def _with_refined(study: Study, stored: Results | None) -> Study:
    """The study with the refined values of the stored one, where it sweeps the same."""
    if stored is None or [axis.name for axis in stored.study.axes] != [
        axis.name for axis in study.axes
    ]:
        return study
    refined = [value for axis in stored.study.axes[:1] for value in axis.refined]
    return with_values(study, refined) if refined else study
