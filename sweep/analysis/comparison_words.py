"""A comparison in words: for a terminal, for a pull request, for programs."""

import math
from typing import Any

from sweep.analysis.comparison import Comparison, Side, Standing, standing
from sweep.analysis.decision import PairDecision
from sweep.analysis.wording import capitalised, counted, names_of, number
from sweep.study.metric import ACCURACY

_HEADLINES = {
    Standing.BETTER: "HEAD is not worse: better, or equivalent within {margin}.",
    Standing.EQUIVALENT: "HEAD is not worse: equivalent within {margin}.",
    Standing.WORSE: "HEAD is worse than BASE.",
    Standing.UNDECIDED: "Undecided: HEAD may be worse than BASE, or not.",
}


def headline(comparison: Comparison) -> str:
    """How HEAD stands, in a sentence."""
    return _HEADLINES[comparison.standing].format(margin=comparison.words.margin(comparison.margin))


def name_at(comparison: Comparison, at: int) -> str:
    """What a compared optimizer is called: by both labels where they differ."""
    base, head = comparison.base.labels[at], comparison.head.labels[at]
    (name,) = names_of([base])
    return name if base == head else f"{names_of([head])[0]} against {name}"


def sentence(comparison: Comparison, at: int) -> str:
    """How one optimizer stands, with its numbers in brackets."""
    pair = comparison.decisions[at]
    said = {
        Standing.BETTER: "better in HEAD",
        Standing.WORSE: "worse in HEAD",
        Standing.EQUIVALENT: f"equivalent within {comparison.words.margin(comparison.margin)}",
        Standing.UNDECIDED: "undecided",
    }[standing(pair)]
    text = f"{name_at(comparison, at)}: {said} ({_numbers(comparison, at)})."
    return f"{text} {_what_it_would_take(comparison, pair)}".rstrip()


def _numbers(comparison: Comparison, at: int) -> str:
    pair = comparison.decisions[at]
    means = " against ".join(
        comparison.words.level(float(side.mean_O.value[at]))
        for side in (comparison.head, comparison.base)
    )
    return f"{means}, {difference(comparison, pair)}"


def difference(comparison: Comparison, pair: PairDecision) -> str:
    """HEAD minus BASE with its interval, in the metric's unit; of shares in points."""
    if math.isnan(pair.difference):
        return "no difference is known"
    words = comparison.words
    ends = (words.metric.value(pair.difference), *words.metric.ends(pair.low, pair.high))
    value, low, high = (words.bare(it, words.digits + 1) for it in ends)
    if math.isnan(pair.low):
        return f"difference {words.in_unit(value)}"
    return f"difference {words.in_unit(value)}, 95 % interval {low} to {high}"


def _what_it_would_take(comparison: Comparison, pair: PairDecision) -> str:
    if pair.decided or math.isnan(pair.least_difference):
        return ""
    text = f"These seeds could have shown {comparison.words.size(pair.least_difference)}"
    more = f"; about {pair.seeds_needed} seeds would settle it" if pair.seeds_needed else ""
    return f"{text}{more}."


def where(comparison: Comparison) -> str:
    """What the means are over, in a sentence."""
    ranges = [
        f"{axis.words} {number(axis.values[0])} to {number(axis.values[-1])}"
        for axis in comparison.axes
    ]
    seeds = counted(len(comparison.seeds), "shared seed")
    return f"{capitalised(comparison.words.mean)} over {' and '.join(ranges)}, {seeds}, paired."


def text(comparison: Comparison) -> str:
    """The comparison as lines."""
    return "\n".join(
        (
            headline(comparison),
            f"BASE: {_side(comparison.base)}",
            f"HEAD: {_side(comparison.head)}",
            *(sentence(comparison, at) for at in range(len(comparison.decisions))),
            where(comparison),
            *comparison.notes,
        )
    )


def _side(side: Side) -> str:
    return f"{side.name}, on {side.results}"


def markdown(comparison: Comparison, escape: Any) -> str:
    """The comparison as a pull request's comment.

    Args:
        comparison: what is said.
        escape: makes text such that Markdown shows it as it is.
    """
    rows = [
        " | ".join(
            (
                "",
                escape(name_at(comparison, at)),
                comparison.words.level(float(comparison.base.mean_O.value[at])),
                comparison.words.level(float(comparison.head.mean_O.value[at])),
                difference(comparison, pair).removeprefix("difference "),
                f"**{standing(pair)}**",
                "",
            )
        ).strip()
        for at, pair in enumerate(comparison.decisions)
    ]
    undecided = [
        said
        for at, pair in enumerate(comparison.decisions)
        if (said := _what_it_would_take(comparison, pair))
        and (said := f"{name_at(comparison, at)}: {said}")
    ]
    return "\n".join(
        (
            f"### {escape(headline(comparison))}",
            "",
            f"BASE: {escape(_side(comparison.base))}<br>HEAD: {escape(_side(comparison.head))}",
            "",
            "| optimizer | BASE | HEAD | HEAD − BASE | verdict |",
            "|---|---|---|---|---|",
            *rows,
            "",
            escape(" ".join((where(comparison), *undecided, *comparison.notes))),
        )
    )


def as_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison for programs; accuracies are shares, None is not known.

    Where another metric is compared, its name, unit and direction are there too, and what is called
    accuracy is its value.
    """
    other = comparison.metric != ACCURACY
    return {
        **({"metric": comparison.metric.model_dump(mode="json")} if other else {}),
        "standing": str(comparison.standing),
        "headline": headline(comparison),
        "base": comparison.base.name,
        "head": comparison.head.name,
        "margin": comparison.margin,
        "seeds": list(comparison.seeds),
        "axes": {axis.name: list(axis.values) for axis in comparison.axes},
        "optimizers": [_row(comparison, at) for at in range(len(comparison.decisions))],
        "notes": list(comparison.notes),
    }


def _row(comparison: Comparison, at: int) -> dict[str, Any]:
    pair, metric = comparison.decisions[at], comparison.metric
    low, high = metric.ends(pair.low, pair.high)
    return {
        "base": comparison.base.labels[at],
        "head": comparison.head.labels[at],
        "standing": str(standing(pair)),
        "base_accuracy": _known(metric.value(comparison.base.mean_O.value[at])),
        "head_accuracy": _known(metric.value(comparison.head.mean_O.value[at])),
        "difference": _known(metric.value(pair.difference)),
        "low": _known(low),
        "high": _known(high),
        "least_difference": _known(pair.least_difference),
        "seeds_needed": pair.seeds_needed,
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
