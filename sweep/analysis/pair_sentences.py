"""What the seeds decide of the pairs, in sentences: the finding first, numbers in brackets.

Of few optimizers there is one sentence a pair, of many the counts; then what would settle those
that are undecided, and which looks the intervals account for.
"""

from collections.abc import Iterator

from sweep.analysis.decision import PairDecision, PairOutcome
from sweep.analysis.measures import Measures
from sweep.analysis.phrases import MANY, name_of
from sweep.analysis.spending import Spending
from sweep.analysis.wording import (
    counted,
    digits_to_show,
    duration,
    listed,
)

MAX_LOOKS_TOLD = 6
"""Of more looks the first and the last are named."""


def pairs(measures: Measures, lead: int) -> Iterator[str]:
    """One sentence a pair, those with the lead first; of many optimizers how many differ."""
    if len(measures.optimizers) > MANY:
        yield _counts(measures)
    else:
        found = measures.mean_accuracy_differences.pairs
        order = sorted(range(len(found)), key=lambda m: lead not in found[m])
        for place, m in enumerate(order):
            yield _pair(measures, m, "95 % interval " if place == 0 else "")
    yield from _outlook(measures)
    yield from accounted_looks(measures.spending)


def _pair(measures: Measures, m: int, interval: str) -> str:
    """One pair; a claimed difference has its better one first, and no end rounded to zero."""
    pair = measures.decision.pairs[m]
    first, second = measures.mean_accuracy_differences.pairs[m]
    names = [name_of(measures, first), name_of(measures, second)]
    numbers = (pair.difference, pair.low, pair.high)
    if pair.better == pair.second:
        names.reverse()
        numbers = (-pair.difference, -pair.high, -pair.low)
    words = measures.words
    if not pair.better:  # then it is a difference of the metric, else how much better one is
        numbers = (words.metric.value(numbers[0]), *words.metric.ends(*numbers[1:]))
    least = digits_to_show(words.scale * numbers[1]) if pair.better else 0
    shown = [words.bare(number, max(words.digits, least)) for number in numbers]
    value, between = words.in_unit(shown[0]), f"{interval}{shown[1]} to {shown[2]}"
    margin = words.margin(measures.decision.margin)
    if pair.outcome is PairOutcome.DIFFERENT:
        return f"{names[0]} is better than {names[1]} by {value} ({between})."
    if pair.outcome is PairOutcome.UNDECIDED:
        return f"Undecided: {names[0]} − {names[1]} is {value} ({between})."
    said = f"{names[0]} and {names[1]} are equivalent, within {margin} of each other"
    if pair.better:
        return f"{said}: {names[0]} is ahead by {value} ({between})."
    return f"{said} (difference {value}, {between})."


def _counts(measures: Measures) -> str:
    decided, margin = measures.decision.pairs, measures.words.margin(measures.decision.margin)
    words = {
        PairOutcome.DIFFERENT: "differ",
        PairOutcome.EQUIVALENT: f"are equivalent within {margin}",
        PairOutcome.UNDECIDED: "are undecided",
    }
    counts = {outcome: sum(pair.outcome is outcome for pair in decided) for outcome in words}
    said = listed([f"{counts[outcome]} {words[outcome]}" for outcome in words if counts[outcome]])
    return f"Of {counted(len(decided), 'pair')}, {said}; the report has a table of them."


def _outlook(measures: Measures) -> Iterator[str]:
    """What would settle what is undecided."""
    undecided = measures.decision.undecided
    if not undecided:
        return
    seeds = len(measures.seeds)
    least = [pair.least_difference for pair in undecided]
    words = measures.words
    shown = {words.size(min(least)), words.size(max(least))}
    could = (
        words.size(max(least))
        if len(shown) == 1
        else f"{words.size(min(least)).split()[0]} to {words.size(max(least))}"
    )
    it = "it" if len(undecided) == 1 else "all of them"
    yield (
        f"These {seeds} seeds could have shown {could} (with a chance of 80 %); "
        f"{_what_settles(measures, undecided)} would settle {it} at "
        f"{words.margin(measures.decision.margin)}."
    )


def _what_settles(measures: Measures, undecided: tuple[PairDecision, ...]) -> str:
    needed = [pair.seeds_needed for pair in undecided if pair.seeds_needed is not None]
    if len(needed) < len(undecided):
        return "thousands of seeds"
    more = int(float(f"{max(needed) - len(measures.seeds):.2g}"))
    seconds = more * measures.seconds_a_seed
    time = f" ({duration(seconds)})" if seconds > 0 else ""
    return f"about {counted(more, 'more seed')}{time}"


def accounted_looks(spending: Spending) -> Iterator[str]:
    """Which looks the intervals account for; nothing where this is the only one."""
    earlier, said = spending.earlier, []
    if len(earlier) > MAX_LOOKS_TOLD:
        said.append(f"{len(earlier)} earlier looks, with {earlier[0]} to {earlier[-1]} seeds")
    elif earlier:
        look = "look" if len(earlier) == 1 else "looks"
        said.append(f"the earlier {look} with {listed([str(count) for count in earlier])} seeds")
    if spending.planned:
        which = "those" if earlier else "the looks"
        said.append(f"{which} that are planned, up to {spending.planned[-1]} seeds")
    if said:
        yield f"The intervals account for {listed(said)}."
