"""The options of a run that adds seeds or values, and its end for programs.

In the flow: from what was typed to what the runner takes; from the run's end to JSON.
"""

import math
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sweep.errors import UsageError
from sweep.util.paths import printable

if TYPE_CHECKING:
    from sweep.designs.ending import Ending
    from sweep.designs.refined import Refined
    from sweep.designs.until_decided import UntilDecided
    from sweep.stages import Left
    from sweep.study.metric import Metric

UNITS = {"s": 1, "sec": 1, "min": 60, "h": 3600, "hours": 3600, "minutes": 60, "seconds": 1}
_PART = re.compile(r"\s*(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*([^\W\d_]*)")


def asked_of(
    until_decided: bool,
    *,
    margin: float | None,
    max_seeds: int | None,
    metric: "Metric | None" = None,
) -> "UntilDecided | None":
    """What is asked of a run that adds seeds; None where it is not one.

    Args:
        until_decided: whether it is one.
        margin: in points of a share, else in the metric's unit.
        max_seeds: the most seeds.
        metric: the study's; None is accuracy.

    Raises:
        UsageError: a value means nothing, or is beside a run that adds no seeds.
    """
    said = {"--margin": margin, "--max-seeds": max_seeds}
    alone = [f"{name} {value}" for name, value in said.items() if value is not None]
    if not until_decided:
        if alone:
            raise UsageError(
                f"{printable(', '.join(alone))} without --until-decided",
                remedy="Add --until-decided, or leave it out.",
            )
        return None
    from sweep.analysis.metric_words import margin_of
    from sweep.designs.until_decided import UntilDecided
    from sweep.study.metric import ACCURACY

    within = None if margin is None else margin_of(margin, metric or ACCURACY)
    return UntilDecided(within, max_seeds)


def seconds_of(text: str) -> float:
    """The seconds of ``90s``, ``30min``, ``2h`` or ``1h30min``.

    Example:
        >>> seconds_of("1h30min"), seconds_of("0.5 min"), seconds_of("1e3s")
        (5400.0, 30.0, 1000.0)

    Raises:
        UsageError: it is no time, or none at all.
    """
    seconds, at, trouble = 0.0, 0, ""
    while at < len(text.rstrip()) and not trouble:
        part = _PART.match(text, at)
        unit = part[2].lower() if part else ""
        if part is None or unit not in UNITS:
            trouble = _trouble(unit) if part else "it is no time"
            break
        seconds, at = seconds + float(part[1]) * UNITS[unit], part.end()
    if not trouble and not 0 < seconds < math.inf:
        trouble = "that is no time at all"
    if trouble:
        raise UsageError(
            f"--budget {printable(text)}: {trouble}",
            rule="A budget is some time with its unit: s, min or h.",
            remedy="For example: --budget 30min, --budget 2h, --budget 90s.",
        )
    return seconds


def _trouble(unit: str) -> str:
    from sweep.util.nearest import did_you_mean

    if not unit:
        return "its unit is missing"
    return f"no unit {printable(unit)!r}{did_you_mean(unit, UNITS)}"


def ending_json(ending: "Ending") -> dict[str, Any]:
    """Why a run added no more seeds, and how many pairs are decided, for programs."""
    decision, following = ending.decision, ending.next_stage
    return {
        "ended": ending.reason.value,
        "text": str(ending),
        "seeds": decision.seeds,
        "stages": list(ending.looks.stages),
        "margin": ending.looks.margin,
        "budget_seconds": ending.budget_seconds,
        "next_seeds": following.seeds if following else None,
        "next_seconds": following.seconds if following else None,
        "decided": len(decision.pairs) - len(decision.undecided),
    }


def refined_json(refined: "Refined") -> dict[str, Any]:
    """How far the edges of the robust range are known, for programs."""
    return {
        "ended": refined.reason.value,
        "text": str(refined),
        "within": refined.design.within,
        "unit": refined.axis.length_unit,
        "known": refined.known,
        "values": list(refined.axis.values),
        "added": list(refined.axis.refined),
        "edges": [
            {
                "optimizer": edges.optimizer,
                **{
                    end: edge and asdict(edge) | {"is_open": edge.is_open}
                    for end, edge in (("low", edges.low), ("high", edges.high))
                },
            }
            for edges in refined.edges
        ],
    }


def budget_json(budget_seconds: float, left: "Left | None") -> dict[str, Any]:
    """What a budget has left, for programs; null where it was enough."""
    return {"seconds": budget_seconds, "left": left and asdict(left)}
