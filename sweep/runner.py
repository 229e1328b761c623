"""The story of a run, from a study to its stored results.

    task       pictures and weights are found (or fetched)
    design     proposes what to train; every trial gets its fingerprint
    store      what is finished is known; what a dead run left is reset
    training   cohort by cohort; every event is written as it comes
    look       of a run until all is decided: what a stage shows, on record
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
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from math import inf

from sweep.analysis.evidence import Evidence, gather
from sweep.deciding import Deciding, look_at_stage, record_earlier_look, record_look
from sweep.designs.design import Design
from sweep.designs.ending import Ending
from sweep.designs.grid import grid
from sweep.designs.until_decided import UntilDecided
from sweep.executors.cluster import RayCluster
from sweep.executors.executor import Executor
from sweep.executors.fitting import check_way
from sweep.planning.budget import Budget
from sweep.planning.cohorts import plan_cohorts
from sweep.planning.events import CohortFailed, CohortResult, Event
from sweep.planning.listener import Listener, SilentListener, count_of, planned
from sweep.planning.repeats import repeat_cohorts, repeats
from sweep.planning.trials import Proposal, Trial, plan_trials
from sweep.report.answer import report_of
from sweep.results.provenance import Provenance
from sweep.results.results import Results
from sweep.settings import Settings, without_password
from sweep.store import Store, open_store
from sweep.store.asked import refuse_imported
from sweep.store.writer import RunWriter
from sweep.study.own_code import codes_of
from sweep.study.programs import Command
from sweep.study.study import Study
from sweep.tasks.resolve import resolve
from sweep.tasks.task import Places, Task
from sweep.training.keras_runtime import versions
from sweep.training.memory import Fit
from sweep.training.sizes import fit_of
from sweep.util.machine import Machine
from sweep.util.paths import printable

NUMBER_MAKING_PACKAGES = (
    *("sweep", "keras", "tensorflow", "jax", "numba"),
    *("numpy", "pillow", "optuna", "scipy", "torch"),
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
        ending: of a run until all is decided, why it added no more seeds; else None.
    """

    results: Results
    evidence: Evidence = field(repr=False)
    page: str = field(repr=False)
    trained: int
    copied: int
    failed: int
    ending: Ending | None = None


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
    until_decided: UntilDecided | None = None,
    measure_rounding: int = 0,
    workers: int | None = None,
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
        until_decided: add seeds in stages until every pair of optimizers is decided, in place of
            the design; None for the study's seeds.
        measure_rounding: the trials of so many seeds, the first, are trained once more, rounded
            otherwise, to tell what rounding does; those that have been are not again.
        workers: so many trials at once of a training function or program of the user's own; None
            for one.

    Raises:
        SweepError: see ``errors``; what was finished before stays in the store.
    """
    check_way(
        study,
        workers=workers,
        memory_limit_bytes=memory_limit_bytes,
        cluster=cluster,
        measure_rounding=measure_rounding,
    )
    listener = listener or SilentListener()
    budget = Budget(until_decided.budget_seconds or inf) if until_decided else Budget()
    with closing(open_store(settings.store_url, create=True)) as store:
        refuse_imported(store.study(study.name))
        machine = Machine(settings.backend)
        task = resolve(study, places, listener.progress, store.study, machine)
        if task.notice:
            listener.notice(task.notice)
        if task.dataset:
            listener.dataset(task.dataset)
        looks_back = design is not grid or until_decided or _adds_seeds(store, task)
        stored, deciding = _stored(store, task) if looks_back else None, None
        if until_decided:
            deciding = Deciding.begin(until_decided, task.study, stored, budget)
            design = deciding.design
            listener.looked(deciding.opening)
        provenance = describe_run(task, settings, command)
        stages = _stages(
            store,
            task,
            design,
            stored,
            provenance.code,
            memory_limit_bytes,
            settings.backend,
        )
        first = next(stages)
        is_begun = deciding is None or _is_held(deciding, first, stored, store, task)
        executor = Executor(
            task,
            settings.backend,
            listener.progress,
            cohorts_kept=first.fit.cohorts_kept,
            retries=retries,
            cluster=cluster,
            workers=workers,
            outputs=settings.outputs,
        )
        told = listener.notice if wait else None
        tally, trials = _Tally(), ()
        planned_first = first.trials if is_begun else ()
        with store.run(task.study, provenance, planned_first, wait=told) as writer:
            record_earlier_look(writer, task.study, stored, is_growing=deciding is not None)
            if deciding:
                writer.fix_design(deciding.looks)
            for stage in chain([first], stages) if is_begun else ():
                if stage is not first:
                    if deciding and not _is_held(deciding, stage, None, store, task):
                        break
                    writer.plan(stage.new)
                trials = _train(stage, task.study, executor, writer, tally, listener, deciding)
                if deciding:
                    look_at_stage(store, task.study.name, writer, deciding, listener)
                    if deciding.budget.is_over:
                        break
            if measure_rounding:
                seeds = task.study.seeds[:measure_rounding]
                _repeat(trials, seeds, store.results(task.study.name), executor, writer, listener)
        results = store.results(task.study.name, known=stored)
        evidence = gather(results)
        page = report_of(store, results, evidence, settings.artifacts)
        record_look(store, results, evidence)
        return RunOutcome(
            results=results,
            evidence=evidence,
            page=page,
            trained=count_of(trials, tally.trained),
            copied=writer.copied,
            failed=count_of(trials, tally.failed),
            ending=deciding.ending(results) if deciding else None,
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
    stored: Results | None,
    code: Mapping[str, Mapping[str, str]],
    memory_limit_bytes: int | None,
    backend: str,
) -> Iterator[_Stage]:
    """What the design asks for, one stage after another, until it asks for nothing new.

    Each is asked for when the one before it is stored.
    """
    known: set[Proposal] = set()
    while True:
        proposals = design(task.study, _stored(store, task) if known else stored)
        if known.issuperset(proposals):
            return
        trials = plan_trials(task.study, proposals, task.key, code)
        new = tuple(
            trial
            for proposal, trial in zip(proposals, trials, strict=True)
            if proposal not in known
        )
        yield _Stage(trials, new, fit_of(task, trials, memory_limit_bytes, backend))
        if design is grid:  # it looks at nothing that is stored, so it proposes the same again
            return
        known.update(proposals)


def _adds_seeds(store: Store, task: Task) -> bool:
    """Whether a stored study gets more seeds, before which its verdict counts as seen."""
    stored = store.study(task.study.name)
    return stored is not None and not {*task.study.seeds} <= {*stored.seeds}


def _stored(store: Store, task: Task) -> Results | None:
    """What is stored of the study; None where it was never run."""
    name = task.study.name
    return store.results(name) if store.study(name) else None


@dataclass
class _Tally:
    """Fingerprints of what a run trained, and of what failed in it; and how long it trained."""

    trained: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    seconds: float = 0.0

    def add(self, event: Event) -> None:
        """Count the end of a cohort. A retry may finish what has failed."""
        fingerprints = {trial.fingerprint for trial in event.cohort.trials}
        if isinstance(event, CohortResult):
            self.seconds += event.seconds
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
    deciding: Deciding | None,
) -> tuple[Trial, ...]:
    """Train what is missing of a stage, and store every event; returns the stage's trials.

    Where the run has a budget, and it ends, no other cohort is begun.
    """
    began = time.monotonic()
    ended = writer.finished | tally.trained | tally.failed
    listener.planned(planned(study, stage.trials, writer.finished - tally.trained, writer.copied))
    cohorts = plan_cohorts(stage.trials, ended, stage.fit.trials)
    with closing(executor.train(cohorts)) as events:
        for event in events:
            writer.write(event)
            tally.add(event)
            listener.event(event)
            has_ended = isinstance(event, CohortResult | CohortFailed)
            if deciding and has_ended and deciding.budget.is_over:
                break
    if deciding:
        deciding.trained(time.monotonic() - began, tally.seconds)
    return stage.trials


def _is_held(
    deciding: Deciding, stage: _Stage, stored: Results | None, store: Store, task: Task
) -> bool:
    """Whether the budget holds what is missing of a stage."""
    name = task.study.name
    finished = store.finished(name)
    missing = {trial.fingerprint for trial in stage.trials} - finished
    seeds = len({trial.seed for trial in stage.trials})
    return deciding.holds(stored or _stored(store, task), seeds, len(missing))


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
        backend="processes of its own" if task.study.is_program else settings.backend,
        features_key=task.key,
        pictures=task.dataset,
        weights=task.weights,
        code=codes_of(task.study.optimizers, are_there=not isinstance(task.study.task, Command)),
        task_code=task.code,
    )
