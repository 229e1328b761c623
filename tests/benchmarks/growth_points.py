"""What ``growth`` measures: seconds by size, and memory beside the plan's."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations


@dataclass(frozen=True)
class Series:
    """Seconds by size.

    Attributes:
        name: of what grows, or of the command.
        unit: of ``sizes``.
        sizes: ascending.
        seconds: of each.
    """

    name: str
    unit: str
    sizes: Sequence[int]
    seconds: Sequence[float]

    @property
    def steepest(self) -> float:
        """The largest growth of seconds a unit from one size to any later one."""
        each = [seconds / size for size, seconds in zip(self.sizes, self.seconds, strict=True)]
        return max(later / earlier for earlier, later in combinations(each, 2))


@dataclass(frozen=True)
class Memory:
    """Peak memory of trainings, and what the plan says of them.

    Attributes:
        sizes: of each training, where they are not those of ``growth_training``.
        peak_bytes, estimated_bytes: of each.
    """

    sizes: Sequence[dict[str, int]]
    peak_bytes: Sequence[int]
    estimated_bytes: Sequence[int]


@dataclass(frozen=True)
class Growth:
    """All that was measured."""

    series: Sequence[Series]
    memory: Memory | None

    def as_json(self) -> dict:
        """For programs; each series with its steepest growth."""
        series = [asdict(one) | {"steepest": one.steepest} for one in self.series]
        return {"series": series, "memory": asdict(self.memory) if self.memory else None}


def text(growth: Growth) -> str:
    """One line a series, and one a training's memory."""
    lines = []
    for one in growth.series:
        points = ", ".join(
            f"{size:,}: {seconds:.2f} s"
            for size, seconds in zip(one.sizes, one.seconds, strict=True)
        )
        lines.append(f"{one.name}, by {one.unit}: {points}; steepest {one.steepest:.2f}")
    if growth.memory:
        for sizes, peak, estimated in zip(
            growth.memory.sizes,
            growth.memory.peak_bytes,
            growth.memory.estimated_bytes,
            strict=True,
        ):
            what = ", ".join(f"{name} {value:,}" for name, value in sizes.items())
            lines.append(
                f"memory of {what}: {peak / 1e9:.2f} GB, {peak / estimated - 1:+.0%} against the "
                f"plan's {estimated / 1e9:.2f} GB"
            )
    return "\n".join(lines)
