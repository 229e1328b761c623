"""The verdict: a few sentences on what the measures support, and no more.

From ``Measures`` to words; tables, reports and pages print it first. What it says of accuracy rests
on the primary measure alone: each pair is different, equivalent within the margin, or undecided
(see ``decision``). The first sentence is made in ``headline``, those on pairs in
``pair_sentences``, the others in ``sentences``.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sweep.analysis import headline, pair_sentences, sentences
from sweep.analysis.arrays import Grid
from sweep.analysis.decision import PairDecision
from sweep.analysis.intervals import pairs_of
from sweep.analysis.measures import Measures
from sweep.analysis.phrases import MANY
from sweep.analysis.wording import names_of
from sweep.util.markup import paragraph


@dataclass(frozen=True)
class Claim:
    """One compared pair of optimizers, for machines.

    Attributes:
        measure: ``mean accuracy`` (or of another metric), ``convergence``, ``time a trial`` or
            ``memory a trial``.
        unit: ``share`` or the metric's, ``epochs``, ``seconds`` or ``bytes``.
        first, second: labels; the difference is first minus second.
        difference, low, high: with its Holm-corrected 95 % interval.
        claimed: whether the interval excludes zero.
        decided: what is decided of mean accuracies, with what it would take; else None.
    """

    measure: str
    unit: str
    first: str
    second: str
    difference: float
    low: float
    high: float
    claimed: bool
    decided: PairDecision | None = None


@dataclass(frozen=True)
class Verdict:
    """What the results support, in words.

    Attributes:
        headline: one sentence, on the primary measure alone.
        sentences: what belongs beside it: other claims, convergence, cost, and what is left out.
        claims: the same for machines; none with too few seeds.
    """

    headline: str
    sentences: tuple[str, ...]
    claims: tuple[Claim, ...]

    def __str__(self) -> str:
        return " ".join((self.headline, *self.sentences))

    def _repr_html_(self) -> str:
        """The sentences, for a notebook."""
        return paragraph(self.headline, strong=True) + paragraph(" ".join(self.sentences))


def verdict(grid: Grid, measures: Measures) -> Verdict:
    """What the measures of a grid support, and no more.

    Args:
        grid: the whole study, for what is not in the measures.
        measures: ``measure(grid)``.
    """
    notes = tuple(sentences.notes(grid, measures))
    if not measures.seeds:
        return Verdict(headline.nothing_yet(measures), (sentences.finished(grid), *notes), ())
    if not measures.has_intervals:
        return Verdict(headline.too_few_seeds(measures), (sentences.means(measures), *notes), ())
    claims = tuple(_claims(measures))
    if bool((measures.failure_share_O.value == 1).all()):
        return Verdict(headline.nothing_learned(measures), notes, claims)
    if len(measures.optimizers) == 1:
        said = (*sentences.robust_range(measures), *notes)
        return Verdict(headline.alone(measures), said, claims)
    lead, reference = _protagonists(measures)
    said = (
        *pair_sentences.pairs(measures, lead),
        sentences.convergence(measures, lead, reference),
        sentences.cost(measures, lead, reference),
    )
    return Verdict(headline.comparison(measures, _headed(measures, lead)), (*said, *notes), claims)


def _protagonists(measures: Measures) -> tuple[int, int]:
    """Whom the sentences are about and whom it is compared with: RAdam and Adam if they are there.

    Otherwise the most accurate, and Adam or else the first of the others. Where all are compared
    with the first alone, it is the first, and Adam or else the most accurate of the others.
    """
    names = names_of(measures.optimizers)
    if len(measures.mean_accuracy_differences.pairs) < len(pairs_of(len(names))):
        others = np.argmax(measures.mean_accuracy_O.value[1:])
        return 0, names.index("Adam") if "Adam" in names[1:] else 1 + int(others)
    lead = names.index("RAdam") if "RAdam" in names else _best(measures)
    if "Adam" in names and names[lead] != "Adam":
        return lead, names.index("Adam")
    return lead, 0 if lead else 1


def _headed(measures: Measures, lead: int) -> int:
    """Whom the headline is about: of many optimizers that are all compared the most accurate."""
    count = len(measures.optimizers)
    every = len(measures.mean_accuracy_differences.pairs) == len(pairs_of(count))
    return _best(measures) if count > MANY and every else lead


def _best(measures: Measures) -> int:
    return int(np.argmax(measures.mean_accuracy_O.value))


def _claims(measures: Measures) -> Iterator[Claim]:
    for at, (name, unit, differences) in enumerate(measures.compared):
        is_primary = at == 0
        for m, (first, second) in enumerate(differences.pairs):
            value, low, high, claimed = differences.of(first, second)
            if not np.isnan(value):
                labels = measures.optimizers[first], measures.optimizers[second]
                decided = measures.decision.pairs[m] if is_primary else None
                yield Claim(name, unit, *labels, value, low, high, claimed, decided)
