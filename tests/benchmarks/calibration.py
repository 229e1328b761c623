"""How often decisions are wrong and how soon they come, in simulated studies: the full tables.

    python tests/benchmarks/calibration.py --studies 4000

No rival and no time: shares of studies, with the seeds that they took.

Legend: X simulated studies, O optimizers, N points, S seeds.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

import simulated
from simulated import DIFFERENT, EQUIVALENT, Scatter, ever_claimed, looked_at, stopped

SEEDS = (3, 4, 5, 7, 10, 20, 40)
OPTIMIZERS = (2, 3, 6)
MOST = 100
STAGES = {
    "planned stages": (5, 8, 12, 18, 27, 40, 60, 80, 100),
    "by hand, doubled": (3, 6, 12, 24, 48, 96),
    "by hand, each seed": tuple(range(3, 41)),
    "planned, each seed": tuple(range(3, MOST + 1)),
}
MARGIN = 0.01
CHUNK = 250
SCATTERS: tuple[Scatter, ...] = (
    simulated.steady,
    simulated.as_measured,
    simulated.shared_by_seed,
    simulated.collapsing,
    simulated.heavy_tailed,
    simulated.failing_at_the_top,
    simulated.half_failing_at_the_top,
    simulated.half_failing_at_two_rates,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=2000, help="simulated a cell")
    studies = parser.parse_args().studies
    print(f"{studies} studies a cell; standard error of 6 %: {np.sqrt(564 / studies):.2f} %")
    power(studies)
    one_look(studies)
    for name, looks in STAGES.items():
        many_looks(name, looks, studies)


def one_look(studies: int) -> None:
    print("\nIdentical optimizers called different at one look, % of studies")
    heading([f"{optimizers} with {seeds}" for optimizers in OPTIMIZERS for seeds in SEEDS])
    for scatter in SCATTERS:
        row = [
            identical(scatter, optimizers, (seeds,), seeds, studies)
            for optimizers in OPTIMIZERS
            for seeds in SEEDS
        ]
        line(scatter.__name__, row)


def many_looks(name: str, looks: Sequence[int], studies: int) -> None:
    print(f"\nIdentical optimizers called different at any look, % of studies: {name}")
    heading([str(optimizers) for optimizers in OPTIMIZERS])
    whole_at = looks[0] if name.startswith("by hand") else MOST
    for scatter in SCATTERS:
        row = [
            identical(scatter, optimizers, looks, whole_at, studies) for optimizers in OPTIMIZERS
        ]
        line(scatter.__name__, row)


def identical(
    scatter: Scatter, optimizers: int, looks: Sequence[int], whole_at: int, studies: int
) -> float:
    shares = [
        ever_claimed(looked_at(accuracy, looks, whole_at))
        for accuracy in chunks(scatter, optimizers, looks[-1], studies)
    ]
    return 100 * float(np.mean(shares))


def power(studies: int) -> None:
    print("\nTwo optimizers with paired differences that scatter by 2.2 points; until decided")
    heading(["different", "equivalent", "before 100", "seeds 50 %", "seeds 90 %"])
    for name, looks in STAGES.items():
        if "each" not in name:
            for gap in (0.0, 0.003, 0.006, 0.01, 0.015, 0.03, 0.05):
                line(f"{name}: {100 * gap:.1f} points", decided(looks, name, gap, studies))


def decided(looks: Sequence[int], name: str, gap: float, studies: int) -> list[float]:
    whole_at = looks[0] if name.startswith("by hand") else MOST
    ends = []
    for accuracy in chunks(simulated.as_measured, 2, looks[-1], studies):
        accuracy[:, 0] -= gap
        ends.append(stopped(looked_at(accuracy, looks, whole_at), looks, MARGIN))
    outcome_X = np.concatenate([outcome[:, 0] for outcome, _ in ends])
    seeds_X = np.concatenate([seeds for _, seeds in ends])
    shares = (
        outcome_X == DIFFERENT,
        outcome_X == EQUIVALENT,
        (outcome_X == EQUIVALENT) & (seeds_X < MOST),
    )
    quantiles = np.quantile(seeds_X, [0.5, 0.9], method="inverted_cdf")
    return [*(100 * float(share.mean()) for share in shares), *map(float, quantiles)]


def chunks(scatter: Callable, optimizers: int, seeds: int, studies: int) -> Iterator[np.ndarray]:
    """Accuracies (X, O, N, S) of some studies after the other."""
    rng = np.random.default_rng([optimizers, seeds, 2026])
    for _ in range(max(1, studies // CHUNK)):
        yield scatter(rng, (CHUNK, optimizers, 7, seeds))


def heading(columns: Sequence[str]) -> None:
    print(f"{'':36}", *(f"{column:>10}" for column in columns))


def line(name: str, numbers: Sequence[float]) -> None:
    print(f"{name:36}", *(f"{number:10.1f}" for number in numbers), flush=True)


if __name__ == "__main__":
    main()
