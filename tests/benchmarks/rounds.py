"""Ratios against a rival, measured in interleaved rounds in one process on one machine.

A shared machine's speed changes from minute to minute; a round takes both sides within seconds of
each other, so their ratio is steadier than either time.
"""

import statistics
import time
from collections.abc import Callable


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def compare(
    ours: Callable[[], object],
    rival: Callable[[], object],
    rounds: int,
    per: tuple[float, float] = (1, 1),
) -> list[tuple[float, float]]:
    """(our, rival's) seconds per unit of every round, after one round that is thrown away."""
    pairs = [(seconds(ours) / per[0], seconds(rival) / per[1]) for _ in range(rounds + 1)]
    return pairs[1:]


def report(title: str, pairs: list[tuple[float, float]], unit: str) -> None:
    """Print medians, and the median and range of rival ÷ ours."""
    ratios = [rival / ours for ours, rival in pairs]
    ours, rival = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(
        f"{title}: {len(pairs)} rounds; ours {ours:.4g} s, rival {rival:.4g} s {unit}; "
        f"rival ÷ ours: median {statistics.median(ratios):.2f}, "
        f"range {min(ratios):.2f}–{max(ratios):.2f}"
    )
