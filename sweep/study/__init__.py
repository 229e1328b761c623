"""What is asked: a study and its parts."""

from sweep.study.axis import Axis, Point, log_spaced, spaced
from sweep.study.metric import Metric
from sweep.study.optimizer import Optimizer
from sweep.study.programs import Command, Function
from sweep.study.schedules import Warmup
from sweep.study.study import Study
from sweep.study.tasks import Model, Pictures

__all__ = [
    "Axis",
    "Command",
    "Function",
    "Metric",
    "Model",
    "Optimizer",
    "Pictures",
    "Point",
    "Study",
    "Warmup",
    "log_spaced",
    "spaced",
]
