"""What came of the rounds: one line a rival and optimizer, as text, Markdown and JSON.

Ratios are taken within each round and against ours with the same optimizer, since a machine's
speed changes from minute to minute; above 1 the rival is slower.
"""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.benchmarks.job import Job
from tests.benchmarks.machine import Machine, limit_seconds
from tests.benchmarks.measure import Measured
from tests.benchmarks.rivals.catalog import OURS, RIVALS
from tests.benchmarks.rivals.timing import Told

LOSS_TOLERANCE, ACCURACY_TOLERANCE = 0.01, 0.01
"""How far results may be from ours, as a share of the loss and as a share of pictures.

All train on the same batches in the same order, and agree but for rounding and for where ε stands
in Adam, which grow with the learning rate.
"""
HEADING = (
    "rival", "optimizer", "s a trial and epoch", "processor s", "÷ ours", "share of limit",
    "warm-up s", "peak GB", "loss off by", "accuracy off by", "",
)  # fmt: skip


@dataclass(frozen=True)
class Spread:
    """Median and range of the rounds."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Of at least one value."""
        return cls(statistics.median(values), min(values), max(values))

    def text(self, digits: int) -> str:
        """Median (least–most)."""
        parts = (f"{value:.{digits}f}" for value in (self.median, self.least, self.most))
        return "{} ({}–{})".format(*parts)


@dataclass(frozen=True)
class Line:
    """One rival with one optimizer.

    Attributes:
        rival: its name.
        optimizer: that it trained with.
        seconds, processor_seconds: a trial and epoch; ``processor_seconds`` of all threads.
        ratio: seconds ÷ ours, round by round.
        share_of_limit: the machine's limit ÷ the median seconds; None where it was not measured.
        warm_up_seconds: of the whole process, beside steady training; None if extrapolated.
        peak_bytes: of memory.
        loss_off_by, accuracy_off_by: the largest distance of the final validation loss (as a share
            of ours) and accuracy from ours in the same round, over all learning rates; None if
            extrapolated.
    """

    rival: str
    optimizer: str
    seconds: Spread
    processor_seconds: Spread
    ratio: Spread
    share_of_limit: float | None
    warm_up_seconds: Spread | None
    peak_bytes: Spread
    loss_off_by: float | None
    accuracy_off_by: float | None

    @property
    def agrees(self) -> bool:
        """Whether its results are ours, if it has any."""
        if self.loss_off_by is None or self.accuracy_off_by is None:
            return True
        return self.loss_off_by <= LOSS_TOLERANCE and self.accuracy_off_by <= ACCURACY_TOLERANCE


def lines(
    measured: Sequence[Measured], job: Job, machine: Machine | None, reference: str = OURS
) -> list[Line]:
    """One line for each rival and optimizer, in the order in which they ran.

    Args:
        measured: of all rounds.
        job: that all were given.
        machine: its figures, if they were measured.
        reference: the name of ours that the others are compared with.
    """
    ours = {(one.optimizer, one.round): one for one in measured if one.rival == reference}
    kinds = dict.fromkeys((one.rival, one.optimizer) for one in measured)
    return [
        line_of(
            [
                (one, ours[one.optimizer, one.round])
                for one in measured
                if (one.rival, one.optimizer) == kind
            ],
            job,
            machine,
        )
        for kind in kinds
    ]


def line_of(pairs: Sequence[tuple[Measured, Measured]], job: Job, machine: Machine | None) -> Line:
    """Of one rival's rounds, each with ours of the same round."""
    each = [one for one, _ in pairs]
    seconds = Spread.of([one.told.seconds for one in each])
    return Line(
        rival=each[0].rival,
        optimizer=each[0].optimizer,
        seconds=seconds,
        processor_seconds=Spread.of([one.told.processor_seconds for one in each]),
        ratio=Spread.of([one.told.seconds / our.told.seconds for one, our in pairs]),
        share_of_limit=limit_seconds(machine, job) / seconds.median if machine else None,
        warm_up_seconds=Spread.of([one.warm_up_seconds(job) for one in each])
        if each[0].told.valid_loss
        else None,
        peak_bytes=Spread.of([one.told.peak_bytes for one in each]),
        loss_off_by=farthest(pairs, lambda told: told.valid_loss, lambda a, b: abs(a / b - 1)),
        accuracy_off_by=farthest(pairs, lambda told: told.valid_accuracy, lambda a, b: abs(a - b)),
    )


def farthest(
    pairs: Sequence[tuple[Measured, Measured]],
    results: Callable[[Told], Sequence[float]],
    distance: Callable[[float, float], float],
) -> float | None:
    """The largest distance of a rival's results from ours; None where it has none.

    What is not a number is infinitely far.
    """
    distances = [
        distance(its, ours)
        for one, our in pairs
        if results(one.told)
        for its, ours in zip(results(one.told), results(our.told), strict=True)
    ]
    return max((math.inf if math.isnan(each) else each for each in distances), default=None)


def cells(line: Line) -> tuple[str, ...]:
    """A line in words, under ``HEADING``."""
    titles = {rival.name: rival.title for rival in RIVALS}
    share = line.share_of_limit
    return (
        titles[line.rival],
        line.optimizer,
        line.seconds.text(3),
        f"{line.processor_seconds.median:.3f}",
        line.ratio.text(2),
        "" if share is None else f"{share:.0%}",
        f"{line.warm_up_seconds.median:.1f}" if line.warm_up_seconds else "",
        f"{line.peak_bytes.median / 1e9:.2f}",
        "" if line.loss_off_by is None else f"{line.loss_off_by:.2%}",
        "" if line.accuracy_off_by is None else f"{100 * line.accuracy_off_by:.1f} points",
        "" if line.agrees else "NOT OURS",
    )


def text(table: Sequence[Line]) -> str:
    """The table with aligned columns."""
    rows = [HEADING, *map(cells, table)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def markdown(table: Sequence[Line]) -> str:
    """The table in Markdown."""
    rows = [HEADING, ["---"] * len(HEADING), *map(cells, table)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def machine_text(machine: Machine, job: Job) -> str:
    """The machine's figures and a trial's limit, in words."""
    rates = [
        f"{name} product in {kind} {rate.flops / 1e9:,.0f} GFLOP/s ({rate.library})"
        for name, kinds in (("forward", machine.forward), ("gradient's", machine.gradient))
        for kind, rate in kinds.items()
    ]
    return (
        f"{machine.processors} processors, {machine.model}: {', '.join(rates)}; memory "
        f"{machine.bytes_per_second / 1e9:.1f} GB/s; so a trial's epoch takes at least "
        f"{limit_seconds(machine, job):.3f} s in float32"
    )


def as_json(
    job: Job,
    machine: Machine | None,
    measured: Sequence[Measured],
    table: Sequence[Line],
    left_out: dict[str, str],
) -> dict[str, Any]:
    """All of it for programs; each line also says whether it agrees."""
    return {
        "job": asdict(job),
        "machine": asdict(machine) if machine else None,
        "limit_seconds": limit_seconds(machine, job) if machine else None,
        "tolerance": {"loss": LOSS_TOLERANCE, "accuracy": ACCURACY_TOLERANCE},
        "lines": [asdict(line) | {"agrees": line.agrees} for line in table],
        "rounds": [asdict(one) for one in measured],
        "left_out": left_out,
    }
