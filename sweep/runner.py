"""The story of a run, from a study to its stored results.

    task       pictures and weights are found (or fetched)
    design     proposes what to train; every trial gets its fingerprint
    store      what is finished is known; what a dead run left is reset
    training   cohort by cohort; every event is written as it comes
    design     is asked again, until it proposes nothing new
    rounding   is measured, if that is asked for: some cohorts train once more, rounded otherwise
    evidence   is gathered once, for the report, optuna-dashboard and whoever asked for the run

The runner is the only writer. It never loads Keras unless there is something to train.
"""

import os
import platform
import shlex
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from sweep.analysis.evidence import Evidence, gather
from sweep.designs.design import Design
from sweep.designs.grid import grid
from sweep.executors.cluster import RayCluster
from sweep.executors.executor import Executor
from sweep.planning.cohorts import plan_cohorts
from sweep.planning.events import CohortFailed, CohortResult, Event
from sweep.planning.listener import Listener, SilentListener, count_of, planned
from sweep.planning.repeats import repeat_cohorts, repeats
from sweep.planning.trials import Proposal, Trial, plan_trials
from sweep.report.dashboard_note import publish
from sweep.report.page import render
from sweep.results.provenance import Provenance
from sweep.results.results import Results
from sweep.settings import Settings, without_password
from sweep.store import Store, open_store
from sweep.store.writer import RunWriter
from sweep.study.own_code import codes_of
from sweep.study.study import Study
from sweep.tasks.frozen_features import resolve
from sweep.tasks.task import Places, Task
from sweep.training.keras_runtime import versions
from sweep.training.memory import Fit, fit_into
from sweep.util.paths import printable

NUMBER_MAKING_PACKAGES = (
    *("sweep", "keras", "tensorflow", "jax"),
    *("numpy", "pillow", "optuna", "scipy"),
)


@dataclass(frozen=True)
class RunOutcome:
    """What a run did.

    Attributes:
        results: all that is stored of the study now.
        evidence: what the study's answer rests on, made of the results.
        page: the report of it, HTML.
        trained: trials that completed or diverged in this run.
        copied: trials taken over from other studies in the store.
        failed: trials that an exception ended in this run, and no retry finished.
    """

    results: Results
    evidence: Evidence = field(repr=False)
    page: str = field(repr=False)
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
    design: Design = grid,
    measure_rounding: int = 0,
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
        design: proposes what to train, from the study and what is stored of it.
        measure_rounding: the trials of so many seeds, the first, are trained once more, rounded
            otherwise, to tell what rounding does; those that have been are not again.

    Raises:
        SweepError: see ``errors``; what was finished before stays in the store.
    """
    listener = listener or SilentListener()
    with closing(open_store(settings.store_url, create=True)) as store:
        task = resolve(study, places, listener.progress, store.study)
        if task.notice:
            listener.notice(task.notice)
        listener.dataset(task.dataset)
        provenance = describe_run(task, settings, command)
        stages = _stages(store, task, design, provenance.code, memory_limit_bytes)
        first = next(stages)
        executor = Executor(
            task,
            settings.backend,
            listener.progress,
            cohorts_kept=first.fit.cohorts_kept,
            retries=retries,
            cluster=cluster,
        )
        told = listener.notice if wait else None
        tally = _Tally()
        with store.run(task.study, provenance, first.trials, wait=told) as writer:
            trials = _train(first, task.study, executor, writer, tally, listener)
            for stage in stages:
                writer.plan(stage.new)
                trials = _train(stage, task.study, executor, writer, tally, listener)
            if measure_rounding:
                seeds = task.study.seeds[:measure_rounding]
                _repeat(trials, seeds, store.results(task.study.name), executor, writer, listener)
        results = store.results(task.study.name)
        evidence = gather(results)
        page = render(evidence, results)
        publish(store, results, evidence, page, settings.artifacts)
        return RunOutcome(
            results=results,
            evidence=evidence,
            page=page,
            trained=count_of(trials, tally.trained),
            copied=writer.copied,
            failed=count_of(trials, tally.failed),
        )


@dataclass(frozen=True)
class _Stage:
    """What a design asks for by now, what is new in it, and how large cohorts may be for it."""

    trials: tuple[Trial, ...]
    new: tuple[Trial, ...]
    fit: Fit


def _stages(
    store: Store,
    task: Task,
    design: Design,
    code: Mapping[str, Mapping[str, str]],
    memory_limit_bytes: int | None,
) -> Iterator[_Stage]:
    """What the design asks for, one stage after another, until it asks for nothing new.

    Each is asked for when the one before it is stored.
    """
    known: set[Proposal] = set()
    while True:
        proposals = design(task.study, _stored(store, task))
        if known.issuperset(proposals):
            return
        trials = plan_trials(task.study, proposals, task.key, code)
        new = tuple(
            trial
            for proposal, trial in zip(proposals, trials, strict=True)
            if proposal not in known
        )
        known.update(proposals)
        yield _Stage(trials, new, fit_into(trials, task.sizes(trials), memory_limit_bytes))


def _stored(store: Store, task: Task) -> Results | None:
    """What is stored of the study; None where it was never run."""
    name = task.study.name
    return store.results(name) if store.study(name) else None


@dataclass(frozen=True)
class _Tally:
    """Fingerprints of what a run trained, and of what failed in it."""

    trained: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)

    def add(self, event: Event) -> None:
        """Count the end of a cohort. A retry may finish what has failed."""
        fingerprints = {trial.fingerprint for trial in event.cohort.trials}
        if isinstance(event, CohortResult):
            self.trained.update(fingerprints)
            self.failed.difference_update(fingerprints)
        elif isinstance(event, CohortFailed):
            self.failed.update(fingerprints)


def _train(
    stage: _Stage,
    study: Study,
    executor: Executor,
    writer: RunWriter,
    tally: _Tally,
    listener: Listener,
) -> tuple[Trial, ...]:
    """Train what is missing of a stage, and store every event; returns the stage's trials."""
    ended = writer.finished | tally.trained | tally.failed
    listener.planned(planned(study, stage.trials, writer.finished - tally.trained, writer.copied))
    cohorts = plan_cohorts(stage.trials, ended, stage.fit.trials)
    with closing(executor.train(cohorts)) as events:
        for event in events:
            writer.write(event)
            tally.add(event)
            listener.event(event)
    return stage.trials


def _repeat(
    trials: Sequence[Trial],
    seeds: Sequence[int],
    stored: Results,
    executor: Executor,
    writer: RunWriter,
    listener: Listener,
) -> None:
    """Train trials once more, rounded otherwise, and keep where they end; those without it yet."""
    cohorts = repeat_cohorts(
        trials,
        trained=stored.cohorts,
        seeds=seeds,
        repeated={each.fingerprint for each in stored.repeats},
    )
    done, total = 0, sum(len(cohort.trials) for cohort in cohorts)
    with closing(executor.train(cohorts)) as events:
        for repeat in repeats(events):
            writer.keep(repeat)
            done += len(repeat.records)
            listener.progress("measuring rounding", done, total, "trials")


def describe_run(task: Task, settings: Settings, command: str | None) -> Provenance:
    """Who runs what, on what, from what."""
    return Provenance(
        command=command or printable(shlex.join(map(without_password, sys.argv))),
        host=socket.gethostname(),
        process=os.getpid(),
        versions={"python": platform.python_version()} | versions(NUMBER_MAKING_PACKAGES),
        device=platform.processor() or platform.machine(),
        backend=settings.backend,
        features_key=task.key,
        pictures=task.dataset,
        weights=task.weights,
        code=codes_of(task.study.optimizers),
    )
