"""Ours on JAX at the full study's shape, by the size of the cohort: for a GPU, in one call.

    python -m tests.benchmarks.gpu [--trials 7 21 63] [--json FILE]
    python -m tests.benchmarks.gpu --features 512 --train-count 500 --valid-count 100   # anywhere

25,000 pictures of 25,088 features in float16, of which 20,000 train: ours on JAX, plain JAX
``vmap`` with optax, and ``torch.func`` where PyTorch is installed (on its GPU, if it sees one),
each a fresh process. Beside them the device's own bandwidth and product rates, and the limit that
follows (see ``machine``). A step's time holds its share of the validation after the epoch.

A cohort has one seed, so that all its trials see the same batches, and the plan makes it as large
as the study has learning rates: seven in the built-in one. 21 and 63 are cohorts of so many
learning rates: about what three and nine seeds in one cohort would take, which there is not yet.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sweep.study.axis import log_spaced
from tests.benchmarks import tables
from tests.benchmarks.job import Job
from tests.benchmarks.machine import Machine
from tests.benchmarks.measure import Measured, make_job, measure_machine, measure_one
from tests.benchmarks.rivals.catalog import RIVALS, Rival

NAMES = ("sweep_jax", "jax_vmap", "torch_vmap")
OURS = NAMES[0]
STUDY_TRIALS, STUDY_EPOCHS = 3 * 7 * 5, 10
"""The built-in study: three optimizers at seven learning rates with five seeds."""


@dataclass(frozen=True)
class Cohort:
    """What one size of cohort came to.

    Attributes:
        job: with its learning rates.
        machine: the device's figures at its shapes.
        measured: of each rival and round.
        table: a line each.
    """

    job: Job
    machine: Machine
    measured: Sequence[Measured]
    table: Sequence[tables.Line]

    @property
    def seconds(self) -> float:
        """Ours, a trial and epoch."""
        return next(line.seconds.median for line in self.table if line.rival == OURS)

    @property
    def step_milliseconds(self) -> float:
        """Ours, of all trials, with its share of the validation."""
        return 1e3 * self.seconds * len(self.job.learning_rates) / self.job.steps_per_epoch


def main() -> None:
    asked = arguments()
    sizes = {name: getattr(asked, name) for name in ("features", "train_count", "valid_count")}
    job = Job(
        **sizes, epochs=asked.epochs, learning_rates=log_spaced(1e-6, 3e-5, max(asked.trials))
    )
    rivals = [rival for rival in RIVALS if rival.name in NAMES and not rival.missing]
    with tempfile.TemporaryDirectory() as folder:
        make_job(Path(folder), job)
        cohorts = [
            measure(Path(folder), job, trials, rivals, asked.rounds) for trials in asked.trials
        ]
    for cohort in cohorts:
        print(text(cohort))
    print(summary(cohorts))
    if asked.json:
        told = [
            tables.as_json(each.job, each.machine, each.measured, each.table, {})
            for each in cohorts
        ]
        asked.json.write_text(json.dumps(told, indent=1))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, nargs="+", default=[7, 21, 63])
    parser.add_argument("--features", type=int, default=25_088)
    parser.add_argument("--train-count", type=int, default=20_000)
    parser.add_argument("--valid-count", type=int, default=5_000)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    return parser.parse_args()


def measure(folder: Path, job: Job, trials: int, rivals: Sequence[Rival], rounds: int) -> Cohort:
    """All rivals with the first so many learning rates, in interleaved rounds."""
    job = replace(job, learning_rates=job.learning_rates[:trials])
    machine = measure_machine(job, 0.5, "device")
    measured = []
    for number in range(1, rounds + 1):
        for rival in rivals:
            print(f"{trials} trials, round {number}: {rival.title}", file=sys.stderr, flush=True)
            measured.append(measure_one(folder, rival.name, job.optimizer, number, trials))
    return Cohort(job, machine, measured, tables.lines(measured, job, machine, OURS))


def text(cohort: Cohort) -> str:
    """One size of cohort, with the device at its shapes."""
    return "\n".join(
        [
            f"{len(cohort.job.learning_rates)} trials: {cohort.step_milliseconds:.2f} ms a step",
            tables.text(cohort.table),
            tables.machine_text(cohort.machine, cohort.job),
            "",
        ]
    )


def summary(cohorts: Sequence[Cohort]) -> str:
    """The best size, and what the built-in study takes by it and by the plan's."""
    planned, best = cohorts[0], min(cohorts, key=lambda each: each.seconds)
    study = STUDY_TRIALS * STUDY_EPOCHS

    def told(cohort: Cohort) -> str:
        trials = len(cohort.job.learning_rates)
        return f"{study * cohort.seconds:.0f} s in cohorts of {trials}"

    return (
        f"best: cohorts of {len(best.job.learning_rates)}. {STUDY_TRIALS} trials of {STUDY_EPOCHS} "
        f"epochs, without the start: {told(best)}, {told(planned)}"
    )


if __name__ == "__main__":
    main()
