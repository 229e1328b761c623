"""Which ways of running fit what a study trains; those without an effect are refused.

In the flow: ``runner`` and ``sweep plan`` ask before anything is trained.
"""

from sweep.errors import UsageError
from sweep.executors.cluster import RayCluster
from sweep.study.study import Study

_TRAINS_BY_ITSELF = "A training function or program of your own trains by itself."
_SHARES = "On Ray, --cpus-per-cohort and --gpus-per-cohort say how many trials run at once."
_TRAINS_TOGETHER = "Workers are for training functions and programs of your own."


def check_way(
    study: Study,
    *,
    workers: int | None = None,
    memory_limit_bytes: int | None = None,
    cluster: RayCluster | None = None,
    measure_rounding: int = 0,
) -> None:
    """Refuse what would have no effect.

    Args:
        study: what is to be trained.
        workers, memory_limit_bytes, cluster, measure_rounding: as ``runner.run`` takes them.

    Raises:
        UsageError: it names what is refused, and the study.
    """
    if not study.is_program:
        if workers is not None:
            raise _no_effect(f"--workers {workers}", study, _TRAINS_TOGETHER, "Leave it out.")
        return
    if workers is not None and workers < 1:
        raise UsageError(f"--workers {workers}", remedy="Pass 1 or more.")
    if workers is not None and cluster is not None:
        raise _no_effect(f"--workers {workers}", study, _SHARES, "Leave it out.")
    if memory_limit_bytes is not None:
        remedy = "Leave it out; --workers says how many train at once."
        raise _no_effect("--memory-limit", study, _TRAINS_BY_ITSELF, remedy)
    if measure_rounding:
        remedy = "Leave it out."
        raise _no_effect("--measure-rounding", study, _TRAINS_BY_ITSELF, remedy)


def _no_effect(option: str, study: Study, rule: str, remedy: str) -> UsageError:
    return UsageError(f"{option} has no effect on {study.name}", rule=rule, remedy=remedy)
