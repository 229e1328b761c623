"""From a study to its task: what its trials train on, found and known by its content.

In the flow: ``runner`` and ``sweep plan`` ask for it before anything is planned.
"""

from sweep.study.networks import Network
from sweep.study.study import Study
from sweep.tasks import frozen_features, networks, programs
from sweep.tasks.frozen_features import Stored
from sweep.tasks.task import Places, Task
from sweep.util.machine import Machine
from sweep.util.progress import Progress, silent


def resolve(
    study: Study,
    places: Places,
    progress: Progress = silent,
    stored: Stored = lambda _: None,
    machine: Machine | None = None,
) -> Task:
    """The study with everything that it is trained on.

    Args:
        study: as it is asked for.
        places: where things are.
        progress: is told of downloads and of the checking of data.
        stored: what the store has.
        machine: that trains; None for this one with TensorFlow.

    Raises:
        DataError, WeightsError: something named is missing or unusable.
        UsageError: the options contradict each other, or an axis is none of the task's.
        StudyError: the user's own code cannot be found.
    """
    if study.task is None:
        return frozen_features.resolve(study, places, progress, stored, machine)
    if isinstance(study.task, Network):
        return networks.resolve(study, study.task, places, progress)
    return programs.resolve(study, study.task, places)
