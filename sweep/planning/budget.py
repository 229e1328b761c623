"""The time that a run may take, and how long what is missing would take. Pure but for the clock."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sweep.results.results import Results


@dataclass(frozen=True)
class Budget:
    """A time from now on.

    Attributes:
        seconds: how long; infinite where there is no limit.
        clock: seconds that only grow.
    """

    seconds: float = math.inf
    clock: Callable[[], float] = time.monotonic
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_began", self.clock())

    @property
    def used_seconds(self) -> float:
        """Since it began."""
        return self.clock() - self._began

    @property
    def left_seconds(self) -> float:
        """Until its end; 0 after it."""
        return max(self.seconds - self.used_seconds, 0.0)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left."""
        return self.left_seconds == 0


def expected_seconds(stored: Results | None, trials: int, at_once: float = 1.0) -> float | None:
    """How long so many trials would take, by those that are stored; None where none is.

    Args:
        stored: all that is stored of the study.
        trials: how many are missing.
        at_once: how many cohorts train at once.
    """
    known = [
        trial.seconds
        for trial in (stored.trials if stored else ())
        if trial.seconds is not None and trial.outcome is not None and trial.outcome.is_finished
    ]
    if not known:
        return None
    return trials * sum(known) / len(known) / max(at_once, 1.0)
