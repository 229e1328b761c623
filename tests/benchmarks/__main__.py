"""Ours and its rivals side by side, in one run on one machine.

    python -m tests.benchmarks [--quick | --full | --growth] [--rounds 3] [--json FILE]

The job is that of ``job``: all learning rates of a head on cached features, validated after every
epoch. Each measurement is a fresh process; a round takes every rival once. Above 1, the column
"÷ ours" says that a rival is slower than sweep on TensorFlow with the same optimizer. Rivals that
are not installed are left out, by name. --quick takes a small job, ours and Keras fit alone; --full
adds the blog posts' way and how ours grows (see ``growth``), --growth is the latter alone; with
--json its figure is written beside the file, in HTML. The exit status is 1 if results differ or a
rival fails.

Only an idle machine shows what is faster. PyTorch suffers most from others: its threads wait for
each other by spinning, and one that is not run keeps all of them (at a load of 17, two threads took
eight times as long as one).
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sweep.study.axis import log_spaced
from tests.benchmarks import growth, tables
from tests.benchmarks.growth_points import text
from tests.benchmarks.job import Job
from tests.benchmarks.measure import make_job, measure_machine, measure_rounds
from tests.benchmarks.rivals.catalog import BOTH, OURS, QUICK, RIVALS, Rival

SMALL = Job(
    features=512,
    hidden_units=32,
    train_count=512,
    valid_count=128,
    epochs=2,
    learning_rates=log_spaced(1e-5, 1e-3, 3),
)


def main() -> None:
    asked = arguments()
    told, whole = ({}, True) if asked.growth else compare(asked)
    if asked.growth or asked.full:
        told["growth"] = grown(asked.json)
    if asked.json:
        asked.json.write_text(json.dumps(told, indent=1))
    sys.exit(not whole)


def compare(asked: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    """Measure rivals and print the table; all figures, and whether all ran and agree."""
    job = SMALL if asked.quick else Job()
    load = os.getloadavg()[0]
    wanted = [rival for rival in RIVALS if is_wanted(rival, asked)]
    optimizers = asked.optimizer or (BOTH[:1] if asked.quick else BOTH)
    with tempfile.TemporaryDirectory() as folder:
        make_job(Path(folder), job)
        machine = None if asked.no_machine else measure_machine(job, 0.1 if asked.quick else 1.0)
        measured, failed = measure_rounds(
            Path(folder),
            available(wanted, optimizers),
            asked.rounds or (1 if asked.quick else 3),
            tell,
        )
    table = tables.lines(measured, job, machine)
    print(tables.markdown(table) if asked.markdown else tables.text(table))
    if machine:
        print(f"\n{tables.machine_text(machine, job)}")
    print(f"others' load before: {load:.1f} processors{' (too much to compare)' * (load > 0.5)}")
    missing = {rival.name: left_out(rival) for rival in wanted if rival.missing}
    for name, reason in (missing | failed).items():
        print(f"left out: {name}: {reason}")
    told = tables.as_json(job, machine, measured, table, missing | failed) | {"load": load}
    return told, not failed and all(line.agrees for line in table)


def grown(path: Path | None) -> dict[str, Any]:
    """Measure growth, print it, and draw it beside the JSON file."""
    measured = growth.measure(growth.PARTS, tell)
    print(text(measured))
    if path:
        from tests.benchmarks.growth_figure import draw

        draw(measured).write_html(path.with_suffix(".html"))
    return measured.as_json()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="a small job, ours and Keras fit")
    size.add_argument("--full", action="store_true", help="all rivals, and how ours grows")
    size.add_argument("--growth", action="store_true", help="how ours grows, alone")
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


def left_out(rival: Rival) -> str:
    return f"{rival.title}: {', '.join(rival.missing)} not installed; {rival.install}"


def tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
