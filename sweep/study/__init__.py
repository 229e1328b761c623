"""What is asked: a study and its parts."""

from sweep.study.axis import Axis, Point, log_spaced, spaced
from sweep.study.collection import Chapter, Collection, LeftOut
from sweep.study.lookahead import Lookahead
from sweep.study.metric import Metric
from sweep.study.networks import Inputs, Network
from sweep.study.optimizer import Optimizer
from sweep.study.programs import Command, Function
from sweep.study.published import Published
from sweep.study.schedules import (
    Constant,
    CosineDecay,
    LinearDecay,
    OneCycle,
    OwnSchedule,
    ReduceOnPlateau,
    StepDecay,
    UntunedWarmup,
    Warmup,
)
from sweep.study.study import Study
from sweep.study.tasks import Model, Pictures

__all__ = [
    "Axis",
    "Chapter",
    "Collection",
    "Command",
    "Constant",
    "CosineDecay",
    "Function",
    "Inputs",
    "LeftOut",
    "LinearDecay",
    "Lookahead",
    "Metric",
    "Model",
    "Network",
    "OneCycle",
    "Optimizer",
    "OwnSchedule",
    "Pictures",
    "Point",
    "Published",
    "ReduceOnPlateau",
    "StepDecay",
    "Study",
    "UntunedWarmup",
    "Warmup",
    "log_spaced",
    "spaced",
]
