"""What a study's metric is where nothing is learned, as far as it is said or the data tells.

For measures, and for what the store shows of diverged trials in optuna-dashboard.
"""

import math

from sweep.results.provenance import DatasetInfo
from sweep.study.networks import Network
from sweep.study.study import Study


def guessing_of(study: Study, dataset: DatasetInfo | None) -> float:
    """In the metric's unit: what the study says, else the majority-class baseline of accuracies.

    Args:
        study: whose metric.
        dataset: the account of its data; None where there is none.

    Returns:
        NaN where it is not known.
    """
    if study.guessing is not None:
        return study.guessing
    baseline = dataset.baseline if dataset and measures_accuracy(study) else None
    return math.nan if baseline is None else baseline


def measures_accuracy(study: Study) -> bool:
    """Whether its metric is the share of right answers, as sweep counts them itself."""
    if isinstance(study.task, Network):
        return study.task.measure is None
    return study.task is None
