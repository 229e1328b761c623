"""What a design is: it proposes points from a study and what is stored of it.

The runner asks, trains what is new, and asks again until nothing is. A design is a pure function,
so that a run which was interrupted is proposed the same as one that was not.
"""

from typing import Protocol

from sweep.planning.trials import Proposal
from sweep.results.results import Results
from sweep.study.study import Study


class Design(Protocol):
    """Proposes what to train."""

    def __call__(self, study: Study, stored: Results | None) -> tuple[Proposal, ...]:
        """All that the study should have by now, what is stored included; at least one.

        What it once proposed it proposes again, whatever more is stored by then.

        Args:
            study: what is asked.
            stored: all that is stored of it; None where it was never run.
        """
        ...
