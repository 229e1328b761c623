"""The verdict: a few sentences on what the measures support, and no more.

From ``robustness.Measures`` to words; tables, reports and pages print it first. What it says of
accuracy rests on the primary measure alone, and every difference that it claims has a
Holm-corrected 95 % interval that excludes zero.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sweep.analysis.arrays import Grid
from sweep.analysis.intervals import Differences
from sweep.analysis.measures import Cost, Measures
from sweep.analysis.wording import names_of

MANY = 4
"""From so many optimizers on, sentences leave numbers to the table."""
SAME_COST = 0.01
"""Two optimizers cost the same where the difference's interval lies within this share."""
MIB = 2**20


@dataclass(frozen=True)
class Claim:
    """One compared pair of optimizers, for machines.

    Attributes:
        measure: ``mean accuracy``, ``convergence``, ``time a trial`` or ``memory a trial``.
        unit: ``share``, ``epochs``, ``seconds`` or ``bytes``.
        first, second: labels; the difference is first minus second.
        difference, low, high: with its Holm-corrected 95 % interval.
        claimed: whether the interval excludes zero.
    """

    measure: str
    unit: str
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
        sentences: what belongs beside it: other claims, convergence, cost, and what is left out.
        claims: the same for machines; none with too few seeds.
    """

    headline: str
    sentences: tuple[str, ...]
    claims: tuple[Claim, ...]

    def __str__(self) -> str:
        return " ".join((self.headline, *self.sentences))


def verdict(grid: Grid, measures: Measures) -> Verdict:
    """What the measures of a grid support, and no more.

    Args:
        grid: the whole study, for what is not in the measures.
        measures: ``measure(grid)``.
    """
    notes = tuple(_notes(grid, measures))
    if not measures.seeds:
        return Verdict(_nothing_yet(measures), (_finished(grid), *notes), ())
    if not measures.has_intervals:
        return Verdict(_too_few_seeds(measures), (_means(measures), *notes), ())
    claims = tuple(_claims(measures))
    if bool((measures.failure_share_O.value == 1).all()):
        return Verdict(_nothing_learned(measures), notes, claims)
    if len(measures.optimizers) == 1:
        return Verdict(_alone(measures), (*_robust_range(measures), *notes), claims)
    lead, reference = _protagonists(measures)
    sentences = (
        *_differences(measures, lead),
        *_other_pairs(measures, lead),
        _convergence(measures, lead, reference),
        _cost(measures, lead, reference),
    )
    return Verdict(_comparison(measures, lead), (*sentences, *notes), claims)


def _protagonists(measures: Measures) -> tuple[int, int]:
    """Whom the sentences are about and whom it is compared with: RAdam and Adam if they are there.

    Otherwise the most accurate, and Adam or else the first of the others.
    """
    names = names_of(measures.optimizers)
    best = int(np.argmax(measures.mean_accuracy_O.value))
    lead = names.index("RAdam") if "RAdam" in names else best
    if "Adam" in names and names[lead] != "Adam":
        return lead, names.index("Adam")
    return lead, 0 if lead else 1


def _claims(measures: Measures) -> Iterator[Claim]:
    compared = (
        ("mean accuracy", "share", measures.mean_accuracy_differences),
        ("convergence", "epochs", measures.convergence.differences),
        ("time a trial", "seconds", measures.seconds.differences),
        ("memory a trial", "bytes", measures.memory_bytes.differences),
    )
    for name, unit, differences in compared:
        for first, second in differences.pairs:
            value, low, high, claimed = differences.of(first, second)
            if not np.isnan(value):
                labels = measures.optimizers[first], measures.optimizers[second]
                yield Claim(name, unit, *labels, value, low, high, claimed)


# Headlines


def _nothing_yet(measures: Measures) -> str:
    return (
        "Nothing can be said yet: no seed is finished "
        f"for every optimizer at every {measures.hyperparameter}."
    )


def _too_few_seeds(measures: Measures) -> str:
    count = _counted(len(measures.seeds), "seed")
    return f"With {count} no difference can be claimed: an interval needs at least 3 seeds."


def _nothing_learned(measures: Measures) -> str:
    return (
        f"{_where(measures)}, no trial learned anything: all diverged or ended at most 2 points "
        f"above guessing ({_percent(measures.guessing)})."
    )


def _alone(measures: Measures) -> str:
    mean = measures.mean_accuracy_O
    interval = f"{100 * mean.low[0]:.1f} to {100 * mean.high[0]:.1f}"
    return (
        f"{_where(measures)}, {_name(measures, 0)} ends at {_percent(mean.value[0])} on average "
        f"(95 % interval {interval}); there is no other optimizer to compare it with."
    )


def _comparison(measures: Measures, lead: int) -> str:
    """The lead against every other: first those that it beats, then those that beat it."""
    where, differences = _where(measures), measures.mean_accuracy_differences
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
    subject = f"{_name(measures, lead)} ({_percent(measures.mean_accuracy_O.value[lead])})"
    unclear = _opponents(measures, groups["no"], "or")
    if not parts:
        return f"{where}, it cannot be claimed that {subject} ends differently from {unclear}."
    text = f"{where}, {subject} {' and '.join(parts)}"
    return f"{text}; no difference from {unclear} can be claimed." if unclear else f"{text}."


def _opponents(measures: Measures, others: Sequence[int], word: str) -> str:
    if len(measures.optimizers) > MANY:
        return _listed([_name(measures, other) for other in others], word)
    means = measures.mean_accuracy_O.value
    return _listed(
        [f"{_name(measures, other)} ({_percent(means[other])})" for other in others], word
    )


# Further sentences


def _differences(measures: Measures, lead: int) -> Iterator[str]:
    """The lead minus each other, with intervals; of many the table has them."""
    if len(measures.optimizers) > MANY:
        return
    said = []
    for other in range(len(measures.optimizers)):
        if other != lead:
            value, low, high, claimed = measures.mean_accuracy_differences.of(lead, other)
            digits = _digits_to_show(100 * min(abs(low), abs(high))) if claimed else 1
            shown = [_signed(100 * number, max(1, digits)) for number in (value, low, high)]
            unit, interval = ("", "") if said else (" points", "95 % interval ")
            said.append(
                f"minus {_name(measures, other)}{'' if said else ' is'} {shown[0]}{unit} "
                f"({interval}{shown[1]} to {shown[2]})"
            )
    yield f"{_name(measures, lead)} {_listed(said)}."


def _other_pairs(measures: Measures, lead: int) -> Iterator[str]:
    """What can be claimed of the pairs that the headline is not about."""
    differences = measures.mean_accuracy_differences
    rest = [pair for pair in differences.pairs if lead not in pair]
    claimed = [pair for pair in rest if differences.of(*pair)[-1]]
    if len(measures.optimizers) > MANY and claimed:
        yield f"Of the {len(rest)} pairs of the others, {len(claimed)} differ."
        return
    for first, second in claimed:
        high, low = (first, second) if differences.of(first, second)[0] > 0 else (second, first)
        apart = _apart(differences, high, low, 100, "points", 1)
        yield f"{_name(measures, high)} ends more accurate than {_name(measures, low)} ({apart})."


def _robust_range(measures: Measures) -> Iterator[str]:
    """Of the first optimizer; nothing where there is no range."""
    if len(measures.values_N) > 1:
        ranges = measures.robust_range
        whole = float(np.log10(measures.values_N[-1] / measures.values_N[0]))
        length = f"{ranges.decades_O.value[0]:.2f} of {whole:.2f} decades"
        yield f"It stays within 2 points of its best over {length}."


def _convergence(measures: Measures, lead: int, reference: int) -> str:
    speed = measures.convergence
    one, other = _name(measures, lead), _name(measures, reference)
    value, _, _, claimed = speed.differences.of(lead, reference)
    if np.isnan(value):
        return "No accuracy rose far enough above guessing to tell who converges faster."
    epochs = [f"{speed.mean_epochs_O.value[at]:.1f}" for at in (lead, reference)]
    never = speed.is_open_O[[lead, reference]].any()
    counting = f", counting {measures.epochs} where it never gets there" if never else ""
    apart = _apart(speed.differences, lead, reference, 1, "epochs", 1)
    answer = (
        f"It is not shown that {one} converges faster than {other}"
        if not claimed
        else f"{one} converges {'faster' if value < 0 else 'more slowly'} than {other}"
    )
    return (
        f"{answer}: 90 % of the way from guessing to the best accuracy takes "
        f"{epochs[0]} epochs on average against {epochs[1]} ({apart}){counting}."
    )


def _cost(measures: Measures, lead: int, reference: int) -> str:
    """Time and memory of a trial, as one sentence of two halves."""
    one, other = _name(measures, lead), _name(measures, reference)
    pair = lead, reference
    time = _cost_of("time", measures.seconds, pair, (one, other))
    memory = _cost_of("memory", measures.memory_bytes, pair, ("it", other))
    return f"{time[0].upper()}{time[1:]}; {memory}."


def _cost_of(what: str, cost: Cost, pair: tuple[int, int], names: tuple[str, str]) -> str:
    value, low, high, claimed = cost.differences.of(*pair)
    if np.isnan(value):
        return f"the {what} that a trial takes was not measured"
    scale, unit, digits = (1.0, "s", 2) if what == "time" else (1 / MIB, "MiB", 0)
    means = [float(cost.mean_O.value[at]) for at in pair]
    if max(abs(low), abs(high)) < SAME_COST * means[1]:
        answer = f"{names[0]} costs as much {what} as {names[1]}, within 1 %"
    elif claimed:
        answer = f"{names[0]} costs {'more' if value > 0 else 'less'} {what} than {names[1]}"
    else:
        answer = f"it is not shown that {names[0]} costs more {what} than {names[1]}"
    shown = " against ".join(f"{scale * mean:.{digits}f}" for mean in means)
    apart = _apart(cost.differences, *pair, scale, unit, digits)
    return f"{answer} ({shown} {unit} a trial; {apart})"


def _means(measures: Measures) -> str:
    first, *others = [
        f"{_name(measures, at)}{' ended' if at == 0 else ''} at {_percent(mean)}"
        for at, mean in enumerate(measures.mean_accuracy_O.value)
    ]
    return f"{_where(measures)}, {_listed([first, *others])} on average."


def _finished(grid: Grid) -> str:
    return f"{int(grid.finished_ONS.sum())} of {grid.finished_ONS.size} trials are finished."


def _notes(grid: Grid, measures: Measures) -> Iterator[str]:
    """What the numbers do not rest on, and how many trials diverged."""
    left_out = [label for label in grid.optimizers if label not in measures.optimizers]
    if left_out:
        names = _listed(names_of(left_out))
        verb, whose = ("is", "its") if len(left_out) == 1 else ("are", "their")
        yield f"{names} {verb} not compared: none of {whose} trials is finished."
    if measures.seeds and len(measures.seeds) < len(grid.seeds):
        yield (
            f"This rests on {len(measures.seeds)} of {len(grid.seeds)} seeds; "
            "the rest is not finished."
        )
    if measures.diverged_O.any():
        yield f"{_diverged(measures)} diverged; such a trial counts with at most guessing."


def _diverged(measures: Measures) -> str:
    each, optimizers = len(measures.values_N) * len(measures.seeds), len(measures.optimizers)
    if optimizers > MANY:
        return f"{measures.diverged_O.sum()} of {each * optimizers} trials"
    counts = enumerate(measures.diverged_O)
    return _listed([f"{count} of {_name(measures, at)}'s" for at, count in counts if count]) + (
        f" {each} trials"
    )


# Words and numbers


def _name(measures: Measures, at: int) -> str:
    return names_of(measures.optimizers)[at]


def _where(measures: Measures) -> str:
    """The setting of the primary measure, a mean over the logarithm of the range."""
    low, high = measures.values_N[[0, -1]]
    if low == high:
        return f"At a {measures.hyperparameter} of {low:g}"
    return f"At a {measures.hyperparameter} picked blindly between {low:g} and {high:g}"


def _apart(
    differences: Differences, first: int, second: int, scale: float, unit: str, digits: int
) -> str:
    """A difference with its interval; of a claimed one its size, with no end rounded to zero."""
    value, low, high, claimed = differences.of(first, second)
    if claimed and value < 0:
        value, low, high = -value, -high, -low
    if claimed:
        digits = max(digits, _digits_to_show(scale * low))
    shown = [_signed(scale * number, digits) for number in (value, low, high)]
    return f"difference {shown[0]} {unit}, 95 % interval {shown[1]} to {shown[2]}"


def _digits_to_show(number: float) -> int:
    """Decimals with which a number above zero is not rounded to zero, at most 6."""
    return next((digits for digits in range(6) if round(number, digits) > 0), 6)


def _signed(number: float, digits: int) -> str:
    """With a proper minus sign, and none before zero."""
    text = f"{number:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _listed(words: Sequence[str], word: str = "and") -> str:
    """The words with commas and ``word`` before the last."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {word} {words[-1]}"
