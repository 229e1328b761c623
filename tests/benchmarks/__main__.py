"""Ours and its rivals side by side, in one run on one machine.

    python -m tests.benchmarks [--quick | --full] [--rounds 3] [--only NAME …] [--json FILE]

The job is that of ``job``: all learning rates of a head on cached features, validated after every
epoch. Each measurement is a fresh process; a round takes every rival once. Above 1, the column
"÷ ours" says that a rival is slower than sweep on TensorFlow with the same optimizer. Rivals that
are not installed are left out, by name. The exit status is 1 if results differ or a rival fails.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks import tables
from tests.benchmarks.job import Job
from tests.benchmarks.measure import make_job, measure_machine, measure_rounds
from tests.benchmarks.rivals.catalog import BOTH, OURS, QUICK, RIVALS, Rival

SMALL = Job(features=512, hidden_units=32, train_count=512, valid_count=128, epochs=2)


def main() -> None:
    asked = arguments()
    job = SMALL if asked.quick else Job()
    rounds = asked.rounds or (1 if asked.quick else 3)
    optimizers = asked.optimizer or (BOTH[:1] if asked.quick else BOTH)
    wanted = [rival for rival in RIVALS if is_wanted(rival, asked)]
    left_out = {
        rival.title: f"{', '.join(rival.missing)} not installed: {rival.install}"
        for rival in wanted
        if rival.missing
    }
    with tempfile.TemporaryDirectory() as folder:
        make_job(Path(folder), job)
        machine = None if asked.no_machine else measure_machine(job, 0.1 if asked.quick else 1.0)
        measured, failed = measure_rounds(Path(folder), available(wanted, optimizers), rounds, tell)
    table = tables.lines(measured, job, machine)
    shown = tables.markdown(table) if asked.markdown else tables.text(table)
    print(shown)
    if machine:
        print(f"\n{tables.machine_text(machine, job)}")
    for title, reason in left_out.items():
        print(f"left out: {title}: {reason}")
    if asked.json:
        told = tables.as_json(job, machine, measured, table, left_out | failed)
        asked.json.write_text(json.dumps(told, indent=1))
    sys.exit(bool(failed) or not all(line.agrees for line in table))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="a small job, ours and Keras fit")
    size.add_argument("--full", action="store_true", help="all rivals, and how ours grows")
    parser.add_argument("--rounds", type=int, help="3, or 1 with --quick")
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help="these and ours")
    parser.add_argument("--optimizer", nargs="+", choices=BOTH, help="both, or adam with --quick")
    parser.add_argument("--no-machine", action="store_true", help="without the machine's figures")
    parser.add_argument("--markdown", action="store_true", help="the table in Markdown")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    return parser.parse_args()


def is_wanted(rival: Rival, asked: argparse.Namespace) -> bool:
    if rival.name == OURS:
        return True
    if asked.only:
        return rival.name in asked.only
    return rival.name in QUICK if asked.quick else rival.by_default or asked.full


def available(rivals: Sequence[Rival], optimizers: Sequence[str]) -> list[tuple[Rival, str]]:
    return [
        (rival, optimizer)
        for optimizer in optimizers
        for rival in rivals
        if not rival.missing and optimizer in rival.optimizers
    ]


def tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
