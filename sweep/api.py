"""What ``sweep run`` and ``sweep results`` do, for Python programs."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, Literal

from sweep import runner
from sweep.executors.cluster import RayCluster
from sweep.planning.listener import Listener
from sweep.results.results import Results
from sweep.settings import from_environment
from sweep.store import open_store
from sweep.study import catalog
from sweep.study.axis import Axis, Value
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
    listener: Listener | None = None,
    memory_limit_bytes: int | None = None,
    retries: int = 0,
    cluster: RayCluster | None = None,
    measure_rounding: int = 0,
) -> Results:
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
        split, twins, orientation: as in ``Pictures``.
        listener: is told how it goes.
        memory_limit_bytes: train fewer trials at once, so that it takes less; None for all.
        retries: how often a cohort is tried again that an exception ended.
        cluster: where to train; None for this process.
        measure_rounding: train the trials of so many seeds once more, with batches summed in two
            parts, to tell how much of the variance over seeds is rounding alone.

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
    }
    changes = {field: value for field, value in asked.items() if value is not None}
    chosen = vary(study, changes) if isinstance(study, Study) else catalog.load(study, changes)
    settings = from_environment(store)
    outcome = runner.run(
        chosen,
        Places(data, weights, settings.cache),
        settings,
        listener,
        command="sweep.run(…)",
        memory_limit_bytes=memory_limit_bytes,
        retries=retries,
        cluster=cluster,
        measure_rounding=measure_rounding,
    )
    return outcome.results


def load_results(name: str, *, store: str | None = None) -> Results:
    """All that is stored of the study of this name.

    Raises:
        StoreError: there is no such store, or no such study in it.
    """
    with closing(open_store(from_environment(store).store_url)) as opened:
        return opened.results(name)
