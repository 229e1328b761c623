"""Which Ray cluster trains, and how much of it a cohort gets. Light: without Ray.

In the flow: made by ``options`` from what was typed, carried by ``settings``, used by
``executors.ray``.
"""

import math
import os
from dataclasses import dataclass
from importlib.util import find_spec

from sweep.errors import MissingError, UsageError
from sweep.util.distribution import installing

OWN = "local"
"""As an address: a Ray of the run's own on this machine, which ends with it. Ray's word."""


@dataclass(frozen=True)
class RayCluster:
    """A Ray cluster and a cohort's share of it.

    Attributes:
        address: ``ray://HOST:PORT`` (from outside the cluster), ``HOST:PORT`` (this machine is a
            node of it), ``auto`` (the one this machine is a node of), or ``local``.
        gpus_per_cohort: 0.5 puts two cohorts on each; None for 1 where the cluster has any, else 0.
        cpus_per_cohort: also the threads that train it; None for 1 beside an accelerator, else all
            of a node, as in a local run.

    Raises:
        MissingError: Ray is not installed.
        UsageError: Ray cannot hand out such a share.

    Example:
        >>> RayCluster("auto", gpus_per_cohort=0.5).gpus_per_cohort
        0.5
    """

    address: str = OWN
    gpus_per_cohort: float | None = None
    cpus_per_cohort: float | None = None

    def __post_init__(self) -> None:
        if find_spec("ray") is None:
            raise MissingError(
                "Ray is not installed: it trains on a cluster",
                remedy=f"Install it with `{installing('ray')}`, of the cluster's version.",
            )
        _check_share("--gpus-per-cohort", self.gpus_per_cohort, least=0)
        _check_share("--cpus-per-cohort", self.cpus_per_cohort, least=0.01)

    @property
    def is_own(self) -> bool:
        """Whether it is started for the run, and ends with it."""
        return self.address == OWN


def ray_cluster(
    address: str | None, gpus_per_cohort: float | None, cpus_per_cohort: float | None
) -> RayCluster:
    """The cluster at the address; without one, at ``RAY_ADDRESS``; else one of the run's own."""
    address = address or os.environ.get("RAY_ADDRESS") or OWN
    return RayCluster(address, gpus_per_cohort, cpus_per_cohort)


def _check_share(option: str, share: float | None, least: float) -> None:
    if share is None:
        return
    if not (least <= share < math.inf and (share <= 1 or share == int(share))):
        raise UsageError(
            f"{option} {share:g} is no share of a node",
            rule=f"It is a part of one ({least:g} … 1) or a whole number.",
            remedy=f"Pass {option} 0.5, 1 or 2.",
        )
