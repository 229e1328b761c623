"""The verdict: two or three sentences about what the measures support, and no more.

From ``robustness.Measures`` to words; tables, reports and pages print it first.
"""

from dataclasses import dataclass

from sweep.robustness import Grid, Measures


@dataclass(frozen=True)
class Claim:
    """One answered comparison of two optimizers, for machines.

    Attributes:
        measure: ``mean accuracy``, ``epochs to converge``, ``seconds a trial`` or
            ``bytes a trial``.
        first, second: labels; the difference is first minus second.
        difference, low, high: with its Holm-corrected 95 % interval, in shares, epochs, seconds
            or bytes; NaN where it was not measured or seeds are too few.
        claimed: whether the interval excludes zero.
    """

    measure: str
    first: str
    second: str
    difference: float
    low: float
    high: float
    claimed: bool


@dataclass(frozen=True)
class Verdict:
    """What the results support, in words.

    Attributes:
        headline: one sentence, on the primary measure alone.
        sentences: what belongs beside it: sizes, convergence, cost, and what was left out.
        claims: the same for machines.
    """

    headline: str
    sentences: tuple[str, ...]
    claims: tuple[Claim, ...]

    def __str__(self) -> str:
        return " ".join((self.headline, *self.sentences))


def verdict(grid: Grid, measures: Measures) -> Verdict:
    """What the measures of a grid support, and no more."""
    raise NotImplementedError
