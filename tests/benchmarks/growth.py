"""How ours grows with what it is given: each a straight line or better.

    python -m tests.benchmarks.growth [--only rates …] [--json FILE] [--figure FILE.html]

Every point is a fresh process of a size that is small but for what grows:

- ``rates``, ``seeds``, ``epochs``, ``pictures``: seconds of training without compilation
  (``growth_training``).
- ``mirror``: seconds to write one cohort's epochs into a store that Optuna sees (``mirror``).
- ``status``, ``results``, ``report``, ``start``: seconds of these commands by stored trials
  (``made_store``); ``start`` is that of a run until it says that nothing is left to train.
- ``memory``: peak memory of a training against the plan's estimate.

"Steepest" is the largest growth of the cost of a unit from one point to any later one: 1 for a
straight line through 0, below 1 where a fixed cost is shared by more and more units.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.benchmarks.growth_points import Growth, Memory, Series, text
from tests.benchmarks.measure import started
from tests.benchmarks.rivals.timing import ROOT

TRAININGS: dict[str, tuple[Sequence[int], dict[str, int]]] = {
    "rates": ((1, 2, 4, 8, 16, 32, 64), {}),
    "seeds": ((1, 2, 4, 8, 16), {}),
    "epochs": ((1, 4, 16, 64), {}),
    "pictures": ((500, 1_000, 2_500, 5_000, 10_000, 25_000), {"features": 512}),
}
MEMORY = (
    {"rates": 1, "features": 1_024},
    {"rates": 7, "features": 4_608},
    {"rates": 28, "features": 4_608},
    {"rates": 7, "features": 25_088, "epochs": 1},
    {"rates": 7, "features": 25_088, "pictures": 8_000, "epochs": 1},
)
MIRROR_EPOCHS = (100, 1_000, 10_000)
STORED_TRIALS = (1_000, 10_000, 100_000)
COMMANDS = ("status", "results", "report", "start")
PARTS = (*TRAININGS, "mirror", "stored", "memory")


def measure(parts: Sequence[str], tell: Callable[[str], None]) -> Growth:
    """Measure these parts, one point after another."""
    series: list[Series] = []
    for name in (name for name in TRAININGS if name in parts):
        tell(f"growth: {name}")
        series.append(trained(name))
    if "mirror" in parts:
        tell("growth: mirror")
        seconds = [mirrored(epochs) for epochs in MIRROR_EPOCHS]
        series.append(Series("mirror", "epochs stored", MIRROR_EPOCHS, seconds))
    if "stored" in parts:
        series.extend(stored(tell))
    if "memory" in parts:
        tell("growth: memory")
    return Growth(series, remembered() if "memory" in parts else None)


def trained(name: str) -> Series:
    """Seconds of training as one thing grows."""
    sizes, others = TRAININGS[name]
    points = [point(others | {name: size}) for size in sizes]
    unit = name.replace("rates", "learning rates")
    return Series("training", unit, sizes, [each["seconds"] for each in points])


def point(sizes: dict[str, int]) -> dict:
    """One process of ``growth_training``."""
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in sizes.items()]
    return json.loads(started("growth_training", *flags))


def remembered() -> Memory:
    """Peak memory of trainings of several sizes."""
    points = [point(sizes) for sizes in MEMORY]
    return Memory(
        MEMORY,
        [one["peak_bytes"] for one in points],
        [one["estimated_bytes"] for one in points],
    )


def mirrored(epochs: int) -> float:
    """Seconds of one cohort's epochs with Optuna's mirror, as ``mirror`` prints them."""
    line = started("mirror", "--epochs", str(epochs))
    return float(line.split(": ")[1].split(" s ")[0])


def stored(tell: Callable[[str], None]) -> Iterator[Series]:
    """Seconds of each command by stored trials."""
    with tempfile.TemporaryDirectory() as folder:
        points = []
        for trials in STORED_TRIALS:
            tell(f"growth: {trials:,} stored trials")
            points.append(of_store(Path(folder), trials))
    for command in COMMANDS:
        seconds = [one[command] for one in points]
        yield Series(command, "stored trials", STORED_TRIALS, seconds)


def of_store(folder: Path, trials: int) -> dict[str, float]:
    """Seconds of each command on a new store of so many trials."""
    os.environ["SWEEP_CACHE"] = str(folder / "cache")
    path = folder / f"{trials}.db"
    file = started("made_store", str(path), str(trials))
    run = sweep("run", file, store=path, until="Nothing was left to train")
    name = "made-0"
    return {
        "status": sweep("status", name, store=path),
        "results": sweep(
            "results", name, "--format=csv", f"--output={folder}/trials.csv", store=path
        ),
        "report": sweep("report", name, f"--output={folder}/report.html", store=path),
        "start": run,
    }


def sweep(*arguments: str, store: Path, until: str | None = None) -> float:
    """Seconds of a command, or until it says something.

    Raises:
        RuntimeError: it failed, or ended without saying so.
    """
    command = [sys.executable, "-m", "sweep.cli", *arguments, "--store", f"sqlite:///{store}"]
    begin, said = time.perf_counter(), None
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if until and until in line and said is None:
                said = time.perf_counter() - begin
    if process.returncode or (until and said is None):
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return said or time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--figure", type=Path, metavar="FILE", help="draw them there, in HTML")
    asked = parser.parse_args()
    growth = measure(asked.only, lambda what: print(what, file=sys.stderr, flush=True))
    print(text(growth))
    if asked.json:
        asked.json.write_text(json.dumps(growth.as_json(), indent=1))
    if asked.figure:
        from tests.benchmarks.growth_figure import draw

        draw(growth).write_html(asked.figure)


if __name__ == "__main__":
    main()
