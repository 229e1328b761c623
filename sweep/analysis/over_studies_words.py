"""What is measured over several studies, in words: sentences and a table's rows. Pure."""

from collections.abc import Iterator

import numpy as np

from sweep.analysis.intervals import Estimate
from sweep.analysis.over_studies import OverStudies
from sweep.analysis.phrases import MANY
from sweep.analysis.sensitivity import NEAR_PEAK
from sweep.analysis.spending import MIN_SEEDS
from sweep.analysis.wording import (
    NO_WIDTH,
    counted,
    counted_values,
    decimal,
    has_width,
    listed,
    number,
    percent,
    signed,
)

COLUMNS = ("optimizer", "sensitivity", "best of each", "best for all", "at", "axes to tune")
_INTERVALS = "In brackets: 95 % intervals over seeds."
_BEST = "A best of noisy scores is too high, the more so the more points there are."


def headline(found: OverStudies) -> str:
    """Who needs the least tuning for each study, as far as seeds show it."""
    needed, names = found.sensitivity, found.names
    order = np.argsort(needed.sensitivity.value, kind="stable").tolist()
    least, *others = order
    said = _ranked(found, order)
    if not others:
        return f"{said}, over {len(found.studies)} studies."
    if len(needed.seeds) < MIN_SEEDS:
        return f"With fewer than {MIN_SEEDS} seeds nothing is claimed. {said}."
    beaten = [at for at in others if _is_below(found, least, at)]
    if not beaten:
        return f"No optimizer is shown to need the least tuning for each study. {said}."
    rest = [names[at] for at in others if at not in beaten]
    undecided = f"; {listed(rest)} may need as little" if rest else ""
    return (
        f"{names[least]} needs less tuning for each study than "
        f"{listed([names[at] for at in beaten])}{undecided}."
    )


def _is_below(found: OverStudies, one: int, other: int) -> bool:
    value, _, _, claimed = found.sensitivity.differences.of(one, other)
    return claimed and value < 0


def _ranked(found: OverStudies, order: list[int]) -> str:
    value = found.sensitivity.sensitivity.value
    said = [f"{found.names[at]} {decimal(value[at])}" for at in order]
    if len(said) >= MANY:
        return f"Sensitivity from {said[0]} to {said[-1]}"
    return f"Sensitivity {listed(said)}"


def sentences(found: OverStudies) -> Iterator[str]:
    """What sensitivity means here, and what one point for all gives."""
    needed = found.sensitivity
    yield (
        "Sensitivity is what the normalized score loses where one "
        f"{_swept(found)} serves all studies, in place of the best one of each."
    )
    best = int(np.argmax(needed.shared.value))
    yield (
        f"With one for all, {found.names[best]} scores highest: "
        f"{ends_words(needed.shared, best)}, at {needed.shared_point[best]}."
    )
    if len(needed.axes) > 1:
        counts = [
            f"{name} {of}" for name, of in zip(found.names, needed.dimensionality, strict=True)
        ]
        yield (
            f"Axes to tune for each study, to come to {percent(NEAR_PEAK, 0)} of the tuned score: "
            f"{listed(counts)} of {len(needed.axes)}."
        )


PARTS = ("part", "share of the variance")
PARTS_NOTE = (
    "An exact analysis of variance of the normalized scores, as means over seeds: what each does "
    "by itself, and what only two or more do together. Studies and optimizers count the same "
    "each, values of an axis by how much of its range they stand for. Scores also scatter with "
    "the seeds, which counts as what several do together."
)


def part_rows(found: OverStudies) -> list[tuple[str, str]]:
    """One a part, under ``PARTS``."""
    share_P = found.parts.share_P
    return [(name, share_words(share_P, p)) for p, name in enumerate(found.parts.names)]


def share_words(share_P: Estimate, p: int) -> str:
    """A share in percent, with its interval where it has one."""
    value, low, high = (float(part[p]) for part in (share_P.value, share_P.low, share_P.high))
    if not has_width(low, high):
        return percent(value)
    return f"{percent(value)} [{100 * low:.1f}, {100 * high:.1f}]"


def where(found: OverStudies) -> str:
    """What it is over, in a sentence."""
    needed = found.sensitivity
    ranges = [
        f"{counted_values(len(axis.values), axis.words)} from {number(axis.values[0])} to "
        f"{number(axis.values[-1])}"
        for axis in needed.axes
    ]
    return (
        f"Over {len(found.studies)} studies ({listed(found.studies)}), at {listed(ranges)}, with "
        f"{counted(len(needed.seeds), 'seed')} that all have."
    )


def notes(found: OverStudies) -> tuple[str, ...]:
    """How the table is read; one seed has no intervals."""
    needed = found.sensitivity
    if len(needed.seeds) == 1:
        return (_BEST,)
    agree = [(of.low == of.high).any() for of in (needed.sensitivity, needed.tuned, needed.shared)]
    return (f"{_INTERVALS} {_BEST}", *((NO_WIDTH,) if any(agree) else ()))


def rows(found: OverStudies) -> list[tuple[str, ...]]:
    """One an optimizer, under ``COLUMNS``."""
    needed = found.sensitivity
    return [
        (
            name,
            ends_words(needed.sensitivity, o),
            ends_words(needed.tuned, o),
            ends_words(needed.shared, o),
            str(needed.shared_point[o]),
            f"{needed.dimensionality[o]} of {len(needed.axes)}",
        )
        for o, name in enumerate(found.names)
    ]


def ends_words(estimate: Estimate, at: int | tuple[int, int]) -> str:
    """A value with its interval in brackets, where it has one."""
    value, low, high = (
        signed(float(part[at]), 3) for part in (estimate.value, estimate.low, estimate.high)
    )
    if not has_width(float(estimate.low[at]), float(estimate.high[at])):
        return value
    return f"{value} [{low}, {high}]"


def _swept(found: OverStudies) -> str:
    axes = found.sensitivity.axes
    return axes[0].words if len(axes) == 1 else "point"
