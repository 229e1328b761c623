"""How much does an optimizer's result depend on a hyperparameter that nobody tuned?

    >>> import sweep
    >>> results = sweep.run("lr-robustness", epochs=3)     # doctest: +SKIP
    >>> results.to_pandas()                                # doctest: +SKIP

Everything here is loaded when it is first used, so that importing ``sweep`` takes no time.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sweep.api import compare, import_results, load_results, run
    from sweep.designs.until_decided import UntilDecided
    from sweep.errors import SweepError
    from sweep.executors.cluster import RayCluster
    from sweep.results.results import Results
    from sweep.study.axis import Axis, Point, log_spaced, spaced
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
    from sweep.util.distribution import __version__

_HOMES = {
    "Axis": "sweep.study",
    "Command": "sweep.study",
    "Constant": "sweep.study",
    "CosineDecay": "sweep.study",
    "Function": "sweep.study",
    "Inputs": "sweep.study",
    "LinearDecay": "sweep.study",
    "Lookahead": "sweep.study",
    "Metric": "sweep.study",
    "Model": "sweep.study",
    "Network": "sweep.study",
    "OneCycle": "sweep.study",
    "Optimizer": "sweep.study",
    "OwnSchedule": "sweep.study",
    "Pictures": "sweep.study",
    "Point": "sweep.study",
    "Published": "sweep.study",
    "RayCluster": "sweep.executors.cluster",
    "ReduceOnPlateau": "sweep.study",
    "Results": "sweep.results",
    "StepDecay": "sweep.study",
    "Study": "sweep.study",
    "SweepError": "sweep.errors",
    "UntilDecided": "sweep.designs.until_decided",
    "UntunedWarmup": "sweep.study",
    "Warmup": "sweep.study",
    "__version__": "sweep.util.distribution",
    "compare": "sweep.api",
    "import_results": "sweep.api",
    "load_results": "sweep.api",
    "log_spaced": "sweep.study",
    "run": "sweep.api",
    "spaced": "sweep.study",
}

__all__ = [
    "Axis",
    "Command",
    "Constant",
    "CosineDecay",
    "Function",
    "Inputs",
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
    "RayCluster",
    "ReduceOnPlateau",
    "Results",
    "StepDecay",
    "Study",
    "SweepError",
    "UntilDecided",
    "UntunedWarmup",
    "Warmup",
    "__version__",
    "compare",
    "import_results",
    "load_results",
    "log_spaced",
    "run",
    "spaced",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'sweep' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
