"""Looks: when somebody saw a verdict, and with how many seeds.

Whoever sees a verdict and adds seeds afterwards has tested more than once. The later intervals
account for that, so looks are stored, and travel with the results.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class LookDesign:
    """What was fixed before the first look of a study that adds seeds until it is decided.

    Attributes:
        stages: numbers of seeds at which the verdict is looked at, rising; the last is the most.
        margin: optimizers closer than this are equivalent, a share (0.01 is one point).
    """

    stages: tuple[int, ...]
    margin: float

    @property
    def max_seeds(self) -> int:
        """The most seeds that this design trains."""
        return self.stages[-1]


@dataclass(frozen=True)
class Look:
    """One verdict that was seen.

    Attributes:
        seeds: how many seeds it rested on.
        at: when, in UTC.
        design: the design that it belongs to; None for a look by hand.
    """

    seeds: int
    at: datetime
    design: LookDesign | None = None
