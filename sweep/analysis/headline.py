"""The verdict's first sentence, on the primary measure alone; one function for each case."""

from collections.abc import Sequence

import numpy as np

from sweep.analysis.decision import PairOutcome
from sweep.analysis.intervals import MIN_SEEDS
from sweep.analysis.measures import Measures
from sweep.analysis.phrases import MANY, name_of, where
from sweep.analysis.wording import counted, listed

MAX_NAMED = 5
"""Of more opponents some are named, the rest counted."""


def nothing_yet(measures: Measures) -> str:
    """There is nothing to compare."""
    if not measures.has_shared_points:
        return (
            f"Nothing can be said: there is no {measures.hyperparameter} at which all optimizers "
            "are trained."
        )
    return (
        "Nothing can be said yet: no seed is finished "
        f"for every optimizer at every {measures.hyperparameter}."
    )


def too_few_seeds(measures: Measures) -> str:
    """There are no intervals."""
    count = counted(len(measures.seeds), "seed")
    return (
        f"With {count} no difference can be claimed: an interval needs at least {MIN_SEEDS} seeds."
    )


def nothing_learned(measures: Measures) -> str:
    """All trials failed to learn."""
    return f"{where(measures)}, no trial learned anything: all diverged{_or_stayed(measures)}."


def _or_stayed(measures: Measures) -> str:
    """What else than diverging is learning nothing, where a level of that is known."""
    words = measures.words
    if np.isnan(measures.baseline):
        return ""
    return f" or ended at most {words.near} {words.above} {measures.baseline_told}"


def alone(measures: Measures) -> str:
    """There is one optimizer."""
    mean = measures.mean_accuracy_O
    words, ends = measures.words, (float(mean.low[0]), float(mean.high[0]))
    interval = words.interval(*ends) or "all seeds agree, so there is no interval"
    return (
        f"{where(measures)}, {name_of(measures, 0)} ends at {words.level(mean.value[0])} on "
        f"average ({interval}); there is no other optimizer to compare it with."
    )


def comparison(measures: Measures, lead: int) -> str:
    """The lead against every other: whom it is better than, worse than, equivalent to."""
    groups = _groups(measures, lead)
    undecided = groups.pop("undecided")
    subject = f"{name_of(measures, lead)} ({_mean_of(measures, lead)})"
    parts = [
        f"{words} {_opponents(measures, others)}" for words, others in groups.items() if others
    ]
    if not parts:
        others = _opponents(measures, undecided)
        return f"{where(measures)}, it is undecided how {subject} compares with {others}."
    text = f"{where(measures)}, {subject} is {listed(parts)}"
    if undecided:
        text += f"; against {_opponents(measures, undecided)} it is undecided"
    return f"{text}."


def _groups(measures: Measures, lead: int) -> dict[str, list[int]]:
    """The others, by what is decided of the lead and them."""
    groups: dict[str, list[int]] = {
        words: [] for words in ("better than", "worse than", "equivalent to", "undecided")
    }
    found = measures.mean_accuracy_differences.pairs
    for (first, second), pair in zip(found, measures.decision.pairs, strict=True):
        if lead not in (first, second):
            continue
        is_ahead = (pair.difference > 0) == (first == lead)
        words = {
            PairOutcome.DIFFERENT: "better than" if is_ahead else "worse than",
            PairOutcome.EQUIVALENT: "equivalent to",
            PairOutcome.UNDECIDED: "undecided",
        }
        groups[words[pair.outcome]].append(second if first == lead else first)
    return groups


def _opponents(measures: Measures, others: Sequence[int]) -> str:
    """By name; of few optimizers with their means, of many no more than ``MAX_NAMED``."""
    names = [name_of(measures, other) for other in others]
    if len(names) > MAX_NAMED:
        kept = MAX_NAMED - 1
        names = [*names[:kept], f"{len(names) - kept} others"]
    if len(measures.optimizers) > MANY:
        return listed(names)
    means = [_mean_of(measures, other) for other in others]
    return listed([f"{name} ({mean})" for name, mean in zip(names, means, strict=True)])


def _mean_of(measures: Measures, at: int) -> str:
    return measures.words.level(float(measures.mean_accuracy_O.value[at]))
