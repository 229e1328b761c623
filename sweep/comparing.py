"""The story of a comparison, from the names of two studies to how HEAD stands beside BASE.

For ``sweep compare`` and ``sweep.compare``. A side is ``NAME``, ``NAME:LABEL`` (one optimizer of
it), or either after ``URL#`` (in another store).
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from sweep.analysis.comparison import Comparison, compare
from sweep.analysis.metric_words import checked_margin, margin_of
from sweep.errors import UsageError
from sweep.results.results import Results
from sweep.settings import without_password
from sweep.store import open_store
from sweep.store.named import stored_name
from sweep.util.nearest import did_you_mean, nearest

ONE_STUDY = (
    "Both are optimizers of one study: its verdict corrects for all pairs, and this comparison for "
    "the one that was named."
)


@dataclass(frozen=True)
class Chosen:
    """A side as it was asked for.

    Attributes:
        name: what it is called, without a password.
        study: URL of its store, and its name there.
        results: the study's.
        label: of the only optimizer that is meant; None for all.
    """

    name: str
    study: tuple[str, str]
    results: Results
    label: str | None


def compare_studies(
    base: str,
    head: str,
    store_url: str,
    *,
    margin: float | None = None,
    in_points: bool = False,
) -> Comparison:
    """HEAD beside BASE.

    Args:
        base, head: both sides; see the module.
        store_url: of the store where no side says another.
        margin: closer than this they are equivalent, in the metric's unit; None for HEAD's own.
        in_points: whether the margin of a share is in points.

    Raises:
        UsageError: they have another metric, no axis or no optimizer in common, or a label is none.
        StoreError: there is no such store, or no such study in it.
    """
    one, other = chosen(base, store_url), chosen(head, store_url)
    _check_metric(one, other)
    metric = other.results.study.metric
    if margin is not None:
        margin = margin_of(margin, metric) if in_points else checked_margin(margin, metric)
    _check_axes(one, other)
    pairs, notes = _pairs(one, other)
    _check_points(one, other, pairs)
    return compare(
        one.results,
        other.results,
        pairs,
        (one.name, other.name),
        margin=other.results.study.margin if margin is None else margin,
        notes=notes,
    )


def chosen(side: str, store_url: str) -> Chosen:
    """The study, and the label, that a text means.

    Raises:
        UsageError: the label is none, or the study is a collection.
        StoreError: there is no such store, or no such study in it.
    """
    url, sign, target = side.rpartition("#")
    where = f"{without_password(url)}#" if sign else ""
    place = url if sign else store_url
    with closing(open_store(place)) as store:
        name, label = target, None
        if store.study(target) is None and ":" in target:
            name, _, label = target.rpartition(":")
        name = stored_name(store, name)
        results = store.results(name)
    if label is not None:
        _check_label(results, label)
    called = name if label is None else f"{name}:{label}"
    return Chosen(f"{where}{called}", (place, name), results, label)


def _labels(results: Results) -> list[str]:
    return [optimizer.label for optimizer in results.study.optimizers]


def _check_label(results: Results, label: str) -> None:
    labels = _labels(results)
    if label not in labels:
        example = nearest(label, labels) or labels[0]
        raise UsageError(
            f"no optimizer {label!r} in {results.study.name}{did_you_mean(label, labels)}",
            rule=f"It has {', '.join(labels)}.",
            remedy=f"Name one of them: `{results.study.name}:{example}`.",
        )


def _check_metric(base: Chosen, head: Chosen) -> None:
    said = [side.results.study.metric for side in (base, head)]
    if len({(metric.name, metric.unit, metric.direction) for metric in said}) > 1:
        words = [
            f"{it.name}{f' in {it.unit}' if it.unit else ''}, to {it.direction}" for it in said
        ]
        raise UsageError(
            f"{base.name} is judged by {words[0]}, and {head.name} by {words[1]}",
            remedy="Name two studies with the same metric.",
        )


def _check_axes(base: Chosen, head: Chosen) -> None:
    swept = [[(axis.name, axis.scale) for axis in side.results.study.axes] for side in (base, head)]
    if swept[0] != swept[1]:
        said = [" × ".join(f"{name} ({scale})" for name, scale in it) for it in swept]
        raise UsageError(
            f"{base.name} sweeps {said[0]}, and {head.name} {said[1]}",
            remedy="Name two studies with the same axes.",
        )


def _check_points(base: Chosen, head: Chosen, pairs: Sequence[tuple[str, str]]) -> None:
    studies = base.results.study, head.results.study
    planned = [
        {*study.points(study.optimizer(pair[at]))}
        for at, study in enumerate(studies)
        for pair in pairs
    ]
    if not set.intersection(*planned):
        raise UsageError(
            f"no {' and '.join(axis.words for axis in studies[0].axes)} that both studies have",
            remedy="Name two studies that share some, or one optimizer of each with NAME:LABEL.",
        )


def _pairs(base: Chosen, head: Chosen) -> tuple[Sequence[tuple[str, str]], list[str]]:
    """Which optimizer is compared with which, and sentences on those that are in one side only."""
    if base.label is not None or head.label is not None:
        label, other = base.label or head.label or "", head.label or base.label or ""
        for side, it in ((base, label), (head, other)):
            _check_label(side.results, it)
        is_one_study = label != other and base.study == head.study
        return [(label, other)], [ONE_STUDY] if is_one_study else []
    labels = [_labels(side.results) for side in (base, head)]
    shared = [label for label in labels[0] if label in labels[1]]
    if not shared:
        raise UsageError(
            f"no optimizer that both studies have: {base.name} has {', '.join(labels[0])}, "
            f"{head.name} {', '.join(labels[1])}",
            remedy=f"Name one of each: `{base.name}:{labels[0][0]} {head.name}:{labels[1][0]}`.",
        )
    alone = [
        f"Only in {which}: {', '.join(some)}."
        for which, own in (("BASE", labels[0]), ("HEAD", labels[1]))
        if (some := [label for label in own if label not in shared])
    ]
    return [(label, label) for label in shared], alone
