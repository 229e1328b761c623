"""Where a report's numbers come from: terms and what is known of them."""

from collections.abc import Iterator

import numpy as np

from sweep.analysis.evidence import Evidence
from sweep.analysis.wording import names_of, number, percent
from sweep.report import imported
from sweep.report.own_task import own_task_terms
from sweep.results.account import account_of
from sweep.results.account_words import statements
from sweep.results.records import RunRecord
from sweep.results.results import Results
from sweep.results.trials import Trials
from sweep.study.hyperparameters import hyperparameter
from sweep.study.study import Study

Term = tuple[str, str]
SWEPT = "swept"


def provenance(evidence: Evidence, results: Results) -> Iterator[Term]:
    """The last run's, with the first one's time."""
    if results.study.imported is not None:
        yield from imported.terms(results)
        return
    yield from _definition(results.study)
    if results.study.task is not None:
        yield _guessing(evidence)
    if results.runs:
        yield from _dataset(results.runs[-1])
        yield from _runs(results.runs)
    copied = sorted({*Trials.of(results.trials).column("copied_from")} - {None, ""})
    if copied:
        yield "Trials copied from", ", ".join(copied)
    for label, weights in results.study.evaluated_at.items():
        yield f"{label} is evaluated at", weights
    alone = _by_optimizer(results, "trained_alone")
    if alone:
        yield "Trained one by one", "; ".join(f"{name}: {why}" for name, why in alone.items())
    with_kernel = _by_optimizer(results, "kernel")
    if with_kernel:
        kernel = ", ".join(sorted({*with_kernel.values()}))
        yield "First layer", f"by {kernel}, features that are 0 left out: {', '.join(with_kernel)}"


def _guessing(evidence: Evidence) -> Term:
    grid = evidence.grid
    term = f"{grid.words.title} where nothing is learned"
    if np.isnan(grid.baseline):
        return term, "not known"
    return term, grid.words.level(grid.baseline)


def _by_optimizer(results: Results, name: str) -> dict[str, str]:
    """By optimizer what its cohorts' provenance has under a name, where it has anything."""
    found = {
        cohort.optimizer: str(cohort.provenance[name])
        for cohort in results.cohorts
        if cohort.provenance.get(name)
    }
    labels = [each.label for each in results.study.optimizers if each.label in found]
    names = dict(zip(labels, names_of(labels), strict=True))
    return {names[label]: found[label] for label in labels}


def _definition(study: Study) -> Iterator[Term]:
    """What the study itself says of model and training; what is swept has no one value."""
    swept, model = {axis.name for axis in study.axes}, study.model

    def told(name: str, value: int) -> str:
        return SWEPT if name in swept else number(value)

    if study.task is None:
        yield (
            "Model",
            f"{model.backbone} frozen, with {model.weights} weights, {model.image_size} × "
            f"{model.image_size} pixels, features in {model.precision_words}; hidden units of the "
            f"head: {told('hidden_units', model.hidden_units)}, its products in "
            f"{model.head_products}",
        )
        if words := study.pictures.flips_words:
            yield "Mirror images", f"{words}; validation sees pictures as they are"
    else:
        yield from own_task_terms(study.task)
    yield (
        "Training",
        f"epochs: {told('epochs', study.epochs)}; batch size: "
        f"{told('batch_size', study.batch_size)}",
    )
    if study.base:
        said = (f"{hyperparameter(name).words} {number(it)}" for name, it in study.base.items())
        yield "Where an optimizer has none of its own", ", ".join(said)


def _dataset(run: RunRecord) -> Iterator[Term]:
    info, weights = run.provenance.pictures, run.provenance.weights
    if info is None:
        return
    yield from statements(account_of(info))
    for part, counts in (("training", info.train_counts), ("validation", info.valid_counts)):
        named = zip(info.class_names or (), counts, strict=False)
        said = ", ".join(f"{count:,} {name}" for name, count in named)
        yield f"For {part}", f"{sum(counts):,}{f': {said}' if said else ''}"
    if info.class_names:
        yield "Majority-class baseline", percent(info.baseline or 0.0)
    yield "Pictures' hash" if info.are_pictures else "Data's hash", info.content_hash
    if weights is not None:
        yield "Weights", f"{weights.name}, from {weights.source} (hash {weights.content_hash})"


def _runs(runs: tuple[RunRecord, ...]) -> Iterator[Term]:
    last = runs[-1]
    if len(runs) > 1:
        yield "First run", f"{runs[0].started_at:%Y-%m-%d %H:%M:%S %Z}"
    ended = f"{last.finished_at:%Y-%m-%d %H:%M:%S %Z}" if last.finished_at else "not finished"
    which = f"Last of {len(runs)} runs" if len(runs) > 1 else "The run"
    yield which, f"{last.started_at:%Y-%m-%d %H:%M:%S %Z} to {ended}"
    yield "Command", last.provenance.command
    yield "On", f"{last.provenance.host}, {last.provenance.device}, {last.provenance.backend}"
    yield "Versions", ", ".join(f"{name} {it}" for name, it in last.provenance.versions.items())
