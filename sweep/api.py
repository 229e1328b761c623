"""What ``sweep run`` and ``sweep results`` do, for Python programs."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

from sweep import importer, runner
from sweep.analysis.comparison import Comparison
from sweep.comparing import compare_studies
from sweep.designs.until_decided import UntilDecided
from sweep.executors.cluster import RayCluster
from sweep.notebook import StudyResults
from sweep.planning.listener import Listener
from sweep.run_options import RunOptions
from sweep.settings import from_environment
from sweep.store import open_store
from sweep.store.asked import asked_study
from sweep.study.axis import Axis, Value
from sweep.study.metric import ACCURACY, Metric
from sweep.study.optimizer import Optimizer
from sweep.study.study import Study
from sweep.study.variation import vary
from sweep.tasks.task import Places


def run(
    study: str | Study,
    *,
    data: str | None = None,
    weights: str | None = None,
    store: str | None = None,
    name: str | None = None,
    optimizers: Sequence[str | Optimizer] | None = None,
    learning_rates: Sequence[float] | None = None,
    axes: Sequence[Axis] | None = None,
    base: Mapping[str, Value] | None = None,
    seeds: int | Sequence[int] | None = None,
    epochs: int | None = None,
    pictures: int | None = None,
    classes: Sequence[str] | None = None,
    split: Literal["by-seed", "own", "given"] | None = None,
    twins: Literal["together", "apart"] | None = None,
    orientation: Literal["applied", "ignored"] | None = None,
    flips: bool | None = None,
    precision: Literal["auto", "float32", "mixed_bfloat16"] | None = None,
    gradients: bool | Sequence[int] | None = None,
    until_decided: bool | UntilDecided = False,
    refine: float | None = None,
    budget_seconds: float | None = None,
    listener: Listener | None = None,
    memory_limit_bytes: int | None = None,
    retries: int = 0,
    cluster: RayCluster | None = None,
    measure_rounding: int = 0,
    workers: int | None = None,
) -> StudyResults:
    """Train what is missing of a study, and return all its results.

    Args:
        study: a name, the path of a study file, or a ``Study``.
        data: a folder or zip of pictures, ``dogs-vs-cats``, ``rendered-pets``, or None: what the
            study asks for, else rendered pets.
        weights: ``imagenet``, ``random``, the path of a Keras weights file, or None: the study's.
        store: SQLAlchemy URL; None takes ``SWEEP_STORE``, else ``sqlite:///sweep.db``.
        name: store the study under another name.
        optimizers: labels of the study's or of built-in optimizers, or optimizers.
        learning_rates: other ones; short for an axis of them.
        axes: other ones, one or two, in place of the study's.
        base: values of hyperparameters that are not swept, e.g. ``{"optimizer.beta_2": 0.99}``.
        seeds: other ones; a number S means 0 … S − 1.
        epochs: another number, at least 1.
        pictures: at most so many.
        classes: the classes to take, by the names of their folders.
        split, twins, orientation, flips: as in ``Pictures``.
        precision: as in ``Model``.
        gradients: whether histograms of them are recorded, or at which steps; all numbers stay as
            they are.
        until_decided: whether seeds are added in stages until every pair of optimizers is decided;
            ``UntilDecided(margin=0.01, max_seeds=60, budget_seconds=1800)`` says until when.
        refine: add values until the edges of every optimizer's robust range are known so finely,
            in decades of a learning rate (see ``Axis.length_unit``).
        budget_seconds: how long the run may take: a cohort that would not fit is not begun.
        listener: is told how it goes.
        memory_limit_bytes: train fewer trials at once, so that it takes less; None for all.
        retries: how often a cohort is tried again that an exception ended.
        cluster: where to train; None for this process.
        measure_rounding: train the trials of so many seeds once more, with batches summed in two
            parts, to tell how much of the variance over seeds is rounding alone.
        workers: so many trials at once of a training function or program of your own; None for
            one.

    Raises:
        SweepError: see ``sweep.errors``; what was finished before stays in the store.

    Example:
        >>> results = run("lr-robustness", data="rendered-pets", epochs=3)    # doctest: +SKIP
        >>> results.to_polars().group_by("optimizer").mean()                  # doctest: +SKIP
    """
    asked: dict[str, Any] = {
        "name": name,
        "optimizers": optimizers,
        "learning_rates": learning_rates,
        "axes": axes,
        "base": base,
        "seeds": seeds,
        "epochs": epochs,
        "limit": pictures,
        "classes": classes,
        "split": split,
        "twins": twins,
        "orientation": orientation,
        "flips": flips,
        "precision": precision,
        "gradients": gradients,
    }
    changes = {field: value for field, value in asked.items() if value is not None}
    settings = from_environment(store)
    is_made = isinstance(study, Study)
    chosen = vary(study, changes) if is_made else asked_study(study, changes, settings)
    outcome = runner.run(
        chosen,
        Places(data, weights, settings.cache),
        settings,
        listener,
        command="sweep.run(…)",
        options=RunOptions(
            memory_limit_bytes=memory_limit_bytes,
            retries=retries,
            cluster=cluster,
            until_decided=UntilDecided() if until_decided is True else until_decided or None,
            refine=refine,
            budget_seconds=budget_seconds,
            measure_rounding=measure_rounding,
            workers=workers,
        ),
    )
    return StudyResults.of(outcome.results)


def load_results(name: str, *, store: str | None = None) -> StudyResults:
    """All that is stored of the study of this name; in a notebook it shows itself.

    Raises:
        StoreError: there is no such store, or no such study in it.
    """
    with closing(open_store(from_environment(store).store_url)) as opened:
        return StudyResults.of(opened.results(name))


def compare(
    base: str, head: str, *, margin: float | None = None, store: str | None = None
) -> Comparison:
    """Two stored studies beside each other; see ``sweep compare``.

    Args:
        base, head: ``NAME``, ``NAME:LABEL`` or ``URL#NAME``.
        margin: closer than this they are equivalent, in the metric's unit: of a share 0.01 is one
            point. None for HEAD's.
        store: SQLAlchemy URL; None takes ``SWEEP_STORE``, else ``sqlite:///sweep.db``.

    Raises:
        SweepError: there is no such store, study or label, or they have nothing in common.

    Example:
        >>> compare("lr-robustness:adam", "lr-robustness:radam").standing    # doctest: +SKIP
    """
    return compare_studies(base, head, from_environment(store).store_url, margin=margin)


def import_results(
    path: str | Path,
    *,
    name: str | None = None,
    columns: Mapping[str, str] | None = None,
    optimizer: str | None = None,
    percent: bool | None = None,
    guessing: float | None = None,
    question: str | None = None,
    results: str | None = None,
    metric: Metric = ACCURACY,
    store: str | None = None,
) -> StudyResults:
    """Import results of another program as a study, and return all its results.

    Args:
        path: a table: CSV, JSON lines or Parquet. A row is a trial, or an epoch of one.
        name: of the study; None for the file's.
        columns: what columns are whose names do not tell: ``{"lr0": "learning_rate"}``.
        optimizer: the label of all rows, where no column says it.
        percent: whether accuracies are from 0 to 100; None where they tell it themselves.
        guessing: the metric where nothing is learned; of accuracies a share.
        question: what the study asks.
        results: what titles call the results, e.g. ``CIFAR-10``.
        metric: what trials are judged by, e.g. ``Metric(name="loss", unit="", near=0.02,
            direction="minimize")``; its columns are called after it.
        store: SQLAlchemy URL; None takes ``SWEEP_STORE``, else ``sqlite:///sweep.db``.

    Raises:
        SweepError: the file is no table, rows are wrong, or the store has other values; nothing is
            imported then.
    """
    request = importer.Request(
        path=Path(path),
        name=name,
        columns=columns,
        optimizer=optimizer,
        percent=percent,
        guessing=guessing,
        question=question,
        results=results,
        metric=metric,
    )
    prepared = importer.prepare(request, command="sweep.import_results(…)")
    return StudyResults.of(importer.store(prepared, from_environment(store)).results)
