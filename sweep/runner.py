"""The story of a run, from a study to its stored results.

    materials  pictures and weights are found (or fetched)
    plan       every trial gets its fingerprint
    store      what is finished is known; what a dead run left is reset
    features   computed or taken from the cache, if anything is left to train
    training   cohort by cohort; every event is written as it comes
    publish    optuna-dashboard gets the verdict, the table, the main figure and the report

The runner is the only writer. It never loads Keras unless there is something to train.
"""

import os
import platform
import shlex
import socket
import sys
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from sweep.analysis.evidence import gather
from sweep.designs.grid import grid
from sweep.executors.cluster import RayCluster
from sweep.planning.cohorts import Cohort, plan_cohorts
from sweep.planning.events import CohortFailed, CohortResult, Event
from sweep.planning.trials import plan_trials
from sweep.report.dashboard_note import publish
from sweep.report.page import render
from sweep.results.provenance import Provenance
from sweep.results.results import Results
from sweep.settings import Settings, without_password
from sweep.store import open_store
from sweep.study.study import Study
from sweep.tasks.features import Features, cached_features, load_or_compute
from sweep.tasks.frozen_features import Found, Places, find_materials
from sweep.tasks.task import TrainingData
from sweep.training.keras_runtime import load_keras, versions
from sweep.training.memory import Fit, fit_into
from sweep.util.paths import printable

NUMBER_MAKING_PACKAGES = (
    "sweep",
    "keras",
    "tensorflow",
    "jax",
    "numpy",
    "pillow",
    "optuna",
    "scipy",
)


class Listener(Protocol):
    """Whoever shows a run to its user."""

    def progress(self, task: str, done: int, total: int | None, unit: str) -> None:
        """As ``progress.Progress``."""

    def notice(self, text: str) -> None:
        """Something that the user should read before the results."""

    def planned(self, study: Study, trials: int, finished: int, copied: int) -> None:
        """The run begins: so many trials, of which so many need no training."""

    def event(self, event: Event) -> None:
        """Something was trained, and is stored."""


class SilentListener:
    """Shows nothing."""

    def progress(self, task: str, done: int, total: int | None, unit: str) -> None:
        """Show nothing."""

    def notice(self, text: str) -> None:
        """Show nothing."""

    def planned(self, study: Study, trials: int, finished: int, copied: int) -> None:
        """Show nothing."""

    def event(self, event: Event) -> None:
        """Show nothing."""


@dataclass(frozen=True)
class RunOutcome:
    """What a run did.

    Attributes:
        results: all that is stored of the study now.
        trained: trials that completed or diverged in this run.
        copied: trials taken over from other studies in the store.
        failed: trials that an exception ended in this run, and no retry finished.
    """

    results: Results
    trained: int
    copied: int
    failed: int


def run(
    study: Study,
    places: Places,
    settings: Settings,
    listener: Listener | None = None,
    command: str | None = None,
    *,
    memory_limit_bytes: int | None = None,
    retries: int = 0,
    wait: bool = False,
    cluster: RayCluster | None = None,
) -> RunOutcome:
    """Train what is missing of the study, and return all its results.

    Args:
        study: the question.
        places: where pictures and weights are.
        settings: where the store is, and the backend.
        listener: is told how it goes.
        command: how the user asked for it, for the record.
        memory_limit_bytes: cohorts are planned as small as this asks for; None for whole ones.
            (Never what is free at the moment: another split rounds otherwise, and the same
            command shall give the same numbers.)
        retries: how often a cohort is tried again that an exception ended.
        wait: for the end of another run of the study, instead of an error.
        cluster: where cohorts train; None for this process.

    Raises:
        SweepError: see ``errors``; what was finished before stays in the store.
    """
    listener = listener or SilentListener()
    with closing(open_store(settings.store_url, create=True)) as store:
        found = find_materials(study, places, listener.progress)
        if found.notice:
            listener.notice(found.notice)
        key = found.materials.features_key
        trials = plan_trials(found.study, grid(found.study), key)
        provenance = describe_run(found, settings, command)
        fit = fit_into(trials, found.materials, memory_limit_bytes)
        trained = 0
        failed: set[str] = set()
        told = listener.notice if wait else None
        with store.run(found.study, provenance, trials, wait=told) as writer:
            cohorts = plan_cohorts(trials, writer.finished, fit.trials)
            missing = sum(len(cohort.trials) for cohort in cohorts)
            listener.planned(found.study, len(trials), len(trials) - missing, writer.copied)
            events = _train(found, cohorts, fit, retries, places, settings, listener, cluster)
            with closing(events):
                for event in events:
                    writer.write(event)
                    listener.event(event)
                    fingerprints = {trial.fingerprint for trial in event.cohort.trials}
                    if isinstance(event, CohortResult):
                        trained += len(fingerprints)
                        failed -= fingerprints
                    elif isinstance(event, CohortFailed):
                        failed |= fingerprints
        results = store.results(found.study.name)
        evidence = gather(results)
        page = render(evidence, results)
        publish(store, results, evidence, page, settings.artifacts)
        return RunOutcome(results, trained, writer.copied, len(failed))


def _train(
    found: Found,
    cohorts: tuple[Cohort, ...],
    fit: Fit,
    retries: int,
    places: Places,
    settings: Settings,
    listener: Listener,
    cluster: RayCluster | None,
) -> Generator[Event]:
    """The events of all cohorts, trained here or on a cluster; none loads nothing."""
    if not cohorts:
        return
    pictures = found.pictures
    features = _features(found, places, settings, listener)
    classes = len(pictures.account.class_names)
    data = TrainingData(features, pictures.labels, pictures.train_count, classes)
    if cluster is None:
        load_keras(settings.backend)
        from sweep.executors.local import train_cohorts

        yield from train_cohorts(cohorts, data, cohorts_kept=fit.cohorts_kept, retries=retries)
    else:
        from sweep.executors.ray import train_on_ray

        yield from train_on_ray(
            *(cluster, cohorts, data),
            backend=settings.backend,
            cohorts_kept=fit.cohorts_kept,
            retries=retries,
        )


def _features(found: Found, places: Places, settings: Settings, listener: Listener) -> Features:
    """From the cache, else computed; Keras is loaded only then."""
    key = found.materials.features_key
    features = cached_features(key, places.cache)
    if features is not None:
        return features
    load_keras(settings.backend)
    return load_or_compute(
        found.pictures,
        found.study.model,
        found.weights,
        key,
        cache=places.cache,
        progress=listener.progress,
    )


def describe_run(found: Found, settings: Settings, command: str | None) -> Provenance:
    """Who runs what, on what, from what."""
    return Provenance(
        command=command or printable(shlex.join(map(without_password, sys.argv))),
        host=socket.gethostname(),
        process=os.getpid(),
        versions={"python": platform.python_version()} | versions(NUMBER_MAKING_PACKAGES),
        device=platform.processor() or platform.machine(),
        backend=settings.backend,
        features_key=found.materials.features_key,
        pictures=found.pictures.account,
        weights=found.weights_info,
    )
