"""The story of a run, from a study to its stored results.

    task       pictures and weights are found (or fetched)
    design     proposes what to train; every trial gets its fingerprint
    store      what is finished is known; what a dead run left is reset
    training   cohort by cohort; every event is written as it comes
    look       of a run until all is decided: what a stage shows, on record; of one that finds
               edges, how far they are known
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
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from math import inf, isfinite

from sweep.analysis.evidence import Evidence, gather
from sweep.deciding import Deciding, record_earlier_look, record_look
from sweep.designs.design import Design
from sweep.designs.ending import Ending
from sweep.designs.grid import grid
from sweep.designs.refined import Refined
from sweep.designs.until_decided import UntilDecided
from sweep.executors.cluster import RayCluster
from sweep.executors.executor import Executor
from sweep.executors.fitting import check_way
from sweep.planning.budget import Budget, Pace
from sweep.planning.listener import Listener, SilentListener, count_of
from sweep.planning.repeats import Repeat, repeat_cohorts, repeats
from sweep.planning.trials import Trial
from sweep.refining import Refining, check_refine
from sweep.report.answer import report_of
from sweep.results.provenance import Provenance
from sweep.results.records import FailedRepeat
from sweep.results.results import Results
from sweep.settings import Settings, without_password
from sweep.stages import Left, Tally, left_of, stages, stored_of, train
from sweep.store import Store, open_store
from sweep.store.asked import refuse_imported
from sweep.store.writer import RunWriter
from sweep.study.own_code import codes_of
from sweep.study.programs import Command
from sweep.study.study import Study
from sweep.tasks.resolve import resolve
from sweep.tasks.task import Places, Task
from sweep.training.keras_runtime import versions
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
        failed_repeats: trials that could not be trained once more, where rounding was to be
            measured.
        ending: of a run until all is decided, why it added no more seeds; else None.
        refined: of a run that finds edges, how far they are known; else None.
        left: what the budget has left of the trials that are planned; None where nothing is.
    """

    results: Results
    evidence: Evidence = field(repr=False)
    page: str = field(repr=False)
    trained: int
    copied: int
    failed: int
    ending: Ending | None = None
    refined: Refined | None = None
    left: Left | None = None
    failed_repeats: tuple[FailedRepeat, ...] = ()

    @property
    def has_failures(self) -> bool:
        """Whether something was not trained that was asked for."""
        return bool(self.failed or self.failed_repeats)


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
    refine: float | None = None,
    budget_seconds: float | None = None,
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
        refine: add values, in place of the design, until the edges of every optimizer's robust
            range are known so finely, in the axis' unit of length (decades of a learning rate).
        budget_seconds: how long the run may take: a cohort that would not fit is not begun.
        measure_rounding: the trials of so many seeds, the first, are trained once more, rounded
            otherwise, to tell what rounding does; those that have been are not again.
        workers: so many trials at once of a training function or program of the user's own; None
            for one.

    Raises:
        SweepError: see ``errors``; what was finished before stays in the store.
    """
    check_asked(
        study,
        workers=workers,
        memory_limit_bytes=memory_limit_bytes,
        cluster=cluster,
        measure_rounding=measure_rounding,
        refine=refine,
        until_decided=until_decided,
    )
    listener = listener or SilentListener()
    budget = Budget(_seconds(budget_seconds, until_decided))
    with closing(open_store(settings.store_url, create=True)) as store:
        refuse_imported(store.study(study.name))
        machine = Machine(settings.backend)
        task = resolve(study, places, listener.progress, store.study, machine)
        if task.notice:
            listener.notice(task.notice)
        if task.dataset:
            listener.dataset(task.dataset)
        is_grid = design is grid and not until_decided and refine is None
        looks_back = not is_grid or isfinite(budget.seconds) or _grows(store, task)
        stored = stored_of(store, task) if looks_back else None
        pace = Pace(budget, stored)
        growing = _growing(until_decided, refine, task.study, stored, pace)
        if growing:
            design = growing.design
            listener.looked(growing.opening)
        provenance = describe_run(task, settings, command)
        coming = stages(
            store,
            task,
            design,
            stored,
            provenance.code,
            memory_limit_bytes,
            settings.backend,
        )
        stage = first = next(coming)
        deciding = growing if isinstance(growing, Deciding) else None
        refining = growing if isinstance(growing, Refining) else None
        is_begun = not growing or growing.holds(first, store.finished(task.study.name))
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
        tally, trials, is_cut = Tally(), (), not is_begun
        planned_first = first.trials if is_begun else ()
        with store.run(task.study, provenance, planned_first, wait=told) as writer:
            record_earlier_look(writer, task.study, stored, is_growing=deciding is not None)
            if deciding:
                writer.fix_design(deciding.looks)
            for stage in chain([first], coming) if is_begun else ():
                if stage is not first:
                    is_cut = bool(growing) and not growing.holds(
                        stage, tally.ended(writer.finished)
                    )
                    if is_cut:
                        break
                    writer.plan(stage.new)
                train(stage, task.study, executor, writer, tally, listener, pace)
                trials = stage.trials
                if growing:
                    listener.looked(growing.look(store.results(task.study.name), writer))
                is_cut = pace.is_closed
                if is_cut or (deciding and pace.budget.is_over):
                    break
            if measure_rounding and not is_cut:
                seeds = task.study.seeds[:measure_rounding]
                _repeat(trials, seeds, store.results(task.study.name), executor, writer, listener)
            if stored is None and not tally.trained and not tally.failed:
                # Beside the look at Optuna's mirror, which the run ends with.
                stored = store.results(task.study.name)
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
            refined=refining.ending(results) if refining else None,
            left=left_of(stage, tally.ended(writer.finished), pace) if is_cut else None,
            failed_repeats=results.failed_repeats if measure_rounding else (),
        )


def check_asked(
    study: Study,
    *,
    workers: int | None,
    memory_limit_bytes: int | None,
    cluster: RayCluster | None,
    measure_rounding: int,
    refine: float | None,
    until_decided: UntilDecided | None,
) -> None:
    """Check, before anything is looked for, that the study can be run as it is asked for.

    Args:
        study: the question.
        workers, memory_limit_bytes, cluster, measure_rounding, refine, until_decided: as ``run``
            takes them.

    Raises:
        UsageError: it cannot.
    """
    check_way(
        study,
        workers=workers,
        memory_limit_bytes=memory_limit_bytes,
        cluster=cluster,
        measure_rounding=measure_rounding,
    )
    check_refine(refine, until_decided)


def _seconds(budget_seconds: float | None, until_decided: UntilDecided | None) -> float:
    """How long a run may take, however that was said."""
    of_design = until_decided.budget_seconds if until_decided else None
    return min(x for x in (budget_seconds, of_design, inf) if x is not None)


def _growing(
    until_decided: UntilDecided | None,
    refine: float | None,
    study: Study,
    stored: Results | None,
    pace: Pace,
) -> Deciding | Refining | None:
    """What adds seeds or values to the study as the run goes on; None where nothing does."""
    if until_decided:
        return Deciding.begin(until_decided, study, stored, pace)
    return None if refine is None else Refining.begin(refine, study, stored, pace)


def _grows(store: Store, task: Task) -> bool:
    """Whether a stored study gets more seeds, or has values that were added to find edges."""
    stored = store.study(task.study.name)
    return stored is not None and (
        not {*task.study.seeds} <= {*stored.seeds} or any(axis.refined for axis in stored.axes)
    )


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
            done += len(repeat.records) if isinstance(repeat, Repeat) else 0
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
