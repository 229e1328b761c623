"""The verdict's further sentences: other claims, convergence, cost, and what is left out."""

from collections.abc import Iterator

import numpy as np

from sweep.analysis import rounding_words
from sweep.analysis.arrays import Grid
from sweep.analysis.effective_words import effective_sentences
from sweep.analysis.measures import Cost, Measures
from sweep.analysis.phrases import MANY, apart, name_of, where
from sweep.analysis.wording import (
    capitalised,
    digits_to_show,
    listed,
    memory_unit,
    names_of,
    percent,
)

SAME_COST = 0.01
"""Two optimizers cost the same where the difference's interval lies within this share."""
COVERS_PICTURES = (
    "Each seed draws its own pictures for training and validation, so the intervals cover that "
    "choice too."
)


def robust_range(measures: Measures) -> Iterator[str]:
    """Of the first optimizer; nothing where there is no range."""
    found, near = measures.robust_range, measures.words.near
    if measures.learned_nothing_O[0]:
        return
    if measures.domain.is_area:
        share = percent(found.share_O.value[0])
        yield f"It stays within {near} of its best over {share} of the area."
    elif found.whole:
        extent = f"{found.extent_O.value[0]:.2f} of {found.whole:.2f} {found.unit}"
        yield f"It stays within {near} of its best over {extent}."


def convergence(measures: Measures, lead: int, reference: int) -> str:
    """Who converges faster."""
    speed = measures.convergence
    one, other = name_of(measures, lead), name_of(measures, reference)
    value, _, _, claimed = speed.differences.of(lead, reference)
    if np.isnan(value):
        return _who_converges_is_not_known(measures)
    nothing = [name_of(measures, at) for at in (lead, reference) if measures.learned_nothing_O[at]]
    if nothing:
        return f"{listed(nothing)} learned nothing, so there is no convergence to compare."
    best = f"the best {measures.metric.name}"
    epochs = [f"{speed.mean_epochs_O.value[at]:.1f}" for at in (lead, reference)]
    how_far = apart(speed.differences, (lead, reference), unit="epochs")
    answer = (
        f"It is not shown that {one} converges faster than {other}"
        if not claimed
        else f"{one} converges {'faster' if value < 0 else 'more slowly'} than {other}"
    )
    return (
        f"{answer}: 90 % of the way from {measures.baseline_words} to {best} takes "
        f"{epochs[0]} epochs on average against {epochs[1]} ({how_far})"
        f"{_never(measures, lead, reference)}."
    )


def _who_converges_is_not_known(measures: Measures) -> str:
    """Why: of imported results not everything is known, and there may be nothing to converge to."""
    name, words = measures.metric.name, measures.words
    if np.isnan(measures.untrained):
        return f"Who converges faster is not known: nor is the {name} where nothing is learned."
    if measures.accuracy_ON.value.max() > measures.untrained + measures.metric.near:
        return "Who converges faster is not known: only the end of each training is."
    rose = "rose" if measures.metric.more_is_better else "fell"
    return (
        f"No {name} {rose} far enough {words.above} {measures.baseline_words} to tell who "
        "converges faster."
    )


def _never(measures: Measures, lead: int, reference: int) -> str:
    """What a training counts with that never converges, where there is one."""
    if not measures.convergence.is_open_O[[lead, reference]].any():
        return ""
    are_swept = any(axis.name == "epochs" for axis in measures.axes)
    count = "all epochs of the training" if are_swept else measures.epochs
    return f", counting {count} where it never gets there"


def cost(measures: Measures, lead: int, reference: int) -> str:
    """Time and memory of a trial, as one sentence of two halves."""
    one, other = name_of(measures, lead), name_of(measures, reference)
    pair = lead, reference
    if all(
        np.isnan(cost.differences.value).all() for cost in (measures.seconds, measures.memory_bytes)
    ):
        return "Time and memory of a trial were not measured."
    time = _cost_of("time", measures.seconds, pair, (one, other))
    memory = _cost_of("memory", measures.memory_bytes, pair, ("it", other))
    return f"{capitalised(time)}; {memory}."


def _cost_of(what: str, found: Cost, pair: tuple[int, int], names: tuple[str, str]) -> str:
    value, low, high, claimed = found.differences.of(*pair)
    if np.isnan(value):
        return f"the {what} that a trial takes was not measured"
    scale, unit, digits = 1.0, "s", 2
    if what == "memory":
        (unit, scale), digits = memory_unit(found.mean_O.value), 0
    means = [float(found.mean_O.value[at]) for at in pair]
    if max(abs(low), abs(high)) < SAME_COST * means[1]:
        answer = f"{names[0]} costs as much {what} as {names[1]}, within 1 %"
    elif claimed:
        answer = f"{names[0]} costs {'more' if value > 0 else 'less'} {what} than {names[1]}"
    else:
        answer = f"it is not shown that {names[0]} costs more {what} than {names[1]}"
    to_tell_apart = digits_to_show(scale * abs(value)) if claimed else digits
    shown = " against ".join(f"{scale * mean:.{max(digits, to_tell_apart)}f}" for mean in means)
    how_far = apart(found.differences, pair, unit=unit, scale=scale, digits=digits)
    return f"{answer} ({shown} {unit} a trial; {how_far})"


def means(measures: Measures) -> str:
    """The mean accuracies, without any claim."""
    first, *others = [
        f"{name_of(measures, at)}{' ended' if at == 0 else ''} at {measures.words.level(mean)}"
        for at, mean in enumerate(measures.mean_accuracy_O.value)
    ]
    return f"{where(measures)}, {listed([first, *others])} on average."


def finished(grid: Grid) -> str:
    """How much of the study there is."""
    planned = int(grid.planned_ON.sum()) * len(grid.seeds)
    return f"{int(grid.finished_ONS.sum())} of {planned} trials are finished."


def notes(grid: Grid, measures: Measures) -> Iterator[str]:
    """What the numbers do not rest on, how many trials diverged, and what part of rates acts."""
    left_out = [label for label in grid.optimizers if label not in measures.optimizers]
    if left_out:
        names = listed(names_of(left_out))
        verb, whose = ("is", "its") if len(left_out) == 1 else ("are", "their")
        yield f"{names} {verb} not compared: none of {whose} trials is finished."
    if measures.has_shared_points:  # else the headline says so
        yield from measures.points_left_out
    if measures.seeds and len(measures.seeds) < len(grid.seeds):
        yield (
            f"This rests on {len(measures.seeds)} of {len(grid.seeds)} seeds; "
            "the rest is not finished."
        )
    yield from _learned_nothing(measures)
    learned = {
        label
        for label, nothing in zip(measures.optimizers, measures.learned_nothing_O, strict=True)
        if not nothing
    }
    unmoved = [label for label in grid.unmoved if label in learned]
    if unmoved:
        does, its = ("does", "its") if len(unmoved) == 1 else ("do", "their")
        yield (
            f"{listed(names_of(unmoved))} {does} not follow the {grid.hyperparameter}, so {its} "
            "spread and sensitivity are zero by design."
        )
    if measures.diverged_O.any():
        counts = f"such a trial counts with {measures.diverged_words}"
        yield f"{_diverged(measures)} diverged; {counts}."
    yield from effective_sentences(measures)
    if measures.has_intervals and measures.covers_pictures:
        yield COVERS_PICTURES
    if measures.has_intervals:
        yield from rounding_words.measured(measures)


def _learned_nothing(measures: Measures) -> Iterator[str]:
    """Who learned nothing, unless the headline says so of every single trial."""
    who = [name_of(measures, int(at)) for at in np.flatnonzero(measures.learned_nothing_O)]
    if not who or (measures.failure_share_O.value == 1).all():
        return
    its = "its" if len(who) == 1 else "their"
    words, name = measures.words, measures.metric.name
    yield (
        f"{listed(who)} learned nothing: {its} {words.mean} is at no {measures.hyperparameter} "
        f"more than {words.near} {words.above} {measures.baseline_told}. "
        f"That {its} {name} hardly changes is no robustness."
    )


def _diverged(measures: Measures) -> str:
    each, optimizers = len(measures.points) * len(measures.seeds), len(measures.optimizers)
    if optimizers > MANY:
        return f"{measures.diverged_O.sum()} of {each * optimizers} trials"
    counts = enumerate(measures.diverged_O)
    return listed([f"{count} of {name_of(measures, at)}'s" for at, count in counts if count]) + (
        f" {each} trials"
    )
