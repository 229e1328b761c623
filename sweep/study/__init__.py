"""What is asked: a study and its parts."""

from sweep.study.axis import Axis, Point, log_spaced, spaced
from sweep.study.collection import Chapter, Collection
from sweep.study.metric import Metric
from sweep.study.networks import Inputs, Network
from sweep.study.optimizer import Optimizer
from sweep.study.programs import Command, Function
from sweep.study.published import Published
from sweep.study.schedules import StepDecay, Warmup
from sweep.study.study import Study
from sweep.study.tasks import Model, Pictures

__all__ = [
    "Axis",
    "Chapter",
    "Collection",
    "Command",
    "Function",
    "Inputs",
    "Metric",
    "Model",
    "Network",
    "Optimizer",
    "Pictures",
    "Point",
    "Published",
    "StepDecay",
    "Study",
    "Warmup",
    "log_spaced",
    "spaced",
]
