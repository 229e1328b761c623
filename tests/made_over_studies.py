"""Made-up results of several studies of the same optimizers and axes, and what they measure."""

from made_results import made_results, made_study

from sweep.analysis.collect import grid_of
from sweep.analysis.over_studies import OverStudies, over_studies
from sweep.results.results import Results
from sweep.study.axis import Axis
from sweep.study.study import Study

AXES = (
    Axis(name="batch_size", values=(16, 32)),
    Axis(name="learning_rate", values=(0.003, 0.01, 0.1)),
)
GAINS = ((0.0, -0.12, -0.03), (-0.4, 0.05, -0.2))


def several_results(
    gains: tuple[tuple[float, ...], ...] = GAINS, study: Study | None = None
) -> dict[str, Results]:
    """Of one study for each tuple of ``gains`` (see ``made_results``), by what it is called."""
    study = study or made_study(seeds=4)
    return {
        f"made-{place}": made_results(study.replace(name=f"made-{place}"), gains=gain)
        for place, gain in enumerate(gains)
    }


def made_over(
    gains: tuple[tuple[float, ...], ...] = GAINS, study: Study | None = None
) -> OverStudies:
    """What ``several_results`` measure."""
    results = several_results(gains, study)
    return over_studies([*results], [grid_of(each) for each in results.values()])
