"""How far a study is that adds seeds until it is decided, and why a run ended, in words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sweep.analysis.decision import Decision, PairDecision, PairOutcome
from sweep.analysis.metric_words import MetricWords
from sweep.analysis.wording import counted, duration, listed, names_of
from sweep.results.looks import LookDesign
from sweep.study.metric import ACCURACY, Metric

MAX_PAIRS_TOLD = 3
"""So many pairs are named in a line; the verdict has all."""


class Reason(StrEnum):
    """Why a run added no more seeds."""

    DECIDED = "decided"
    MAX_SEEDS = "max seeds"
    BUDGET = "budget"
    FAILED = "failed trials"


@dataclass(frozen=True)
class NextStage:
    """What comes next.

    Attributes:
        seeds: how many seeds the study has then.
        seconds: about how long it takes; None where that is not known.
    """

    seeds: int
    seconds: float | None


@dataclass(frozen=True)
class Ending:
    """The end of a run that added seeds until its study was decided.

    Attributes:
        reason: why it added no more.
        decision: what the seeds decide.
        looks: the design by which they were added.
        budget_seconds: how long the run could take; None for no limit.
        next_stage: what the same command goes on with; None where there is nothing.
    """

    reason: Reason
    decision: Decision
    looks: LookDesign
    budget_seconds: float | None = None
    next_stage: NextStage | None = None

    def __str__(self) -> str:
        seeds, pairs = counted(self.decision.seeds, "seed"), _pairs_decided(self.decision)
        if self.reason is Reason.DECIDED:
            return f"Decided after {seeds}."
        if self.reason is Reason.MAX_SEEDS:
            return f"Stopped at {seeds}, the most: {pairs}."
        if self.reason is Reason.FAILED:
            return f"Stopped where trials failed, with {seeds} finished: {pairs}."
        budget = duration(self.budget_seconds or 0)
        return f"Stopped at the budget of {budget}, after {seeds}: {pairs}{self._more()}."

    def _more(self) -> str:
        if self.next_stage is None:
            return "; the same command goes on"
        seeds, seconds = self.next_stage.seeds, self.next_stage.seconds
        if seconds is not None and seconds > (self.budget_seconds or 0):
            more = f"{duration(seconds)} more, which is more than the budget"
            return f"; {seeds} seeds take about {more}"
        how_long = "" if seconds is None else f" in about {duration(seconds)} more"
        return f"; the same command goes on to {seeds} seeds{how_long}"


def look_line(
    decision: Decision,
    looks: LookDesign,
    used_seconds: float,
    left: str,
    metric: Metric = ACCURACY,
) -> str:
    """What a look has shown.

    Args:
        decision: what the seeds decide.
        looks: the design.
        used_seconds: of the run.
        left: what is left of its budget, in words; empty where there is none.
        metric: what trials are judged by.
    """
    words = MetricWords(metric)
    decided = [pair for pair in decision.pairs if pair.decided]
    parts = [
        f"{counted(decision.seeds, 'seed')} of at most {looks.max_seeds}, after "
        f"{duration(used_seconds)}{left}: {_pairs_decided(decision)}",
        *_told("Decided", decided, decision, words),
        *_told("Not yet", decision.undecided, decision, words),
    ]
    return ". ".join(parts) + "."


def design_line(
    looks: LookDesign, begun: str | None, seen: Sequence[int] = (), metric: Metric = ACCURACY
) -> str:
    """How seeds are added, before the first stage or on going on.

    Args:
        looks: the design.
        begun: when its first look was, in words; None where there was none.
        seen: numbers of seeds at which verdicts were seen by hand before.
        metric: what trials are judged by.
    """
    stages = listed([str(stage) for stage in looks.stages])
    how = f"looks at {stages} seeds, margin {MetricWords(metric).margin(looks.margin)}"
    if begun:
        return f"Going on as fixed before the first look ({begun}): {how}."
    numbers = listed([str(seeds) for seeds in seen])
    before = (
        f" Verdicts were seen before, at {numbers} seeds: the intervals get wider for it."
        if seen
        else ""
    )
    return f"Adding seeds until it is decided: {how}. This is fixed now.{before}"


def _pairs_decided(decision: Decision) -> str:
    count, decided = len(decision.pairs), len(decision.pairs) - len(decision.undecided)
    if not count:
        return "there is no pair to compare yet"
    return f"{decided} of {counted(count, 'pair')} decided"


def _told(
    what: str, pairs: Sequence[PairDecision], decision: Decision, words: MetricWords
) -> list[str]:
    if not pairs:
        return []
    labels = tuple(dict.fromkeys(x for pair in decision.pairs for x in (pair.first, pair.second)))
    names = dict(zip(labels, names_of(labels), strict=True))
    told = [_pair(pair, names, words) for pair in pairs[:MAX_PAIRS_TOLD]]
    more = len(pairs) - len(told)
    return [f"{what}: {'; '.join(told)}{f'; and {more} more' if more else ''}"]


def _pair(pair: PairDecision, names: dict[str, str], words: MetricWords) -> str:
    first, second = names[pair.first], names[pair.second]
    low, high = (words.bare(end) for end in words.metric.ends(pair.low, pair.high))
    if pair.outcome is PairOutcome.EQUIVALENT:
        return f"{first} and {second} are equivalent ({words.in_unit(f'{low} to {high}')})"
    if pair.outcome is PairOutcome.DIFFERENT:
        is_first = pair.difference > 0
        better, worse = (first, second) if is_first else (second, first)
        ends = (pair.low, pair.high) if is_first else (-pair.high, -pair.low)
        low, high = (words.bare(end) for end in ends)
        size = words.in_unit(words.bare(abs(pair.difference)))
        return f"{better} is better than {worse} by {size} ({low} to {high})"
    if pair.low != pair.low:  # NaN: too few seeds for an interval
        return f"{first} − {second}"
    value = words.in_unit(words.bare(words.metric.value(pair.difference)))
    return f"{first} − {second} is {value} ({low} to {high})"
