"""What is asked: a study and its parts."""

from sweep.study.axis import log_spaced
from sweep.study.optimizer import Optimizer
from sweep.study.schedules import Warmup
from sweep.study.study import Study
from sweep.study.tasks import Model, Pictures

__all__ = ["Model", "Optimizer", "Pictures", "Study", "Warmup", "log_spaced"]
