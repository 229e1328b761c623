"""The verdict's first sentence, on the primary measure alone; one function for each case."""

from collections.abc import Sequence

from sweep.analysis.intervals import MIN_SEEDS
from sweep.analysis.measures import Measures
from sweep.analysis.phrases import MANY, name_of, where
from sweep.analysis.wording import BASELINE, counted, has_width, listed, percent


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
    return (
        f"{where(measures)}, no trial learned anything: all diverged or ended at most 2 points "
        f"above {BASELINE} ({percent(measures.baseline)})."
    )


def alone(measures: Measures) -> str:
    """There is one optimizer."""
    mean = measures.mean_accuracy_O
    low, high = float(mean.low[0]), float(mean.high[0])
    interval = f"95 % interval {100 * low:.1f} to {100 * high:.1f}"
    interval = interval if has_width(low, high) else "all seeds agree, so there is no interval"
    return (
        f"{where(measures)}, {name_of(measures, 0)} ends at {percent(mean.value[0])} on average "
        f"({interval}); there is no other optimizer to compare it with."
    )


def comparison(measures: Measures, lead: int) -> str:
    """The lead against every other: first those that it beats, then those that beat it."""
    said, differences = where(measures), measures.mean_accuracy_differences
    groups: dict[str, list[int]] = {"more": [], "less": [], "no": []}
    for other in range(len(measures.optimizers)):
        if other != lead:
            value, _, _, claimed = differences.of(lead, other)
            groups["no" if not claimed else "more" if value > 0 else "less"].append(other)
    parts = [
        f"ends {word} accurate than {_opponents(measures, groups[word], 'and')}"
        for word in ("more", "less")
        if groups[word]
    ]
    subject = f"{name_of(measures, lead)} ({percent(measures.mean_accuracy_O.value[lead])})"
    unclear = _opponents(measures, groups["no"], "or")
    if not parts:
        return f"{said}, it cannot be claimed that {subject} ends differently from {unclear}."
    text = f"{said}, {subject} {' and '.join(parts)}"
    return f"{text}; no difference from {unclear} can be claimed." if unclear else f"{text}."


def _opponents(measures: Measures, others: Sequence[int], word: str) -> str:
    names = [name_of(measures, other) for other in others]
    if len(measures.optimizers) > MANY:
        return listed(names, word)
    means = [percent(measures.mean_accuracy_O.value[other]) for other in others]
    return listed([f"{name} ({mean})" for name, mean in zip(names, means, strict=True)], word)
